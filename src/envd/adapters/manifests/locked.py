"""What a lock file holds, as values: its packages, what they need, and how TOML and JSON are read without trusting them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from envd.core.capabilities import Need
from envd.core.requirements import Kind, Line, normalized


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock: where it stands, its name and version, and the table that says where it comes from."""

    where: str
    name: str
    version: str
    table: Mapping[str, Any]
    group: str = ""
    marker: str = ""

    @property
    def line(self) -> Line:
        """Return it as a requirement."""
        number = int(self.where.rpartition(":")[2])
        pin = f"{self.name}=={self.version}" if self.version else self.name
        return Line(number, Kind.PACKAGE, pin, normalized(self.name), marker=self.marker)


@dataclass(slots=True)
class Lock:
    """What a lock holds."""

    packages: list[Locked] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    requires_python: str = ""
    environments: tuple[str, ...] = ()
    derived: str = ""

    @property
    def own(self) -> list[Locked]:
        """Return the packages of uv.lock that are the project itself."""
        return [
            package for package in self.packages if table_of(package.table.get("source")) in ({"virtual": "."}, {"editable": "."})
        ]

    def asked(self, groups: Collection[str], extras: Collection[str]) -> list[tuple[str, Line]]:
        """Return what is asked for first of all: by the project itself where the lock says so (uv), else all packages."""
        taken = self.own or [package for package in self.packages if package.group in ("", *groups)]
        found = [(package.where, package.line) for package in taken]
        for package in self.own:
            table = package.table
            entries = list_of(table.get("dependencies"))
            for section, names in (("dev-dependencies", groups), ("optional-dependencies", extras)):
                wanted = {normalized(name): entry for name, entry in table_of(table.get(section)).items()}
                entries = entries + [entry for name in names for entry in list_of(wanted.get(name))]
            found.extend((package.where, _asked_line(table_of(entry))) for entry in entries)
        return found


def _asked_line(entry: Mapping[str, Any]) -> Line:
    name, marker = str(entry.get("name", "")), str(entry.get("marker", ""))
    extras = tuple(extra for extra in list_of(entry.get("extra")) if isinstance(extra, str))
    return Line(1, Kind.PACKAGE, name, normalized(name), extras, marker)


def marker_of(table: Mapping[str, Any]) -> str:
    """Return the marker of an entry, which two spellings of its key may hold."""
    value = table.get("markers", table.get("marker", ""))
    return value if isinstance(value, str) else ""


def table_of(value: object) -> Mapping[str, Any]:
    """Return a table, an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def list_of(value: object) -> list[Any]:
    """Return a list, an empty one for anything else."""
    return value if isinstance(value, list) else []
