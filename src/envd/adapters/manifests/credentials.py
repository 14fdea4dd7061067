"""The variables in which the credentials for a project's indexes are looked for: the project says names, never the secrets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from envd.adapters.manifests.locked import list_of, table_of
from envd.adapters.manifests.pyproject import Pyproject
from envd.core.choosing import ManifestKind

# What would end the credentials in a URL, or be read as one letter of them.
_UNSAFE = frozenset("/?#%@:")


def credential_variables(kind: ManifestKind, pyproject: Pyproject) -> tuple[str, ...]:
    """Return the names of the variables that hold the credentials for a project's indexes by the rules of its tool, set or not."""
    named = _NAMED.get(kind)
    return tuple(variable for stem in (named(pyproject) if named else ()) for variable in _pair(stem))


def with_references(name: str, url: str, variables: Mapping[str, str]) -> str:
    """Return the URL of an index of [tool.uv] with references to the variables that hold its credentials.

    Only to what is set and may stand in a URL as it is: an installer puts the values in as they are.
    """
    user, password = _pair(_uv_stem(name))
    usable = [part for part in (user, password) if variables.get(part) and not _UNSAFE & set(variables[part])]
    scheme, joint, rest = url.partition("://")
    if not name or not joint or "@" in rest.partition("/")[0] or not usable:
        return url
    shown = "".join(f"{':' if part == password else ''}${{{part}}}" for part in usable)
    return f"{scheme}://{shown}@{rest}"


def _pair(stem: str) -> tuple[str, str]:
    return f"{stem}_USERNAME", f"{stem}_PASSWORD"


def _uv_stem(name: str) -> str:
    """Return what uv's variables for an index begin with (uv's "Package indexes", Providing credentials directly)."""
    return f"UV_INDEX_{re.sub('[^A-Z0-9]', '_', name.upper())}"


def _of_uv(pyproject: Pyproject) -> Iterator[str]:
    yield from (_uv_stem(name) for name in _names(pyproject.tool("uv").get("index")))


def _of_poetry(pyproject: Pyproject) -> Iterator[str]:
    """Yield what poetry's variables begin with (poetry's "Repositories", Configuring credentials)."""
    names = _names(pyproject.tool("poetry").get("source"))
    yield from (f"POETRY_HTTP_BASIC_{re.sub('[-.]', '_', name.upper())}" for name in names)


def _names(entries: object) -> Iterator[str]:
    names = (table_of(entry).get("name") for entry in list_of(entries))
    yield from (name for name in names if isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9._-]+", name))


_NAMED: dict[ManifestKind, Callable[[Pyproject], Iterator[str]]] = {
    ManifestKind.UV_LOCK: _of_uv,
    ManifestKind.PYPROJECT: _of_uv,
    ManifestKind.POETRY_LOCK: _of_poetry,
}
