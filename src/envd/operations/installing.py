"""What is asked of the installer for a project, and what its failure means."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from envd.adapters.generations import outside
from envd.adapters.installers import Installer
from envd.adapters.manifests import Manifest
from envd.adapters.markers import Variables, asked_by, fits_any, marker_variables
from envd.adapters.venvs import Venv, find_venv
from envd.core.capabilities import Capability, Need, local_path, missing, target_of
from envd.core.choosing import ManifestKind
from envd.core.display import redacted
from envd.core.errors import BrokenVenv, CapabilityMissing, EnvdError, InstallFailed, ManifestError
from envd.core.order import Order
from envd.core.packages import Changes, compare
from envd.core.pyvenv import Health
from envd.core.requirements import Kind, Line, with_values
from envd.core.troubles import trouble_in
from envd.operations.context import Context
from envd.operations.packages import Packages, unfit_python
from envd.operations.survey import Survey, broken, usable_venv
from envd.system.processes import Finished, run

_NEVER = "\n"
# No more of what an installer says is searched for a place.
_MOST_SAID = 8192
Report = Callable[[str], None]
Run = Callable[[list[str]], Finished]


def silent(_line: str) -> None:
    """Report to nobody."""


def ready_to_sync(found: Survey) -> Venv:
    """Return the environment that may be looked at and synced; raises as `usable_venv` does."""
    # Under its real path: an installer writes the path it is given into the scripts it makes.
    real = find_venv(found.root, (found.venv.name,)) if found.venv is not None else None
    return usable_venv(replace(found, venv=real))


def refuse_read_only(found: Survey) -> None:
    """Raise BrokenVenv for an environment that nothing can be written to."""
    if found.venv is not None and found.venv.diagnosis.health is Health.UNSEALED:
        raise broken(found.label, found.venv)


def run_installer(venv: Venv, root: Path, command: list[str], report: Report, lock: Sequence[int] = ()) -> Finished:
    """Run a command of an installer at the project's root; raises BrokenVenv when it would not land in the environment."""
    if not (venv.path / "pyvenv.cfg").is_file():
        # Without pyvenv.cfg that Python is the base installation, and the packages would land there.
        raise BrokenVenv(f"{venv.path} lost its pyvenv.cfg", hint="envd init --clear")
    return run(command, root, lambda line: report(outside(line)), lock)


def order_for(context: Context, found: Survey, manifest: Manifest) -> Order:
    """Return what to ask the installer for.

    Raises CapabilityMissing for what the project was not allowed to do, ManifestError for a variable that is not set here.
    """
    refuse_what_is_missing(found, manifest)
    unset = next(((where, name) for where, name in manifest.variables if name not in os.environ), None)
    if unset:
        raise ManifestError(f"{unset[0]}: ${{{unset[1]}}} is not set here", hint=f"export {unset[1]}=…, then: envd sync")
    return Order(
        files=_files(context, found, manifest),
        build=Capability.BUILD in found.trust.capabilities,
        kind=manifest.choice.kind,
        groups=manifest.groups.groups,
        extras=manifest.groups.extras,
        complete=manifest.choice.kind is ManifestKind.PYLOCK and bool(manifest.derived),
        variables=tuple(dict.fromkeys((*(name for _, name in manifest.variables), *_set(manifest.credentials)))),
        pinned=manifest.is_pinned,
        names_index=manifest.names_index,
    )


def _set(names: Iterable[str]) -> Iterator[str]:
    return (name for name in names if name in os.environ)


def _files(context: Context, found: Survey, manifest: Manifest) -> tuple[str, ...]:
    if manifest.derived:
        return (str(context.store.write_derived(str(found.root), manifest.derived)),)
    if manifest.choice.kind is not ManifestKind.REQUIREMENTS:
        return (manifest.choice.name,)
    if manifest.flat:
        # Paths in them are read from the root, where an installer runs.
        constraints, asked = (_flat(manifest, constrains=one) for one in (True, False))
        context.store.write_derived(str(found.root), constraints, "constraints.txt")
        return (str(context.store.write_derived(str(found.root), f"-c constraints.txt\n{asked}")),)
    return tuple(dict.fromkeys((manifest.choice.name, *manifest.groups.files)))


def _flat(manifest: Manifest, *, constrains: bool) -> str:
    """Return what constrains or the rest, in lines that uv reads too; a URL, which may hold credentials, keeps its variables."""
    lines = [line for is_so, line in manifest.flat if is_so is constrains]
    named = (line.kind is Kind.PACKAGE and "://" not in line.text for line in lines)
    texts = (with_values(line.text, os.environ) if is_so else line.text for line, is_so in zip(lines, named, strict=True))
    return "".join(f"{text}\n" for text in texts)


def unreadable(packages: Packages) -> ManifestError:
    """Return the error that a manifest is which cannot be used as it is."""
    file = packages.problem.partition(" ")[0].rstrip(":").partition(":")[0]
    return ManifestError(packages.problem, hint=packages.remedy or f"mend {file}, then: envd sync")


def refuse_unfit_python(manifest: Manifest, venv: Venv) -> None:
    """Raise BrokenVenv when the environment has another Python than the manifest asks for."""
    unfit = unfit_python(manifest, venv)
    if unfit:
        raise BrokenVenv(unfit, hint="envd init --clear --python VERSION")


def refuse_unfit_environment(manifest: Manifest, variables: Variables) -> None:
    """Raise ManifestError when a lock was made for other machines or Pythons than this one."""
    if not fits_any(manifest.environments, variables):
        asked = " or ".join(f"({marker})" for marker in manifest.environments)
        raise ManifestError(
            f"{manifest.choice.name}: it was made for {asked}, which this Python here is not", hint="lock the project for it, too"
        )


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


def install(attempt: Attempt) -> Finished:
    """Return how the installer ended; where all is pinned and cached, no index is asked and no network is needed."""
    if attempt.order.pinned and attempt.installer.knows_offline:
        finished = attempt.run(attempt.installer.install(attempt.python, replace(attempt.order, offline=True)))
        if finished.code == 0:
            return finished
    return attempt.run(attempt.installer.install(attempt.python, attempt.order))


def foresee(attempt: Attempt, manifest: Manifest, installed: dict[str, str]) -> Changes:
    """Return what the installer would add and change; raises EnvdError when it finds no way.

    Of one that has no dry run, the pins of its lock that apply here are taken.
    """
    if not attempt.installer.foresees:
        names = {item.name for item in asked_by((line for _, line in manifest.requirements), marker_variables(attempt.python))}
        pins = {
            line.name: line.value.partition("==")[2]
            for _, line in manifest.requirements
            if line.name in names and "==" in line.value
        }
        return compare({name: version for name, version in installed.items() if name in pins}, pins)
    finished = attempt.run(attempt.installer.preview(attempt.python, attempt.order))
    if finished.code != 0:
        raise why_failed(attempt, manifest, finished.output)
    return attempt.installer.read_preview(finished.output, installed)


def why_failed(attempt: Attempt, manifest: Manifest, output: str) -> EnvdError:
    """Return the error that an installer's failure is: for want of a wheel, or in its own words."""
    unbuilt = "" if attempt.order.build else _unbuilt(attempt, output)
    if unbuilt:
        own = next((where for where, line in manifest.requirements if line.name == unbuilt), "")
        where = own or _place(output, manifest)
        return CapabilityMissing((Need(Capability.BUILD, where, f"{unbuilt}, of which there is no wheel,"),))
    reason = attempt.installer.reason(redacted(output))
    trouble = trouble_in(output, reason, manifest.credentials)
    if trouble is not None:
        return InstallFailed(trouble.what, hint=trouble.hint)
    reason = located(reason, manifest)
    where = reason.partition(": ")[0]
    return InstallFailed(reason, hint=f"mend {where}, then: envd sync; all that was said: envd log")


def _unbuilt(attempt: Attempt, output: str) -> str:
    diagnosis = attempt.installer.diagnose(attempt.python, attempt.order, output)
    return attempt.installer.unbuilt(attempt.run(diagnosis).output if diagnosis else output)


def located(reason: str, manifest: Manifest) -> str:
    """Return the reason with the place that it is about."""
    return f"{_place(reason, manifest)}: {reason}"


def _place(reason: str, manifest: Manifest) -> str:
    """Return the place that a reason names itself, else that of the first line it quotes, else of the first package it names."""
    reason = reason[:_MOST_SAID]
    for file in manifest.files:
        # uv's way to say where: file, line and column.
        said = re.search(rf"(?<!\S){re.escape(file.path)}:(\d+):\d+", reason)
        if said is not None:
            return f"{file.path}:{said.group(1)}"
    plain = "".join(reason.lower().split())
    lines = [*manifest.requirements, *manifest.constraints]
    quoted = [(plain.find(_quoted(line)), where) for where, line in lines if _quoted(line) in plain]
    named = [(plain.find(line.name), where) for where, line in manifest.requirements if line.name and line.name in plain]
    return min(quoted or named, default=(0, manifest.choice.name))[1]


def _quoted(line: Line) -> str:
    """Return what an installer quotes of a line: a requirement that is more than a name, the end of a path or a URL."""
    if line.kind is Kind.PACKAGE and "@" not in line.value:
        text = re.split(r";|\s--", line.value)[0]
        return "".join(text.lower().split()) if text.strip().lower() != line.name else _NEVER
    return (local_path(target_of(line)) or target_of(line)).removeprefix(".").rstrip("/").lower() or _NEVER
