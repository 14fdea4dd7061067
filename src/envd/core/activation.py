"""What an active environment is to the programs that run in it: variables (venv(3), and PEP 405 for what Python makes of them)."""

from __future__ import annotations

from collections.abc import Mapping


def activated(variables: Mapping[str, str], venv: str, bin_directory: str, label: str) -> dict[str, str]:
    """Return the variables of a program in an environment: its programs first on PATH, and no PYTHONHOME to lead away from it."""
    found = {name: value for name, value in variables.items() if name != "PYTHONHOME"}
    path = found.get("PATH", "")
    # Where it is in force already, the hook of a shell that is started would take one of two out on leaving.
    is_first = f"{path}:".startswith(f"{bin_directory}:")
    return {
        **found,
        "PATH": path if is_first else f"{bin_directory}:{path}" if path else bin_directory,
        "VIRTUAL_ENV": venv,
        "VIRTUAL_ENV_PROMPT": label,
    }
