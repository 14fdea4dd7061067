"""Watching directories; watchfiles is imported here only.

An event is a hint to look again, never a fact: events are lost, doubled and late (watchfiles #348).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchfiles._rust_notify import RustNotify

# Each step is one wake-up; a change is seen after one step at most.
STEP_MILLISECONDS = 500

OnChange = Callable[[frozenset[str]], None]


class Watcher:
    """Watches a set of directories, not what is below them, and hands over the paths of what changed in them.

    The callbacks come from a thread of the watcher's own. `on_failure` says that events can no longer be relied on.
    """

    def __init__(self, on_change: OnChange, on_failure: Callable[[str], None]) -> None:
        self._on_change = on_change
        self._on_failure = on_failure
        self._watched: frozenset[Path] = frozenset()
        self._stop: threading.Event | None = None

    @property
    def watched(self) -> frozenset[Path]:
        """Return the directories that are watched now."""
        return self._watched

    def watch(self, directories: Iterable[Path], *, anew: bool = False) -> None:
        """Watch these directories from now on; `anew` also when they are the same, for one that was made again is silent."""
        wanted = frozenset(directory for directory in directories if directory.is_dir())
        if wanted == self._watched and not anew:
            return
        old = self._stop
        self._watched, self._stop = wanted, None
        if wanted:
            self._start(wanted)
        # The old one ends after the new one began: nothing falls between them.
        if old is not None:
            old.set()

    def close(self) -> None:
        """Stop watching."""
        self.watch(())

    def _start(self, directories: frozenset[Path]) -> None:
        # The import costs 30 ms and some megabytes; a daemon without an active project does without.
        from watchfiles._rust_notify import RustNotify

        try:
            native = RustNotify([os.fspath(path) for path in directories], False, False, 0, False, False)
        except OSError as error:  # the limit of watches, or a file system that has none
            self._on_failure(str(error))
            return
        self._stop = threading.Event()
        threading.Thread(target=self._follow, args=(native, self._stop), name="watcher", daemon=True).start()

    def _follow(self, native: RustNotify, stop: threading.Event) -> None:
        try:
            while not stop.is_set():
                changes = native.watch(1, STEP_MILLISECONDS, 0, stop)
                if isinstance(changes, set):
                    self._on_change(frozenset(path for _, path in changes))
        except Exception as error:  # noqa: BLE001  # whatever the native side raises, polling takes over
            if not stop.is_set():
                self._on_failure(str(error))
        finally:
            native.close()
