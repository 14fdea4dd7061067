"""What an installer is asked to install."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """The requirements files to install from, named as seen from the project's root, and whether code may run for it.

    Without `build`, only wheels are installed: nothing of a package runs before somebody imports it.
    """

    files: tuple[str, ...]
    build: bool = False
