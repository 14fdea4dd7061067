"""The manual page: it is what the generator prints, says all that there is to say, and formats without a warning."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from envd.cli import manual
from envd.cli.completions.outline import Word, outline
from envd.cli.manual import manual_page
from envd.cli.parser import EXIT_CODES
from envd.core.errors import SettingsError
from envd.core.settings import Settings, parse_settings

PAGE = Path(__file__).resolve().parents[2] / "shell" / "envd.1"
SECTIONS = (
    "NAME",
    "SYNOPSIS",
    "DESCRIPTION",
    "OPTIONS",
    "COMMANDS",
    "FILES",
    "ENVIRONMENT",
    "SETTINGS",
    "EXIT STATUS",
    "SEE ALSO",
)
FORMATTERS = {
    "groff": ["groff", "-ww", "-man", "-Tutf8", "-P-cbou"],
    "man": ["man", "--warnings", "-l"],
    "mandoc": ["mandoc", "-T", "utf8", "-W", "error"],
}


def plain(text: str) -> str:
    """Return the page without its fonts and escapes."""
    return re.sub(r"\\f[BIR]|\\&", "", text).replace(r"\-", "-").replace(r"\(aq", "'").replace(r"\(ti", "~").replace(r"\(dq", '"')


def test_file_is_what_the_generator_prints() -> None:
    advice = "generate it anew: python -m envd man > shell/envd.1"
    assert PAGE.is_file(), advice
    assert PAGE.read_text(encoding="utf-8") == manual_page(), advice


def test_sections_are_in_the_order_of_man_pages() -> None:
    assert tuple(re.findall(r'^\.SH "(.*)"$', manual_page(), re.MULTILINE)) == SECTIONS


@pytest.mark.parametrize("word", list(outline().walk()), ids=lambda word: word.path)
def test_every_command_and_option_is_there(word: Word) -> None:
    page = plain(manual_page())
    assert re.search(rf"^(envd )?{re.escape(word.name)}( |$)", page, re.MULTILINE)
    for option in word.options:
        for flag in option.flags:
            assert re.search(rf"(^|, ){re.escape(flag)}(,| |$)", page, re.MULTILINE), flag


@pytest.mark.parametrize(("code", "meaning"), EXIT_CODES, ids=[str(code) for code, _ in EXIT_CODES])
def test_every_exit_code_is_there(code: int, meaning: str) -> None:
    assert f".TP\n{code}\n{meaning.capitalize()}.\n" in plain(manual_page())


@pytest.mark.parametrize("name", ["ENVD_DISABLE", "VIRTUAL_ENV_DISABLE_PROMPT", "NO_COLOR"])
def test_every_variable_is_there(name: str) -> None:
    assert f".TP\n{name}\n" in plain(manual_page())


def test_settings_are_those_of_the_settings_file() -> None:
    with pytest.raises(SettingsError) as raised:
        parse_settings({"no such key": 1}, "config.toml")
    assert raised.value.hint == f"the keys are {', '.join(key for key, _, _ in manual._SETTINGS)}"
    assert {field for _, field, _ in manual._SETTINGS} == set(Settings.__dataclass_fields__)


def test_hidden_commands_are_not_there() -> None:
    assert not re.search(r"^envd (ask|man)\b", plain(manual_page()), re.MULTILINE)


def test_no_line_of_text_is_read_as_a_request() -> None:
    requests = {line.split(" ")[0] for line in manual_page().splitlines() if line.startswith((".", "'"))}
    assert requests <= {r".\"", ".TH", ".nh", ".ad", ".SH", ".PP", ".TP", ".RS", ".RE", ".br"}


@pytest.mark.parametrize(
    ("text", "roff"),
    [
        ("a-b", r"a\-b"),
        ("a\\b", r"a\eb"),
        (".venv", r"\&.venv"),
        ("'tis", r"\(aqtis"),
        ("run `envd off` now", r"run \fBenvd off\fR now"),
        ("\u2192", r"\[u2192]"),
    ],
    ids=["dash", "backslash", "dot", "apostrophe", "code", "arrow"],
)
def test_text_is_escaped(text: str, roff: str) -> None:
    assert manual._prose(text) == roff


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_page_formats_without_a_warning(formatter: str, tmp_path: Path) -> None:
    if shutil.which(formatter) is None:
        pytest.skip(f"{formatter} is not installed")
    file = tmp_path / "envd.1"
    file.write_text(manual_page(), encoding="utf-8")
    variables = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "MANWIDTH": "80", "HOME": str(tmp_path)}
    command = [*FORMATTERS[formatter], str(file)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    # mandoc strikes a bold letter twice.
    assert "EXIT STATUS" in re.sub(r".\x08", "", done.stdout)
