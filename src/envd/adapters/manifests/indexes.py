"""The package indexes that this user has anyway: PyPI, and what variables, pip.conf and uv.toml name."""

from __future__ import annotations

import configparser
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from envd.core.capabilities import PYPI, index_identity
from envd.system.files import UnreadableFile, read_regular
from envd.system.toml import BadToml, parse_toml

_LIMIT = 256 * 1024
_VARIABLES = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"),
    *("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL"),
)
_PIP_KEYS = ("index-url", "extra-index-url")


def known_indexes(variables: Mapping[str, str]) -> frozenset[str]:
    """Return the identities of the indexes that pip and uv use for a user with these variables."""
    urls = [PYPI]
    for name in _VARIABLES:
        urls.extend(variables.get(name, "").split())
    for path in _pip_files(variables):
        urls.extend(_of_pip(path))
    uv_file = uv_settings(variables)
    if uv_file is not None:
        urls.extend(_of_uv(uv_file))
    # UV_INDEX may give each of them a name: NAME=URL.
    named = (url.partition("=")[2] if "=" in url.partition("://")[0] else url for url in urls)
    return frozenset(index_identity(url) for url in named)


def uv_settings(variables: Mapping[str, str]) -> Path | None:
    """Return the uv.toml that is this user's own, or that of the machine; never one beside a project."""
    if variables.get("UV_CONFIG_FILE"):
        return Path(variables["UV_CONFIG_FILE"])
    places = (_config_home(variables) / "uv" / "uv.toml", Path("/etc/xdg/uv/uv.toml"), Path("/etc/uv/uv.toml"))
    return next((place for place in places if place.is_file()), None)


def _config_home(variables: Mapping[str, str]) -> Path:
    return Path(variables.get("XDG_CONFIG_HOME") or os.path.join(variables.get("HOME", "/"), ".config"))


def _pip_files(variables: Mapping[str, str]) -> Iterator[Path]:
    """Yield pip's configuration files (pip's "Configuration", Location); the environment's own is not the user's."""
    home = Path(variables.get("HOME", "/"))
    yield from (Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf"))
    yield from (home / ".pip/pip.conf", _config_home(variables) / "pip/pip.conf", home / "Library/Application Support/pip/pip.conf")
    if variables.get("PIP_CONFIG_FILE"):
        yield Path(variables["PIP_CONFIG_FILE"])


def _of_pip(path: Path) -> list[str]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(read_regular(path, _LIMIT).decode("utf-8", "replace"))
    except (UnreadableFile, configparser.Error):
        return []
    found = []
    for section in parser.sections():
        for key, value in parser.items(section):
            if key.replace("_", "-") in _PIP_KEYS:
                found.extend(value.split())
    return found


def _of_uv(path: Path) -> list[str]:
    try:
        return index_urls(parse_toml(path, _LIMIT))
    except (UnreadableFile, BadToml):
        return []


def index_urls(settings: Mapping[str, Any]) -> list[str]:
    """Return the indexes in uv's settings, those of its pip part included."""
    found: list[str] = []
    for table in (settings, settings.get("pip")):
        if not isinstance(table, Mapping):
            continue
        entries = [table.get("index-url"), *_list(table.get("extra-index-url")), *_list(table.get("index"))]
        urls = (entry.get("url") if isinstance(entry, Mapping) else entry for entry in entries)
        found.extend(url for url in urls if isinstance(url, str))
    return found


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
