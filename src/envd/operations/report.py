"""What `envd status` tells, as values: the same for people, for JSON and for exit codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from envd.adapters.ipc import call
from envd.adapters.venvs import installed_versions
from envd.core.answer import SyncState
from envd.core.display import printable
from envd.core.errors import DaemonUnreachable, OutOfSync
from envd.core.packages import TOOLING
from envd.core.protocol import Reply, Request, Verb
from envd.core.pyvenv import Health
from envd.core.trust import Trust
from envd.operations.check import ailments
from envd.operations.context import Context
from envd.operations.packages import Packages, look_at_packages
from envd.operations.publish import publish_overtaken
from envd.operations.survey import Survey, survey, survey_in_force

DEADLINE = 1.0


@dataclass(frozen=True, slots=True)
class PackageCounts:
    """How many installed packages the manifest leads to, and how many are extra; pip and its like are not counted.

    `extras` are the latter, each with its version.
    """

    wanted: int = 0
    extra: int = 0
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectReport:
    """Everything about one project; `is_due` where the next prompt makes it active, which the one before this could not."""

    found: Survey
    packages: Packages
    counts: PackageCounts
    in_force: bool
    inside: bool
    damaged: tuple[str, ...] = ()
    is_due: bool = False
    # The project above whose environment is in force here, for want of one of its own.
    instead: str = ""

    @property
    def is_allowed(self) -> bool:
        """Return whether envd acts for the project."""
        return self.found.trust.trust is Trust.ALLOWED

    @property
    def is_missed(self) -> bool:
        """Return whether whoever asks stands in the project without its environment being active."""
        return self.inside and self.is_allowed and not self.in_force

    @property
    def is_broken(self) -> bool:
        """Return whether there is an environment that cannot be used."""
        return self.found.venv is not None and self.found.venv.diagnosis.health is not Health.WELL

    @property
    def is_abandoned(self) -> bool:
        """Return whether the manifest is gone for which the packages that are there were synced."""
        return self.packages.state is SyncState.UNMANAGED and self.counts.wanted > 0

    @property
    def is_settled(self) -> bool:
        """Return whether packages are as the manifest asks, or there is nothing that could."""
        is_so = self.packages.state in (SyncState.IN_SYNC, SyncState.UNMANAGED)
        return is_so and not self.is_abandoned and not self.packages.unasked


def report_project(context: Context, walked: str, active_venv: str = "", *, inside: bool = False) -> ProjectReport:
    """Return the report on the project at `walked` for somebody whose VIRTUAL_ENV is `active_venv`, `inside` it or elsewhere."""
    found = survey(context, walked)
    packages = look_at_packages(context, found)
    venv = found.venv
    in_force = venv is not None and str(venv.path) == active_venv
    damaged = tuple(ailments(venv)) if venv is not None and found.trust.trust is Trust.ALLOWED else ()
    outer = survey_in_force(context, walked) if inside and venv is None else found
    instead = outer.label if venv is None and outer.venv is not None and str(outer.venv.path) == active_venv else ""
    return ProjectReport(found, packages, _counts(found), in_force, inside, damaged, instead=instead)


def report_and_publish(context: Context, walked: str, variables: Mapping[str, str], *, inside: bool) -> ProjectReport:
    """Return the report for somebody with these variables; an answer that says otherwise is published anew."""
    report = report_project(context, walked, variables.get("VIRTUAL_ENV", ""), inside=inside)
    is_new = publish_overtaken(context, report.found)
    is_free = bool(variables.get("ENVD_HOOK")) and not variables.get("VIRTUAL_ENV")
    return replace(report, is_due=is_new and is_free and report.is_missed and not report.is_broken)


def refuse_damaged(report: ProjectReport) -> None:
    """Raise OutOfSync when packages are damaged."""
    if report.damaged:
        said = f"packages of {report.found.label} are damaged: {printable(report.damaged[0])}"
        raise OutOfSync(said, hint="envd sync --mend")


def refuse_abandoned(report: ProjectReport) -> None:
    """Raise OutOfSync when the manifest is gone that packages were synced for."""
    if report.is_abandoned:
        said = f"the manifest that packages of {report.found.label} were synced for is gone"
        raise OutOfSync(said, hint="bring it back, or begin anew: envd init --clear")


def refuse_unasked(report: ProjectReport) -> None:
    """Raise OutOfSync when all that a project has to sync are groups, and nobody asks for any: nothing was compared."""
    if report.packages.unasked:
        said = f"{report.found.label} has no manifest but its groups, and none is asked for: {', '.join(report.packages.unasked)}"
        raise OutOfSync(said, hint="envd sync --group NAME, or groups in [tool.envd] of pyproject.toml")


def _counts(found: Survey) -> PackageCounts:
    if found.venv is None:
        return PackageCounts()
    installed = installed_versions(found.venv)
    synced = found.record.synced
    wanted = {name for name in installed if name in synced.wanted} if synced else set()
    placed = set(synced.placed) if synced else set()
    extra = set(installed) - wanted - placed - TOOLING if synced else set()
    return PackageCounts(len(wanted), len(extra), tuple(f"{name} {installed[name]}" for name in sorted(extra)))


def daemon_state(context: Context) -> tuple[Reply | None, str]:
    """Return the daemon's own report, or None and what is wrong."""
    try:
        return call(context.places.socket, Request(Verb.PING), DEADLINE), ""
    except DaemonUnreachable as error:
        return None, str(error)
