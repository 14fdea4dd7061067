"""Environments on disk: finding one, reading what it is, and what is installed in it. Its Python is not started to look."""

from __future__ import annotations

import contextlib
import csv
import itertools
import json
import os
import re
import shlex
import shutil
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from envd.core.answer import SEAL_PREFIX
from envd.core.damage import Info
from envd.core.errors import StateError
from envd.core.packages import Changes, Dist, at_revision, compare, leading
from envd.core.pyvenv import Diagnosis, PyvenvCfg, VenvState, diagnose, parse_pyvenv_cfg
from envd.core.requirements import normalized
from envd.system.files import UnreadableFile, read_regular

REDIRECT_NAME = ".venv"
_CFG_LIMIT = 64 * 1024
_REDIRECT_LIMIT = 4096
_METADATA_LIMIT = 4 * 1024 * 1024
_ACTIVATE = re.compile(r"^\s*(?:export )?VIRTUAL_ENV=(['\"]?/.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Venv:
    """One environment as found in a project: the name it was found by, its path as VIRTUAL_ENV is to have it, its health."""

    name: str
    path: Path
    cfg: PyvenvCfg
    diagnosis: Diagnosis

    @property
    def bin(self) -> Path:
        """Return the directory that goes on PATH."""
        return self.path / "bin"

    @property
    def python(self) -> Path:
        """Return the environment's own interpreter."""
        return self.bin / "python"

    @property
    def holding_paths(self) -> tuple[Path, ...]:
        """Return what must be the user's own before anything in here may run, so far as it is there."""
        parts = (self.path, self.bin, self.path / "pyvenv.cfg")
        return tuple(part for part in parts if os.path.exists(part))


def find_venv(root: Path, names: Collection[str]) -> Venv | None:
    """Return the environment of a project: the first of `names` with a pyvenv.cfg, or a .venv that is meant to be one.

    A `.venv` that is a file names the environment in its first line (PEP 832).
    """
    for name in names:
        path = root / name
        if os.path.isfile(path / "pyvenv.cfg"):
            return _read(name, path)
        if name == REDIRECT_NAME and os.path.isfile(path):
            return _redirected(root)
    unfinished = root / REDIRECT_NAME
    return _read(REDIRECT_NAME, unfinished) if REDIRECT_NAME in names and os.path.isdir(unfinished) else None


def _redirected(root: Path) -> Venv:
    try:
        first = read_regular(root / REDIRECT_NAME, _REDIRECT_LIMIT).decode("utf-8", "surrogateescape").partition("\n")[0].strip()
    except UnreadableFile:
        first = ""
    if not first or "\0" in first or not os.path.isfile(root / first / "pyvenv.cfg"):
        return _read(REDIRECT_NAME, root / REDIRECT_NAME, is_redirect=True)
    return _read(REDIRECT_NAME, Path(os.path.normpath(root / first)), is_redirect=True)


def _read(name: str, path: Path, *, is_redirect: bool = False) -> Venv:
    try:
        cfg = parse_pyvenv_cfg(read_regular(path / "pyvenv.cfg", _CFG_LIMIT).decode("utf-8", "replace"))
    except UnreadableFile:
        cfg = None
    python = path / "bin" / "python"
    state = VenvState(
        path=str(path),
        cfg=cfg,
        has_python=os.path.lexists(python),
        interpreter=os.path.realpath(python) if os.access(python, os.X_OK) else "",
        home_exists=cfg is not None and os.path.isdir(cfg.home),
        moved_from=_moved_from(path),
        is_redirect=is_redirect,
    )
    return Venv(name, path, cfg or PyvenvCfg(), diagnose(state))


def _moved_from(path: Path) -> str:
    """Return the path that the environment's activate script sets, when that is another directory than this one."""
    try:
        text = read_regular(path / "bin" / "activate", _CFG_LIMIT).decode("utf-8", "replace")
        written = next((shlex.split(match)[0] for match in _ACTIVATE.findall(text)), "")
    except (UnreadableFile, ValueError, IndexError):
        return ""
    try:
        return "" if not written or "\0" in written or os.path.samefile(written, path) else written
    except OSError:
        return written


def write_seal(venv: Venv, token: str) -> None:
    """Put a seal into the environment in the place of any other; raises StateError when it cannot be written."""
    remove_seal(venv)
    path = venv.path / f"{SEAL_PREFIX}{token}"
    try:
        path.mkdir(mode=0o700)
    except OSError as error:
        raise StateError(f"{path} cannot be made: {error.strerror}") from None


def remove_seal(venv: Venv) -> None:
    """Take the seal out of the environment, so far as that can be done."""
    with contextlib.suppress(OSError):
        for entry in venv.path.iterdir():
            if entry.name.startswith(SEAL_PREFIX):
                entry.rmdir() if entry.is_dir() and not entry.is_symlink() else entry.unlink()


def bears_seal(venv: Venv, token: str) -> bool:
    """Return whether the environment holds the seal with this token, as the hooks look for it."""
    return (venv.path / f"{SEAL_PREFIX}{token}").is_dir()


def _site_packages(venv: Venv) -> Iterator[Path]:
    wanted = venv.path / "lib" / f"python{venv.cfg.minor}" / "site-packages"
    yield from [wanted] if wanted.is_dir() else sorted((venv.path / "lib").glob("*/site-packages"))


def _infos(venv: Venv) -> Iterator[tuple[str, str, str]]:
    """Yield name, version and directory of each installed distribution."""
    for directory in _site_packages(venv):
        with os.scandir(directory) as entries:
            for entry in entries:
                name, dash, version = entry.name.removesuffix(".dist-info").partition("-")
                if dash and entry.name.endswith(".dist-info") and not name.startswith("~"):
                    yield normalized(name), version, entry.path


def installed_versions(venv: Venv) -> dict[str, str]:
    """Return the installed distributions, normalized name to version; those that lack their RECORD count as absent."""
    try:
        return {name: version for name, version, info in _infos(venv) if os.path.exists(os.path.join(info, "RECORD"))}
    except OSError:
        return {}


def compare_venvs(old: Venv, new: Venv, asked: Iterable[str] = ()) -> Changes:
    """Return what is installed differently in `new`: first what is asked for by name, then what nothing else that differs needs."""
    before, after = installed_versions(old), installed_versions(new)
    was, now = _commits(old), _commits(new)
    for name in was.keys() & now.keys() & before.keys() & after.keys():
        if before[name] == after[name] and was[name] != now[name]:
            before[name], after[name] = at_revision(before[name], was[name]), at_revision(after[name], now[name])
    added, removed = after.keys() - before.keys(), before.keys() - after.keys()
    first = [*leading(installed_dists(new), added), *leading(installed_dists(old), removed)] if added or removed else []
    return compare(before, after, [*asked, *first])


def installed_marks(venv: Venv) -> dict[str, tuple[str, int, int]]:
    """Return for each of them its version and what tells this installation of it from the next: time and size of its RECORD."""
    marks = {}
    with contextlib.suppress(OSError):
        for name, version, info in _infos(venv):
            with contextlib.suppress(OSError):
                record = os.stat(os.path.join(info, "RECORD"))
                marks[name] = (version, record.st_mtime_ns, record.st_size)
    return marks


def installed_dists(venv: Venv) -> dict[str, Dist]:
    """Return the installed distributions with what each of them requires."""
    return {name: Dist(name, version, _requires(Path(info))) for name, version, info in _infos(venv)}


def direct_origins(venv: Venv) -> dict[str, dict[str, object]]:
    """Return the direct_url.json of the packages that came from no index, by name (PEP 610)."""
    found: dict[str, dict[str, object]] = {}
    for name, _, info in _infos(venv):
        try:
            origin = json.loads(read_regular(Path(info, "direct_url.json"), _CFG_LIMIT))
        except (UnreadableFile, ValueError):
            continue
        if isinstance(origin, dict):
            found[name] = origin
    return found


def _commits(venv: Venv) -> dict[str, str]:
    """Return the commits that packages from repositories were built from, by name (PEP 610)."""
    found = ((name, origin.get("vcs_info")) for name, origin in direct_origins(venv).items())
    commits = ((name, of.get("commit_id")) for name, of in found if isinstance(of, dict))
    return {name: commit for name, commit in commits if isinstance(commit, str)}


def _requires(info: Path) -> tuple[str, ...]:
    try:
        text = read_regular(info / "METADATA", _METADATA_LIMIT).decode("utf-8", "replace")
    except UnreadableFile:
        return ()
    # The first empty line ends the headers; one of blanks alone belongs to a folded one, such as the text of a license (RFC 5322).
    headers = itertools.takewhile(bool, re.split("\r?\n", text))
    return tuple(line.partition(":")[2].strip() for line in headers if line.lower().startswith("requires-dist:"))


def look_at_infos(venv: Venv) -> Iterator[Info]:
    """Yield what each dist-info directory of the environment holds, those of packages that pip set aside included."""
    for directory in _site_packages(venv):
        for path in sorted(directory.glob("*.dist-info")):
            name, _, version = path.name.removesuffix(".dist-info").lstrip("~").partition("-")
            with contextlib.suppress(OSError):
                said = _headers(path)
                said_name = normalized(said.get("name", ""))
                yield Info(path.name, normalized(name), version, frozenset(os.listdir(path)), said_name, said.get("version", ""))


def _headers(info: Path) -> dict[str, str]:
    """Return the first headers of METADATA, name and version among them."""
    try:
        text = read_regular(info / "METADATA", _METADATA_LIMIT).decode("utf-8", "replace")
    except UnreadableFile:
        return {}
    lines = itertools.islice(itertools.takewhile(bool, text.splitlines()), 50)
    pairs = (line.partition(":") for line in lines if not line[0].isspace())
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def missing_files(venv: Venv, names: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield name and path of what the RECORD of these packages lists and is not there; bytecode comes and goes."""
    # A directory is listed once: that is half the time of asking for each of its files.
    listings: dict[str, frozenset[str]] = {}
    for name, _, info in _infos(venv):
        if name not in names:
            continue
        record = os.path.join(info, "RECORD")
        with contextlib.suppress(OSError, ValueError, csv.Error), open(record, errors="surrogateescape", newline="") as file:
            top = os.path.dirname(info)
            for row in csv.reader(file):
                if row and not row[0].endswith(".pyc"):
                    directory, _, entry = os.path.join(top, row[0]).rpartition("/")
                    if directory not in listings:
                        listings[directory] = _names_in(directory)
                    if entry not in listings[directory] and not os.path.lexists(os.path.join(directory, entry)):
                        yield name, row[0]


def _names_in(directory: str) -> frozenset[str]:
    try:
        return frozenset(os.listdir(directory))
    except (OSError, ValueError):
        return frozenset()


def editables(venv: Venv) -> set[str]:
    """Return the names of packages that are installed from a directory in which they are worked on (PEP 610)."""
    found = set()
    for name, _, info in _infos(venv):
        with contextlib.suppress(UnreadableFile, ValueError, AttributeError):
            if json.loads(read_regular(Path(info, "direct_url.json"), _CFG_LIMIT)).get("dir_info", {}).get("editable"):
                found.add(name)
    return found


def remove_info(venv: Venv, directory: str) -> None:
    """Take a damaged dist-info directory out, so that an installer installs the package anew; raises OSError."""
    for packages in _site_packages(venv):
        if (packages / directory).is_dir():
            shutil.rmtree(packages / directory)


def remove_set_aside(venv: Venv) -> None:
    """Take out what pip set aside under a name with a tilde and never removed; raises OSError."""
    for packages in _site_packages(venv):
        for path in packages.glob("~*"):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
