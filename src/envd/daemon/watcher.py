"""Watching directories; watchfiles is imported here only.

An event is a hint to look again, never a fact: events are lost, doubled and late (watchfiles #348).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from envd.system.doorbell import Doorbell

if TYPE_CHECKING:
    from watchfiles._rust_notify import RustNotify

# Without a doorbell watchfiles looks on its own: each step is one wake-up, and it hands over a change after two.
_STEP_MILLISECONDS = 500
# With one, what rang may take a moment to come through the native side, and may have been none of these directories.
_DRAIN_STEP_MILLISECONDS = 10
_DRAIN_MILLISECONDS = 100

OnChange = Callable[[frozenset[str]], None]
Look = Callable[["RustNotify", threading.Event], object]


class Watcher:
    """Watches a set of directories, not what is below them, and hands over the paths of what changed in them.

    Where a doorbell rings for these directories, it sleeps until then; elsewhere it looks twice a second. The callbacks come
    from a thread of the watcher's own. `on_failure` says that events can no longer be relied on.
    """

    def __init__(self, on_change: OnChange, on_failure: Callable[[str], None]) -> None:
        self._on_change = on_change
        self._on_failure = on_failure
        self._watched: frozenset[Path] = frozenset()
        self._doorbell = Doorbell()
        self._rung = threading.Event()
        self._stop: threading.Event | None = None

    @property
    def watched(self) -> frozenset[Path]:
        """Return the directories that are watched now."""
        return self._watched

    def watch(self, directories: Iterable[Path], *, anew: bool = False) -> bool:
        """Watch these directories from now on; `anew` also when they are the same, for one that was made again is silent.

        Returns whether anything is watched anew: what changed there before that went unseen.
        """
        wanted = frozenset(directory for directory in directories if directory.is_dir())
        if wanted == self._watched and not anew:
            return False
        old = self._stop
        self._watched, self._stop = wanted, None
        if wanted:
            self._start(wanted)
        else:
            self._doorbell.hang(())
        # The old one ends after the new one began: nothing falls between them.
        if old is not None:
            old.set()
            self._rung.set()
        return bool(wanted)

    def ring(self) -> None:
        """Look now: some doorbell of this process rang."""
        self._rung.set()

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
        look = self._when_rung if self._doorbell.hang(directories) else self._step_by_step
        threading.Thread(target=self._follow, args=(native, look, self._stop), name="watcher", daemon=True).start()

    def _follow(self, native: RustNotify, look: Look, stop: threading.Event) -> None:
        try:
            while not stop.is_set():
                changes = look(native, stop)
                if isinstance(changes, set):
                    self._on_change(frozenset(path for _, path in changes))
        except Exception as error:  # noqa: BLE001  # whatever the native side raises, polling takes over
            if not stop.is_set():
                self._on_failure(str(error))
        finally:
            native.close()

    def _when_rung(self, native: RustNotify, stop: threading.Event) -> object:
        self._rung.wait()
        self._rung.clear()
        if stop.is_set():
            # The bell may have been meant for the one that came after.
            self._rung.set()
        return native.watch(1, _DRAIN_STEP_MILLISECONDS, _DRAIN_MILLISECONDS, stop)

    @staticmethod
    def _step_by_step(native: RustNotify, stop: threading.Event) -> object:
        return native.watch(1, _STEP_MILLISECONDS, 0, stop)
