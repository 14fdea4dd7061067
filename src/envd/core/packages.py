"""Sets of installed packages: what two of them differ in, which of them manifests ask for, and which may be removed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from envd.core.requirements import normalized

Versions = Mapping[str, str]
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
# What installs packages is nobody's requirement, and is not missed by a manifest.
TOOLING = frozenset(("pip", "setuptools", "wheel"))


@dataclass(frozen=True, slots=True)
class Dist:
    """One installed distribution: normalized name, version, and its Requires-Dist lines (PEP 566)."""

    name: str
    version: str
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One package that is asked for, by a manifest or by another package, with the extras it is asked for with."""

    name: str
    extras: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Changes:
    """What a sync changed or would change: name to version, for changed packages (before, after).

    Where only the commit of a repository is another one, both are versions `at_revision`.
    """

    added: Versions = field(default_factory=dict)
    removed: Versions = field(default_factory=dict)
    changed: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    @property
    def are_felt(self) -> bool:
        """Return whether programs that run may be using what is not there any more."""
        return bool(self.removed or self.changed)

    @property
    def count(self) -> int:
        """Return how many packages differ."""
        return len(self.added) + len(self.removed) + len(self.changed)

    def words(self) -> list[str]:
        """Return one word group a package: `+flask 3.1.0`, `~rich 13.9.4→14.0.0`, `~own 1.0 (1a2b3c4→5d6e7f8)`, `-six 1.16.0`."""
        return [
            *(f"+{name} {version}" for name, version in self.added.items()),
            *(f"~{name} {_step(before, after)}" for name, (before, after) in self.changed.items()),
            *(f"-{name} {version}" for name, version in self.removed.items()),
        ]


def at_revision(version: str, commit: str) -> str:
    """Return a version with the commit of a repository that it was built from, as git shortens it."""
    return f"{version} ({commit[:7]})"


def _step(before: str, after: str) -> str:
    version, _, revision = before.removesuffix(")").partition(" (")
    return (
        f"{version} ({revision}→{after.removeprefix(f'{version} (')}" if after.startswith(f"{version} (") else f"{before}→{after}"
    )


def compare(before: Versions, after: Versions, asked: Iterable[str] = ()) -> Changes:
    """Return what turned `before` into `after`; packages that a manifest asks for by name come first."""
    first = list(asked)
    names = sorted({*before, *after}, key=lambda name: (first.index(name) if name in first else len(first), name))
    return Changes(
        added={name: after[name] for name in names if name not in before},
        removed={name: before[name] for name in names if name not in after},
        changed={
            name: (before[name], after[name]) for name in names if name in before and name in after and before[name] != after[name]
        },
    )


def leading(installed: Mapping[str, Dist], names: Iterable[str]) -> list[str]:
    """Return those of the installed packages that none of the others named requires, whatever markers say: they came first."""
    among = set(names)
    required = {
        normalized(found.group())
        for name in among & installed.keys()
        for line in installed[name].requires
        if (found := _NAME.match(line)) and normalized(found.group()) != name
    }
    return sorted(among - required)


def closure(
    asked: Iterable[Asked], installed: Mapping[str, Dist], needs: Callable[[Dist, frozenset[str]], Iterable[Asked]]
) -> set[str]:
    """Return the names of installed packages that `asked` leads to; `needs` reads a package's own requirements."""
    reached: dict[str, frozenset[str]] = {}
    waiting = list(asked)
    while waiting:
        item = waiting.pop()
        dist = installed.get(item.name)
        seen = reached.get(item.name)
        if dist is None or (seen is not None and item.extras <= seen):
            continue
        reached[item.name] = item.extras | (seen or frozenset())
        waiting.extend(needs(dist, reached[item.name]))
    return set(reached)


def removable(placed: Iterable[str], wanted: set[str], installed: Iterable[str]) -> list[str]:
    """Return what envd may remove: what envd itself installed, is still there, and nothing asks for any more."""
    return sorted(set(placed) & set(installed) - wanted)
