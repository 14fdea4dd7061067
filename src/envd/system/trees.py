"""Directory trees: cloning one with hard links, seeing whether it changed since, and what two of them do not share."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# Python writes bytecode whenever something is imported: that is no change.
BYTECODE = "__pycache__"
# What some tools write in place, where a hard link would lead the write into the original as well.
_WRITTEN_IN_PLACE = (".pth", ".egg-link", ".cfg")
# The file system cannot link here, or this file has all the links that it may have (link(2)).
_NO_LINK = frozenset((errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EACCES))
# Time stamps are as fine as the kernel's clock tick: a change in the same tick shows only in the names.
_TICK_NANOSECONDS = 50_000_000
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Listing:
    """One directory as it was read: its modification time, 0 when that cannot be relied on, and its entries' inodes."""

    changed_at: int
    entries: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Clone:
    """What a clone was made from, directory by directory (relative, "" the top), and how many files had to be copied."""

    listings: dict[str, Listing] = field(default_factory=dict)
    copied: list[str] = field(default_factory=list)

    @property
    def inodes(self) -> set[int]:
        """Return the inodes of everything in it."""
        return {inode for listing in self.listings.values() for inode in listing.entries.values()}


def clone(source: Path, target: Path, skip: Collection[str] = ()) -> Clone:
    """Make `target` a clone of `source` but for the names in `skip` at its top, files hard-linked. Raises OSError.

    What is neither file, link nor directory is left out.
    """
    made = Clone()
    waiting = [""]
    while waiting:
        below = waiting.pop()
        directory = f"{source}{below}"
        mode = os.stat(directory).st_mode
        os.mkdir(f"{target}{below}", stat.S_IMODE(mode) | stat.S_IRWXU)
        listing, entries = _listed(directory, () if below else skip)
        made.listings[below] = listing
        for entry in entries:
            path = f"{below}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            elif entry.is_symlink():
                os.symlink(os.readlink(entry.path), f"{target}{path}")
            elif entry.is_file(follow_symlinks=False) and not _link(entry.path, f"{target}{path}"):
                made.copied.append(path)
    return made


def _listed(directory: str, skip: Collection[str] = ()) -> tuple[Listing, list[os.DirEntry[str]]]:
    # The time first: what comes between is in the next look's names.
    changed_at = os.stat(directory).st_mtime_ns
    settled = time.time_ns() - changed_at > _TICK_NANOSECONDS
    with os.scandir(directory) as found:
        entries = [entry for entry in found if entry.name not in skip]
    return Listing(changed_at if settled else 0, {entry.name: entry.inode() for entry in entries}), entries


def _link(source: str, target: str) -> bool:
    """Return whether a file could be linked, and copy it otherwise; small files that are written in place always are."""
    if source.endswith(_WRITTEN_IN_PLACE):
        shutil.copy2(source, target)
        return True
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        shutil.copy2(source, target)
        return False
    return True


def changed_since(source: Path, made: Clone, skip: Collection[str] = ()) -> str:
    """Return what in `source` is not as it was when the clone was made from it, relative and by name, "" when all is.

    Bytecode does not count. What was written into a file in place does not show, and is in the clone as well.
    """
    for below, listing in made.listings.items():
        if BYTECODE in below or below[1:] in skip:
            continue
        directory = f"{source}{below}"
        try:
            if listing.changed_at and os.stat(directory).st_mtime_ns == listing.changed_at:
                continue
            now, _ = _listed(directory, () if below else skip)
        except OSError:
            return below.lstrip("/")
        ignored = {BYTECODE, *(() if below else skip)}
        different = sorted(dict(now.entries.items() ^ listing.entries.items()).keys() - ignored)
        if different:
            return f"{below}/{different[0]}".lstrip("/")
    return ""


def files_in(top: Path, skip: Collection[str] = ()) -> Iterator[os.DirEntry[str]]:
    """Yield everything below `top` that is no directory, but for the names in `skip` at its top."""
    waiting = [str(top)]
    while waiting:
        directory = waiting.pop()
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if directory != str(top) or entry.name not in skip:
                        waiting.append(entry.path)
                else:
                    yield entry


def bytes_beside(trees: Collection[Path], beside: Path, skip: Collection[str] = ()) -> int:
    """Return how many bytes on disk `trees` take that `beside` does not; what is linked several times counts once."""
    counted: set[int] = set()
    with contextlib.suppress(OSError):
        counted = {entry.inode() for entry in files_in(beside, skip)}
    total = 0
    for tree in trees:
        with contextlib.suppress(OSError):
            for entry in files_in(tree):
                if entry.inode() not in counted:
                    counted.add(entry.inode())
                    total += entry.stat(follow_symlinks=False).st_blocks * _BLOCK
    return total


def remove(top: Path) -> None:
    """Remove a tree, or as much of it as can be."""
    shutil.rmtree(top, ignore_errors=True)


def mirror(source: Path, target: Path, skip: Collection[str] = ()) -> None:
    """Make `target` like `source` file by file but for the names in `skip` at its top; may be begun again. Raises OSError."""
    waiting = [""]
    while waiting:
        below = waiting.pop()
        kept = () if below else skip
        wanted = {entry.name: entry for entry in os.scandir(f"{source}{below}") if entry.name not in kept}
        for entry in wanted.values():
            there = f"{target}{below}/{entry.name}"
            if not entry.is_dir(follow_symlinks=False):
                _bring(entry, there)
                continue
            waiting.append(f"{below}/{entry.name}")
            if os.path.islink(there) or not os.path.isdir(there):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(there)
                os.mkdir(there, 0o755)
        for entry in list(os.scandir(f"{target}{below}")):
            if entry.name not in wanted and entry.name not in kept:
                _discard(entry.path)


def _bring(entry: os.DirEntry[str], there: str) -> None:
    if os.path.lexists(there) and os.lstat(there).st_ino == entry.inode():
        return
    draft = f"{there}.envd-new"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(draft)
    if entry.is_symlink():
        os.symlink(os.readlink(entry.path), draft)
    elif entry.is_file(follow_symlinks=False):
        _link(entry.path, draft)
    else:
        return
    if os.path.isdir(there) and not os.path.islink(there):
        _discard(there)
    os.replace(draft, there)


def _discard(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)
