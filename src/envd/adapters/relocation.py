"""Paths of the place where packages were installed, in what the installer wrote: first lines of scripts, .pth files, RECORD."""

from __future__ import annotations

import base64
import contextlib
import csv
import glob
import hashlib
import io
import json
import os
import stat
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

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
    spellings = list(zip(_spellings(str(top)), _spellings(str(place)), strict=True))
    changed = {path: data for path in found.files if (data := _changed(path, spellings)) is not None}
    for path, data in changed.items():
        _replace(path, data)
    for record in found.records:
        _correct_record(record, changed, top, (str(top), str(place)))
    return sorted(os.path.relpath(path, top) for path in changed)


def own_records(top: Path, places: Collection[str]) -> None:
    """Have the RECORDs of a clone at `top` list its own files, where they list those of one of `places` by absolute paths.

    poetry writes such rows for the project itself; whoever uninstalls from the clone would remove the files of the original.
    Raises OSError.
    """
    for record in glob.iglob(f"{glob.escape(str(top))}/lib/*/site-packages/*.dist-info/RECORD"):
        data = Path(record).read_bytes()
        if any(os.fsencode(f"{place}/") in data for place in places):
            with contextlib.suppress(ValueError, csv.Error):  # damage of before is none of a sync's
                _correct_record(record, {}, top, places)


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


def _spellings(path: str) -> list[bytes]:
    """Return a path as it is, and as it stands between quotes of a shell, of JSON and of Python, and in a URL."""
    return [
        os.fsencode(path),
        os.fsencode(path.replace("'", "'\"'\"'")),
        json.dumps(path)[1:-1].encode(),
        os.fsencode(path.replace("\\", "\\\\").replace("'", "\\'")),
        quote(os.fsencode(path)).encode(),
    ]


def _changed(path: str, spellings: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """Return what a file is to hold, None when it may stay."""
    if os.path.getsize(path) > _LIMIT:
        return None
    before = data = Path(path).read_bytes()
    if b"\0" in data:
        return None
    for old, new in spellings:
        data = data.replace(old, new)
    return data if data != before else None


def _replace(path: str, data: bytes) -> None:
    # Never in place: another clone may share the inode.
    mode = stat.S_IMODE(os.stat(path).st_mode)
    descriptor, draft = tempfile.mkstemp(prefix=".new-", dir=os.path.dirname(path))
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    os.chmod(draft, mode)
    os.replace(draft, path)


def _correct_record(record: str, changed: Mapping[str, bytes], top: Path, places: Collection[str]) -> None:
    """Give a package's files their paths from site-packages in its RECORD, and the changed ones digest and size (PEP 376, PEP 627).

    Absolute paths below one of `places` are those of files below `top`.
    """
    packages = os.path.dirname(os.path.dirname(record))
    with open(record, encoding="utf-8", newline="") as file:
        before = list(csv.reader(file))
    rows = [_row(row, packages, changed, top, places) for row in before]
    if rows != before:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        _replace(record, text.getvalue().encode())


def _row(row: list[str], packages: str, changed: Mapping[str, bytes], top: Path, places: Collection[str]) -> list[str]:
    if len(row) != 3:
        return row
    name, digest, size = row
    place = next((place for place in places if name.startswith(f"{place}/")), "")
    if place:
        name = os.path.relpath(os.path.join(top, os.path.relpath(name, place)), packages)
    data = changed.get(os.path.normpath(os.path.join(packages, name))) if digest else None
    if data is not None:
        digest = "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        size = str(len(data))
    return [name, digest, size]
