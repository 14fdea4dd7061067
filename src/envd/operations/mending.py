"""What a sync does beyond installing: damaged packages, and those that lack files, are installed anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from envd.adapters.installers import Installer
from envd.adapters.venvs import Venv, direct_origins, installed_versions, remove_info, remove_set_aside
from envd.core.damage import Damage
from envd.core.display import redacted
from envd.core.errors import InstallFailed
from envd.core.order import Order
from envd.operations.check import damage_in, incomplete
from envd.system.processes import Finished


@dataclass(frozen=True, slots=True)
class Bench:
    """A clone that is worked on, the environment that it was made from, and with what: `run` runs a command of the installer."""

    clone: Venv
    original: Venv
    installer: Installer
    order: Order
    run: Callable[[list[str]], Finished]


def take_out_damaged(venv: Venv) -> list[Damage]:
    """Take the metadata of damaged packages out of a clone, for they count as installed, and what pip set aside; returns them."""
    damaged = damage_in(venv)
    for found in damaged:
        remove_info(venv, found.directory)
    if any(found.is_set_aside for found in damaged):
        remove_set_aside(venv)
    return damaged


def complete(bench: Bench, damaged: list[Damage], *, everything: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Install anew what lacks files, and what was damaged and is asked for by no manifest.

    Returns what was mended, and what still lacks files: that was made so, for not every RECORD tells the truth. Looked at
    is what was installed just now, where nothing was amiss before, or `everything`. Raises InstallFailed where `everything`
    is to be whole and cannot be; what came from no index (PEP 610) is never replaced by what an index has under that name.
    """
    lost = {name: version for name, (version, _) in _incomplete(bench, everything).items()}
    there = installed_versions(bench.clone)
    taken_out = {found.name: found.version for found in damaged if found.version and not found.is_set_aside}
    lost.update({name: version for name, version in taken_out.items() if name not in there})
    removed = tuple(found.directory for found in damaged if found.is_set_aside)
    if not lost:
        return (*_versions(taken_out), *removed), ()
    origins = {**direct_origins(bench.original), **direct_origins(bench.clone)}
    elsewhere = {name: str(origins[name].get("url", "")) for name in sorted(lost.keys() & origins.keys())}
    if everything and elsewhere:
        name, url = next(iter(elsewhere.items()))
        raise InstallFailed(
            f"{name} is damaged and came from {redacted(url)}, not from an index", hint=f"install {name} again from there"
        )
    _reinstall(bench, {name: version for name, version in lost.items() if name not in elsewhere}, everything)
    lacking = _incomplete(bench, everything)
    whole = {name: version for name, version in {**taken_out, **lost}.items() if everything and name not in lacking}
    return (*_versions(whole), *removed), tuple(f"{name} lacks {path}" for name, (_, path) in lacking.items())


def _versions(packages: Mapping[str, str]) -> list[str]:
    return [f"{name} {version}" for name, version in sorted(packages.items())]


def _reinstall(bench: Bench, lost: dict[str, str], everything: bool) -> None:
    if lost:
        finished = bench.run(bench.installer.reinstall(bench.clone.python, bench.order, lost))
        if everything and finished.code != 0:
            reason = bench.installer.reason(redacted(finished.output))
            raise InstallFailed(f"{', '.join(sorted(lost))} cannot be mended: {reason}", hint="envd log")


def _incomplete(bench: Bench, everything: bool) -> dict[str, tuple[str, str]]:
    return incomplete(bench.original, bench.clone, all_of_them=everything)
