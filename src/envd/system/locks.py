"""Advisory locks that end with the process that holds them, however it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from envd.core.errors import StateError

_LOOK_SECONDS = 0.001


class Held(Exception):
    """The lock is another process's."""


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[int]:
    """Hold the lock on `path` for the block; raises Held at once when `wait` is false and another process holds it.

    Yields its descriptor: a child that inherits it holds the lock, too. The file stays: removing it would let two
    processes lock two files of the same name.
    """
    descriptor = _opened(path)
    try:
        if wait:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        else:
            _take_at_once(descriptor, path)
        yield descriptor
    finally:
        os.close(descriptor)


def hold(path: Path) -> None:
    """Hold the lock on `path` until this process has ended; raises Held at once when another one holds it, and StateError.

    Whoever waits for the lock to be free then waits for the end of the process, too, not only for that of its work.
    """
    descriptor = _opened(path)
    try:
        _take_at_once(descriptor, path)
    except Held:
        os.close(descriptor)
        raise


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise StateError(f"{path} cannot be opened: {error.strerror}") from None


def _take_at_once(descriptor: int, path: Path) -> None:
    while not _take(descriptor, fcntl.LOCK_EX):
        if not _take(descriptor, fcntl.LOCK_SH):
            raise Held(path)
        # It can be shared, so somebody only looked whether it is held.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        time.sleep(_LOOK_SECONDS)


def _take(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_for(path: Path) -> None:
    """Return when no process holds the lock on `path`; raises StateError when it cannot be looked at."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StateError(f"{path} cannot be opened: {error.strerror}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Return whether some process holds the lock on `path` now."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StateError(f"{path} cannot be opened: {error.strerror}") from None
    try:
        # Shared: whoever else looks at this moment must not be taken for a holder.
        return not _take(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)
