"""Whether a process is still the one it was; psutil is imported here only."""

from __future__ import annotations

import contextlib
import os
import signal

import psutil


def is_alive(pid: int, seen_at: float) -> bool:
    """Return whether the process that had this pid at `seen_at` (seconds since the epoch) still has it."""
    try:
        # A process that began clearly later has only inherited the number; two seconds cover the clock's granularity.
        return psutil.Process(pid).create_time() <= seen_at + 2
    except psutil.Error:
        return False


def end(pid: int, *, at_once: bool) -> None:
    """Ask a process to end, or end it `at_once` when it does not listen any more."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL if at_once else signal.SIGTERM)


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process in bytes, 0 when it is gone."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
