"""Which projects are looked at and synced, and when: after changes have gone quiet, after git, later and later after failures."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from envd.adapters import git
from envd.core.answer import SyncState
from envd.core.errors import EnvdError
from envd.core.schedule import Burst, is_of_the_network, retry_delay, wait_before_sync
from envd.core.trust import Trust
from envd.operations.context import Context
from envd.operations.installing import ready_to_sync, refuse_read_only
from envd.operations.kept import prune
from envd.operations.publish import publish
from envd.operations.sync import sync

_PAUSED_POLL = 2.0
_AT_ONCE = 2


class Scheduler:
    """One task for each project that something happened in; the tasks end when there is nothing left to do."""

    def __init__(self, context: Callable[[], Context], log: logging.Logger, on_checked: Callable[[], None]) -> None:
        self._context = context
        self._log = log
        self._on_checked = on_checked
        self._bursts: dict[str, Burst] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._later: dict[str, asyncio.TimerHandle] = {}
        self._not_before: dict[str, float] = {}
        self._syncs = asyncio.Semaphore(_AT_ONCE)

    def touch(self, root: str) -> None:
        """Have a project looked at once it is quiet; any number of calls in a burst make one look."""
        now = asyncio.get_running_loop().time()
        burst = self._bursts.get(root)
        self._bursts[root] = Burst(now, now) if burst is None else replace(burst, last=now)
        if root not in self._tasks:
            self._tasks[root] = asyncio.create_task(self._attend(root))

    def forget(self, root: str) -> None:
        """Drop what was planned for a project that no shell is in any more; a sync that runs goes on."""
        timer = self._later.pop(root, None)
        if timer is not None:
            timer.cancel()

    def network_changed(self) -> None:
        """Try again at once what failed for want of the network."""
        for root in tuple(self._later):
            failure = self._context().store.project(os.path.realpath(root)).failure
            if failure is not None and is_of_the_network(failure.reason):
                self._not_before.pop(root, None)
                self.forget(root)
                self.touch(root)

    async def finish(self, deadline: float) -> None:
        """Let the tasks that run come to their end, within `deadline` seconds."""
        for root in tuple(self._later):
            self.forget(root)
        self._bursts.clear()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=deadline)

    async def _attend(self, root: str) -> None:
        try:
            while root in self._bursts:
                wait = self._wait(root, self._bursts[root])
                if wait:
                    await asyncio.sleep(wait)
                    continue
                await self._check(root, self._bursts.pop(root))
        except (EnvdError, OSError) as error:
            self._log.warning("%s: %s", root, error)
        except Exception:  # noqa: BLE001  # one project's trouble must not end the daemon
            self._log.exception("%s: unexpected", root)
        finally:
            self._tasks.pop(root, None)
            self._on_checked()

    def _wait(self, root: str, burst: Burst) -> float:
        return wait_before_sync(burst, git.activity(Path(root)), asyncio.get_running_loop().time())

    async def _check(self, root: str, burst: Burst) -> None:
        context = self._context()
        found = await asyncio.to_thread(publish, context, root)
        state = found.record.state
        if found.trust.trust is not Trust.ALLOWED or found.venv is None or not context.settings.automatic:
            return
        if state is SyncState.PAUSED and git.activity(Path(root)).unfinished:
            self._again_in(root, _PAUSED_POLL)  # nothing else that holds a sync back ends unnoticed
        rest = self._rest(root) if state is SyncState.FAILED else 0.0
        if rest:
            self._again_in(root, rest)
        elif state is SyncState.STALE or (state is SyncState.FAILED and found.record.failure is not None):
            if self._wait(root, burst):  # git began while the project was looked at
                self._bursts.setdefault(root, burst)
                return
            ready_to_sync(found)
            refuse_read_only(found)
            await self._sync(context, root)

    def _rest(self, root: str) -> float:
        """Return the seconds until what failed may be tried again, however often the project is left and entered meanwhile."""
        return max(0.0, self._not_before.get(root, 0.0) - asyncio.get_running_loop().time())

    async def _sync(self, context: Context, root: str) -> None:
        self.forget(root)
        async with self._syncs:
            try:
                outcome = await asyncio.to_thread(sync, context, root, "change")
                self._log.info("%s: %s after %.1f s, %d changed", root, outcome.state.value, outcome.seconds, outcome.changes.count)
                if outcome.state is SyncState.STALE:
                    self.touch(root)
                elif outcome.state is SyncState.PAUSED and git.activity(Path(root)).unfinished:
                    self._again_in(root, _PAUSED_POLL)
                await asyncio.to_thread(prune, context, root)
            except EnvdError as error:
                self._log.warning("%s: %s", root, error)
                failure = context.store.project(root).failure
                delay = retry_delay(failure.count if failure else 1)
                self._not_before[root] = asyncio.get_running_loop().time() + delay
                self._again_in(root, delay)

    def _again_in(self, root: str, seconds: float) -> None:
        self.forget(root)
        self._later[root] = asyncio.get_running_loop().call_later(seconds, self._due, root)

    def _due(self, root: str) -> None:
        self._later.pop(root, None)
        self.touch(root)
