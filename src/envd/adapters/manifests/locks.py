"""Lock files: uv.lock, pylock.toml (PEP 751), poetry.lock, pdm.lock and Pipfile.lock, each as the packages that it pins."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from envd.adapters.manifests import pipfile
from envd.adapters.manifests.formats import refuse_unknown_format
from envd.adapters.manifests.locked import Lock, Locked, list_of, marker_of, table_of
from envd.adapters.manifests.model import Groups
from envd.adapters.manifests.pylock import derived, is_out, settled
from envd.adapters.manifests.pyproject import Pyproject
from envd.adapters.manifests.requirements import Closure
from envd.adapters.manifests.uvlock import refuse_an_old_lock
from envd.core.capabilities import Capability, Need, Place, file_hosts, host_of, index_identity, needs_of_target
from envd.core.choosing import ManifestKind
from envd.core.display import redacted
from envd.core.errors import ManifestError
from envd.system.toml import BadToml, decode_toml


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
        refuse_an_old_lock(closure.root, document, lock, pyproject, text)
    if kind is ManifestKind.PYLOCK:
        lock.environments = tuple(marker for marker in list_of(document.get("environments")) if isinstance(marker, str))
        lock.derived = derived(lock)
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
        yield Locked(f"{shown}:{number}", name, version if isinstance(version, str) else "", entry, marker=marker_of(entry))


# -- where packages come from


def _of_uv(closure: Closure, package: Locked, place: Place) -> list[Need]:
    source = table_of(package.table.get("source"))
    kind, value = next(iter(source.items()), ("", ""))
    if kind == "virtual" and isinstance(value, str) and value != ".":
        closure.look_at_local(value, Path(place.directory))
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
        table = table_of(package.table.get(key))
        target = table.get("url") or table.get("path")
        if isinstance(target, str):
            closure.look_at_local(target if "://" not in target else "", Path(place.directory))
            return list(needs_of_target(target, f"{package.name} from {target}", place))
    index = package.table.get("index")
    return (_of_index(index, place) if isinstance(index, str) else []) or _of_files(package, place)


def _of_poetry(_closure: Closure, package: Locked, place: Place) -> list[Need]:
    source = table_of(package.table.get("source"))
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
    for wheel in list_of(package.table.get("wheels")) + list_of(package.table.get("files")):
        url, path = table_of(wheel).get("url"), table_of(wheel).get("path")
        if isinstance(url, str) and host_of(url) not in hosts:
            return [_need(Capability.INDEX, place, f"{package.name} from {url}")]
        if isinstance(path, str):
            return list(needs_of_target(path, f"{package.name} from {path}", place))
    return []


def _need(capability: Capability, place: Place, what: str) -> Need:
    return Need(capability, place.where, redacted(what))


# -- the kinds


def _pipenv(closure: Closure, shown: str, text: str) -> Lock:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ManifestError(f"{shown}:{getattr(error, 'lineno', 1)}: {getattr(error, 'msg', error)}") from None
    pipfile.refuse_an_old_lock(closure.root, table_of(document), lambda value: _line_of(shown, text, value))
    lock = Lock()
    meta = table_of(table_of(document).get("_meta"))
    for source in list_of(meta.get("sources")):
        url = table_of(source).get("url")
        if isinstance(url, str):
            lock.needs.extend(
                _of_index(url, Place(_line_of(shown, text, url), str(closure.root), str(closure.root), closure.indexes))
            )
    for section in ("default", "develop"):
        for name, table in table_of(table_of(document).get(section)).items():
            where = _line_of(shown, text, name)
            version = str(table_of(table).get("version", "")).removeprefix("==")
            group = "" if section == "default" else "dev"
            lock.packages.append(Locked(where, name, version, table_of(table), group, marker_of(table_of(table))))
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
