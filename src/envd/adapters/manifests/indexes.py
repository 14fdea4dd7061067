"""The package indexes that this user has anyway: PyPI, and what variables, pip.conf and uv.toml name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from envd.core.capabilities import PYPI, index_identity
from envd.system.usersettings import pip_files, read_pip_file, uv_settings

_VARIABLES = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"),
    *("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL"),
)
_PIP_KEYS = ("index-url", "extra-index-url")


def known_indexes(variables: Mapping[str, str]) -> frozenset[str]:
    """Return the identities of the indexes that pip and uv use for a user with these variables."""
    urls = [PYPI, *(url for name in _VARIABLES for url in variables.get(name, "").split())]
    sections = (options for path in pip_files(variables) for options in read_pip_file(path).values())
    urls += [url for options in sections for key in _PIP_KEYS for url in options.get(key, "").split()]
    urls += [url for table in uv_settings(variables) for url in _index_urls(table)]
    # UV_INDEX may give each of them a name: NAME=URL.
    named = (url.partition("=")[2] if "=" in url.partition("://")[0] else url for url in urls)
    return frozenset(index_identity(url) for url in named)


def _index_urls(table: Mapping[str, Any]) -> Iterator[str]:
    entries = [table.get("index-url"), *_list(table.get("extra-index-url")), *_list(table.get("index"))]
    urls = (entry.get("url") if isinstance(entry, Mapping) else entry for entry in entries)
    return (url for url in urls if isinstance(url, str))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
