"""pyproject.toml: what it declares (PEP 621), its groups (PEP 735), and the inert keys of [tool.envd]."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from envd.core.display import redacted
from envd.core.errors import ManifestError, ManifestUnfinished
from envd.core.requirements import Kind, Line, conflict_line, normalized, parse_requirements
from envd.system.files import UnreadableFile, read_regular
from envd.system.toml import BadToml, decode_toml

NAME = "pyproject.toml"
_LIMIT = 1024 * 1024
# What of it decides about packages: to set up a linter must not start a sync.
_DECIDING = ("project", "dependency-groups", "build-system")
_DECIDING_TOOLS = ("uv", "poetry", "pdm", "envd")


@dataclass(frozen=True, slots=True)
class Pyproject:
    """A pyproject.toml as it was read, an empty one where there is none; `shown` is its path as messages have it."""

    document: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    shown: str = NAME

    @property
    def project(self) -> Mapping[str, Any]:
        """Return the [project] table."""
        return _table(self.document.get("project"))

    @property
    def extras(self) -> Mapping[str, Any]:
        """Return the optional dependencies, by normalized name."""
        return {normalized(name): value for name, value in _table(self.project.get("optional-dependencies")).items()}

    @property
    def groups(self) -> Mapping[str, Any]:
        """Return the dependency groups, by normalized name (PEP 735)."""
        return {normalized(name): value for name, value in _table(self.document.get("dependency-groups")).items()}

    @property
    def declares(self) -> bool:
        """Return whether it declares any package at all."""
        return bool(self.project.get("dependencies") or self.extras or self.groups)

    @property
    def lists_dependencies(self) -> bool:
        """Return whether there is a list of dependencies, be it empty."""
        return isinstance(self.project.get("dependencies"), list)

    @property
    def requires_python(self) -> str:
        """Return what it says of Python."""
        value = self.project.get("requires-python")
        return value if isinstance(value, str) else ""

    def tool(self, name: str) -> Mapping[str, Any]:
        """Return the table of a tool."""
        return _table(_table(self.document.get("tool")).get(name))

    @property
    def deciding(self) -> bytes:
        """Return what of it decides about packages, in one spelling."""
        tools = {name: self.tool(name) for name in _DECIDING_TOOLS}
        parts = {name: self.document.get(name) for name in _DECIDING}
        return json.dumps([parts, tools], sort_keys=True, default=str).encode()

    def where(self, value: str, behind: str = "") -> str:
        """Return the place of a string in it, such as pyproject.toml:12: the first, or the first behind another string."""
        for start in (max(self.text.find(behind), 0), 0):
            for quoted in (f'"{value}"', f"'{value}'", value):
                found = self.text.find(quoted, start)
                if found >= 0:
                    return f"{self.shown}:{self.text.count(chr(10), 0, found) + 1}"
        return self.shown


def read_pyproject(root: Path, shown: str = NAME) -> Pyproject:
    """Return a directory's pyproject.toml; raises ManifestError naming file and line, ManifestUnfinished for conflict markers."""
    path = root / NAME
    try:
        data = read_regular(path, _LIMIT)
    except UnreadableFile as error:
        if path.exists() or path.is_symlink():
            raise ManifestError(f"{shown} {error}") from None
        return Pyproject()
    text = data.decode("utf-8", "replace")
    conflict = conflict_line(text)
    if conflict is not None:
        raise ManifestUnfinished(f"{shown}:{conflict} holds a conflict marker of git")
    try:
        return Pyproject(decode_toml(data), text, shown)
    except BadToml as error:
        raise ManifestError(f"{shown}:{error.line}: {error}") from None


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """What [tool.envd] says: the file that decides about packages, the groups that everybody takes, and keys that mean nothing."""

    manifest: str = ""
    groups: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def own_settings(pyproject: Pyproject) -> OwnSettings:
    """Return what [tool.envd] says; raises ManifestError for what it cannot say."""
    table = pyproject.tool("envd")
    manifest, groups = table.get("manifest", ""), table.get("groups", [])
    if not isinstance(manifest, str):
        raise ManifestError(f"{NAME}: tool.envd.manifest must be the name of a file")
    if not isinstance(groups, list) or not all(isinstance(name, str) for name in groups):
        raise ManifestError(f"{NAME}: tool.envd.groups must be a list of names")
    return OwnSettings(manifest, tuple(groups), tuple(key for key in table if key not in ("manifest", "groups")))


def dependencies_in(text: str) -> list[object]:
    """Return project.dependencies of the text of a pyproject.toml; raises ManifestError for what is no TOML."""
    try:
        return list(Pyproject(decode_toml(text.encode())).project.get("dependencies", []))
    except BadToml as error:
        raise ManifestError(f"{NAME}:{error.line}: {error}") from None


def declared_lines(pyproject: Pyproject, extras: tuple[str, ...], groups: tuple[str, ...]) -> list[tuple[str, Line]]:
    """Return the requirements of the project, of some of its extras and of some of its groups, each with its place.

    Raises ManifestError for what is no requirement.
    """
    found = _lines(pyproject, pyproject.project.get("dependencies"), "project.dependencies")
    for extra in extras:
        found += _lines(pyproject, pyproject.extras.get(extra), f"the extra {extra}")
    for group in groups:
        found += _group(pyproject, group, ())
    return list(dict.fromkeys(_without_itself(pyproject, found, ())))


def _without_itself(pyproject: Pyproject, lines: list[tuple[str, Line]], above: tuple[str, ...]) -> Iterator[tuple[str, Line]]:
    """Yield the lines with the project's own extras (`acme[test]` within acme) as what they list: no index is asked for them."""
    name = pyproject.project.get("name")
    for where, line in lines:
        if not isinstance(name, str) or line.name != normalized(name):
            yield where, line
            continue
        if line.marker:
            raise ManifestError(f"{where}: {line.name} asks for itself under a marker: put the marker to what that extra lists")
        for extra in map(normalized, line.extras):
            if extra not in pyproject.extras:
                raise ManifestError(f"{where}: there is no extra {extra}")
            if extra not in above:
                listed = _lines(pyproject, pyproject.extras[extra], f"the extra {extra}")
                yield from _without_itself(pyproject, listed, (*above, extra))


def _group(pyproject: Pyproject, name: str, above: tuple[str, ...]) -> list[tuple[str, Line]]:
    """Return the requirements of a group and of those that it includes (PEP 735)."""
    if name in above:
        raise ManifestError(f"{pyproject.where(name)}: the group {name} includes itself")
    entries = pyproject.groups.get(name)
    if entries is None:
        raise ManifestError(f"{pyproject.where(name)}: there is no group {name}")
    found: list[tuple[str, Line]] = []
    for entry in _list(entries, f"the group {name}"):
        included = entry.get("include-group") if isinstance(entry, Mapping) else None
        if isinstance(included, str):
            found += _group(pyproject, normalized(included), (*above, name))
        else:
            found += _lines(pyproject, [entry], f"the group {name}")
    return found


def _lines(pyproject: Pyproject, values: object, what: str) -> list[tuple[str, Line]]:
    found = []
    for value in _list(values, what):
        where = pyproject.where(value) if isinstance(value, str) else NAME
        lines = parse_requirements(value) if isinstance(value, str) and value.isprintable() else []
        # A string that held a line break or an option would become another line of what the installer is given.
        if len(lines) != 1 or lines[0].kind is not Kind.PACKAGE or lines[0].options:
            raise ManifestError(f"{where}: {redacted(repr(value))} in {what} is no requirement (PEP 508)")
        found.append((where, lines[0]))
    return found


def _list(values: object, what: str) -> list[Any]:
    if values is not None and not isinstance(values, list):
        raise ManifestError(f"{NAME}: {what} is no list")
    return values or []


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
