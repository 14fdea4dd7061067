"""Pipfile.lock beside its Pipfile: whether it was made from it, by the digest that pipenv itself compares."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from envd.adapters.manifests.locked import table_of
from envd.core.errors import ManifestError, ManifestUnfinished
from envd.core.requirements import conflict_line, normalized
from envd.system.files import UnreadableFile, read_regular
from envd.system.toml import BadToml, decode_toml

_NAME = "Pipfile"
_LIMIT = 1024 * 1024
# All others are categories of packages (plette, PIPFILE_SECTIONS; pipenv, Pipfile.calculate_hash).
_SECTIONS = ("source", "packages", "dev-packages", "requires", "scripts", "pipfile", "pipenv", "default", "develop")


def refuse_an_old_lock(root: Path, lock: Mapping[str, Any], place: Callable[[str], str]) -> None:
    """Raise ManifestError for a Pipfile.lock that another Pipfile was locked in: `pipenv sync` would not say so.

    Of a Pipfile without a source nothing is said, for its digest has the indexes of whoever locked it. `place` says where in
    the lock a value stands. Raises ManifestUnfinished for conflict markers.
    """
    locked = table_of(table_of(lock.get("_meta")).get("hash")).get("sha256")
    if not isinstance(locked, str) or not locked:
        return
    pipfile = _read(root)
    if pipfile.get("source") and locked not in _digests(pipfile):
        raise ManifestError(f"{place(locked)}: it was made from another {_NAME} than that of now", hint="pipenv lock")


def _read(root: Path) -> Mapping[str, Any]:
    try:
        data = read_regular(root / _NAME, _LIMIT)
    except UnreadableFile as error:
        raise ManifestError(f"{_NAME} {error}") from None
    conflict = conflict_line(data.decode("utf-8", "replace"))
    if conflict is not None:
        raise ManifestUnfinished(f"{_NAME}:{conflict} holds a conflict marker of git")
    try:
        return decode_toml(data)
    except BadToml as error:
        raise ManifestError(f"{_NAME}:{error.line}: {error}") from None


def _digests(pipfile: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the versions of pipenv take for the digest: with names as they are or normalized, with other categories or not."""
    others = [name for name in pipfile if name not in _SECTIONS]
    for spelled in (str, normalized):
        for categories in (others, []):
            sections = {"default": "packages", "develop": "dev-packages", **{name: name for name in categories}}
            data = {key: _spelled(pipfile.get(name, {}), spelled) for key, name in sections.items()}
            data["_meta"] = {"sources": pipfile.get("source"), "requires": pipfile.get("requires", {})}
            text = json.dumps(data, sort_keys=True, separators=(",", ":"), default=str)
            yield hashlib.sha256(text.encode()).hexdigest()


def _spelled(section: object, spelled: Callable[[str], str]) -> object:
    return {spelled(name): value for name, value in section.items()} if isinstance(section, Mapping) else section
