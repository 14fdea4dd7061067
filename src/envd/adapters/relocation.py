"""Paths of the place where packages were installed, in what the installer wrote: first lines of scripts, .pth files, RECORD."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# What is larger is no script, and what holds a NUL is no text.
_LIMIT = 4 * 1024 * 1024
_INFO = (".dist-info", ".egg-info")


@dataclass(slots=True)
class _Found:
    """The files that may hold the path: those that are new, and the RECORDs among them by their directory."""

    files: list[str] = field(default_factory=list)
    records: list[str] = field(default_factory=list)


def relocate(top: Path, place: Path, known: set[int]) -> list[str]:
    """Have what an installer wrote below `top` say `place` instead of `top`; returns the files that did, relative to `top`.

    `known` are the inodes of files that were there before. Looked at is where installers write paths: everything outside
    site-packages (scripts, data), files at its top (.pth, finders of editables), and the metadata of packages. Compiled
    bytecode is left alone: Python corrects the path in it when it loads it. Raises OSError.
    """
    found = _Found()
    for directory in _directories(top):
        _collect(directory, known, found)
    old, new = os.fsencode(top), os.fsencode(place)
    changed = {path: data for path in found.files if (data := _changed(path, old, new)) is not None}
    for path, data in changed.items():
        _replace(path, data)
    for record in found.records:
        _correct_record(record, changed)
    return sorted(os.path.relpath(path, top) for path in changed)


def _directories(top: Path) -> Iterator[str]:
    """Yield the directories in which installers write paths."""
    waiting = [str(top)]
    while waiting:
        directory = waiting.pop()
        yield directory
        is_packages = os.path.basename(directory) == "site-packages"
        with os.scandir(directory) as entries:
            below = (entry for entry in entries if entry.is_dir(follow_symlinks=False))
            waiting.extend(entry.path for entry in below if not is_packages or entry.name.endswith(_INFO))


def _collect(directory: str, known: set[int], found: _Found) -> None:
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.inode() in known or not entry.is_file(follow_symlinks=False) or entry.name.endswith(".pyc"):
                continue
            found.files.append(entry.path)
            if entry.name == "RECORD":
                found.records.append(entry.path)


def _changed(path: str, old: bytes, new: bytes) -> bytes | None:
    """Return what a file is to hold, None when it may stay."""
    if os.path.getsize(path) > _LIMIT:
        return None
    data = Path(path).read_bytes()
    return data.replace(old, new) if old in data and b"\0" not in data else None


def _replace(path: str, data: bytes) -> None:
    # Never in place: another clone may share the inode.
    mode = stat.S_IMODE(os.stat(path).st_mode)
    descriptor, draft = tempfile.mkstemp(prefix=".new-", dir=os.path.dirname(path))
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    os.chmod(draft, mode)
    os.replace(draft, path)


def _correct_record(record: str, changed: dict[str, bytes]) -> None:
    """Give the changed files of a package their digest and size in its RECORD (PEP 376, PEP 627)."""
    packages = os.path.dirname(os.path.dirname(record))
    with open(record, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    differs = False
    for row in rows:
        data = changed.get(os.path.normpath(os.path.join(packages, row[0]))) if len(row) == 3 and row[1] else None
        if data is not None:
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            row[1:] = [f"sha256={digest}", str(len(data))]
            differs = True
    if differs:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        _replace(record, text.getvalue().encode())
