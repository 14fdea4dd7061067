"""What a login bash reads at start (bash(1), INVOCATION): a file of its own, and the rc file only where that one says so."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from envd.core.rcfile import says

_LINE = "[ ! -r ~/{rc} ] || . ~/{rc}"
# Display managers have sh read this one, which a .bashrc may well end.
_SHARED = ".profile"
_SHARED_LINE = '[ -z "${{BASH_VERSION-}}" ] || ' + _LINE


@dataclass(frozen=True, slots=True)
class Gap:
    """The file under home by which login shells miss the rc file, and the line that is to be added to it."""

    text: str
    file: str
    line: str


def find_gap(rc: str, files: Sequence[tuple[str, str | None]], signs: Sequence[str]) -> Gap | None:
    """Return what keeps login shells from the rc file, None where nothing does.

    `files` are those of which they read the first that is there, each with its text; one that says one of `signs` will do.
    """
    there = [(name, text) for name, text in files if text is not None]
    if not there:
        file = files[0][0]
        return Gap(f"login shells do not read ~/{rc}, for want of a ~/{file} that does", file, _LINE.format(rc=rc))
    first, read = there[0]
    for name, text in there[1:]:
        if says(read, [name]):
            read += "\n" + text
    if says(read, [*signs, rc.removeprefix(".")]):
        return None
    line = (_SHARED_LINE if first == _SHARED else _LINE).format(rc=rc)
    return Gap(f"login shells read ~/{first}, which does not read ~/{rc}", first, line)


def is_login(words: Sequence[str], program: str) -> bool:
    """Return whether this is the command line of an interactive login shell: `-bash`, `bash -l` or `bash --login`."""
    if not words or words[0].rpartition("/")[2].removeprefix("-") != program:
        return False
    options = list(itertools.takewhile(lambda word: word.startswith("-"), words[1:]))
    letters = "".join(option for option in options if not option.startswith("--"))
    if len(options) < len(words) - 1 or "c" in letters:
        return False
    return words[0].startswith("-") or "--login" in options or "l" in letters
