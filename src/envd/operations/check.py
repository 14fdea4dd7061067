"""Looking a clone over before it takes the environment's place: whole packages, metadata that can be read, needs that are met."""

from __future__ import annotations

from dataclasses import dataclass

from envd.adapters.manifests import Manifest
from envd.adapters.markers import Variables, asked_by, conflicts, needs_in, parsed
from envd.adapters.venvs import Venv, installed_dists, installed_marks, look_at_infos, missing_files
from envd.core.damage import Damage, find_damage
from envd.core.errors import EnvdError, InstallFailed
from envd.core.packages import Changes
from envd.core.reasons import plan_lines, reasons
from envd.core.records import Planned
from envd.core.requirements import Kind


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: conflicts that were not there before, and why each change is made."""

    conflicts: tuple[str, ...] = ()
    plan: tuple[Planned, ...] = ()


def damage_in(venv: Venv) -> list[Damage]:
    """Return what is wrong with the metadata of the packages of an environment."""
    return find_damage(look_at_infos(venv))


def ailments(venv: Venv) -> list[str]:
    """Return what is wrong with the packages of an environment, down to what can be imported, a line each."""
    return [*map(str, damage_in(venv)), *(f"{name} lacks {path}" for name, path in _lost_modules(venv).items())]


def look_over(old: Venv, new: Venv, installer: str) -> None:
    """Raise InstallFailed when the installer left a package half installed; damage from before is no fault of its."""
    found = damage_in(new)
    before = {(one.directory, one.what) for one in damage_in(old)} if found else set()
    fresh = [str(one) for one in found if (one.directory, one.what) not in before]
    if fresh:
        more = f" and {len(fresh) - 1} more" if len(fresh) > 1 else ""
        raise InstallFailed(f"{installer} left the packages half installed: {fresh[0]}{more}", hint="envd log")


def blame(error: EnvdError, venv: Venv) -> EnvdError:
    """Return what an installer failed with, and the damage from before that may have led to it, with the way to mend that."""
    damaged = damage_in(venv) if isinstance(error, InstallFailed) else []
    return InstallFailed(f"{error}; damaged from before: {damaged[0]}", hint="envd sync --mend") if damaged else error


def incomplete(old: Venv, new: Venv, *, all_of_them: bool = False) -> dict[str, tuple[str, str]]:
    """Return the packages, those that were installed since or all, that lack a file which their RECORD lists: version and file.

    pip removes a script that moved to another package in the same upgrade.
    """
    marks, after = installed_marks(old), installed_marks(new)
    names = [name for name, mark in after.items() if all_of_them or marks.get(name) != mark]
    return {name: (after[name][0], path) for name, path in missing_files(new, names)}


def _lost_modules(venv: Venv) -> dict[str, str]:
    """Return the packages that lack something to import which their RECORD lists, each with the first such file."""
    lost: dict[str, str] = {}
    for name, path in missing_files(venv, installed_marks(venv).keys()):
        if path.endswith((".py", ".so", ".pyd")):
            lost.setdefault(name, path)
    return lost


def explain(old: Venv, new: Venv, manifest: Manifest, changes: Changes, variables: Variables) -> Checked:
    """Return what pip check would say that it would not have said before, and why each package is changed."""
    after = installed_dists(new)
    unmet = conflicts(after, variables)
    known = set(conflicts(installed_dists(old), variables)) if unmet else set()
    asked = [(where, item) for where, line in manifest.requirements if line.name for item in asked_by([line], variables)]
    why = reasons(asked, after, needs_in(variables))
    # Some megabytes of a large environment, which the daemon does not need any more.
    parsed.cache_clear()
    unnamed = ", ".join(where for where, line in manifest.requirements if line.kind is Kind.UNNAMED)
    return Checked(tuple(line for line in unmet if line not in known), plan_lines(changes, why, unnamed))
