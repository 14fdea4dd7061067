"""The shell files that come with envd: hooks, completions and the man page, from the wheel or from a checkout."""

from __future__ import annotations

from pathlib import Path

from envd.core.errors import StateError

_PACKAGE = Path(__file__).resolve().parents[2]


def shipped(kind: str, name: str) -> Path:
    """Return the file `name` of `shell` or `completions`; raises StateError when the installation lacks it."""
    for top in (_PACKAGE / "data", _PACKAGE.parents[1]):
        path = top / kind / name
        if path.is_file():
            return path
    raise StateError(f"this installation of envd has no {kind}/{name}", hint="install envd again")
