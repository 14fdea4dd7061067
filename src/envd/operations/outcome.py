"""What a sync leaves behind: the record that it makes, the entry in the log, and the notice."""

from __future__ import annotations

import secrets
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from envd.core import notices
from envd.core.answer import SyncState
from envd.core.errors import CapabilityMissing, Ended, EnvdError
from envd.core.notices import NOTHING, Told
from envd.core.packages import Changes
from envd.core.records import Entry, Failure, Generation, Notice, Planned, ProjectRecord, Synced, Way
from envd.operations.context import Context
from envd.operations.packages import Packages
from envd.operations.publish import notice_about
from envd.operations.survey import Survey
from envd.operations.transaction import Change


@dataclass(frozen=True, slots=True)
class Account:
    """One sync as it is accounted for: of which project, on what occasion, with what, for how long."""

    root: str
    label: str
    trigger: str
    installer: str
    seconds: float
    commands: tuple[str, ...] = ()
    output: str = ""

    def entry(self, summary: str, *, ok: bool, plan: tuple[Planned, ...] = ()) -> Entry:
        """Return the entry of the log."""
        return Entry(time.time(), self.trigger, self.commands, round(self.seconds, 3), ok, summary, self.output, plan=plan)


def summary_of(account: Account, changes: Changes, told: Told = NOTHING) -> str:
    """Return the line about a sync that succeeded."""
    return notices.synced(account.label, changes, account.seconds, told) or f"{account.label} was in sync"


def plan_of_kept(changes: Changes, kept: Generation) -> tuple[Planned, ...]:
    """Return the lines for what going back to a generation changes."""
    return tuple(Planned(word, f"as it was kept before sync {kept.number}") for word in changes.words())


@dataclass(frozen=True, slots=True)
class Result:
    """What a sync led to: for which fingerprint, what the manifest leads to now with versions, what changed, and what to tell."""

    digest: str
    wanted: Mapping[str, str]
    changes: Changes
    copied: int = 0
    told: Told = NOTHING
    only_groups: bool = False


def success(account: Account, result: Result) -> Change:
    """Return what a sync makes of the record."""
    digest, wanted, changes = result.digest, result.wanted, result.changes
    text = notices.synced(account.label, changes, account.seconds, result.told)

    def change(record: ProjectRecord, way: Way) -> ProjectRecord:
        placed = dict(record.synced.placed) if record.synced else {}
        # Nothing else that appeared meanwhile: that is somebody else's.
        placed.update({name: version for name, version in changes.added.items() if name in wanted})
        placed.update({name: version for name, version in wanted.items() if name in changes.changed and name in placed})
        placed = {name: version for name, version in placed.items() if name not in changes.removed}
        seconds = round(account.seconds, 3)
        told = way, result.copied, result.told.conflicts, result.only_groups
        synced = Synced(digest, dict(wanted), placed, time.time(), seconds, account.installer, changes, *told)
        undone = "" if record.undone == digest else record.undone
        notice = Notice(secrets.token_hex(8), text) if text else record.notice
        return replace(record, synced=synced, failure=None, notice=notice, undone=undone)

    return change


def going_back(account: Account, synced: Synced | None, changes: Changes, text: str, undone: str = "") -> Change:
    """Return what going back to a generation makes of the record: `synced` is the sync that it had seen, `undone` stays undone."""

    def change(record: ProjectRecord, way: Way) -> ProjectRecord:
        shown = Way.KEPT if way is Way.EXCHANGED else way
        found = synced and replace(synced, at=time.time(), seconds=round(account.seconds, 3), changes=changes, way=shown)
        notice = Notice(secrets.token_hex(8), text) if text else record.notice
        undone_to = record.undone_to if undone == record.undone else _fingerprint(synced)
        return replace(record, synced=found, failure=None, notice=notice, undone=undone, undone_to=undone_to)

    return change


def left_to_the_user(record: ProjectRecord, digest: str) -> ProjectRecord:
    """Return the record with a fingerprint that is not synced by itself: the packages stay those that are there."""
    return replace(record, undone=digest, undone_to=_fingerprint(record.synced))


def _fingerprint(synced: Synced | None) -> str:
    return synced.fingerprint if synced is not None else ""


def log_interruption(context: Context, account: Account, began: int) -> None:
    """Log a sync that a signal cut off before anything of it showed; `began` is the number of the exchange before it."""
    if not context.store.has_journal(account.root) and context.store.project(account.root).number == began:
        context.store.add_entry(account.root, account.entry(notices.interrupted(account.label), ok=False))


def cut_off(context: Context, found: Survey, cut: KeyboardInterrupt | Ended) -> BaseException:
    """Return what ends the process, with what is true of the packages; what had begun to show is finished by the next sync."""
    if context.store.has_journal(str(found.root)):
        return cut
    moved = context.store.project(str(found.root)).number != found.record.number
    done = [entry.summary for entry in context.store.entries(str(found.root)) if entry.ok]
    text = notices.interrupted_late(done[-1]) if moved and done else notices.interrupted(found.label)
    return Ended(cut.number if isinstance(cut, Ended) else signal.SIGINT, text)


def record_failure(context: Context, account: Account, digest: str, error: EnvdError) -> None:
    """Remember and log that a sync for `digest` failed. Raises StateError."""

    def failed(record: ProjectRecord) -> ProjectRecord:
        earlier = record.failure.count if record.failure and record.failure.fingerprint == digest else 0
        failure = Failure(digest, str(error), earlier + 1, time.time(), lacks)
        return replace(record, failure=failure, notice=notice)

    lacks = tuple(need.capability for need in error.needs) if isinstance(error, CapabilityMissing) else ()
    state = SyncState.PAUSED if lacks else SyncState.FAILED
    notice = notice_about(account.label, Packages(state, str(error), error.hint if lacks else ""))
    # The log first: the notice names it.
    context.store.add_entry(account.root, account.entry(notice.text, ok=False))
    context.store.update(account.root, failed)
