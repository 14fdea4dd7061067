"""A manifest as it was read: what it asks for, the files that say so, and what it needs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from envd.core.capabilities import Need
from envd.core.choosing import Choice, ManifestKind
from envd.core.fingerprint import ManifestFile
from envd.core.requirements import Kind, Line, line_options

_FIRST = ("--index-url", "--pypi-url")
_PIN = re.compile(r"^[A-Za-z0-9._-]+\s*(\[[^\]]*\])?\s*===?\s*[^\s*,;]+\s*(;|--|$|\s)")


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups that were taken, each with what it is (a file, an extra or a group), and all that there are.

    `defaults` are those that a lock has taken unasked.
    """

    files: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()

    @property
    def taken(self) -> tuple[str, ...]:
        """Return what the taken ones are, in one list."""
        return (*self.files, *self.extras, *self.groups)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The file that decides, in the project at `root`, and its closure: every file as it is included, and the lines that ask.

    `needs` are the capabilities that lines of it ask for, `variables` the ${NAMES} in them with their places, `derived` the
    requirements that stand for a manifest that the installer does not read itself, `requires_python` what it says of Python
    and where, `environments` the markers of which a lock was made for any (PEP 751), none where for all. `constraints` are the
    lines that ask for nothing themselves. `flat` are all lines without their files, each with whether it constrains, where not
    every installer would read the files. `credentials` are the names of variables that may hold those for its indexes,
    `sources` the lines that say where packages are looked for, as an installer takes them from any file, and `deciding` the
    names of variables whose values decide as the lines do.
    """

    root: Path
    files: tuple[ManifestFile, ...]
    requirements: tuple[tuple[str, Line], ...]
    needs: tuple[Need, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    choice: Choice = field(default_factory=lambda: Choice(ManifestKind.REQUIREMENTS))
    groups: Groups = field(default_factory=Groups)
    derived: str = ""
    requires_python: tuple[str, str] = ("", "")
    environments: tuple[str, ...] = ()
    constraints: tuple[tuple[str, Line], ...] = ()
    flat: tuple[tuple[bool, Line], ...] = ()
    credentials: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    deciding: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Return whether nothing at all is asked for."""
        return not self.requirements

    @property
    def asks_for_groups_alone(self) -> bool:
        """Return whether all that is asked for stands in the requirements files of groups, and nothing in that of the project."""
        files = {where.rpartition(":")[0] for where, _ in self.requirements}
        return bool(files) and files <= set(self.groups.files)

    @property
    def names_index(self) -> bool:
        """Return whether it says itself which index is asked first."""
        return any(option in _FIRST for text in self.sources for option, _ in line_options(text))

    @property
    def is_fully_named(self) -> bool:
        """Return whether every requirement says which package it is; a URL or a local path does not."""
        return all(line.kind is Kind.PACKAGE for _, line in self.requirements)

    @property
    def is_pinned(self) -> bool:
        """Return whether each requirement names one version: a lock, or `==` in every line."""
        if self.choice.kind not in (ManifestKind.REQUIREMENTS, ManifestKind.PYPROJECT):
            return True
        return bool(self.requirements) and all(_PIN.match(line.value) for _, line in self.requirements)

    @property
    def options(self) -> tuple[str, ...]:
        """Return what decides a sync besides the contents of files."""
        return (self.choice.kind.value, self.choice.name, *self.groups.taken)
