"""Reading and writing small files: never blocked by a FIFO, never half written, never in a directory of somebody else."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from envd.core.errors import StateError

_DESCRIPTOR = re.compile(r"/dev/(?:stdout|stderr|fd/\d+)|/proc/self/fd/\d+")
_STANDARD = {"stdout": 1, "stderr": 2}


class UnreadableFile(Exception):
    """A file that is not there, not a regular file, too large or not permitted; the message says which."""


def read_regular(path: Path, limit: int) -> bytes:
    """Return the bytes of a regular file of at most `limit` bytes; raises UnreadableFile for everything else.

    Opened without blocking: a FIFO or a device in the place of a file must not hang whoever looks.
    """
    with _opened(path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise UnreadableFile(f"is larger than {limit // 1024} KiB")
    return data


def read_end(path: Path, limit: int) -> bytes:
    """Return the last bytes of a regular file, at most `limit`; raises UnreadableFile like `read_regular`."""
    with _opened(path) as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - limit))
        return file.read(limit)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        raise UnreadableFile(_unopened(path, error)) from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)  # os.fdopen would fail on a directory, and leave it open
        raise UnreadableFile(f"is {_kind(mode)}, not a file")
    with os.fdopen(descriptor, "rb") as file:
        try:
            yield file
        except OSError as error:
            raise UnreadableFile(f"cannot be read: {error.strerror}") from None


def _unopened(path: Path, error: OSError) -> str:
    with contextlib.suppress(OSError):
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode) and not isinstance(error, PermissionError):
            return f"is {_kind(mode)}, not a file"
    if isinstance(error, FileNotFoundError):
        return "leads nowhere" if path.is_symlink() else "does not exist"
    return f"cannot be opened: {error.strerror}"


def _kind(mode: int) -> str:
    kinds = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def write_atomic(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Put `data` at `path` at one instant, by default for its owner alone; a reader sees the old file or the new one.

    Raises StateError.
    """
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), mode)
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise StateError(f"{path} cannot be written: {error.strerror}") from None


def replace_text(path: Path, text: str) -> None:
    """Put text at `path` at one instant, with the mode that a file there has or a new one gets; a link stays one.

    Raises StateError.
    """
    target = Path(os.path.realpath(path))
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    write_atomic(target, text.encode("utf-8", "surrogateescape"), mode)


def is_stream(path: Path) -> bool:
    """Return whether what is written to `path` goes on to somebody: a device, a pipe, or a descriptor such as /dev/stdout."""
    return str(path).startswith(("/dev/", "/proc/")) or (path.exists() and not path.is_file() and not path.is_dir())


def write_stream(path: Path, text: str) -> None:
    """Write text to a stream; what names a descriptor of this process goes on where that stands. Raises StateError."""
    named = path.name if _DESCRIPTOR.fullmatch(str(path)) else ""
    try:
        descriptor = os.dup(_STANDARD.get(named) or int(named)) if named else os.open(path, os.O_WRONLY | os.O_APPEND)
        with open(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
    except OSError as error:
        raise StateError(f"{path} cannot be written: {error.strerror}") from None


def ensure_private(directory: Path) -> None:
    """Make `directory` with mode 0700 or check that it is a real one of this user's; raises StateError otherwise."""
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            directory.mkdir(mode=0o700)
        found = directory.lstat()
    except OSError as error:
        raise StateError(f"{directory} cannot be made: {error.strerror}") from None
    if not stat.S_ISDIR(found.st_mode):
        raise StateError(f"{directory} is not a directory", hint=f"move it away: mv {directory} {directory}.old")
    if found.st_uid != os.geteuid():
        raise StateError(f"{directory} belongs to another user (uid {found.st_uid})")
    if found.st_mode & 0o022:
        raise StateError(f"{directory} can be written by others (mode {found.st_mode & 0o777:o})", hint=f"chmod 700 {directory}")
    if found.st_mode & 0o055:
        directory.chmod(0o700)
