"""Which package a line is that names none: what was installed from that very URL or path says so (PEP 610)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from envd.adapters.manifests import Manifest
from envd.adapters.venvs import Venv, direct_origins
from envd.core.capabilities import extras_of, index_identity, local_path, target_of
from envd.core.requirements import Kind, Line


def with_names(venv: Venv, manifest: Manifest) -> Manifest:
    """Return a manifest with the names of its lines that say a URL or a path alone, so far as the packages of `venv` tell.

    A line stays as it is where none or more than one of them came from there.
    """
    if manifest.is_fully_named:
        return manifest
    origins = {name: _identity(str(origin.get("url", "")), ()) for name, origin in direct_origins(venv).items()}

    def told(where: str, line: Line) -> Line:
        if line.kind is not Kind.UNNAMED or not target_of(line):
            return line
        beside = manifest.root / where.rpartition(":")[0]
        # From the root as uv and from its own file as pip reads it.
        sources = _identity(target_of(line), (manifest.root, beside.parent))
        names = [name for name, origin in origins.items() if origin & sources]
        return replace(line, kind=Kind.PACKAGE, name=names[0], extras=extras_of(line)) if len(names) == 1 else line

    return replace(manifest, requirements=tuple((where, told(where, line)) for where, line in manifest.requirements))


def _identity(target: str, directories: Iterable[Path]) -> frozenset[str]:
    """Return what two spellings of one source share: real paths for what is here, one URL for what is elsewhere."""
    path = local_path(target)
    if path:
        return frozenset(os.path.realpath(directory / path) for directory in directories or (Path("/"),))
    address = target.partition("+")[2] if "+" in target.partition(":")[0] else target
    head, slash, last = address.rpartition("/")
    # The revision of a repository stands behind its last name.
    address = f"{head}{slash}{last.partition('@')[0] or last}"
    return frozenset({index_identity(address)}) if address else frozenset()
