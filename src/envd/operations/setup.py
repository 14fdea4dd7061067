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
    return _baked(context, shell, shell.hook)


def _baked(context: Context, shell: Shell, name: str) -> str:
    constants = Constants(context.places.answers, context.places.shells, Path(sys.executable), context.settings.names)
    return bake(shell, shipped("shell", name).read_text("utf-8"), constants)


def present_shells() -> list[Shell]:
    """Return the shells that are on this machine."""
    return [shell for shell in SHELLS.values() if find_program(shell.program, os.environ.get("PATH", os.defpath))]


def has_scripts(context: Context) -> bool:
    """Return whether the hooks for scripts were asked for at an earlier set-up."""
    return any(shell.scripts and _scripts_path(context, shell).exists() for shell in SHELLS.values())


def rc_lines(context: Context, shell: Shell, *, scripts: bool = False) -> list[str]:
    """Return the lines that the rc file of a shell gets: they do nothing when envd is gone."""
    lines = [shell.load(shell.quote(str(_hook_path(context, shell))))]
    if shell.complete is not None:
        path = _completions_path(context, shell)
        lines.append(shell.complete(shell.quote(str(path)), shell.quote(str(path.parent))))
    return [*lines, *(scripts_lines(context, shell) if scripts and shell.scripts_in_rc else ())]


def scripts_lines(context: Context, shell: Shell) -> list[str]:
    """Return the lines by which what a shell runs without a prompt gets its hook, none where a link does it."""
    return [shell.load_scripts(shell.quote(str(_scripts_path(context, shell))))] if shell.load_scripts else []


def plan_edits(context: Context, shells: list[Shell], *, scripts: bool = False) -> list[RcEdit]:
    """Return what is to change in the files that `shells` read, with the hooks for scripts or without them."""
    edits = []
    for shell in shells:
        rc = _rc_path(context, shell)
        edits.append(_edit(shell, rc, rc_lines(context, shell, scripts=scripts)))
        for path in _scripts_paths(context, shell):
            if path != rc and (scripts or path.exists()):
                wanted = scripts and path == _scripts_rc(context, shell)
                edits.append(_edit(shell, path, scripts_lines(context, shell) if wanted else []))
    return edits


def plan_removal(context: Context) -> list[RcEdit]:
    """Return what is to change in the files that all shells read for envd to be out of them."""
    files = {path: shell for shell in SHELLS.values() for path in (_rc_path(context, shell), *_scripts_paths(context, shell))}
    edits = [_edit(shell, path, []) for path, shell in files.items()]
    return [edit for edit in edits if edit.changes]


def _edit(shell: Shell, path: Path, lines: list[str]) -> RcEdit:
    """Return the edit that puts these lines into the block, or takes the block out when there are none."""
    try:
        before = path.read_bytes().decode("utf-8", "surrogateescape") if path.exists() else None
    except OSError as error:
        return RcEdit(shell.name, path, None, None, f"cannot be read: {error.strerror}")
    after = with_block(before, lines) if lines else without_block(before) if before is not None else None
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


def _scripts_paths(context: Context, shell: Shell) -> list[Path]:
    return [_rc_path(context, shell).parent / name for name in shell.scripts_rc]


def _scripts_rc(context: Context, shell: Shell) -> Path:
    """Return the file of those in question that is read: the first one that is there, else the last."""
    paths = _scripts_paths(context, shell)
    return next((path for path in paths if path.exists()), paths[-1])


def _home(context: Context) -> Path:
    if not os.path.isabs(context.home):
        raise StateError(f"HOME is {context.home!r}: there is no telling where the rc files are", hint="HOME=~ envd setup")
    return Path(context.home)


def _hook_path(context: Context, shell: Shell) -> Path:
    return context.places.data / "hooks" / shell.hook


def _scripts_path(context: Context, shell: Shell) -> Path:
    return context.places.data / "hooks" / shell.scripts


def is_current(context: Context, shell: Shell) -> bool:
    """Return whether the hook that the rc file of a shell loads is this envd's, for the settings of now."""
    try:
        return _hook_path(context, shell).read_text("utf-8", "surrogateescape") == hook_text(context, shell)
    except OSError:
        return False


def _completions_path(context: Context, shell: Shell) -> Path:
    return context.places.data / "completions" / shell.completions


def connect(context: Context, shells: list[Shell], edits: list[RcEdit], *, scripts: bool = False) -> None:
    """Write hooks, completions and links, then the rc files; raises StateError."""
    refuse_foreign_home()
    context.places.prepare()
    for directory in ("", "hooks", "completions", "backups"):
        ensure_private(context.places.data / directory)
    for shell in shells:
        write_atomic(_hook_path(context, shell), hook_text(context, shell).encode("utf-8", "surrogateescape"))
        write_atomic(_completions_path(context, shell), shipped("completions", shell.completions).read_bytes())
        if shell.scripts and scripts:
            text = _baked(context, shell, shell.scripts)
            write_atomic(_scripts_path(context, shell), text.encode("utf-8", "surrogateescape"))
    write_atomic(context.places.data / "envd.1", shipped("shell", "envd.1").read_bytes())
    for link in _links(context, shells, scripts=scripts):
        _make_link(link)
    apply_edits(context, edits)
    if not scripts:
        _forget_scripts(context)


def _forget_scripts(context: Context) -> None:
    for shell in SHELLS.values():
        if shell.scripts:
            for link in _scripts_links(context, shell):
                _take_out(context, link)
            _scripts_path(context, shell).unlink(missing_ok=True)


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


def _links(context: Context, shells: list[Shell], *, scripts: bool) -> Iterator[Link]:
    home = _home(context)
    for shell in shells:
        if shell.completion_link:
            yield Link(_link_home(context, shell) / shell.completion_link, _completions_path(context, shell))
        if scripts:
            yield from _scripts_links(context, shell)
    yield Link(home / ".local/share/man/man1/envd.1", context.places.data / "envd.1")
    if is_private(context):
        yield Link(home / ".local/bin/envd", Path(sys.prefix, "bin", "envd"))


def _scripts_links(context: Context, shell: Shell) -> Iterator[Link]:
    if shell.scripts_link:
        yield Link(_link_home(context, shell) / shell.scripts_link, _scripts_path(context, shell))


def _link_home(context: Context, shell: Shell) -> Path:
    variable, default = shell.completion_home
    moved = os.environ.get(variable, "")
    return Path(moved) if os.path.isabs(moved) else _home(context) / default


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


def _take_out(context: Context, link: Link) -> None:
    if link.path.is_symlink() and os.readlink(link.path) == str(link.target):
        link.path.unlink()
        _remove_empty(link.path.parent, _home(context))


def _is_ours(link: Link) -> bool:
    return link.path.is_symlink() and Path(os.readlink(link.path)).name == link.target.name


def disconnect(context: Context, edits: list[RcEdit]) -> None:
    """Take envd out of the rc files, end the daemon, and remove all that envd keeps; the user's config.toml stays."""
    stop(context)
    apply_edits(context, edits)
    for link in _links(context, list(SHELLS.values()), scripts=True):
        _take_out(context, link)
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
