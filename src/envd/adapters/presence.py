"""Where the shells are, and how those that can be told of news are: the files that hooks write, named for the shell's pid.

A shell appends the root of the project that it comes to, or nothing where it leaves one, and a NUL to `PID`: the last record
counts. To write a file anew would cost a prompt ten times as much. zsh asks with an empty file `PID.fifo` for a FIFO in its
place, on which it then hears of news; fish says with `PID.signal` that it takes SIGURG for news.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from envd.system.bells import replace_by_fifo, send_urgent, write_to_fifo
from envd.system.files import UnreadableFile, read_end

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
    for path, pid in _files_of_shells(directory):
        try:
            entered = path.lstat().st_mtime_ns
            root = "" if path.suffix else _last_record(path)
        except (OSError, UnreadableFile):
            continue
        if not _is_alive(pid, entered):
            path.unlink(missing_ok=True)
        elif root.startswith("/"):
            found.add(Presence(pid, root, entered))
    return frozenset(found)


def hang_bells(directory: Path) -> None:
    """Make the FIFOs that shells have asked for."""
    for path, _ in _files_of_shells(directory):
        if path.suffix == ".fifo" and path.is_file():
            replace_by_fifo(path)


def ring_shells(directory: Path, walked: str) -> None:
    """Tell the shells whose project is at `walked` that there is news; those that cannot be told see it at their next prompt."""
    for path, pid in _files_of_shells(directory):
        with contextlib.suppress(OSError, UnreadableFile):
            if not path.suffix and _last_record(path) == walked and _is_alive(pid, path.lstat().st_mtime_ns):
                for suffix, ring in _BELLS.items():
                    bell = path.with_name(f"{pid}{suffix}")
                    if os.path.lexists(bell):
                        ring(bell)


def _is_alive(pid: int, entered: int) -> bool:
    # A prompt waits for `envd ask`, which mostly has nobody to ring: psutil would cost it 10 ms.
    from envd.system.liveness import is_alive

    return is_alive(pid, entered / 1e9)


_BELLS: dict[str, Callable[[Path], None]] = {
    ".fifo": write_to_fifo,
    ".signal": lambda path: send_urgent(int(path.stem)),
}


def _files_of_shells(directory: Path) -> Iterator[tuple[Path, int]]:
    for path in sorted(directory.iterdir()) if directory.is_dir() else ():
        if path.suffix in ("", *_BELLS) and path.stem.isascii() and path.stem.isdigit() and len(path.stem) < _DIGITS:
            yield path, int(path.stem)


def _last_record(path: Path) -> str:
    *records, unfinished = read_end(path, _RECORD_LIMIT).split(b"\0")
    return os.fsdecode(records[-1]) if records and not unfinished else ""
