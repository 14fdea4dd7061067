"""The user's config.toml; tomli is imported here only."""

from __future__ import annotations

from pathlib import Path

import tomli

from envd.core.errors import SettingsError
from envd.core.settings import Settings, parse_settings
from envd.system.files import UnreadableFile, read_regular

_LIMIT = 256 * 1024


def load_settings(path: Path) -> Settings:
    """Return the settings in `path`, the defaults when there is no such file; raises SettingsError naming file and line."""
    if not path.exists():
        return Settings()
    try:
        document = tomli.loads(read_regular(path, _LIMIT).decode("utf-8-sig"))
    except UnreadableFile as error:
        raise SettingsError(f"{path} {error}") from None
    except (tomli.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise SettingsError(f"{path}: {error}", hint=f"mend it: $EDITOR {path}") from None
    return parse_settings(document, str(path))
