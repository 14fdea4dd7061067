"""What this user has set for pip and for uv, in variables and in files of their own and of the machine; never in a project's."""

from __future__ import annotations

import configparser
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from envd.system.files import UnreadableFile, read_regular
from envd.system.toml import BadToml, parse_toml

_LIMIT = 256 * 1024
_MACHINE = (Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf"))


def pip_options(variables: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """Return the values of options of `pip install` that are set; of several places the last one counts (pip's "Configuration")."""
    found: dict[str, str] = {}
    for path in pip_files(variables):
        sections = read_pip_file(path)
        found.update({**sections.get("global", {}), **sections.get("install", {})})
    named = {name: variables.get(f"PIP_{name.replace('-', '_').upper()}", found.get(name, "")).strip() for name in names}
    return {name: value for name, value in named.items() if value}


def pip_files(variables: Mapping[str, str]) -> Iterator[Path]:
    """Yield pip's configuration files as pip reads them, the last one counting most; the environment's own is not the user's."""
    own = variables.get("PIP_CONFIG_FILE", "")
    if own == os.devnull:
        return
    home = Path(variables.get("HOME", "/"))
    yield from _MACHINE
    yield from (home / ".pip/pip.conf", home / "Library/Application Support/pip/pip.conf", _config_home(variables) / "pip/pip.conf")
    if own:
        yield Path(own)


def read_pip_file(path: Path) -> dict[str, dict[str, str]]:
    """Return the sections of one of them with the options by their names, nothing where it cannot be read."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(read_regular(path, _LIMIT).decode("utf-8", "replace"))
    except (UnreadableFile, configparser.Error):
        return {}
    return {section: {key.replace("_", "-"): value for key, value in parser.items(section)} for section in parser.sections()}


def uv_file(variables: Mapping[str, str]) -> Path | None:
    """Return the uv.toml that is this user's own, or that of the machine."""
    if variables.get("UV_CONFIG_FILE"):
        return Path(variables["UV_CONFIG_FILE"])
    places = (_config_home(variables) / "uv/uv.toml", Path("/etc/xdg/uv/uv.toml"), Path("/etc/uv/uv.toml"))
    return next((place for place in places if place.is_file()), None)


def uv_settings(variables: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Return the tables of that file that say something of indexes: all of it, and its pip part; none where it cannot be read."""
    path = uv_file(variables)
    try:
        settings = parse_toml(path, _LIMIT) if path is not None else {}
    except (UnreadableFile, BadToml):
        return []
    return [table for table in (settings, settings.get("pip")) if isinstance(table, Mapping)]


def _config_home(variables: Mapping[str, str]) -> Path:
    return Path(variables.get("XDG_CONFIG_HOME") or os.path.join(variables.get("HOME", "/"), ".config"))
