"""pylock.toml (PEP 751): its groups and extras, what a marker that speaks of them comes to, and the requirements it stands for."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envd.adapters.manifests.locked import Lock, list_of, table_of
from envd.core.errors import ManifestError
from envd.core.requirements import normalized
from envd.system.files import UnreadableFile, read_regular
from envd.system.toml import BadToml, decode_toml

_LIMIT = 8 * 1024 * 1024
_MEMBERSHIP = re.compile(r"""(["'])([^"']*)\1\s+(not\s+)?in\s+(extras|dependency_groups)\b""")
# Markers have no words for true and false; these hold for every Python, and for none.
_TRUE, _FALSE = "python_version >= '3'", "python_version < '3'"


@dataclass(frozen=True, slots=True)
class Declared:
    """The groups and extras that a lock was made for, and the groups that are installed unasked."""

    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()


def declared_in(path: Path) -> Declared:
    """Return what a pylock.toml says before its packages; nothing for one that cannot be read, which its reader says."""
    try:
        head = read_regular(path, _LIMIT).partition(b"[[packages]]")[0]
        document = decode_toml(head)
    except (UnreadableFile, BadToml):
        return Declared()
    return Declared(*(_names(document.get(key)) for key in ("dependency-groups", "extras", "default-groups")))


def _names(value: Any) -> tuple[str, ...]:
    return tuple(normalized(name) for name in value if isinstance(name, str)) if isinstance(value, list) else ()


def is_out(marker: str) -> bool:
    """Return whether a settled marker holds for no Python at all."""
    return _FALSE in marker and " or " not in marker


def settled(marker: str, groups: Collection[str], extras: Collection[str]) -> str:
    """Return a marker in which the groups and extras that are taken stand as settled, for readers that know neither."""
    taken = {"dependency_groups": groups, "extras": extras}

    def answer(found: re.Match[str]) -> str:
        holds = normalized(found.group(2)) in taken[found.group(4)]
        return _TRUE if holds is not bool(found.group(3)) else _FALSE

    return _MEMBERSHIP.sub(answer, marker)


def derived(lock: Lock) -> str:
    """Return the lock as requirements with hashes, or an empty string where they could not say what it says.

    By its name alone, a package comes from the indexes of the user: one that needs leave for where it is has that for its URL.
    """
    lines: list[str] = []
    if lock.needs:
        return ""
    for package in lock.packages:
        files = [*list_of(package.table.get("wheels")), package.table.get("sdist")]
        hashes = [f"--hash={name}:{value}" for file in files for name, value in table_of(table_of(file).get("hashes")).items()]
        if "archive" in package.table or not package.version or not hashes:
            return ""
        marker = [f"; {package.marker}"] if package.marker else []
        text = " ".join([f"{package.name}=={package.version}", *marker, *hashes])
        if not text.isprintable():
            raise ManifestError(f"{package.where}: {package.name!r} is no requirement")
        lines.append(text)
    return "".join(f"{line}\n" for line in lines)
