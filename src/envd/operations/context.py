"""What every operation works with: the user's places, store and settings."""

from __future__ import annotations

import os
from dataclasses import dataclass

from envd.adapters.config import load_settings
from envd.adapters.store import Store
from envd.core.errors import SettingsError
from envd.core.settings import Settings
from envd.system.places import Places, find_places


@dataclass(frozen=True, slots=True)
class Context:
    """The places, the store in them, the user's settings and home."""

    places: Places
    store: Store
    settings: Settings
    home: str


def open_context() -> Context:
    """Return the context of the user who runs this process; raises SettingsError when config.toml is wrong."""
    places = find_places()
    return Context(places, Store(places), load_settings(places.settings), os.environ.get("HOME", ""))


def open_tolerant_context() -> tuple[Context, str]:
    """Return the context with the default settings where config.toml is wrong, and what is wrong with it.

    The prompt and the daemon go on with defaults; only what the user types is refused.
    """
    try:
        return open_context(), ""
    except SettingsError as error:
        places = find_places()
        return Context(places, Store(places), Settings(), os.environ.get("HOME", "")), str(error)
