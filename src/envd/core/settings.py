"""The user's settings: every key has a default, and a wrong one is an error that names it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from envd.core.errors import SettingsError

INSTALLERS = ("auto", "uv", "pip")


@dataclass(frozen=True, slots=True)
class Settings:
    """What config.toml decides. `names` are looked for in this order; `trusted_roots` begin with / or ~."""

    names: tuple[str, ...] = (".venv", "venv", "env")
    trusted_roots: tuple[str, ...] = ()
    automatic: bool = True
    installer: str = "auto"
    wait_for_programs: bool = False
    groups: tuple[str, ...] = ()
    wrap_cd: bool = False
    wait: bool = False
    generations: int = 5
    generations_megabytes: int = 2048

    @property
    def generations_bytes(self) -> int:
        """Return how many bytes the kept generations of one environment may take."""
        return self.generations_megabytes * 1024 * 1024


def parse_settings(document: Mapping[str, Any], source: str) -> Settings:
    """Return the settings in a decoded config.toml; raises SettingsError naming `source` and the key."""
    changes: dict[str, Any] = {}
    for key, value in _flattened(document):
        if key not in _KEYS:
            known = ", ".join(_KEYS)
            raise SettingsError(f"{source}: unknown key {key}", hint=f"the keys are {known}")
        field, check, expected = _KEYS[key]
        if not check(value):
            raise SettingsError(f"{source}: {key} must be {expected}")
        changes[field] = tuple(value) if isinstance(value, list) else value
    return replace(Settings(), **changes)


def _flattened(document: Mapping[str, Any]) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in document.items():
        if isinstance(value, Mapping):
            pairs.extend((f"{key}.{inner}", item) for inner, item in value.items())
        else:
            pairs.append((key, value))
    return pairs


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


def _are_names(value: object) -> bool:
    return bool(value) and isinstance(value, list) and all(_is_name(item) for item in value)


def _is_name(item: object) -> bool:
    return isinstance(item, str) and item not in ("", ".", "..") and "/" not in item and "\0" not in item and item.isprintable()


def _are_roots(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and _is_root(item) for item in value)


def _are_groups(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and _is_name(item) for item in value)


def _is_root(item: str) -> bool:
    # "/" is everything, by whatever name; what ~ is has to be known before .. could be told to lead there.
    return item.startswith(("/", "~/")) and "\0" not in item and posixpath.normpath(item) not in ("/", "//", ".")


def _is_count(value: object) -> bool:
    return _is_size(value) and isinstance(value, int) and value <= 100


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


_KEYS: dict[str, tuple[str, Callable[[object], bool], str]] = {
    "names": ("names", _are_names, 'a list of directory names, such as [".venv", "venv"]'),
    "trust.roots": ("trusted_roots", _are_roots, "a list of directories that begin with / or ~/"),
    "sync.automatic": ("automatic", _is_switch, "true or false"),
    "sync.generations": ("generations", _is_count, "a number from 0 to 100"),
    "sync.generations_megabytes": ("generations_megabytes", _is_size, "a number of megabytes, 0 or more"),
    "sync.wait": ("wait_for_programs", _is_switch, "true or false"),
    "sync.groups": ("groups", _are_groups, 'a list of names, such as ["dev"]'),
    "sync.installer": ("installer", lambda value: value in INSTALLERS, "one of " + ", ".join(INSTALLERS)),
    "shell.wrap_cd": ("wrap_cd", _is_switch, "true or false"),
    "shell.wait": ("wait", _is_switch, "true or false"),
}
