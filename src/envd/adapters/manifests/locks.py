"""Lock files: uv.lock, pylock.toml (PEP 751), poetry.lock, pdm.lock and Pipfile.lock, each as the packages that it pins."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from envd.adapters.manifests.formats import refuse_unknown_format
from envd.adapters.manifests.model import Groups
from envd.adapters.manifests.pylock import is_out, settled
from envd.adapters.manifests.pyproject import Pyproject
from envd.adapters.manifests.requirements import Closure
from envd.core.capabilities import Capability, Need, Place, file_hosts, host_of, index_identity, needs_of_target
from envd.core.choosing import ManifestKind
from envd.core.display import redacted
from envd.core.errors import ManifestError
from envd.core.requirements import Kind, Line, normalized
from envd.system.toml import BadToml, decode_toml

_SOURCES = ("vcs", "directory", "archive")


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
    derived: str = ""

    @property
    def own(self) -> list[Locked]:
        """Return the packages of uv.lock that are the project itself."""
        return [
            package for package in self.packages if _table(package.table.get("source")) in ({"virtual": "."}, {"editable": "."})
        ]

    def asked(self, groups: Collection[str], extras: Collection[str]) -> list[tuple[str, Line]]:
        """Return what is asked for first of all: by the project itself where the lock says so (uv), else all packages."""
        taken = self.own or [package for package in self.packages if package.group in ("", *groups)]
        found = [(package.where, package.line) for package in taken]
        for package in self.own:
            table = package.table
            entries = _list(table.get("dependencies"))
            for section, names in (("dev-dependencies", groups), ("optional-dependencies", extras)):
                wanted = {normalized(name): entry for name, entry in _table(table.get(section)).items()}
                entries = entries + [entry for name in names for entry in _list(wanted.get(name))]
            found.extend((package.where, _asked_line(_table(entry))) for entry in entries)
        return found


def _asked_line(entry: Mapping[str, Any]) -> Line:
    name, marker = str(entry.get("name", "")), str(entry.get("marker", ""))
    extras = tuple(extra for extra in _list(entry.get("extra")) if isinstance(extra, str))
    return Line(1, Kind.PACKAGE, name, normalized(name), extras, marker)


def read_lock(closure: Closure, path: Path, kind: ManifestKind, pyproject: Pyproject, groups: Groups) -> Lock:
    """Return what a lock holds; raises ManifestError naming file and line, and for one older than its pyproject.toml.

    Of the groups, pylock.toml says in its markers what belongs to them.
    """
    shown = closure.shown(path)
    text = closure.text(path, shown, shown)
    if kind is ManifestKind.PIPENV_LOCK:
        return _pipenv(closure, shown, text)
    try:
        document = decode_toml(text.encode())
    except BadToml as error:
        raise ManifestError(f"{shown}:{error.line}: {error}") from None
    refuse_unknown_format(document, kind, shown)
    key = "packages" if kind is ManifestKind.PYLOCK else "package"
    lock = Lock(list(_packages(document, shown, text, key)))
    value = document.get("requires-python")
    lock.requires_python = value if isinstance(value, str) else ""
    if kind is ManifestKind.PYLOCK:
        told = [replace(one, marker=settled(one.marker, groups.groups, groups.extras)) for one in lock.packages]
        lock.packages = [one for one in told if not is_out(one.marker)]
    reader = _READERS[kind]
    for package in lock.packages:
        place = Place(package.where, str(path.parent), str(closure.root), closure.indexes)
        lock.needs.extend(reader(closure, package, place))
    if kind is ManifestKind.UV_LOCK:
        _refuse_an_old_one(lock, pyproject)
    lock.derived = _derived(lock) if kind is ManifestKind.PYLOCK else ""
    return lock


def _packages(document: Mapping[str, Any], shown: str, text: str, key: str) -> Iterator[Locked]:
    entries = document.get(key, [])
    if not isinstance(entries, list):
        raise ManifestError(f"{shown}: {key} is no list of tables")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == f"[[{key}]]"]
    numbers = lines if len(lines) == len(entries) else [1] * len(entries)
    for number, entry in zip(numbers, entries, strict=True):
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if not isinstance(name, str):
            raise ManifestError(f"{shown}:{number}: a package has no name")
        version = entry.get("version", "")
        yield Locked(f"{shown}:{number}", name, version if isinstance(version, str) else "", entry, marker=_marker(entry))


# -- where packages come from


def _of_uv(closure: Closure, package: Locked, place: Place) -> list[Need]:
    source = _table(package.table.get("source"))
    kind, value = next(iter(source.items()), ("", ""))
    if not isinstance(value, str) or kind == "virtual":
        return []
    what = f"{package.name} from {value}"
    if kind == "registry":
        return _of_index(value, place) or _of_files(package, place)
    if kind == "git":
        return [_need(Capability.BUILD, place, what)]
    if kind in ("editable", "directory"):
        closure.look_at_local(value, Path(place.directory))
        return list(needs_of_target(posixpath.join(".", value), what, place))
    return list(needs_of_target(value, what, place))


def _of_pylock(closure: Closure, package: Locked, place: Place) -> list[Need]:
    if "vcs" in package.table:
        return [_need(Capability.BUILD, place, f"{package.name} from a repository")]
    for key in ("directory", "archive"):
        table = _table(package.table.get(key))
        target = table.get("url") or table.get("path")
        if isinstance(target, str):
            closure.look_at_local(target if "://" not in target else "", Path(place.directory))
            return list(needs_of_target(target, f"{package.name} from {target}", place))
    index = package.table.get("index")
    return (_of_index(index, place) if isinstance(index, str) else []) or _of_files(package, place)


def _of_poetry(_closure: Closure, package: Locked, place: Place) -> list[Need]:
    source = _table(package.table.get("source"))
    kind, url = source.get("type"), source.get("url")
    if not isinstance(url, str) or kind is None:
        return []
    if kind == "legacy":
        return _of_index(url, place)
    if kind == "git":
        return [_need(Capability.BUILD, place, f"{package.name} from {url}")]
    return list(needs_of_target(url, f"{package.name} from {url}", place))


def _of_pdm(_closure: Closure, package: Locked, place: Place) -> list[Need]:
    for key in ("git", "hg", "svn", "bzr"):
        if key in package.table:
            return [_need(Capability.BUILD, place, f"{package.name} from {package.table[key]}")]
    target = package.table.get("url") or package.table.get("path")
    if isinstance(target, str):
        return list(needs_of_target(target, f"{package.name} from {target}", place))
    return _of_files(package, place)


_READERS: dict[ManifestKind, Callable[[Closure, Locked, Place], list[Need]]] = {
    ManifestKind.UV_LOCK: _of_uv,
    ManifestKind.PYLOCK: _of_pylock,
    ManifestKind.POETRY_LOCK: _of_poetry,
    ManifestKind.PDM_LOCK: _of_pdm,
}


def _of_index(url: str, place: Place) -> list[Need]:
    return [] if index_identity(url) in place.indexes else [_need(Capability.INDEX, place, f"the index {url}")]


def _of_files(package: Locked, place: Place) -> list[Need]:
    """Return what wheels at other hosts than those of the user's indexes ask for, and wheels that are files."""
    hosts = file_hosts(place.indexes)
    for wheel in _list(package.table.get("wheels")) + _list(package.table.get("files")):
        url, path = _table(wheel).get("url"), _table(wheel).get("path")
        if isinstance(url, str) and host_of(url) not in hosts:
            return [_need(Capability.INDEX, place, f"{package.name} from {url}")]
        if isinstance(path, str):
            return list(needs_of_target(path, f"{package.name} from {path}", place))
    return []


def _need(capability: Capability, place: Place, what: str) -> Need:
    return Need(capability, place.where, redacted(what))


# -- the kinds


def _refuse_an_old_one(lock: Lock, pyproject: Pyproject) -> None:
    """Raise ManifestError where pyproject.toml asks for what uv.lock does not know yet: `uv sync --frozen` would not say so."""
    entries = [_table(entry) for root in lock.own for entry in _list(_table(root.table.get("metadata")).get("requires-dist"))]
    known = {normalized(entry["name"]) for entry in entries if isinstance(entry.get("name"), str)}
    specifiers = {(normalized(str(entry.get("name"))), _clauses(str(entry.get("specifier", "")))) for entry in entries}
    for value in _list(pyproject.project.get("dependencies")):
        requirement = value.partition(";")[0] if isinstance(value, str) else ""
        name, clauses = _split(requirement)
        if not lock.own or not name or "@" in requirement:
            continue
        if name not in known or ((name, clauses) not in specifiers and "[" not in requirement and name not in _sourced(pyproject)):
            raise ManifestError(f"{pyproject.where(value)}: uv.lock does not know {redacted(repr(value))} yet", hint="uv lock")


def _sourced(pyproject: Pyproject) -> frozenset[str]:
    return frozenset(normalized(name) for name in _table(pyproject.tool("uv").get("sources")))


def _split(requirement: str) -> tuple[str, frozenset[str]]:
    end = next((at for at, letter in enumerate(requirement) if letter in " <>=!~[(@;"), len(requirement))
    return normalized(requirement[:end]), _clauses(requirement[end:].partition("]")[2] or requirement[end:])


def _clauses(specifier: str) -> frozenset[str]:
    return frozenset("".join(part.split()) for part in specifier.strip(" ()").split(",") if part.strip())


def _derived(lock: Lock) -> str:
    """Return the lock as requirements with hashes, or an empty string where they could not say what it says."""
    lines = []
    for package in lock.packages:
        files = [*_list(package.table.get("wheels")), package.table.get("sdist")]
        hashes = [f"--hash={name}:{value}" for file in files for name, value in _table(_table(file).get("hashes")).items()]
        if any(key in package.table for key in _SOURCES) or not package.version or not hashes:
            return ""
        marker = [f"; {package.marker}"] if package.marker else []
        text = " ".join([f"{package.name}=={package.version}", *marker, *hashes])
        if not text.isprintable():
            raise ManifestError(f"{package.where}: {package.name!r} is no requirement")
        lines.append(text)
    return "".join(f"{line}\n" for line in lines)


def _pipenv(closure: Closure, shown: str, text: str) -> Lock:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ManifestError(f"{shown}:{getattr(error, 'lineno', 1)}: {getattr(error, 'msg', error)}") from None
    lock = Lock()
    meta = _table(_table(document).get("_meta"))
    for source in _list(meta.get("sources")):
        url = _table(source).get("url")
        if isinstance(url, str):
            lock.needs.extend(
                _of_index(url, Place(_line_of(shown, text, url), str(closure.root), str(closure.root), closure.indexes))
            )
    for section in ("default", "develop"):
        for name, table in _table(_table(document).get(section)).items():
            where = _line_of(shown, text, name)
            version = str(_table(table).get("version", "")).removeprefix("==")
            group = "" if section == "default" else "dev"
            lock.packages.append(Locked(where, name, version, _table(table), group, _marker(_table(table))))
            lock.needs.extend(_of_pipenv(lock.packages[-1], Place(where, str(closure.root), str(closure.root), closure.indexes)))
    return lock


def _of_pipenv(package: Locked, place: Place) -> list[Need]:
    if any(key in package.table for key in ("git", "hg", "svn")):
        return [_need(Capability.BUILD, place, f"{package.name} from a repository")]
    target = package.table.get("path") or package.table.get("file")
    return list(needs_of_target(target, f"{package.name} from {target}", place)) if isinstance(target, str) else []


def _line_of(shown: str, text: str, value: str) -> str:
    before, found, _ = text.partition(json.dumps(value))
    return f"{shown}:{before.count(chr(10)) + 1 if found else 1}"


def _marker(table: Mapping[str, Any]) -> str:
    value = table.get("markers", table.get("marker", ""))
    return value if isinstance(value, str) else ""


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
