"""Damage in an environment: packages that an installer which was cut off left half installed (PEP 376, PEP 627)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# What every installer writes; RECORD comes last with uv, INSTALLER with pip.
_PARTS = ("METADATA", "RECORD", "INSTALLER")


@dataclass(frozen=True, slots=True)
class Info:
    """One dist-info directory: what its name says, the files in it, and what its METADATA says of name and version."""

    directory: str
    name: str
    version: str
    files: frozenset[str]
    said_name: str
    said_version: str


@dataclass(frozen=True, slots=True)
class Damage:
    """One package that is not whole: its dist-info directory, the package, and what is wrong with it."""

    directory: str
    name: str
    version: str
    what: str

    @property
    def is_set_aside(self) -> bool:
        """Return whether it is no package any more but what pip left of one."""
        return self.directory.startswith("~")

    def __str__(self) -> str:
        return f"{self.name} {self.version} {self.what}".replace("  ", " ")


def find_damage(infos: Iterable[Info]) -> list[Damage]:
    """Return what is wrong with the packages of an environment, a line each, in the order of their names."""
    listed = sorted(infos, key=lambda info: (info.name, info.directory))
    names = [info.name for info in listed]
    found = []
    for info in listed:
        what = _ailment(info) or ("is there twice" if names.count(info.name) > 1 else "")
        if what:
            found.append(Damage(info.directory, info.name, info.version, what))
    return found


def _ailment(info: Info) -> str:
    if info.directory.startswith("~"):
        return "is what pip set aside to remove it"
    missing = [part for part in _PARTS if part not in info.files]
    if missing:
        return f"has no {missing[0]}"
    if info.said_name != info.name:
        return "has metadata of no package" if not info.said_name else f"has metadata of {info.said_name}"
    return "" if info.said_version else "has metadata without a version"
