"""What an installer is asked to install."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from envd.core.choosing import ManifestKind


@dataclass(frozen=True, slots=True)
class Order:
    """The files to install from, as seen from the project's root, of which kind they are, and what is wished of them.

    Without `build`, only wheels are installed: nothing of a package runs before somebody imports it. A `complete` list is
    installed as it is, without what its packages ask for. `variables` are names that lines of the files refer to, and names of
    what holds credentials for indexes. Where all is `pinned`, what is in the cache is as good as what an index would say;
    `offline` asks no index. `names_index` says that the files name the index which is asked first.
    """

    files: tuple[str, ...]
    build: bool = False
    kind: ManifestKind = ManifestKind.REQUIREMENTS
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    complete: bool = False
    variables: tuple[str, ...] = ()
    pinned: bool = False
    offline: bool = False
    names_index: bool = False


def references(order: Order) -> list[str]:
    """Return the words before a command that hand on its variables, without their values."""
    return references_to(order.variables)


def references_to(names: Iterable[str]) -> list[str]:
    """Return the same for variables by their names."""
    return [f"{name}=${{{name}}}" for name in names]
