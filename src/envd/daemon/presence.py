"""Where the shells are: the files that hooks write, one a shell, named for its pid.

A shell appends the root of the project that it comes to, or nothing where it leaves one, and a NUL: the last record counts. To
write a file anew would cost a prompt ten times as much.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from envd.system.files import UnreadableFile, read_end
from envd.system.liveness import is_alive

# No pid is longer, and psutil does not take what does not fit into one.
_DIGITS = 10
_RECORD_LIMIT = 8192


@dataclass(frozen=True, slots=True)
class Presence:
    """One living shell in a project, and when its hook said so (nanoseconds since the epoch, to tell entries apart)."""

    pid: int
    root: str
    entered: int


def read_presences(directory: Path) -> frozenset[Presence]:
    """Return the shells that are in a project; the files of shells that are gone are removed."""
    found = set()
    for path in directory.iterdir():
        if not (path.name.isascii() and path.name.isdigit() and len(path.name) < _DIGITS):
            continue
        try:
            entered = path.stat().st_mtime_ns
            root = _last_record(path)
        except (OSError, UnreadableFile):
            continue
        if not is_alive(int(path.name), entered / 1e9):
            path.unlink(missing_ok=True)
        elif root.startswith("/"):
            found.add(Presence(int(path.name), root, entered))
    return frozenset(found)


def _last_record(path: Path) -> str:
    *records, unfinished = read_end(path, _RECORD_LIMIT).split(b"\0")
    return os.fsdecode(records[-1]) if records and not unfinished else ""
