"""requirements.txt on disk, with all that it includes."""

from __future__ import annotations

import codecs
import contextlib
import functools
import os
import re
from dataclasses import replace
from pathlib import Path

from envd.adapters.manifests.indexes import known_indexes
from envd.core.capabilities import Capability, Need, Place, local_target, needs_of
from envd.core.errors import ManifestError, ManifestUnfinished
from envd.core.fingerprint import ManifestFile
from envd.core.requirements import Kind, Line, conflict_line, deciding_variables, parse_requirements, variables_in
from envd.system.files import UnreadableFile, read_regular

_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
_SOURCES = ("--index-url", "--pypi-url", "--extra-index-url", "--find-links", "--no-index", "--trusted-host")
_LIMIT = 1024 * 1024
_MOST_FILES = 200
# Python's own way to name another one, in one of the first two lines (PEP 263), which pip reads too.
_NAMED_ENCODING = re.compile(rb"\A(?:.*\n)?#.*?coding[:=]\s*([-\w.]+)")
# In these ASCII is ASCII; in others a line may hide that some installer reads.
_KNOWN_ENCODINGS = re.compile(r"ascii|utf-8(-sig)?|iso8859-\d+|cp125\d|cp437|cp85\d|cp866|koi8-[rtu]|mac-roman")
# What Python, pip and envd take for ends of lines and uv does not.
_ODD_ENDS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]|\r(?!\n)")
_ENCODINGS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


class Closure:
    """One walk over files and what they include; one that is included twice in the same way, or in a circle, is read once.

    `seen` are the paths that were looked at, those that are missing or cannot be read included; `constraints` the lines that
    ask for nothing; `leaves` all lines that include nothing, and `is_plain` whether every installer reads them from their files;
    `sources` those that say where packages are looked for.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.seen: set[Path] = set()
        self._walked: set[tuple[Path, bool]] = set()
        self.files: list[ManifestFile] = []
        self.requirements: list[tuple[str, Line]] = []
        self.needs: list[Need] = []
        self.variables: list[tuple[str, str]] = []
        self.deciding: set[str] = set()
        self.constraints: list[tuple[str, Line]] = []
        self.leaves: list[tuple[bool, Line]] = []
        self.sources: list[str] = []
        self.is_plain = True

    @functools.cached_property
    def indexes(self) -> frozenset[str]:
        """Return the user's own; few manifests name any, and to read what the user has set costs a look at several files."""
        return known_indexes(os.environ)

    def load(self, path: Path, included_at: str = "", *, constraints: bool = False) -> None:
        """Read a requirements file and all that it includes.

        Raises ManifestError naming file and line for what cannot be read, ManifestUnfinished for conflict markers.
        """
        path = Path(os.path.normpath(path))
        # What constrains may be asked for as well, and is then read a second time for that.
        if (path, constraints) in self._walked:
            return
        self._walked.add((path, constraints))
        shown = self.shown(path)
        where = f"{included_at}: {shown}" if included_at else shown
        if len(self.seen) >= _MOST_FILES:
            raise ManifestError(f"{where}: more than {_MOST_FILES} files are included")
        text = self.text(path, shown, where)
        if self.root in path.parents and Path(os.path.realpath(self.root)) not in Path(os.path.realpath(path)).parents:
            self.needs.append(Need(Capability.LOCAL, included_at or shown, f"{shown}, a link that leads out of the project"))
        for line in parse_requirements(text):
            self._take(path, shown, line, constraints)

    def text(self, path: Path, shown: str, where: str) -> str:
        """Return the text of one file of the manifest; raises as `load` does."""
        self.seen.add(path)
        try:
            data = read_regular(path, _LIMIT)
        except UnreadableFile as error:
            raise ManifestError(f"{where} {error}") from None
        encoding = next((name for mark, name in _ENCODINGS if data.startswith(mark)), "") or _named_encoding(data, shown)
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise ManifestError(f"{shown}:{line} is not {encoding} text") from None
        if "\0" in text:
            raise ManifestError(f"{shown}:{text[: text.index(chr(0))].count(chr(10)) + 1} holds a NUL character")
        self.is_plain = self.is_plain and (encoding.startswith("utf-8") or data.isascii()) and not _ODD_ENDS.search(text)
        conflict = conflict_line(text)
        if conflict is not None:
            raise ManifestUnfinished(f"{shown}:{conflict} holds a conflict marker of git")
        file = ManifestFile(shown, data)
        if file not in self.files:
            self.files.append(file)
        return text

    def look_at_local(self, target: str, directory: Path) -> None:
        """Have what a local project or wheel consists of decide, too: a change of it is a change of the manifest."""
        if not target:
            return
        # From the root as uv and from its own file as pip reads it.
        ways = [Path(os.path.normpath(start / target)) for start in (self.root, directory)]
        path = next((way for way in ways if way.exists()), ways[0])
        if path.is_dir():
            for name in _PROJECT_FILES:
                self._add_digest(path / name)
        else:
            self._add_stamp(path)

    def _add_digest(self, path: Path) -> None:
        self.seen.add(path)
        with contextlib.suppress(UnreadableFile):
            self.files.append(ManifestFile(self.shown(path), read_regular(path, _LIMIT)))

    def _add_stamp(self, path: Path) -> None:
        self.seen.add(path)
        with contextlib.suppress(OSError):
            found = path.stat()
            self.files.append(ManifestFile(self.shown(path), f"{found.st_size} {found.st_mtime_ns}".encode()))

    def shown(self, path: Path) -> str:
        """Return a path as messages have it: seen from the root where it lies in there."""
        return str(path.relative_to(self.root)) if self.root in path.parents else str(path)

    def _without_file(self, line: Line, directory: Path) -> Line:
        """Return a line as it may stand anywhere: where packages are to be found is told from its file, else from the root."""
        found = line.options[0] if len(line.options) == 1 else ("", "")
        if found[0] != "--find-links" or "://" in found[1] or line.kind is not Kind.OPTION:
            return line
        beside = directory / found[1]
        return replace(line, text=f"--find-links {(beside if beside.exists() else self.root / found[1]).as_uri()}")

    def _take(self, path: Path, shown: str, line: Line, constraints: bool) -> None:
        where = f"{shown}:{line.number}"
        indexes = self.indexes if "://" in line.text else frozenset()
        self.needs.extend(needs_of(line, Place(where, str(path.parent), str(self.root), indexes)))
        self.variables.extend((where, name) for name in variables_in(line.text))
        self.deciding.update(deciding_variables(line.text))
        self.look_at_local(local_target(line), path.parent)
        self.is_plain = self.is_plain and not line.is_for_pip_alone
        if line.kind not in (Kind.REQUIREMENTS, Kind.CONSTRAINTS) or "://" in line.value:
            self.leaves.append((constraints, self._without_file(line, path.parent)))
            if line.kind is Kind.OPTION and any(option in _SOURCES for option, _ in line.options):
                self.sources.append(self.leaves[-1][1].text)
        if line.kind in (Kind.REQUIREMENTS, Kind.CONSTRAINTS):
            if not line.value:
                raise ManifestError(f"{where} includes a file without naming it")
            if "://" not in line.value:
                self.load(path.parent / line.value, where, constraints=constraints or line.kind is Kind.CONSTRAINTS)
            elif line.kind is Kind.REQUIREMENTS and not constraints:
                # Only the installer reads it: what it asks for is as unknown as what a URL leads to.
                self.requirements.append((where, replace(line, kind=Kind.UNNAMED)))
        elif line.kind in (Kind.PACKAGE, Kind.UNNAMED):
            (self.constraints if constraints else self.requirements).append((where, line))


def _named_encoding(data: bytes, shown: str) -> str:
    """Return the encoding that a file names, UTF-8 where that is none; raises ManifestError for one that is not to be trusted."""
    named = _NAMED_ENCODING.match(data)
    if named is None:
        return "utf-8"
    try:
        name = codecs.lookup(named.group(1).decode()).name
    except LookupError:
        return "utf-8"  # a word in a comment; pip says so, and uv does not look
    if _KNOWN_ENCODINGS.fullmatch(name) is None:
        line = data.count(b"\n", 0, named.start(1)) + 1
        raise ManifestError(f"{shown}:{line}: it is said to be {name}: save it as UTF-8")
    return name
