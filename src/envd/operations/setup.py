"""Connecting envd to the user's shells: the hooks and links it writes, the rc files it edits, and taking all of it back."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from envd.adapters.shells import SHELLS, Constants, Shell, bake
from envd.adapters.shells.files import shipped
from envd.adapters.venvs import find_venv, remove_seal
from envd.core.errors import StateError
from envd.core.rcfile import with_block, without_block
from envd.operations.context import Context
from envd.operations.daemonlink import stop
from envd.system.files import ensure_private, write_atomic
from envd.system.places import refuse_foreign_home
from envd.system.processes import find_program


@dataclass(frozen=True, slots=True)
class RcEdit:
    """One rc file as it is and as it is to be; None where there is or will be no file. `obstacle` says why it is left alone."""

    shell: str
    path: Path
    before: str | None
    after: str | None
    obstacle: str = ""

    @property
    def changes(self) -> bool:
        """Return whether there is anything to do."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Link:
    """One symbolic link that makes a file of envd's known to some other program."""

    path: Path
    target: Path


def hook_text(context: Context, shell: Shell) -> str:
    """Return a shell's hook with this user's constants in it."""
    constants = Constants(context.places.answers, context.places.shells, Path(sys.executable), context.settings.names)
    return bake(shell, shipped("shell", shell.hook).read_text("utf-8"), constants)


def present_shells() -> list[Shell]:
    """Return the shells that are on this machine."""
    return [shell for shell in SHELLS.values() if find_program(shell.program, os.environ.get("PATH", os.defpath))]


def rc_lines(context: Context, shell: Shell) -> list[str]:
    """Return the lines that the rc file of a shell gets: they do nothing when envd is gone."""
    lines = [shell.load(shell.quote(str(_hook_path(context, shell))))]
    if shell.complete is not None:
        path = _completions_path(context, shell)
        lines.append(shell.complete(shell.quote(str(path)), shell.quote(str(path.parent))))
    return lines


def plan_edits(context: Context, shells: list[Shell]) -> list[RcEdit]:
    """Return what is to change in the rc files of `shells`."""
    return [_edit(context, shell, remove=False) for shell in shells]


def plan_removal(context: Context) -> list[RcEdit]:
    """Return what is to change in the rc files of all shells for envd to be out of them."""
    edits = [_edit(context, shell, remove=True) for shell in SHELLS.values()]
    return [edit for edit in edits if edit.changes]


def _edit(context: Context, shell: Shell, *, remove: bool) -> RcEdit:
    path = _rc_path(context, shell)
    try:
        before = path.read_bytes().decode("utf-8", "surrogateescape") if path.exists() else None
    except OSError as error:
        return RcEdit(shell.name, path, None, None, f"cannot be read: {error.strerror}")
    after = without_block(before or "") if remove and before is not None else None
    if not remove:
        after = with_block(before, rc_lines(context, shell))
    return RcEdit(shell.name, path, before, after, _obstacle(path) if before != after else "")


def _obstacle(path: Path) -> str:
    """Return why an rc file must not be replaced: dotfile managers keep links, and a read-only file is meant to be so."""
    if path.is_symlink():
        return f"is a link to {os.readlink(path)}"
    if path.exists() and not os.access(path, os.W_OK):
        return "is read-only"
    nearest = next(parent for parent in path.parents if parent.exists())
    return "" if os.access(nearest, os.W_OK) else f"cannot be written: {nearest} is read-only"


def _rc_path(context: Context, shell: Shell) -> Path:
    moved = os.environ.get(shell.rc_variable, "") if shell.rc_variable else ""
    if os.path.isabs(moved):
        return Path(moved, shell.rc_below, Path(shell.rc).name)
    return _home(context) / shell.rc


def _home(context: Context) -> Path:
    if not os.path.isabs(context.home):
        raise StateError(f"HOME is {context.home!r}: there is no telling where the rc files are", hint="HOME=~ envd setup")
    return Path(context.home)


def _hook_path(context: Context, shell: Shell) -> Path:
    return context.places.data / "hooks" / shell.hook


def is_current(context: Context, shell: Shell) -> bool:
    """Return whether the hook that the rc file of a shell loads is this envd's, for the settings of now."""
    try:
        return _hook_path(context, shell).read_text("utf-8", "surrogateescape") == hook_text(context, shell)
    except OSError:
        return False


def _completions_path(context: Context, shell: Shell) -> Path:
    return context.places.data / "completions" / shell.completions


def connect(context: Context, shells: list[Shell], edits: list[RcEdit]) -> None:
    """Write hooks, completions and links, then the rc files; raises StateError."""
    refuse_foreign_home()
    context.places.prepare()
    for directory in ("", "hooks", "completions", "backups"):
        ensure_private(context.places.data / directory)
    for shell in shells:
        write_atomic(_hook_path(context, shell), hook_text(context, shell).encode("utf-8", "surrogateescape"))
        write_atomic(_completions_path(context, shell), shipped("completions", shell.completions).read_bytes())
    write_atomic(context.places.data / "envd.1", shipped("shell", "envd.1").read_bytes())
    for link in _links(context, shells):
        _make_link(link)
    apply_edits(context, edits)


def apply_edits(context: Context, edits: list[RcEdit]) -> None:
    """Replace the rc files that have no obstacle, each one's mode kept; what was there is backed up in the data directory."""
    for edit in edits:
        if not edit.changes or edit.obstacle:
            continue
        mode = edit.path.stat().st_mode & 0o777 if edit.before is not None else 0o644
        if edit.before is not None:
            # Whoever removed the data directory by hand still wants the block out.
            for directory in ("", "backups"):
                ensure_private(context.places.data / directory)
            write_atomic(context.places.data / "backups" / edit.path.name, edit.before.encode("utf-8", "surrogateescape"))
        if edit.after is None:
            edit.path.unlink()
            continue
        edit.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(edit.path, edit.after.encode("utf-8", "surrogateescape"))
        edit.path.chmod(mode)


def _links(context: Context, shells: list[Shell]) -> Iterator[Link]:
    home = _home(context)
    for shell in shells:
        if shell.completion_link:
            variable, default = shell.completion_home
            moved = os.environ.get(variable, "")
            top = Path(moved) if os.path.isabs(moved) else home / default
            yield Link(top / shell.completion_link, _completions_path(context, shell))
    yield Link(home / ".local/share/man/man1/envd.1", context.places.data / "envd.1")
    if is_private(context):
        yield Link(home / ".local/bin/envd", Path(sys.prefix, "bin", "envd"))


def is_private(context: Context) -> bool:
    """Return whether this envd runs from the environment that install.sh made in the data directory."""
    return Path(sys.prefix) == context.places.data / "venv"


def _make_link(link: Link) -> None:
    if link.path.is_symlink() and os.readlink(link.path) == str(link.target):
        return
    if os.path.lexists(link.path) and not _is_ours(link):
        raise StateError(f"{link.path} is there and not envd's", hint=f"move it away: mv {link.path} {link.path}.old")
    try:
        link.path.parent.mkdir(parents=True, exist_ok=True)
        link.path.unlink(missing_ok=True)
        link.path.symlink_to(link.target)
    except OSError as error:
        raise StateError(f"{link.path} cannot be made: {error.strerror}") from None


def _is_ours(link: Link) -> bool:
    return link.path.is_symlink() and Path(os.readlink(link.path)).name == link.target.name


def disconnect(context: Context, edits: list[RcEdit]) -> None:
    """Take envd out of the rc files, end the daemon, and remove all that envd keeps; the user's config.toml stays."""
    stop(context)
    apply_edits(context, edits)
    for link in _links(context, list(SHELLS.values())):
        if link.path.is_symlink() and os.readlink(link.path) == str(link.target):
            link.path.unlink()
            _remove_empty(link.path.parent, _home(context))
    for record in context.store.projects():
        venv = find_venv(Path(record.root), context.settings.names)
        if venv is not None and record.seal is not None:
            remove_seal(venv)
    for edit in edits:
        if edit.after is None:
            _remove_empty(edit.path.parent, _home(context))
    for directory in (context.places.state, context.places.data):
        _remove_all_but(context.places.settings, directory)
        _remove_empty(directory, _home(context))


def _remove_all_but(kept: Path, directory: Path) -> None:
    # On macOS the user's config.toml lies in the very directory of the state.
    with contextlib.suppress(FileNotFoundError):
        for path in directory.iterdir():
            if path == kept:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _remove_empty(directory: Path, stop_at: Path) -> None:
    """Remove a directory and those above it, up to `stop_at`, as long as they are empty."""
    with contextlib.suppress(OSError):
        while directory != stop_at and stop_at in directory.parents:
            directory.rmdir()
            directory = directory.parent
