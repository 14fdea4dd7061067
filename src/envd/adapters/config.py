"""The user's config.toml."""

from __future__ import annotations

import os
from pathlib import Path

from envd.core.errors import SettingsError
from envd.core.settings import Settings, parse_settings
from envd.system.files import UnreadableFile
from envd.system.toml import BadToml, parse_toml

_LIMIT = 256 * 1024


def load_settings(path: Path) -> Settings:
    """Return the settings in `path`, the defaults when there is no such file; raises SettingsError naming file and line."""
    if not os.path.exists(path):
        return Settings()
    try:
        document = parse_toml(path, _LIMIT)
    except UnreadableFile as error:
        raise SettingsError(f"{path} {error}") from None
    except BadToml as error:
        raise SettingsError(f"{path}: {error} (at {error.place})", hint=f"mend it: $EDITOR {path}") from None
    return parse_settings(document, str(path))
