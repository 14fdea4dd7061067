"""Which file system object a path leads to, and who holds it."""

from __future__ import annotations

import ctypes
import functools
import grp
import os
import pwd
import sys
from pathlib import Path
from typing import Any

from envd.core.trust import Holding, Identity

_AT_FDCWD = -100
_STATX_BTIME = 0x800


class _Timestamp(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_int64), ("nanoseconds", ctypes.c_uint32), ("reserved", ctypes.c_int32))


class _Statx(ctypes.Structure):
    """The head of Linux's struct statx (statx(2)), padded to its 256 bytes."""

    _fields_ = (
        ("mask", ctypes.c_uint32),
        ("before_times", ctypes.c_uint8 * 60),
        ("accessed", _Timestamp),
        ("born", _Timestamp),
        ("rest", ctypes.c_uint8 * 160),
    )


def identity_of(path: Path) -> Identity:
    """Return the identity of what `path` leads to; raises OSError when it leads nowhere."""
    found = os.stat(path)
    return Identity(found.st_dev, found.st_ino, _born(path, found))


def _born(path: Path, found: os.stat_result) -> int:
    if sys.platform != "linux":
        return int(getattr(found, "st_birthtime", 0) * 1_000_000_000)
    statx = _statx()
    result = _Statx()
    if statx is None or statx(_AT_FDCWD, os.fsencode(path), 0, _STATX_BTIME, ctypes.byref(result)) != 0:
        return 0
    return int(result.born.seconds * 1_000_000_000 + result.born.nanoseconds) if result.mask & _STATX_BTIME else 0


@functools.cache
def _statx() -> Any:
    # In glibc since 2.28 and in musl since 1.2.2; Python itself has no os.statx before 3.15.
    return getattr(ctypes.CDLL(None), "statx", None)


def holding_of(path: Path) -> Holding:
    """Return who holds what `path` leads to; raises OSError when it leads nowhere."""
    found = os.stat(path)
    return Holding(
        path=str(path),
        owner=_user_name(found.st_uid),
        mine=found.st_uid == os.geteuid(),
        mode=found.st_mode & 0o7777,
        private_group=_is_private_group(found.st_gid),
    )


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _is_private_group(gid: int) -> bool:
    """Return whether the group has no member but this user, as where umask 002 is usual."""
    if gid != os.getegid():
        return False
    try:
        me = pwd.getpwuid(os.geteuid()).pw_name
        group = grp.getgrgid(gid)
    except KeyError:
        return False
    return group.gr_name == me and set(group.gr_mem) <= {me}
