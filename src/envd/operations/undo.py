"""Undoing a sync: the environment as it was before it comes back, and what was there is kept in its turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from envd.adapters.venvs import compare_venvs
from envd.core import notices
from envd.core.errors import UsageError
from envd.core.packages import Changes
from envd.core.records import Generation
from envd.operations.context import Context
from envd.operations.installing import ready_to_sync, refuse_read_only
from envd.operations.kept import venv_of
from envd.operations.outcome import Account, going_back, plan_of_kept
from envd.operations.packages import compare_packages, is_in_sync
from envd.operations.publish import publish
from envd.operations.recovery import locked_for_sync
from envd.operations.remaining import still_kept
from envd.operations.survey import survey
from envd.operations.transaction import Disturbed, Incoming, exchange, place_of, undisturbed


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo changed, and which of the packages that went were not of envd's making."""

    changes: Changes
    by_hand: tuple[str, ...] = ()


def undo(context: Context, walked: str, number: int, report: Callable[[str], None]) -> Undone:
    """Bring back the environment as it was before sync `number`, 0 for the newest, and return what that changed.

    What the manifest asks for now is not synced by itself from then on. Raises UsageError when that generation is not
    kept, and EnvdError as `sync` does.
    """
    found = survey(context, walked)
    try:
        with locked_for_sync(context.store, str(found.root), found.label, report):
            return _undone(context, walked, number, report)
    finally:
        publish(context, walked)


def _undone(context: Context, walked: str, number: int, report: Callable[[str], None]) -> Undone:
    started = time.monotonic()
    found = survey(context, walked)
    placed = found.record.synced.placed if found.record.synced else {}
    refuse_read_only(found)
    place = place_of(context, str(found.root), ready_to_sync(found))
    kept = _chosen(still_kept(found), number)
    with undisturbed(place, report):
        old = venv_of(place, kept)
        changes = compare_venvs(place.venv, old)
        text = notices.undone(found.label, kept.number, changes)
        account = Account(place.root, found.label, f"envd undo {kept.number}", "", time.monotonic() - started)
        wanted = compare_packages(context, found, place.venv).fingerprint
        # Whatever its sync had seen, its packages may have been gone by the time that it was kept.
        fits = is_in_sync(replace(found.record, synced=kept.synced), old, wanted)
        change = going_back(account, kept.synced, changes, text, "" if fits else wanted)
        try:
            exchange(place, Incoming(old.path, kept.number), change, account.entry(text, ok=True, plan=plan_of_kept(changes, kept)))
        except Disturbed as missing:
            raise UsageError(f"{missing} is gone", hint="envd log") from None
    return Undone(changes, tuple(name for name in changes.removed if name not in placed))


def _chosen(there: list[Generation], number: int) -> Generation:
    if not there:
        raise UsageError("there is nothing to undo: no environment of before is kept", hint="envd log")
    wanted = number or there[-1].number
    for kept in there:
        if kept.number == wanted:
            return kept
    numbers = ", ".join(str(kept.number) for kept in there)
    raise UsageError(
        f"sync {number} cannot be undone, what was before it is not kept: only before {numbers}", hint="envd log -n 50"
    )
