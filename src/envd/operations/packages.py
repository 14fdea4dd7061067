"""How a project's packages stand to its manifest, without starting anything."""

from __future__ import annotations

from dataclasses import dataclass

from envd.adapters import git, manifests
from envd.adapters.manifests import Manifest
from envd.adapters.venvs import Venv, installed_versions
from envd.core.answer import SyncState
from envd.core.errors import ManifestError, ManifestUnfinished
from envd.core.fingerprint import fingerprint
from envd.core.records import ProjectRecord
from envd.operations.context import Context
from envd.operations.survey import Survey


@dataclass(frozen=True, slots=True)
class Packages:
    """The state, what is in the way of a better one, and what a sync would work from."""

    state: SyncState
    problem: str = ""
    manifest: Manifest | None = None
    fingerprint: str = ""


def look_at_packages(context: Context, found: Survey) -> Packages:
    """Return how the packages of an allowed project stand; the project's lock tells whether a sync runs now."""
    if found.venv is None or not manifests.has_manifest(found.root):
        return Packages(SyncState.UNMANAGED)
    syncing = context.store.is_syncing(str(found.root))
    packages = compare_packages(found, found.venv)
    return Packages(SyncState.SYNCING, "", packages.manifest, packages.fingerprint) if syncing else packages


def compare_packages(found: Survey, venv: Venv) -> Packages:
    """Return the same without regard to a sync that runs now."""
    try:
        manifest = manifests.load_manifest(found.root)
    except ManifestUnfinished as error:
        return Packages(SyncState.PAUSED, str(error))
    except ManifestError as error:
        return Packages(SyncState.FAILED, str(error))
    digest = fingerprint(manifest.files, f"{venv.cfg.home} {venv.cfg.version}", ())
    state, problem = _state(found, venv, manifest, digest)
    return Packages(state, problem, manifest, digest)


def _state(found: Survey, venv: Venv, manifest: Manifest, digest: str) -> tuple[SyncState, str]:
    if is_in_sync(found.record, venv, digest):
        return SyncState.IN_SYNC, ""
    if found.record.undone == digest:
        return SyncState.PAUSED, "undone: envd sync does it again"
    if manifest.is_empty:
        emptied = found.record.synced is not None and bool(found.record.synced.wanted)
        problem = f"{manifests.NAME} asks for nothing any more; its packages stay: envd sync removes them"
        return (SyncState.PAUSED, problem) if emptied else (SyncState.IN_SYNC, "")
    unfinished = git.activity(found.root).unfinished
    if unfinished:
        return SyncState.PAUSED, f"{unfinished} is unfinished"
    if found.record.failure is not None and found.record.failure.fingerprint == digest:
        return SyncState.FAILED, found.record.failure.reason
    return SyncState.STALE, ""


def is_in_sync(record: ProjectRecord, venv: Venv, digest: str) -> bool:
    """Return whether the newest sync was for this very fingerprint and all that it led to is still installed."""
    if record.synced is None or record.synced.fingerprint != digest:
        return False
    return record.synced.wanted.items() <= installed_versions(venv).items()
