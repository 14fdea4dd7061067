"""A sync: make an environment's packages match the project's manifest, under its lock, and say what happened."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from envd.adapters.installers import Choice, choose_for, choose_installer
from envd.adapters.manifests import Manifest
from envd.adapters.markers import asked_by, marker_variables, needs_in
from envd.adapters.venvs import Venv, find_venv, installed_dists, installed_versions
from envd.core import notices
from envd.core.answer import SyncState
from envd.core.choosing import ManifestKind
from envd.core.display import redacted
from envd.core.errors import BrokenVenv, CapabilityMissing, EnvdError, InstallFailed
from envd.core.packages import Changes, closure, compare, removable
from envd.core.records import Entry, Failure, Notice, ProjectRecord, Synced
from envd.operations.context import Context
from envd.operations.installing import (
    Attempt,
    foresee,
    install,
    order_for,
    refuse_unfit_python,
    refuse_what_is_missing,
    unreadable,
    why_failed,
)
from envd.operations.packages import Packages, compare_packages
from envd.operations.publish import notice_about, publish
from envd.operations.survey import Survey, survey, usable_venv
from envd.system.locks import Held, locked
from envd.system.processes import Finished, gently, run

Report = Callable[[str], None]


def silent(_line: str) -> None:
    """Report to nobody."""


_MOST_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sync came to: the state it left, what it changed, and the one line about it ('' when there is nothing to say)."""

    state: SyncState
    changes: Changes = field(default_factory=Changes)
    seconds: float = 0.0
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a sync is done: on what occasion, who hears of it, whether its user asked, and the lock that its commands keep."""

    trigger: str
    report: Report
    by_hand: bool = False
    lock: tuple[int, ...] = ()


@dataclass(slots=True)
class _Job:
    """One sync under way: everything its steps share."""

    context: Context
    found: Survey
    venv: Venv
    manner: _Manner
    choice: Choice
    started: float = field(default_factory=time.monotonic)
    commands: list[str] = field(default_factory=list)
    output: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def run(self, command: list[str]) -> Finished:
        """Run a command of the installer at the project's root, and keep it and its output for the log."""
        if not (self.venv.path / "pyvenv.cfg").is_file():
            # Without pyvenv.cfg that Python is the base installation, and the packages would land there.
            raise BrokenVenv(f"{self.venv.path} lost its pyvenv.cfg", hint="envd init --clear")
        if not self.manner.by_hand:
            command = gently(command)
        finished = run(command, self.found.root, self.manner.report, self.manner.lock)
        self.commands.append(redacted(" ".join(command)))
        self.output.append(redacted(finished.output))
        return finished


def sync(context: Context, walked: str, trigger: str, report: Report = silent, *, by_hand: bool = False) -> Outcome:
    """Sync the project at `walked` if it needs it, and publish the result; waits for a sync that runs already.

    `by_hand` syncs what is otherwise held back: an emptied manifest, an unfinished rebase, a failure seen before.
    Raises EnvdError when the packages do not match the manifest afterwards; everything is recorded and published then, too.
    """
    root = str(survey(context, walked).root)
    lock = context.store.sync_lock(root)
    try:
        with locked(lock, wait=False) as held:
            outcome = _synced(context, walked, _Manner(trigger, report, by_hand, (held,)))
    except Held:
        report("waiting for the sync that runs")
        with locked(lock) as held:
            outcome = _synced(context, walked, _Manner(trigger, report, by_hand, (held,)))
    finally:
        publish(context, walked)
    return outcome


def ready_to_sync(found: Survey) -> Venv:
    """Return the environment that may be synced; raises as `usable_venv` does."""
    # Under its real path: an installer writes the path it is given into the scripts it makes.
    real = find_venv(found.root, (found.venv.name,)) if found.venv is not None else None
    return usable_venv(replace(found, venv=real))


def _synced(context: Context, walked: str, manner: _Manner) -> Outcome:
    found = survey(context, walked)
    venv = ready_to_sync(found)
    job = _Job(context, found, venv, manner, choose_installer(context.settings.installer))
    total = Changes()
    for _ in range(_MOST_ROUNDS):
        packages = _looked(job)
        if packages.manifest is not None:
            job.choice = choose_for(context.settings.installer, packages.manifest.choice.kind)
        if packages.manifest is None or packages.state in (SyncState.IN_SYNC, SyncState.PAUSED):
            return Outcome(packages.state, total, job.seconds, packages.problem)
        total = _round(job, packages.manifest, packages.fingerprint)
        # The manifest may have changed while the installer read it: only what is still true ends the sync.
        job.found = replace(job.found, record=context.store.project(str(found.root)))
    return Outcome(SyncState.STALE, total, job.seconds)


def _looked(job: _Job) -> Packages:
    by_hand = job.manner.by_hand
    packages = compare_packages(job.context, job.found, job.venv)
    if packages.state is SyncState.UNMANAGED:
        return packages
    if packages.manifest is None:
        if packages.state is SyncState.FAILED or by_hand:
            raise unreadable(packages)
        return packages
    refuse_unfit_python(packages.manifest, job.venv)
    if by_hand and packages.state is not SyncState.IN_SYNC:
        refuse_what_is_missing(job.found, packages.manifest)
    held_back = packages.state in (SyncState.PAUSED, SyncState.FAILED)
    return replace(packages, state=SyncState.STALE) if held_back and (by_hand or packages.state is SyncState.FAILED) else packages


def _round(job: _Job, manifest: Manifest, digest: str) -> Changes:
    """Install and remove once; records the outcome. Raises InstallFailed."""
    _publish_syncing(job)
    before = installed_versions(job.venv)
    try:
        _install(job, manifest)
        wanted = _wanted(job, manifest)
        _remove(job, manifest, before, wanted)
    except EnvdError as error:
        _record_failure(job, digest, error)
        raise
    after = installed_versions(job.venv)
    asked = [line.name for _, line in manifest.requirements if line.name]
    changes = compare(before, after, asked)
    _record_success(job, digest, {name: after[name] for name in sorted(wanted) if name in after}, changes)
    return changes


def _publish_syncing(job: _Job) -> None:
    publish(job.context, job.found.walked)  # which finds the project's lock held


def _install(job: _Job, manifest: Manifest) -> None:
    if manifest.is_empty:
        return
    order = order_for(job.context, job.found, manifest)
    attempt = Attempt(job.choice.installer, job.venv.python, order, job.run)
    finished = install(attempt)
    if finished.code != 0:
        raise why_failed(attempt, manifest, finished.output)


def _wanted(job: _Job, manifest: Manifest) -> set[str]:
    """Return the names of installed packages that the manifest leads to; all of them when a line does not say its name."""
    dists = installed_dists(job.venv)
    if not manifest.is_fully_named:
        return set(dists)
    variables = marker_variables(job.venv.python)
    return closure(asked_by((line for _, line in manifest.requirements), variables), dists, needs_in(variables))


def _remove(job: _Job, manifest: Manifest, before: dict[str, str], wanted: set[str]) -> None:
    """Remove what envd installed earlier and nothing asks for now."""
    synced = job.found.record.synced
    if synced is None or not manifest.is_fully_named:
        return
    names = removable(synced.placed, wanted, before)
    if names:
        finished = job.run(job.choice.installer.uninstall(job.venv.python, names))
        if finished.code != 0:
            raise InstallFailed(job.choice.installer.reason(redacted(finished.output)), hint="envd log")


def _record_success(job: _Job, digest: str, wanted: dict[str, str], changes: Changes) -> None:
    text = notices.synced(job.found.label, changes, job.seconds)

    def succeeded(record: ProjectRecord) -> ProjectRecord:
        placed = dict(record.synced.placed) if record.synced else {}
        # Nothing else that appeared meanwhile: that is somebody else's.
        placed.update({name: version for name, version in changes.added.items() if name in wanted})
        placed.update({name: after for name, (_, after) in changes.changed.items() if name in placed})
        placed = {name: version for name, version in placed.items() if name not in changes.removed}
        notice = Notice(secrets.token_hex(8), text) if text else record.notice
        name = job.choice.installer.name
        synced = Synced(digest, wanted, placed, time.time(), round(job.seconds, 3), name, changes)
        return replace(record, synced=synced, failure=None, notice=notice)

    _log(job, ok=True, summary=text or f"{job.found.label} was in sync")
    job.context.store.update(str(job.found.root), succeeded)


def _record_failure(job: _Job, digest: str, error: EnvdError) -> None:
    def failed(record: ProjectRecord) -> ProjectRecord:
        earlier = record.failure.count if record.failure and record.failure.fingerprint == digest else 0
        failure = Failure(digest, str(error), earlier + 1, time.time(), lacks)
        return replace(record, failure=failure, notice=notice)

    lacks = tuple(need.capability for need in error.needs) if isinstance(error, CapabilityMissing) else ()
    state = SyncState.PAUSED if lacks else SyncState.FAILED
    notice = notice_about(job.found.label, Packages(state, str(error), error.hint if lacks else ""))
    _log(job, ok=False, summary=notice.text)
    job.context.store.update(str(job.found.root), failed)


def _log(job: _Job, *, ok: bool, summary: str) -> None:
    # Before the notice that names `envd log` goes out.
    entry = Entry(time.time(), job.manner.trigger, tuple(job.commands), round(job.seconds, 3), ok, summary, "".join(job.output))
    job.context.store.add_entry(str(job.found.root), entry)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync would do now, and with what."""

    state: SyncState
    changes: Changes
    installer: str
    problem: str = ""


def plan(context: Context, walked: str, report: Report = silent) -> Plan:
    """Return what a sync would do, as the installer foresees it; nothing is changed. Raises EnvdError like `sync`."""
    found = survey(context, walked)
    venv = ready_to_sync(found)
    packages = compare_packages(context, found, venv)
    kind = packages.manifest.choice.kind if packages.manifest is not None else ManifestKind.NONE
    choice = choose_for(context.settings.installer, kind)
    if packages.manifest is None or packages.state is SyncState.IN_SYNC:
        if packages.state is SyncState.FAILED:
            raise unreadable(packages)
        return Plan(packages.state, Changes(), choice.installer.name, packages.problem)
    refuse_unfit_python(packages.manifest, venv)
    job = _Job(context, found, venv, _Manner("plan", report), choice)
    return Plan(SyncState.STALE, _foreseen(job, packages.manifest), choice.installer.name, packages.problem)


def _foreseen(job: _Job, manifest: Manifest) -> Changes:
    installed = installed_versions(job.venv)
    announced = Changes()
    if not manifest.is_empty:
        order = order_for(job.context, job.found, manifest)
        announced = foresee(Attempt(job.choice.installer, job.venv.python, order, job.run), manifest, installed)
    placed = job.found.record.synced.placed if job.found.record.synced else {}
    # What the announced packages require is not known before they are here: whatever they may need is taken to stay.
    unknown = announced.added or not manifest.is_fully_named
    leaving = [] if unknown and not placed else removable(placed, _wanted(job, manifest) | set(announced.added), installed)
    return replace(announced, removed={**announced.removed, **{name: installed[name] for name in leaving}})
