"""Every quoter, read back by the real shell."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from envd.adapters.shells import SHELLS

STARTS = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}
HOSTILE = [
    "",
    " ",
    "a b",
    "'",
    "''",
    "\\",
    "\\'",
    "a\\",
    '"',
    "$(id)",
    "`id`",
    "${HOME}",
    "~",
    "*",
    "!!",
    "%n",
    "\n",
    "a\n",
    "\t",
    "\x1b[2J",
    "\u2018a\u2019\u201a\u201b",
    "-n",
    "#",
    ";",
    "&",
    "|",
    "(x)",
    "{a,b}",
    "grüße 🐍",
    "\udcff\udc80",
    "\\n",
    "\\x41",
    "a'b\\'c",
]


def random_strings() -> list[str]:
    source = random.Random(3)
    alphabet = bytes(range(1, 256))
    return [bytes(source.choices(alphabet, k=30)).decode("utf-8", "surrogateescape") for _ in range(50)]


@pytest.mark.parametrize("name", list(STARTS))
def test_a_quoted_string_is_read_back_by_its_shell(name: str, tmp_path: Path) -> None:
    program = shutil.which(name)
    if program is None and not os.environ.get("CI"):
        pytest.skip(f"{name} is not here")
    assert program is not None
    words = HOSTILE + random_strings()
    script = "printf '%s\\0' " + " ".join(SHELLS[name].quote(word) for word in words)
    variables = {"PATH": os.defpath, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    command = [program.encode(), *(word.encode() for word in STARTS[name]), b"-c", script.encode("utf-8", "surrogateescape")]
    finished = subprocess.run(command, env=variables, capture_output=True, check=True)
    read = [word.decode("utf-8", "surrogateescape") for word in finished.stdout.split(b"\0")[:-1]]
    assert read == words


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        pytest.param("a", "'a'", id="plain"),
        pytest.param("it's", "'it''s'", id="apostrophe"),
        pytest.param("\u2018\u2019\u201a\u201b", "'\u2018\u2018\u2019\u2019\u201a\u201a\u201b\u201b'", id="typographic quotes"),
        pytest.param("$(x)`n\\", "'$(x)`n\\'", id="nothing else is special"),
    ],
)
def test_powershell_quotes_are_doubled(text: str, quoted: str) -> None:
    assert SHELLS["pwsh"].quote(text) == quoted
