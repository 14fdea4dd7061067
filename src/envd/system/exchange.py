"""Exchanging two directories in one system call, or in renames that can be finished later by whoever finds them half done."""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
# renamex_np(2) of macOS has the same number for it.
_RENAME_SWAP = 2
# For a C library without renameat2 (musl, glibc before 2.28); the kernel has it since 3.15.
_SYSCALL_NUMBERS = {"x86_64": 316, "aarch64": 276, "armv7l": 382, "ppc64le": 357, "s390x": 347, "riscv64": 276}
# What the system and file systems say that do not know it: NFS, FUSE, kernels before 3.15 (renameat2(2)).
_UNKNOWN = frozenset((errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP))

Swap = Callable[[bytes, bytes], int]


def inode_of(path: Path) -> int:
    """Return the inode at `path` itself, 0 when nothing is there."""
    try:
        return os.lstat(path).st_ino
    except OSError:
        return 0


def exchange(one: Path, other: Path) -> bool:
    """Exchange what is at two paths of one file system; returns whether it was one system call. Raises OSError.

    Where the system cannot do that it takes three renames, in the midst of which `one` is missing: `finish_exchange` goes on.
    """
    if exchange_at_once(one, other):
        return True
    one.rename(_between(other))
    finish_exchange(one, other)
    return False


def exchange_at_once(one: Path, other: Path) -> bool:
    """Exchange what is at two paths, or return False where the system cannot do it at once. Raises OSError."""
    swap = _swap()
    if swap is None:
        return False
    if swap(os.fsencode(one), os.fsencode(other)) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNKNOWN:
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))


def finish_exchange(one: Path, other: Path) -> None:
    """Finish the renames in whose midst a process was killed that called `exchange`; does nothing when there are none."""
    between = _between(other)
    if inode_of(between) == 0:
        return
    if inode_of(one) == 0:
        other.rename(one)
    between.rename(other)


def _between(other: Path) -> Path:
    return other.with_name(f"{other.name}~")


@functools.cache
def _swap() -> Swap | None:
    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "darwin":  # untested
        return _darwin_swap(library)
    if hasattr(library, "renameat2"):
        return lambda one, other: int(library.renameat2(_AT_FDCWD, one, _AT_FDCWD, other, _RENAME_EXCHANGE))
    number = _SYSCALL_NUMBERS.get(platform.machine())
    if sys.platform != "linux" or number is None:
        return None
    return lambda one, other: int(library.syscall(number, _AT_FDCWD, one, _AT_FDCWD, other, _RENAME_EXCHANGE))


def _darwin_swap(library: ctypes.CDLL) -> Swap | None:
    if not hasattr(library, "renamex_np"):
        return None
    return lambda one, other: int(library.renamex_np(one, other, _RENAME_SWAP))
