"""Why packages are there: the line of a manifest that asks for each, itself or through another package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from envd.core.packages import Asked, Changes, Dist
from envd.core.records import Planned

NOBODY = "nothing asks for it any more"


def reasons(
    asked: Iterable[tuple[str, Asked]], installed: Mapping[str, Dist], needs: Callable[[Dist, frozenset[str]], Iterable[Asked]]
) -> dict[str, str]:
    """Return the reason of each installed package that is asked for; `asked` has the place (file:line) with each request.

    The nearest reason counts: a line of its own before one of another package.
    """
    found: dict[str, str] = {}
    seen: dict[str, frozenset[str]] = {}
    waiting = [(item, where, "") for where, item in asked]
    while waiting:
        later: list[tuple[Asked, str, str]] = []
        for item, where, by in waiting:
            dist = installed.get(item.name)
            if dist is None or (item.name in seen and item.extras <= seen[item.name]):
                continue
            found.setdefault(item.name, f"needed by {by}, {where}" if by else where)
            seen[item.name] = seen.get(item.name, frozenset()) | item.extras
            later.extend((need, where, item.name) for need in needs(dist, seen[item.name]))
        waiting = later
    return found


def plan_lines(changes: Changes, why: Mapping[str, str], otherwise: str = "") -> tuple[Planned, ...]:
    """Return a line for each change with its reason; `otherwise` is that of packages which no line asks for by name."""
    names = [*changes.added, *changes.changed, *changes.removed]
    lines = zip(names, changes.words(), strict=True)
    return tuple(Planned(word, NOBODY if name in changes.removed else why.get(name, otherwise)) for name, word in lines)
