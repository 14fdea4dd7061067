"""The user's config.toml; tomli is imported here only."""

from __future__ import annotations

import os
from pathlib import Path

import tomli

from envd.core.errors import SettingsError
from envd.core.settings import Settings, parse_settings
from envd.system.files import UnreadableFile, read_regular

_LIMIT = 256 * 1024


def load_settings(path: Path) -> Settings:
    """Return the settings in `path`, the defaults when there is no such file; raises SettingsError naming file and line."""
    if not os.path.exists(path):
        return Settings()
    try:
        text = read_regular(path, _LIMIT).decode("utf-8-sig")
    except UnreadableFile as error:
        raise SettingsError(f"{path} {error}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}: not UTF-8 text (at line {line})", hint=f"mend it: $EDITOR {path}") from None
    try:
        document = tomli.loads(text)
    except (ValueError, RecursionError) as error:
        last = text.count("\n") + 1
        said = str(error).replace("at end of document", f"at line {last}, the end of the file")
        raise SettingsError(f"{path}: {said}", hint=f"mend it: $EDITOR {path}") from None
    return parse_settings(document, str(path))
