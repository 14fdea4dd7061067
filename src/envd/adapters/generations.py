"""Clones of an environment: the one that is being synced and those that are kept, all inside the environment itself.

    VENV/.envd/<project>/next    what an installer works on
    VENV/.envd/<project>/<N>     the environment as it was before sync N

There they share its file system, which hard links and exchanges need, go where it goes, and no other program minds them. For the
moment of an exchange one lies beside the environment, for a directory cannot change places with one that holds it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from envd.core.records import Way
from envd.system import trees
from envd.system.exchange import exchange, finish_exchange
from envd.system.files import ensure_private
from envd.system.identity import identity_of

HOLD = ".envd"
# uv locks it while it installs; a clone that shared its inode would be locked together with the original.
LOCK = ".lock"
SKIPPED = frozenset((HOLD, LOCK))
_NEXT = "next"
_GONE = "gone-"
_INSIDE = re.compile(rf"/{re.escape(HOLD)}/[0-9a-f]{{8}}/{_NEXT}\b")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the clones for one project lie; `venv` is the real path of its environment."""

    venv: Path
    key: str

    @property
    def directory(self) -> Path:
        """Return the directory that holds them."""
        return self.venv / HOLD / self.key

    @property
    def next(self) -> Path:
        """Return the path of the one that is being synced: always the same, for uv remembers interpreters by path."""
        return self.directory / _NEXT

    def kept(self, number: int) -> Path:
        """Return the path of the environment as it was before sync `number`."""
        return self.directory / str(number)

    @property
    def beside(self) -> Path:
        """Return where one lies for the moment of an exchange."""
        return self.venv.with_name(f"{self.venv.name}.envd-{self.key}")


def shelf_for(venv: Path, root: str) -> Shelf:
    """Return the shelf of the project at `root` in its environment, whatever links lead there."""
    return Shelf(Path(os.path.realpath(venv)), hashlib.sha256(os.fsencode(root)).hexdigest()[:8])


def outside(text: str) -> str:
    """Return what was said of a clone as it is to be said of the environment, whose place it is to take."""
    return _INSIDE.sub("", text)


def stage(shelf: Shelf) -> trees.Clone:
    """Clone the environment into `shelf.next`; raises OSError, StateError."""
    ensure_private(shelf.venv / HOLD)
    ensure_private(shelf.directory)
    _discard(shelf, shelf.next)
    return trees.clone(shelf.venv, shelf.next, SKIPPED)


def share_lock(shelf: Shelf, incoming: Path) -> None:
    """Give a clone the lock file of the environment itself, so that whoever waits for it waits for the right one."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(incoming / LOCK)
    with contextlib.suppress(OSError):
        os.link(shelf.venv / LOCK, incoming / LOCK)


def swap(shelf: Shelf, incoming: Path) -> Way:
    """Exchange the environment with a clone: the old one is at `shelf.beside` then. Raises OSError when nothing was changed.

    That is where the directory cannot be renamed: a mount point, a layer of a container image, a parent that is read-only.
    """
    incoming.rename(shelf.beside)
    try:
        return Way.EXCHANGED if exchange(shelf.venv, shelf.beside) else Way.RENAMED
    except OSError:
        shelf.beside.rename(incoming)
        raise


def swap_back(shelf: Shelf, incoming: Path) -> None:
    """Take a `swap` back. Raises OSError."""
    exchange(shelf.venv, shelf.beside)
    shelf.beside.rename(incoming)


def bring_back(shelf: Shelf, incoming: Path) -> None:
    """Put what lies beside the environment, and was to take its place, back on the shelf."""
    with contextlib.suppress(OSError):
        shelf.beside.rename(incoming)


def put_away(shelf: Shelf, old: Path, number: int) -> None:
    """Keep the environment that was exchanged as number `number`, with the clones moved into the one that is there now."""
    if os.path.isdir(old / HOLD) and not os.path.lexists(shelf.venv / HOLD):
        (old / HOLD).rename(shelf.venv / HOLD)
    if os.path.isdir(old):
        ensure_private(shelf.venv / HOLD)
        ensure_private(shelf.directory)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(old / LOCK)
        old.rename(shelf.kept(number))


def finish_swap(shelf: Shelf) -> None:
    """Finish the renames of a `swap` that was cut off in their midst."""
    finish_exchange(shelf.venv, shelf.beside)


def mirror_in(shelf: Shelf, incoming: Path, number: int) -> None:
    """Do the same as `swap` and `put_away` where a directory cannot be renamed: file by file. May be begun again."""
    if not os.path.isdir(shelf.kept(number)):
        draft = shelf.directory / f"{_GONE}{secrets.token_hex(4)}"
        trees.clone(shelf.venv, draft, SKIPPED)
        draft.rename(shelf.kept(number))
    if os.path.isdir(incoming):
        trees.mirror(incoming, shelf.venv, SKIPPED)
        _discard(shelf, incoming)


def is_there(path: Path, identity: object) -> bool:
    """Return whether the directory of that identity is at `path`."""
    try:
        return identity_of(path) == identity
    except OSError:
        return False


def remove_all(venv: Path) -> None:
    """Remove all that is kept in an environment, for whatever project, so far as that can be done."""
    shutil.rmtree(venv / HOLD, ignore_errors=True)


def tidy(shelf: Shelf, numbers: set[int]) -> bool:
    """Remove every clone but those kept by these numbers; returns whether an unfinished one was among them."""
    unfinished = False
    for path in _clones(shelf):
        if not (path.name.isdigit() and int(path.name) in numbers):
            unfinished |= path.name == _NEXT
            _rename_gone(shelf, path)
    sweep(shelf)
    if not numbers:
        with contextlib.suppress(OSError):
            shelf.directory.rmdir()
            shelf.directory.parent.rmdir()
    return unfinished


def _clones(shelf: Shelf) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from list(shelf.directory.iterdir())


def _discard(shelf: Shelf, path: Path) -> None:
    _rename_gone(shelf, path)
    sweep(shelf)


def let_go(shelf: Shelf, number: int) -> None:
    """Have a kept one be gone at once; `sweep` takes the time to remove it."""
    _rename_gone(shelf, shelf.kept(number))


def _rename_gone(shelf: Shelf, path: Path) -> None:
    # Under another name first: half a clone must not be taken for a whole one.
    with contextlib.suppress(OSError):
        path.rename(shelf.directory / f"{_GONE}{secrets.token_hex(4)}")


def take_in(shelf: Shelf, path: Path) -> None:
    """Put a directory beside the environment among those that `sweep` removes."""
    ensure_private(shelf.venv / HOLD)
    ensure_private(shelf.directory)
    path.rename(shelf.directory / f"{_GONE}{secrets.token_hex(4)}")


def sweep(shelf: Shelf) -> None:
    """Remove those that are gone already."""
    for path in _clones(shelf):
        if path.name.startswith(_GONE):
            trees.remove(path)


def bytes_kept(shelf: Shelf, numbers: list[int]) -> int:
    """Return how many bytes the kept ones take beside the environment itself, hard links counted once."""
    return trees.bytes_beside([shelf.kept(number) for number in numbers], shelf.venv, SKIPPED)
