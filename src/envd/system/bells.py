"""Telling another process of this user that there is news, without waiting for it and without harm to one that does not listen."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
from pathlib import Path


def replace_by_fifo(path: Path) -> None:
    """Put a FIFO, mode 0600, in the place of a file; what cannot be done is left."""
    fresh = path.with_name(f".{path.name}")
    with contextlib.suppress(OSError):
        os.mkfifo(fresh, 0o600)
    with contextlib.suppress(OSError):
        fresh.rename(path)


def write_to_fifo(path: Path) -> None:
    """Write a byte to a FIFO that somebody has open; to nothing else, and not when it is full."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NOCTTY)
        try:
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                os.write(descriptor, b"\n")
        finally:
            os.close(descriptor)


def send_urgent(pid: int) -> None:
    """Send SIGURG to a process that has a handler for it at this moment, as /proc says (proc_pid_status(5), SigCgt).

    A shell that has put another program in its own place has none any more; and whoever has none ignores this signal.
    """
    with contextlib.suppress(OSError):
        if _catches(pid, signal.SIGURG):
            os.kill(pid, signal.SIGURG)


def _catches(pid: int, number: signal.Signals) -> bool:
    for line in Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines():
        if line.startswith("SigCgt:"):
            return bool(int(line.partition(":")[2], 16) >> (number - 1) & 1)
    return False
