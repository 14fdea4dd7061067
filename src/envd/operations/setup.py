"""Connecting envd to the user's shells, and taking all of it back."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path

from envd.adapters import generations
from envd.adapters.shells import SHELLS, Constants, Shell, bake
from envd.adapters.shells.files import shipped
from envd.adapters.venvs import find_venv, remove_seal
from envd.operations.context import Context
from envd.operations.daemonlink import stop
from envd.operations.links import links, make_link, remove_empty, scripts_links, take_out
from envd.operations.rcedits import RcEdit, apply_edits, completions_path, hook_path, scripts_path
from envd.operations.rcplaces import home_of
from envd.system.files import ensure_private, write_atomic
from envd.system.places import refuse_foreign_home
from envd.system.processes import find_program


def hook_text(context: Context, shell: Shell) -> str:
    """Return a shell's hook with this user's constants in it."""
    return _baked(context, shell, shell.hook)


def _baked(context: Context, shell: Shell, name: str) -> str:
    places, settings = context.places, context.settings
    switches = frozenset(switch for switch in shell.switches if getattr(settings, switch))
    constants = Constants(places.answers, places.shells, Path(sys.executable), settings.names, switches)
    return bake(shell, shipped("shell", name).read_text("utf-8"), constants)


def present_shells() -> list[Shell]:
    """Return the shells that are on this machine."""
    return [shell for shell in SHELLS.values() if find_program(shell.program, os.environ.get("PATH", os.defpath))]


def is_current(context: Context, shell: Shell) -> bool:
    """Return whether the hook that the rc file of a shell loads is this envd's, for the settings of now."""
    try:
        return hook_path(context, shell).read_text("utf-8", "surrogateescape") == hook_text(context, shell)
    except OSError:
        return False


def connect(context: Context, shells: list[Shell], edits: list[RcEdit], *, scripts: bool = False) -> None:
    """Write hooks, completions and links, then the rc files; raises StateError."""
    refuse_foreign_home()
    context.places.prepare()
    for directory in ("", "hooks", "completions", "backups"):
        ensure_private(context.places.data / directory)
    for shell in shells:
        write_atomic(hook_path(context, shell), hook_text(context, shell).encode("utf-8", "surrogateescape"))
        write_atomic(completions_path(context, shell), shipped("completions", shell.completions).read_bytes())
        if shell.scripts and scripts:
            text = _baked(context, shell, shell.scripts)
            write_atomic(scripts_path(context, shell), text.encode("utf-8", "surrogateescape"))
    write_atomic(context.places.data / "envd.1", shipped("shell", "envd.1").read_bytes())
    for link in links(context, shells, scripts=scripts):
        make_link(link)
    apply_edits(context, edits)
    if not scripts:
        _forget_scripts(context)


def _forget_scripts(context: Context) -> None:
    for shell in SHELLS.values():
        if shell.scripts:
            for link in scripts_links(context, shell):
                take_out(context, link)
            scripts_path(context, shell).unlink(missing_ok=True)


def disconnect(context: Context, edits: list[RcEdit]) -> None:
    """Take envd out of the rc files, end the daemon, and remove all that envd keeps; the user's config.toml stays."""
    stop(context)
    # First of all: shells that are open go on asking meanwhile, and are to be told that nothing is allowed any more.
    context.store.forget_all_trust()
    apply_edits(context, edits)
    for link in links(context, list(SHELLS.values()), scripts=True):
        take_out(context, link)
    for record in context.store.projects():
        venv = find_venv(Path(record.root), context.settings.names)
        if venv is not None and record.seal is not None:
            remove_seal(venv)
        if venv is not None:
            # Whatever project or place it was kept for before.
            generations.remove_all(venv.path)
    for edit in edits:
        if edit.after is None:
            remove_empty(edit.path.parent, home_of(context))
    stop(context)  # one that such a question started
    for directory in (context.places.state, context.places.data):
        _remove_all_but(context.places.settings, directory)
        remove_empty(directory, home_of(context))


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
