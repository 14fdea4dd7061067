"""What a manifest leads to in an environment, what may leave it, and what no manifest asks for."""

from __future__ import annotations

from collections.abc import Mapping

from envd.adapters.manifests import Manifest
from envd.adapters.markers import Variables, asked_by, marker_variables, needs_in
from envd.adapters.venvs import Venv, editables, installed_dists, installed_versions
from envd.core.display import redacted
from envd.core.errors import ManifestError
from envd.core.packages import TOOLING, Asked, closure, removable
from envd.core.requirements import Kind
from envd.operations.naming import with_names


def wanted_in(venv: Venv, manifest: Manifest, variables: Variables) -> set[str]:
    """Return the names of installed packages that the manifest leads to."""
    dists = installed_dists(venv)
    return closure(asked_by((line for _, line in manifest.requirements), variables), dists, needs_in(variables))


def leaving(venv: Venv, placed: Mapping[str, str], wanted: set[str], before: Mapping[str, str], variables: Variables) -> list[str]:
    """Return what envd placed and nothing asks for any more: no manifest, and no package that somebody installed by hand."""
    if not removable(placed, wanted, before):
        return []
    dists = installed_dists(venv)
    by_hand = [Asked(name) for name in dists.keys() - placed.keys() - wanted]
    return removable(placed, wanted | closure(by_hand, dists, needs_in(variables)), before)


def extra_names(venv: Venv, wanted: set[str]) -> list[str]:
    """Return what no manifest leads to; pip and its like stay, and so does what its user works on."""
    return sorted(set(installed_versions(venv)) - wanted - TOOLING - editables(venv))


def extras(venv: Venv, manifest: Manifest) -> dict[str, str]:
    """Return what no manifest leads to in an environment as it is now, with versions.

    Raises ManifestError where nobody can tell which package a line is, and so what it leads to.
    """
    manifest = with_names(venv, manifest)
    unnamed = next(((where, line) for where, line in manifest.requirements if line.kind is not Kind.PACKAGE), None)
    if unnamed:
        where, line = unnamed
        raise ManifestError(
            f"{where}: {redacted(line.text)} is no package that is installed, so nobody can tell what is extra", hint="envd sync"
        )
    wanted = wanted_in(venv, manifest, marker_variables(venv.python))
    installed = installed_versions(venv)
    return {name: installed[name] for name in extra_names(venv, wanted)}
