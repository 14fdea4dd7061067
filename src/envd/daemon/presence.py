"""Where the shells are: the files that hooks write, one a shell, named for its pid."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from envd.system.files import UnreadableFile, read_regular
from envd.system.liveness import is_alive

# No pid is longer, and psutil does not take what does not fit into one.
_DIGITS = 10


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
            root = os.fsdecode(read_regular(path, 8192))
        except (OSError, UnreadableFile):
            continue
        if not is_alive(int(path.name), entered / 1e9):
            path.unlink(missing_ok=True)
        elif root.startswith("/") and "\0" not in root:
            found.add(Presence(int(path.name), root, entered))
    return frozenset(found)
