"""uv.lock beside what it was made from: whether each pyproject.toml still asks for what the lock says that it asked for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from envd.adapters.manifests.locked import Lock, Locked, list_of, table_of
from envd.adapters.manifests.pyproject import NAME, Pyproject, read_pyproject
from envd.core.display import printable, redacted
from envd.core.errors import ManifestError
from envd.core.freshness import Ask, clauses_of, first_gone, first_unknown, keeps_marker
from envd.core.requirements import Kind, normalized, parse_requirements

_OF_EXTRA = re.compile(r"(?:\s+and\s+)?\bextra == '([^']*)'")
_HEAD = re.compile(r"[A-Za-z0-9._-]+\s*(\[[^\]]*\])?")
# An entry with another key says where its package comes from, and that in the place of a specifier.
_PLAIN_KEYS = frozenset(("name", "specifier", "marker", "extras", "index"))
# These builders of metadata hand specifiers on as they are; poetry-core has clauses of its own for `~=`.
_FAITHFUL = ("hatchling.build", "setuptools.build_meta", "flit_core.buildapi", "pdm.backend", "uv_build")
_KEYS = {"": "dependencies", "extra": "optional-dependencies", "group": "dependency-groups"}


@dataclass(frozen=True, slots=True)
class _Asks:
    """What is asked for, by section: "", "extra NAME", "group NAME". Of the names that are `unsure` nothing can be said."""

    sections: dict[str, list[Ask]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)

    def sure(self, section: str, unsure: set[str]) -> list[Ask]:
        return [ask for ask in self.sections.get(section, []) if ask.name not in unsure]


def refuse_an_old_lock(root: Path, document: Mapping[str, Any], lock: Lock, pyproject: Pyproject, text: str) -> None:
    """Raise ManifestError where uv.lock and a pyproject.toml that it was made from differ: `uv sync --frozen` would not say so.

    Those are the project's own, those of the members of its workspace, and those of local projects.
    """
    manifest = table_of(document.get("manifest"))
    members = {normalized(name) for name in list_of(manifest.get("members")) if isinstance(name, str)}
    if not pyproject.project and "dependency-groups" in manifest:
        # The root of a workspace, which is no package itself.
        package = Locked("uv.lock:1", "", "", {"metadata": {"requires-dev": manifest["dependency-groups"]}})
        _compare(package, _Reader(pyproject, pyproject, lock.requires_python), text)
    for package in lock.packages:
        path = _directory(package)
        here = pyproject if path == "." else _beside(root, path) if path else Pyproject()
        if here.project:
            with_groups = path == "." or normalized(package.name) in members
            _compare(package, _Reader(here, pyproject, lock.requires_python, with_groups), text)


def _directory(package: Locked) -> str:
    """Return the directory of a local project, '' for all else and where the lock does not note what it asked for."""
    source = table_of(package.table.get("source"))
    path = next((source[kind] for kind in ("virtual", "editable", "directory") if isinstance(source.get(kind), str)), "")
    return path if "metadata" in package.table or not package.table.keys() & {"dependencies", "optional-dependencies"} else ""


def _beside(root: Path, path: str) -> Pyproject:
    return read_pyproject(Path(os.path.normpath(root / path)), os.path.normpath(os.path.join(path, NAME)))


def _compare(package: Locked, reader: _Reader, text: str) -> None:
    asked, known = reader.asks(), _known(package, with_groups=reader.with_groups)
    unsure = {*asked.unsure, *known.unsure, normalized(package.name)}
    for section in dict.fromkeys((*asked.sections, *known.sections)):
        if not reader.is_sure_of(section):
            continue
        ours, theirs = asked.sure(section, unsure), known.sure(section, unsure)
        new = first_unknown(ours, theirs)
        if new is not None:
            where = reader.pyproject.where(new.text, _KEYS[section.partition(" ")[0]])
            raise ManifestError(f"{where}: uv.lock does not know {redacted(repr(new.text))} yet", hint="uv lock")
        # An extra that asks for others of its own project may stand in the lock as what those list.
        own = [ask for other in reader.own_extras(section) for ask in asked.sure(f"extra {other}", unsure)]
        gone = first_gone(theirs, ours + own)
        if gone is not None:
            where = _line_of(package, section, gone.name, text)
            raise ManifestError(
                f"{where}: {reader.pyproject.shown} does not ask for {printable(gone.name)} any more", hint="uv lock"
            )


def _line_of(package: Locked, section: str, name: str, text: str) -> str:
    """Return the place of what a package asked for in a section, else that of the package."""
    shown, _, number = package.where.rpartition(":")
    kind, _, part = section.partition(" ")
    first = f"{part} = [" if kind == "group" else "requires-dist = ["
    is_metadata = is_there = False
    for at, line in enumerate(text.splitlines()[int(number) :], int(number) + 1):
        is_metadata = is_metadata or line.startswith(("[package.metadata", "[manifest.dependency-groups"))
        is_there = is_there or (is_metadata and line.startswith(first))
        is_elsewhere = f"extra == '{part}'" not in line if kind == "extra" else "extra == " in line
        if is_there and f'name = "{name}"' in line and not is_elsewhere:
            return f"{shown}:{at}"
    return package.where


# -- what the lock says


def _known(package: Locked, *, with_groups: bool) -> _Asks:
    known = _Asks()
    metadata = table_of(package.table.get("metadata"))
    for entry in map(table_of, list_of(metadata.get("requires-dist"))):
        extras = set(_OF_EXTRA.findall(str(entry.get("marker", ""))))
        if len(extras) > 1:
            known.unsure.add(normalized(str(entry.get("name"))))
        for section in [f"extra {normalized(extra)}" for extra in extras] or [""]:
            known.sections.setdefault(section, []).append(_locked_ask(entry))
    for group, entries in table_of(metadata.get("requires-dev")).items() if with_groups else ():
        known.sections[f"group {normalized(group)}"] = [_locked_ask(table_of(entry)) for entry in list_of(entries)]
    return known


def _locked_ask(entry: Mapping[str, Any]) -> Ask:
    extras = frozenset(normalized(extra) for extra in list_of(entry.get("extras")) if isinstance(extra, str))
    is_plain = entry.keys() <= _PLAIN_KEYS
    is_marked = bool(_OF_EXTRA.sub("", str(entry.get("marker", ""))).strip())
    clauses = clauses_of(str(entry.get("specifier", ""))) if is_plain else None
    return Ask(normalized(str(entry.get("name"))), extras, clauses, is_marked)


# -- what pyproject.toml says


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads what a project asks for as uv does; `root` is that of its workspace, whose sources are for all of its members."""

    pyproject: Pyproject
    root: Pyproject
    requires_python: str
    with_groups: bool = True

    @property
    def _is_built(self) -> bool:
        """Return whether what it asks for may come from its build backend, in whose words the lock then has it."""
        return bool(self.pyproject.project.get("dynamic") or self.pyproject.tool("poetry"))

    @property
    def _sourced(self) -> frozenset[str]:
        sources = (table_of(one.tool("uv").get("sources")) for one in (self.pyproject, self.root))
        return frozenset(normalized(name) for table in sources for name in table)

    def is_sure_of(self, section: str) -> bool:
        """Return whether pyproject.toml alone says what is asked for there."""
        key, project = _KEYS[section.partition(" ")[0]], self.pyproject.project
        return section.startswith("group ") or (
            key not in list_of(project.get("dynamic")) and (key in project or not self._is_built)
        )

    def asks(self) -> _Asks:
        """Return what is asked for."""
        asked = _Asks()
        for section, values in self._sections():
            asked.sections[section] = [ask for value in values if (ask := self._ask(section, value, asked.unsure)) is not None]
        return asked

    def own_extras(self, section: str, above: tuple[str, ...] = ()) -> Iterator[str]:
        """Yield the project's own extras that a section asks for, and those that they ask for."""
        name = normalized(str(self.pyproject.project.get("name", "")))
        values = next((values for one, values in self._sections() if one == section), [])
        lines = (line for value in values for line in parse_requirements(value) if line.name == name)
        for extra in (normalized(extra) for line in lines for extra in line.extras):
            if extra not in above:
                yield extra
                yield from self.own_extras(f"extra {extra}", (*above, extra))

    def _sections(self) -> Iterator[tuple[str, list[str]]]:
        yield "", _strings(self.pyproject.project.get("dependencies"))
        for extra, values in self.pyproject.extras.items():
            yield f"extra {extra}", _strings(values)
        older = _strings(self.pyproject.tool("uv").get("dev-dependencies")) if self.with_groups else []
        for group in dict.fromkeys((*self.pyproject.groups, *(["dev"] if older else []))) if self.with_groups else ():
            yield f"group {group}", [*self._listed(group, ()), *(older if group == "dev" else [])]

    def _listed(self, group: str, above: tuple[str, ...]) -> Iterator[str]:
        for entry in list_of(self.pyproject.groups.get(group)) if group not in above else ():
            included = table_of(entry).get("include-group")
            yield from self._listed(normalized(included), (*above, group)) if isinstance(included, str) else _strings([entry])

    def _ask(self, section: str, value: str, unsure: set[str]) -> Ask | None:
        lines = parse_requirements(value)
        if len(lines) != 1 or lines[0].kind is not Kind.PACKAGE or "extra" in lines[0].marker:
            # It is for uv to say what is wrong with that.
            unsure.update(normalized(found.group()) for found in [re.match(r"[A-Za-z0-9._-]+", value)] if found)
            return None
        line, requirement = lines[0], value.partition(";")[0].strip()
        is_url, is_grouped = "@" in requirement, section.startswith("group ")
        is_built = self._is_built and not is_grouped
        backend = table_of(self.pyproject.document.get("build-system")).get("build-backend")
        is_written_alike = not is_url and (not is_built or backend in _FAITHFUL)
        clauses = clauses_of(_HEAD.sub("", requirement, count=1)) if is_written_alike else None
        # A source may have a marker of its own, and so has a group of which uv is told for which Python it is.
        has_more = line.name in self._sourced or (is_grouped and "dependency-groups" in self.pyproject.tool("uv"))
        is_marked = None if is_url or is_built or has_more else keeps_marker(line.marker, self.requires_python)
        return Ask(line.name, frozenset(map(normalized, line.extras)), clauses, is_marked, value)


def _strings(values: object) -> list[str]:
    return [value for value in list_of(values) if isinstance(value, str)]
