"""What uv is told of a user's own settings: those for pip alone, which it does not read, and credentials for named indexes."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from envd.core.order import references_to
from envd.system.usersettings import pip_options, uv_file, uv_settings

_UV_INDEXES = ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_NO_INDEX")
_UV_KEYS = ("index", "index-url", "extra-index-url", "find-links", "no-index")
_PIP_INDEXES = ("index-url", "extra-index-url", "find-links", "no-index")
_PIP_WAYS = ("trusted-host", "cert", "client-cert", "proxy")
_TRUE = ("1", "true", "yes", "on")


def settings_words(variables: Mapping[str, str]) -> list[str]:
    """Return what keeps uv from reading the settings of a project or of a directory above it: they could name an index."""
    if variables.get("UV_CONFIG_FILE"):
        return []
    own = uv_file(variables)
    return ["--config-file", str(own)] if own is not None else ["--no-config"]


def user_words(variables: Mapping[str, str], *, indexes: bool = True) -> list[str]:
    """Return the words before uv that set variables for it, with what this user has set for pip alone.

    The indexes only where none are set for uv itself, and not without `indexes`: uv would take them for more than those that a
    requirements file names. As pip does, uv is to take the best version of all of them.
    """
    options = pip_options(variables, _PIP_WAYS)
    found = {
        "UV_INSECURE_HOST": options.get("trusted-host", ""),
        "SSL_CERT_FILE": options.get("cert", ""),
        "SSL_CLIENT_CERT": options.get("client-cert", ""),
        "ALL_PROXY": options.get("proxy", ""),
    }
    found["SSL_CERT_FILE"] = found["SSL_CERT_FILE"] if os.path.isfile(found["SSL_CERT_FILE"]) else ""
    if indexes and not _has_indexes(variables):
        found.update(_indexes(pip_options(variables, _PIP_INDEXES)))
    words = [f"{name}={' '.join(value.split())}" for name, value in found.items() if value and not variables.get(name)]
    return [*words, *references_to(name for name in _credentials(variables) if name in variables)]


def _has_indexes(variables: Mapping[str, str]) -> bool:
    return any(variables.get(name) for name in _UV_INDEXES) or any(
        key in table for table in uv_settings(variables) for key in _UV_KEYS
    )


def _indexes(options: Mapping[str, str]) -> dict[str, str]:
    more = options.get("extra-index-url", "")
    return {
        "UV_DEFAULT_INDEX": options.get("index-url", ""),
        "UV_INDEX": more,
        "UV_INDEX_STRATEGY": "unsafe-best-match" if more else "",
        "UV_FIND_LINKS": ",".join(options.get("find-links", "").split()),
        "UV_NO_INDEX": "1" if options.get("no-index", "").lower() in _TRUE else "",
    }


def _credentials(variables: Mapping[str, str]) -> list[str]:
    """Return the variables with the credentials for the indexes that this user has given names (uv's "Package indexes")."""
    named = [word.partition("=")[0] for word in variables.get("UV_INDEX", "").split() if "=" in word.partition("://")[0]]
    for table in uv_settings(variables):
        entries = table.get("index")
        named += (
            [str(entry.get("name", "")) for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
        )
    stems = [f"UV_INDEX_{re.sub('[^A-Z0-9]', '_', name.upper())}" for name in named if name]
    return [f"{stem}_{what}" for stem in stems for what in ("USERNAME", "PASSWORD")]
