"""The one guarded block that envd keeps in a shell's rc file, put in and taken out without touching anything around it.

And what a file says outside of it: somebody may have put the same lines there by hand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_BEGIN = "# >>> envd >>>"
_END = "# <<< envd <<<"
# What taking the block out again has to undo stands in its first line.
_MADE = " this file was made by envd"
_JOINED = " the line above had no end"
# From a first line to the next last line with no other of either between them: what stands behind half a block is the user's.
_BLOCK = re.compile(rf"^{_BEGIN}.*\n(?:(?!{_BEGIN}|{_END}).*\n)*{_END}", re.MULTILINE)
_COMMENT = re.compile(r"(?:^|[\s;])#")
# A path may be quoted in part, and a variable in it have braces.
_QUOTING = str.maketrans("", "", "'\"\\{}")


def with_block(text: str | None, lines: Sequence[str]) -> str:
    """Return an rc file (None when there is none) with the block at its end, or renewed where it stands."""
    start, end = _find(text or "")
    if text is not None and start >= 0:
        first = text[start:].splitlines()[0]
        return text[:start] + "\n".join((first, *lines, _END)) + text[end:]
    note = _MADE if text is None else _JOINED if text and not text.endswith("\n") else ""
    break_line = "\n" if note == _JOINED else ""
    return (text or "") + break_line + "\n".join((_BEGIN + note, *lines, _END)) + "\n"


def without_block(text: str) -> str | None:
    """Return an rc file as it was before the block, None when the file itself was made for it and holds nothing else."""
    start, end = _find(text)
    if start < 0:
        return text
    first = text[start:].splitlines()[0]
    before, after = text[:start], text[end:].removeprefix("\n")
    if first.endswith(_JOINED) and not after:
        before = before.removesuffix("\n")
    rest = before + after
    return None if first.endswith(_MADE) and not rest else rest


def says(text: str, signs: Sequence[str]) -> bool:
    """Return whether a line says one of `signs`, however it is quoted; comments do not count."""
    wanted = re.compile("|".join(rf"(?<!\w){re.escape(_bare(sign))}(?![\w.-])" for sign in signs))
    found = ((line, wanted.search(line)) for line in map(_bare, text.splitlines()))
    return any(match is not None and not _COMMENT.search(line[: match.start()]) for line, match in found)


def is_by_hand(text: str, signs: Sequence[str]) -> bool:
    """Return whether somebody's own line says one of `signs`, and the block, if there is one, does not say it as well."""
    start, end = _find(text)
    return says(text[:start] + text[end:], signs) and not says(text[start:end], signs) if start >= 0 else says(text, signs)


def _bare(text: str) -> str:
    return " ".join(text.translate(_QUOTING).split())


def _find(text: str) -> tuple[int, int]:
    """Return where the block starts and where its last line ends, -1 for both when there is none or it was cut up."""
    match = _BLOCK.search(text)
    return match.span() if match else (-1, -1)
