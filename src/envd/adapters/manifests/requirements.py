"""requirements.txt on disk, with all that it includes."""

from __future__ import annotations

import contextlib
import functools
import os
from dataclasses import dataclass, replace
from pathlib import Path

from envd.adapters.manifests.indexes import known_indexes
from envd.core.capabilities import Need, Place, needs_of
from envd.core.errors import ManifestError, ManifestUnfinished
from envd.core.fingerprint import ManifestFile
from envd.core.requirements import Kind, Line, conflict_line, parse_requirements
from envd.system.files import UnreadableFile, read_regular

NAME = "requirements.txt"
_LIMIT = 1024 * 1024
_MOST_FILES = 200
_ENCODINGS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


@dataclass(frozen=True, slots=True)
class Manifest:
    """A requirements file and its closure: every file in order of inclusion, and the lines that ask for something.

    `needs` are the capabilities that lines of it ask for.
    """

    path: Path
    files: tuple[ManifestFile, ...]
    requirements: tuple[tuple[str, Line], ...]
    needs: tuple[Need, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return whether nothing at all is asked for."""
        return not self.requirements

    @property
    def is_fully_named(self) -> bool:
        """Return whether every requirement says which package it is; a URL or a local path does not."""
        return all(line.kind is Kind.PACKAGE for _, line in self.requirements)


def has_manifest(root: Path) -> bool:
    """Return whether a project has something at the name of its manifest."""
    return os.path.lexists(root / NAME)


def load_manifest(root: Path, name: str = NAME) -> Manifest:
    """Return a requirements file of the project and all that it includes.

    Raises ManifestError naming file and line for what cannot be read, ManifestUnfinished for conflict markers.
    """
    loader = _Loader(root)
    loader.load(root / name, included_at="", constraints=False)
    return Manifest(root / name, tuple(loader.files), tuple(loader.requirements), tuple(loader.needs))


def manifest_paths(root: Path) -> frozenset[Path]:
    """Return the files that the project's manifest is made of, those that are missing or cannot be read included."""
    loader = _Loader(root)
    with contextlib.suppress(ManifestError):
        loader.load(root / NAME, included_at="", constraints=False)
    return frozenset(loader.seen)


class _Loader:
    """One walk over a closure; a file that is included twice in the same way, or in a circle, is read once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.seen: set[Path] = set()
        self._walked: set[tuple[Path, bool]] = set()
        self.files: list[ManifestFile] = []
        self.requirements: list[tuple[str, Line]] = []
        self.needs: list[Need] = []

    @functools.cached_property
    def _indexes(self) -> frozenset[str]:
        # Few manifests name any, and reading what the user has set costs a look at several files.
        return known_indexes(os.environ)

    def load(self, path: Path, included_at: str, *, constraints: bool) -> None:
        path = Path(os.path.normpath(path))
        # What constrains may be asked for as well, and is then read a second time for that.
        if (path, constraints) in self._walked:
            return
        self._walked.add((path, constraints))
        shown = str(path.relative_to(self.root)) if self.root in path.parents else str(path)
        where = f"{included_at}: {shown}" if included_at else shown
        if len(self.seen) >= _MOST_FILES:
            raise ManifestError(f"{where}: more than {_MOST_FILES} files are included")
        self.seen.add(path)
        text = self._text(path, shown, where)
        for line in parse_requirements(text):
            self._take(path, shown, line, constraints)

    def _text(self, path: Path, shown: str, where: str) -> str:
        try:
            data = read_regular(path, _LIMIT)
        except UnreadableFile as error:
            raise ManifestError(f"{where} {error}") from None
        encoding = next((name for mark, name in _ENCODINGS if data.startswith(mark)), "utf-8")
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise ManifestError(f"{shown}:{line} is not {encoding} text") from None
        if "\0" in text:
            raise ManifestError(f"{shown}:{text[: text.index(chr(0))].count(chr(10)) + 1} holds a NUL character")
        conflict = conflict_line(text)
        if conflict is not None:
            raise ManifestUnfinished(f"{shown}:{conflict} holds a conflict marker of git")
        file = ManifestFile(shown, data)
        if file not in self.files:
            self.files.append(file)
        return text

    def _take(self, path: Path, shown: str, line: Line, constraints: bool) -> None:
        where = f"{shown}:{line.number}"
        indexes = self._indexes if "://" in line.text else frozenset()
        self.needs.extend(needs_of(line, Place(where, str(path.parent), str(self.root), indexes)))
        if line.kind in (Kind.REQUIREMENTS, Kind.CONSTRAINTS):
            if not line.value:
                raise ManifestError(f"{where} includes a file without naming it")
            if "://" not in line.value:
                self.load(path.parent / line.value, where, constraints=constraints or line.kind is Kind.CONSTRAINTS)
            elif line.kind is Kind.REQUIREMENTS and not constraints:
                # Only the installer reads it: what it asks for is as unknown as what a URL leads to.
                self.requirements.append((where, replace(line, kind=Kind.UNNAMED)))
        elif line.kind in (Kind.PACKAGE, Kind.UNNAMED) and not constraints:
            self.requirements.append((where, line))
