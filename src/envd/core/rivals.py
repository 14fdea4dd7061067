"""Other programs that activate environments by themselves, told by what stands in a user's or a project's files."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rival:
    """A line that has another program activate environments: where it was found, whose it is, and what to do about it."""

    line: int
    name: str
    mend: str


_OUT = "take that line out, or: envd deny"
_IN_RC = (
    (r"\bpyenv\s+virtualenv-init\b", "pyenv-virtualenv", "take that line out: envd does the same for .venv"),
    (r"\bautoswitch[-_]virtualenv\b|\bzsh-autoswitch\b", "autoswitch-virtualenv", "take that plugin out: envd does the same"),
    (r"\bautoenv_init\b|/autoenv/activate\.sh|/zsh-autoenv/", "autoenv", "take that line out, or keep activation out of its files"),
)
_IN_PROJECT = {
    ".envrc": ((r"\blayout[_ ](?:python\d*|pyenv|pipenv|poetry|uv|virtualenv|anaconda)\b|\bactivate\b", "direnv", _OUT),),
    "mise.toml": ((r"_\.python\.venv|\bpython_venv_auto_create\b", "mise", _OUT),),
    ".mise.toml": ((r"_\.python\.venv|\bpython_venv_auto_create\b", "mise", _OUT),),
}
PROJECT_FILES = tuple(_IN_PROJECT)


def rivals_in_rc(text: str) -> list[Rival]:
    """Return what an rc file has activate environments; comments do not count."""
    return _found(text, _IN_RC)


def rivals_in_project(name: str, text: str) -> list[Rival]:
    """Return what the file `name`, one of PROJECT_FILES, has activate environments in its project."""
    return _found(text, _IN_PROJECT[name])


def _found(text: str, table: tuple[tuple[str, str, str], ...]) -> list[Rival]:
    lines = [line.partition("#")[0] for line in text.splitlines()]
    return [
        Rival(number, name, mend)
        for number, line in enumerate(lines, 1)
        for pattern, name, mend in table
        if re.search(pattern, line)
    ]
