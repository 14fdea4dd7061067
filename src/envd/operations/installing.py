"""What is asked of the installer for a project, and what its failure means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from envd.adapters.installers import Installer
from envd.adapters.manifests import Manifest
from envd.core.capabilities import Capability, Need, missing
from envd.core.display import redacted
from envd.core.errors import CapabilityMissing, EnvdError, InstallFailed
from envd.core.order import Order
from envd.operations.survey import Survey
from envd.system.processes import Finished

Run = Callable[[list[str]], Finished]


def order_for(found: Survey, manifest: Manifest) -> Order:
    """Return what to ask the installer for; raises CapabilityMissing for what the project was not allowed to do."""
    refuse_what_is_missing(found, manifest)
    return Order((manifest.path.name,), build=Capability.BUILD in found.trust.capabilities)


def refuse_what_is_missing(found: Survey, manifest: Manifest) -> None:
    """Raise CapabilityMissing when a line asks for what the project was not allowed to do."""
    lacking = missing(manifest.needs, found.trust.capabilities)
    if lacking:
        raise CapabilityMissing(lacking)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was asked of which installer, for which Python; `run` runs another command of it in the same place."""

    installer: Installer
    python: Path
    order: Order
    run: Run


def why_failed(attempt: Attempt, manifest: Manifest, output: str) -> EnvdError:
    """Return the error that an installer's failure is: for want of a wheel, or in its own words."""
    unbuilt = "" if attempt.order.build else _unbuilt(attempt, output)
    if unbuilt:
        where = located(f"{unbuilt} {output}", manifest).partition(": ")[0]
        return CapabilityMissing((Need(Capability.BUILD, where, f"{unbuilt}, of which there is no wheel,"),))
    return InstallFailed(located(attempt.installer.reason(redacted(output)), manifest), hint="envd log")


def _unbuilt(attempt: Attempt, output: str) -> str:
    diagnosis = attempt.installer.diagnose(attempt.python, attempt.order)
    return attempt.installer.unbuilt(attempt.run(diagnosis).output if diagnosis else output)


def located(reason: str, manifest: Manifest) -> str:
    """Return the reason with the place of the first requirement that it speaks of."""
    lowered = reason.lower()
    named = [(lowered.find(line.name), where) for where, line in manifest.requirements if line.name and line.name in lowered]
    return f"{min(named)[1]}: {reason}" if named else f"{manifest.path.name}: {reason}"
