"""Waiting until the packages of a project are as they will be: for the sync that runs, and for the one that is about to."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from envd.adapters import git
from envd.core.answer import SyncState
from envd.core.protocol import Verb
from envd.core.trust import Trust
from envd.operations.context import Context
from envd.operations.daemonlink import START_DEADLINE, is_running, revive, tell
from envd.operations.installing import ready_to_sync, refuse_read_only
from envd.operations.packages import Packages, look_at_packages
from envd.operations.survey import survey
from envd.system.locks import wait_for

# For how long a sync that is due may not begin: git may be at work, or the daemon only starting.
_PATIENCE = 15.0
_STEP = 0.05


def wait_until_settled(context: Context, walked: str, on_waiting: Callable[[], None]) -> Packages:
    """Return how the packages of a project stand once no sync runs and none is due; `on_waiting` is called before any waiting.

    A sync is due where the manifest has changed and envd acts by itself: the daemon runs, which is told of it, or it ended
    without a word and is started again. Raises as `ready_to_sync` and `refuse_read_only` do.
    """
    told, end = False, time.monotonic() + _PATIENCE
    while True:
        found = survey(context, walked)
        if found.trust.trust is not Trust.ALLOWED:
            return Packages(SyncState.UNMANAGED)
        if context.store.is_syncing(str(found.root)):
            on_waiting()
            wait_for(context.store.sync_lock(str(found.root)))
            end = time.monotonic() + _PATIENCE
            continue
        packages = look_at_packages(context, found)
        is_due = packages.state in (SyncState.STALE, SyncState.SYNCING) and context.settings.automatic
        if not is_due or not (told or is_running(context) or revive(context)):
            return packages
        ready_to_sync(found)
        refuse_read_only(found)
        if time.monotonic() > end:
            held = git.activity(found.root).locked
            return replace(packages, problem="git holds its index.lock", remedy="envd sync, when git is done") if held else packages
        on_waiting()
        if not told:
            told = True
            tell(context, Verb.CHECK, walked, START_DEADLINE)
        time.sleep(_STEP)
