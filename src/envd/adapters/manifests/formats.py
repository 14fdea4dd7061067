"""Which versions of the lock formats are understood: another one is an error, never a lock that asks for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envd.core.choosing import ManifestKind
from envd.core.errors import ManifestError


def refuse_unknown_format(document: Mapping[str, Any], kind: ManifestKind, shown: str) -> None:
    """Raise ManifestError for a uv.lock or a pylock.toml that is empty, cut off, or of a format that came later.

    Of pylock.toml every 1.x is understood (PEP 751, lock-version); of uv.lock uv takes its own version alone.
    """
    if kind is ManifestKind.UV_LOCK and document.get("version") != 1:
        raise ManifestError(f"{shown}:1: {_said(document, 'version')}, not 1", hint="uv lock")
    if kind is ManifestKind.PYLOCK and str(document.get("lock-version", "")).partition(".")[0] != "1":
        raise ManifestError(f"{shown}:1: {_said(document, 'lock-version')}, not 1.0", hint=f"write {shown} anew")


def _said(document: Mapping[str, Any], key: str) -> str:
    return f"its {key} is {document[key]!r}" if key in document else f"it has no {key}"
