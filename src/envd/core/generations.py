"""Which kept generations stay, and which of them a sync can go back to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from envd.core.records import Generation, Synced

# Of one package: its version, and what tells one installation of it from the next.
Marks = Mapping[str, tuple[str, int, int]]


def surplus(numbers: Sequence[int], most: int, most_bytes: int, size: Callable[[list[int]], int]) -> list[int]:
    """Return the generations that are to go, oldest first: no more than `most` stay, and no more bytes than `most_bytes`.

    `size` says how many bytes some of them take together.
    """
    ordered = sorted(numbers)
    kept = ordered[-most:] if most > 0 else []
    while kept and size(kept) > most_bytes:
        kept = kept[1:]
    return [number for number in ordered if number not in kept]


def matching(kept: Sequence[Generation], fingerprint: str) -> list[Generation]:
    """Return the generations that were synced for this very fingerprint, newest first."""
    return [one for one in reversed(kept) if one.synced is not None and one.synced.fingerprint == fingerprint]


def can_stand_in(generation: Synced, kept: Marks, current: Synced | None, installed: Marks) -> bool:
    """Return whether a generation may take the place of the environment: it is whole, and nobody's own packages get lost.

    What envd did not place has to be the same in both, to the very installation.
    """
    versions = {name: mark[0] for name, mark in kept.items()}
    if not generation.wanted.items() <= versions.items():
        return False
    return _others(generation, kept) == _others(current, installed)


def _others(synced: Synced | None, marks: Marks) -> dict[str, tuple[str, int, int]]:
    placed = synced.placed if synced is not None else {}
    return {name: mark for name, mark in marks.items() if name not in placed}
