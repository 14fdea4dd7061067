"""Transcripts: commands as a user types them, each followed by all that it prints and by its exit code where that is not 0."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from tests.stage.home import Home

# What differs from run to run is written as it is in the transcripts of this folder.
_VARYING = (
    (re.compile(r"\d+\.\d s\b"), "0.1 s"),
    (re.compile(r"pid \d+"), "pid 7"),
    (re.compile(r"Python 3\.\d+(\.\d+)?"), "Python 3"),
    (re.compile(r"memory   \d+ MB"), "memory   20 MB"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "2026-01-01 12:00:00"),
    (re.compile(r"(just now|\d+ seconds? ago)"), "just now"),
    (re.compile(r"envd \d+\.\d+\.\d+"), "envd 0.1.0"),
)


def play(home: Home, script: str, cwd: Path) -> None:
    """Type the commands of a transcript (`$ command`) in `cwd`; what happens must be the transcript."""
    wanted = textwrap.dedent(script).strip("\n")
    happened = []
    for command in (line[2:] for line in wanted.splitlines() if line.startswith("$ ")):
        ran = home.run(["sh", "-c", f"exec 2>&1; {command}"], cwd)
        happened += [f"$ {command}", *_plain(home, ran.out).splitlines(), *([f"[{ran.code}]"] if ran.code else [])]
    assert "\n".join(happened) == wanted


def _plain(home: Home, text: str) -> str:
    text = text.replace(str(home.path), "HOME")
    for pattern, replacement in _VARYING:
        text = pattern.sub(replacement, text)
    return "\n".join(line.rstrip() for line in text.splitlines())
