"""Being woken by a change in a few directories without asking again and again: dnotify, which costs nothing while nothing happens.

watchfiles looks every step milliseconds, so it is for the time when a project is active. Linux only; elsewhere `ring_on_change`
returns False and the caller watches these directories too (fcntl(2), F_NOTIFY).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path


def ring_on_change(directories: Iterable[Path]) -> bool:
    """Have SIGIO sent to this process whenever an entry of a directory is made, written, renamed or removed.

    The descriptors stay open for the life of the process. Returns False where the kernel cannot do it.
    """
    if not hasattr(fcntl, "F_NOTIFY"):
        return False
    events = fcntl.DN_CREATE | fcntl.DN_MODIFY | fcntl.DN_DELETE | fcntl.DN_RENAME | fcntl.DN_MULTISHOT
    try:
        for directory in directories:
            descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.fcntl(descriptor, fcntl.F_NOTIFY, events)
    except OSError:
        return False
    return True
