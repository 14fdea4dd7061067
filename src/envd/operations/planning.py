"""A plan: what a sync would do now, as the installer foresees it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from envd.adapters.installers import choose_for
from envd.adapters.manifests import Manifest
from envd.adapters.markers import marker_variables
from envd.adapters.venvs import Venv, installed_dists, installed_versions
from envd.core.answer import SyncState
from envd.core.choosing import ManifestKind
from envd.core.packages import Changes, compare, leading
from envd.operations.context import Context
from envd.operations.installing import (
    Attempt,
    Report,
    foresee,
    order_for,
    ready_to_sync,
    refuse_unfit_environment,
    refuse_unfit_python,
    run_installer,
    silent,
    unreadable,
)
from envd.operations.leaving import leaving, wanted_in
from envd.operations.naming import with_names
from envd.operations.packages import compare_packages
from envd.operations.survey import Survey, survey
from envd.system.processes import Finished


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync would do now, and with what."""

    state: SyncState
    changes: Changes
    installer: str
    problem: str = ""


def plan(context: Context, walked: str, report: Report = silent) -> Plan:
    """Return what a sync by hand would do; nothing is changed. Raises EnvdError as `sync` would."""
    found = survey(context, walked)
    venv = ready_to_sync(found)
    packages = compare_packages(context, found, venv)
    kind = packages.manifest.choice.kind if packages.manifest is not None else ManifestKind.NONE
    choice = choose_for(context.settings.installer, kind)
    if packages.manifest is None or packages.state is SyncState.IN_SYNC:
        if packages.state in (SyncState.FAILED, SyncState.PAUSED):
            raise unreadable(packages)
        return Plan(packages.state, Changes(), choice.installer.name, packages.problem)
    refuse_unfit_python(packages.manifest, venv)
    if packages.manifest.environments:
        refuse_unfit_environment(packages.manifest, marker_variables(venv.python))

    def run(command: list[str]) -> Finished:
        return run_installer(venv, found.root, command, report)

    attempt = Attempt(choice.installer, venv.python, order_for(context, found, packages.manifest), run)
    changes = _foreseen(found, venv, packages.manifest, attempt)
    return Plan(SyncState.STALE, changes, choice.installer.name, packages.problem)


def _foreseen(found: Survey, venv: Venv, manifest: Manifest, attempt: Attempt) -> Changes:
    installed = installed_versions(venv)
    announced = Changes() if manifest.is_empty else foresee(attempt, manifest, installed)
    manifest = with_names(venv, manifest)
    placed = found.record.synced.placed if found.record.synced else {}
    # What the announced packages require is not known before they are here: whatever they may need is taken to stay.
    if not placed and (announced.added or not manifest.is_fully_named):
        return announced
    variables = marker_variables(venv.python)
    wanted = wanted_in(venv, manifest, variables) if manifest.is_fully_named else set(installed_dists(venv))
    names = leaving(venv, placed, wanted | set(announced.added), installed, variables)
    removed = compare({name: installed[name] for name in names}, {}, leading(installed_dists(venv), names)).removed
    return replace(announced, removed={**announced.removed, **removed})
