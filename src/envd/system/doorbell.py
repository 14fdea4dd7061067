"""Being woken by a change in a few directories without looking again and again: dnotify, which costs nothing while nothing happens.

Linux only (fcntl(2), F_NOTIFY); elsewhere `hang` returns False, and whoever wants to know has to look.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterable
from pathlib import Path


class Doorbell:
    """Has SIGIO sent to this process whenever an entry of one of its directories is made, written, renamed or removed."""

    def __init__(self) -> None:
        self._descriptors: list[int] = []

    def hang(self, directories: Iterable[Path]) -> bool:
        """Ring for these directories instead of those before; returns False where the kernel cannot do it for all of them."""
        old, self._descriptors = self._descriptors, []
        try:
            return hasattr(fcntl, "F_NOTIFY") and all(map(self._ring_for, directories))
        finally:
            # The new ones ring before the old ones stop: nothing falls between them.
            _close(old)

    def _ring_for(self, directory: Path) -> bool:
        events = fcntl.DN_CREATE | fcntl.DN_MODIFY | fcntl.DN_DELETE | fcntl.DN_RENAME | fcntl.DN_MULTISHOT
        try:
            descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            self._descriptors.append(descriptor)
            fcntl.fcntl(descriptor, fcntl.F_NOTIFY, events)
        except OSError:
            return False
        return True


def _close(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)
