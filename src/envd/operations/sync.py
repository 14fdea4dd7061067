"""A sync: make an environment's packages match the project's manifest, under its lock, and say what happened."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import replace

from envd.adapters.installers import choose_for, choose_installer
from envd.adapters.manifests import Manifest
from envd.adapters.markers import Variables, marker_variables
from envd.adapters.venvs import compare_venvs, installed_dists, installed_marks, installed_versions
from envd.core import notices
from envd.core.answer import SyncState
from envd.core.display import redacted
from envd.core.errors import Ended, EnvdError, InstallFailed
from envd.core.notices import Told
from envd.core.packages import Changes
from envd.core.records import Generation, Way
from envd.core.wish import AUTOMATIC, Wish
from envd.operations.check import Checked, blame, explain, look_over
from envd.operations.context import Context
from envd.operations.installing import (
    Attempt,
    Report,
    install,
    order_for,
    ready_to_sync,
    refuse_read_only,
    refuse_unfit_environment,
    refuse_unfit_python,
    refuse_what_is_missing,
    silent,
    unreadable,
    why_failed,
)
from envd.operations.job import Job, Manner, Outcome
from envd.operations.kept import find_kept, venv_of
from envd.operations.leaving import extra_names, leaving, wanted_in
from envd.operations.mending import Bench, complete, take_out_damaged
from envd.operations.naming import with_names
from envd.operations.outcome import (
    Account,
    Result,
    cut_off,
    going_back,
    left_to_the_user,
    log_interruption,
    plan_of_kept,
    record_failure,
    success,
    summary_of,
)
from envd.operations.packages import Packages, compare_packages
from envd.operations.programs import wait_for_programs
from envd.operations.publish import publish
from envd.operations.recovery import locked_for_sync
from envd.operations.survey import survey
from envd.operations.transaction import Disturbed, Incoming, Place, commit, exchange, place_of, settle_paths, staged, undisturbed

# Seconds to wait before each round that follows one which was disturbed.
_PAUSES = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)


def sync(context: Context, walked: str, trigger: str, report: Report = silent, *, wish: Wish = AUTOMATIC) -> Outcome:
    """Sync the project at `walked` if it needs it, and publish the result; waits for a sync that runs already.

    Generations beyond the limits stay until `prune`, which takes its time.

    Raises EnvdError when the packages do not match the manifest afterwards; everything is recorded and published then, too.
    """
    found = survey(context, walked)
    try:
        try:
            with locked_for_sync(context.store, str(found.root), found.label, report) as held:
                return _synced(context, walked, Manner(trigger, report, wish, (held,)))
        finally:
            publish(context, walked)
    except (KeyboardInterrupt, Ended) as cut:
        raise cut_off(context, found, cut) from None


def _synced(context: Context, walked: str, manner: Manner) -> Outcome:
    found = survey(context, walked)
    venv = ready_to_sync(found)
    refuse_read_only(found)
    job = Job(context, found, venv, manner, choose_installer(context.settings.installer), more=manner.wish.is_more)
    total, first = Changes(), ""
    for pause in _PAUSES:
        packages = _looked(job)
        if packages.manifest is not None:
            job.choice = choose_for(context.settings.installer, packages.manifest.choice.kind)
        first = first or packages.fingerprint
        # What changed meanwhile waits until it is quiet and git is done, as every change does that nobody asked a sync for.
        changed = packages.fingerprint != first and not manner.wish.by_hand
        done = packages.state in (SyncState.IN_SYNC, SyncState.PAUSED) and not job.more
        if packages.manifest is None or done or changed:
            return Outcome(packages.state, total, job.seconds, packages.problem, job.mended)
        job.pause, job.disturbed, job.more = pause if job.disturbed else 0.0, "", False
        total = _round(job, packages.manifest, packages.fingerprint)
        # The manifest may have changed while the installer read it: only what is still true ends the sync.
        job.found = replace(job.found, record=context.store.project(str(found.root)))
    if job.disturbed:
        raise InstallFailed(f"{job.venv.name} is being changed by another program ({job.disturbed})", hint="envd sync")
    return Outcome(SyncState.STALE, total, job.seconds)


def _looked(job: Job) -> Packages:
    by_hand = job.manner.wish.by_hand
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


def _round(job: Job, manifest: Manifest, digest: str) -> Changes:
    """Have the environment be as asked once, or leave it as it was; records the outcome. Raises InstallFailed."""
    publish(job.context, job.found.walked)  # which finds the project's lock held
    began = job.context.store.project(str(job.found.root)).number
    job.commands.clear()
    job.output.clear()
    place = place_of(job.context, str(job.found.root), job.venv)
    try:
        # What another program does to an environment, as making it with its pip, takes some seconds.
        time.sleep(job.pause)
        with undisturbed(place, job.manner.report):
            target = _target(job, digest)
            kept = None if job.manner.wish.is_more else find_kept(place, target)
            if kept is not None:
                return _go_back(job, place, kept, target)
            if target != digest:
                # What it was undone to is not there any more: then all is left to its user.
                job.context.store.update(place.root, lambda record: replace(record, undone_to=""))
                return Changes()
            return _install_all(job, place, manifest, digest)
    except Disturbed as found:
        job.disturbed, job.more = str(found), job.manner.wish.is_more
        job.manner.report(f"{found} was changed meanwhile: beginning again")
        return Changes()
    except (KeyboardInterrupt, Ended) as cut:
        log_interruption(job.context, _account(job), began)
        if job.manner.wish.by_hand and isinstance(cut, KeyboardInterrupt):
            # Nor is it done behind the back of whoever stopped it.
            job.context.store.update(place.root, lambda record: left_to_the_user(record, digest))
        raise
    except EnvdError as error:
        failure = blame(error, job.venv)
        record_failure(job.context, _account(job), digest, failure)
        raise failure from None


def _target(job: Job, digest: str) -> str:
    """Return the fingerprint to sync for: what its user undid is not done again by itself, what came back instead is."""
    record = job.found.record
    return record.undone_to if record.undone == digest and not job.manner.wish.by_hand else digest


def _go_back(job: Job, place: Place, kept: Generation, digest: str) -> Changes:
    """Take the kept generation that was synced for this very fingerprint: no installer is needed."""
    changes = compare_venvs(job.venv, venv_of(place, kept))
    account = _account(job)
    text = notices.synced(job.found.label, changes, job.seconds)
    undone = job.found.record.undone
    change = going_back(account, kept.synced, changes, text, "" if undone == digest else undone)
    incoming = Incoming(place.shelf.kept(kept.number), kept.number)
    exchange(place, incoming, change, account.entry(summary_of(account, changes), ok=True, plan=plan_of_kept(changes, kept)))
    return changes


def _install_all(job: Job, place: Place, manifest: Manifest, digest: str) -> Changes:
    """Install and remove in a clone, look it over, and put it into the environment's place."""
    if manifest.environments:
        refuse_unfit_environment(manifest, _variables(job))
    before = installed_versions(job.venv)
    with staged(place) as stage:
        inside = replace(job, venv=stage.venv)
        damaged = take_out_damaged(stage.venv) if job.manner.wish.mend else []
        _install(inside, manifest)
        manifest = with_names(stage.venv, manifest)
        wanted = _wanted(inside, manifest)
        _remove(inside, manifest, before, wanted)
        order = order_for(job.context, job.found, manifest)
        bench = Bench(stage.venv, job.venv, job.choice.installer, order, inside.run)
        job.mended, lacking = complete(bench, damaged, everything=job.manner.wish.mend)
        settle_paths(stage)
        look_over(job.venv, stage.venv, job.choice.installer.name)
        after = installed_versions(stage.venv)
        changes = compare_venvs(job.venv, stage.venv, [line.name for _, line in manifest.requirements if line.name])
        found = explain(job.venv, stage.venv, manifest, changes, _variables(inside)) if changes else Checked()
        wait = job.manner.wish.wait or job.context.settings.wait_for_programs
        running = wait_for_programs(str(job.venv.path), job.manner.report, everything=wait) if changes.are_felt else ()
        told = Told((*found.conflicts, *lacking), running, job.mended)
        account = _account(job)
        versions = {name: after[name] for name in sorted(wanted) if name in after}
        change = success(account, Result(digest, versions, changes, len(stage.made.copied), told, manifest.asks_for_groups_alone))
        entry = account.entry(summary_of(account, changes, told), ok=True, plan=found.plan)
        if not damaged and installed_marks(stage.venv) == installed_marks(job.venv):
            job.context.store.add_entry(place.root, entry)
            job.context.store.update(place.root, lambda record: change(record, Way.UNCHANGED))
        else:
            commit(stage, change, entry)
    return changes


def _account(job: Job) -> Account:
    names = str(job.found.root), job.found.label, job.manner.trigger, job.choice.installer.name
    return Account(*names, job.seconds, tuple(job.commands), "".join(job.output))


def _install(job: Job, manifest: Manifest) -> None:
    if manifest.is_empty:
        return
    order = order_for(job.context, job.found, manifest)
    attempt = Attempt(job.choice.installer, job.venv.python, order, job.run)
    # An installer leaves this process nothing to do: what its packages ask for is mostly read by the time it is done.
    meanwhile = threading.Thread(target=_read_ahead, args=(job, manifest), daemon=True)
    meanwhile.start()
    finished = install(attempt)
    meanwhile.join()
    if finished.code != 0:
        raise why_failed(attempt, manifest, finished.output)


def _read_ahead(job: Job, manifest: Manifest) -> None:
    with contextlib.suppress(EnvdError, OSError, ValueError):
        _wanted(job, manifest)


def _wanted(job: Job, manifest: Manifest) -> set[str]:
    """Return the names of installed packages that the manifest leads to; all of them when a line does not say its name."""
    return wanted_in(job.venv, manifest, _variables(job)) if manifest.is_fully_named else set(installed_dists(job.venv))


def _variables(job: Job) -> Variables:
    if job.variables is None:
        job.variables = marker_variables(job.venv.python)
    return job.variables


def _remove(job: Job, manifest: Manifest, before: dict[str, str], wanted: set[str]) -> None:
    """Remove what envd installed earlier and nothing asks for now."""
    synced = job.found.record.synced
    if not manifest.is_fully_named:
        return
    names = leaving(job.venv, synced.placed, wanted, before, _variables(job)) if synced is not None else []
    if job.manner.wish.exact:
        names = extra_names(job.venv, wanted)
    if names:
        finished = job.run(job.choice.installer.uninstall(job.venv.python, names))
        if finished.code != 0:
            raise InstallFailed(job.choice.installer.reason(redacted(finished.output)), hint="envd log")
