"""How a project's packages stand to its manifest, without starting anything."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from envd.adapters import git, manifests
from envd.adapters.manifests import Manifest
from envd.adapters.venvs import Venv, installed_versions
from envd.core import capabilities
from envd.core.answer import SyncState
from envd.core.capabilities import Capability, Need, missing
from envd.core.choosing import ManifestKind
from envd.core.errors import ManifestError, ManifestUnfinished
from envd.core.fingerprint import fingerprint, with_variables
from envd.core.pythons import allows
from envd.core.records import Failure, ProjectRecord
from envd.operations.context import Context
from envd.operations.survey import Survey, survey
from envd.operations.wishes import wishes_of


@dataclass(frozen=True, slots=True)
class Packages:
    """The state, what is in the way of a better one and the command against that, and what a sync would work from.

    `unasked` are the groups of a project that has nothing else to sync, as long as nobody asks for any of them.
    """

    state: SyncState
    problem: str = ""
    remedy: str = ""
    manifest: Manifest | None = None
    fingerprint: str = ""
    unasked: tuple[str, ...] = ()


def look_at_packages(context: Context, found: Survey) -> Packages:
    """Return how the packages of an allowed project stand; the project's lock tells whether a sync runs now."""
    if found.venv is None:
        return Packages(SyncState.UNMANAGED)
    syncing = context.store.is_syncing(str(found.root))
    packages = compare_packages(context, found, found.venv)
    if packages.state is SyncState.UNMANAGED:
        return packages
    return replace(packages, state=SyncState.SYNCING, problem="", remedy="") if syncing else packages


def unmet(context: Context, walked: str) -> tuple[Need, ...]:
    """Return what a project's manifest asks for and the project was not allowed to do; nothing where it cannot be read."""
    found = survey(context, walked)
    try:
        manifest = manifests.load_manifest(found.root, wishes_of(context, found.root, found.record))
    except ManifestError:
        return ()
    return missing(manifest.needs, found.trust.capabilities) if manifest is not None else ()


def watched_files(context: Context, root: str) -> frozenset[Path]:
    """Return the files that decide about a project's packages and its environment, or would if they were there."""
    real = Path(os.path.realpath(root))
    environments = {real / name / file for name in context.settings.names for file in ("pyvenv.cfg", "bin/python")}
    paths = environments | manifests.manifest_paths(real, wishes_of(context, real, context.store.project(str(real))))
    # As the shell walked to it: what happens is told by the paths that are watched.
    return frozenset(Path(root) / path.relative_to(real) if real in path.parents else path for path in paths)


def compare_packages(context: Context, found: Survey, venv: Venv) -> Packages:
    """Return the same without regard to a sync that runs now."""
    wishes = wishes_of(context, found.root, found.record)
    try:
        manifest = manifests.load_manifest(found.root, wishes)
    except ManifestUnfinished as error:
        return Packages(SyncState.PAUSED, str(error))
    except ManifestError as error:
        return Packages(SyncState.FAILED, str(error), error.hint)
    if manifest is None:
        return Packages(SyncState.UNMANAGED, unasked=manifests.offered_groups(found.root, wishes).offered)
    digest = fingerprint(manifest.files, f"{venv.cfg.home} {venv.cfg.version}", manifest.options)
    digest = with_variables(digest, {name: os.environ.get(name) for name in manifest.deciding}, found.record.fingerprints)
    state, problem, remedy = _state(found, venv, manifest, digest)
    return Packages(state, problem, remedy, manifest, digest)


def _state(found: Survey, venv: Venv, manifest: Manifest, digest: str) -> tuple[SyncState, str, str]:
    """Return the state, the problem and its remedy."""
    if is_in_sync(found.record, venv, digest):
        return SyncState.IN_SYNC, "", ""
    if found.record.undone == digest:
        left = "you undid or stopped this sync: envd sync does it"
        return (SyncState.PAUSED, left, "") if found.record.is_as_undone else (SyncState.STALE, "", "")
    synced = found.record.synced
    if manifest.asks_for_groups_alone and synced is not None and synced.wanted and not synced.only_groups:
        return SyncState.PAUSED, "nothing but a group asks for packages any more; the others stay: envd sync removes them", ""
    if manifest.is_empty:
        emptied = synced is not None and bool(synced.wanted)
        problem = f"{manifest.choice.name} asks for nothing any more; its packages stay: envd sync removes them"
        return (SyncState.PAUSED, problem, "") if emptied else (SyncState.IN_SYNC, "", "")
    unfinished = git.activity(found.root).unfinished
    if unfinished:
        return SyncState.PAUSED, f"{unfinished} is unfinished", ""
    unfit = unfit_python(manifest, venv)
    if unfit:
        return SyncState.FAILED, unfit, "envd init --clear"
    needs = missing(manifest.needs, found.trust.capabilities)
    if needs:
        return SyncState.PAUSED, capabilities.problem(needs), capabilities.remedy(needs)
    failure = found.record.failure
    if failure is None or failure.fingerprint != digest:
        return SyncState.STALE, "", ""
    return _after_failure(failure, found.trust.capabilities)


def unfit_python(manifest: Manifest, venv: Venv) -> str:
    """Return what is wrong with the environment's Python for this manifest, or an empty string."""
    asked, where = manifest.requires_python
    # What a linter or a build is told of Python is no reason to hold a plain list of packages back.
    if manifest.choice.kind is ManifestKind.REQUIREMENTS or allows(asked, venv.cfg.version):
        return ""
    return f"{where}: the project asks for Python {asked}, {venv.name} has {venv.cfg.version}"


def _after_failure(failure: Failure, granted: tuple[Capability, ...]) -> tuple[SyncState, str, str]:
    """Return the state of what failed: what failed for want of a capability waits for it, and for nothing else."""
    if not failure.lacks:
        return SyncState.FAILED, failure.reason, ""
    if set(failure.lacks) <= set(granted):
        return SyncState.STALE, "", ""
    return SyncState.PAUSED, failure.reason, capabilities.command(failure.lacks)


def is_in_sync(record: ProjectRecord, venv: Venv, digest: str) -> bool:
    """Return whether the newest sync was for this very fingerprint and all that it led to is still installed."""
    if record.synced is None or record.synced.fingerprint != digest:
        return False
    return record.synced.wanted.items() <= installed_versions(venv).items()
