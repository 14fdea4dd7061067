"""The symbolic links by which other programs find what is envd's: completions, the manual page, the command itself."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from envd.adapters.shells import Shell
from envd.core.errors import StateError
from envd.operations.context import Context
from envd.operations.rcedits import completions_path, scripts_path
from envd.operations.rcplaces import home_of


@dataclass(frozen=True, slots=True)
class Link:
    """One symbolic link that makes a file of envd's known to some other program."""

    path: Path
    target: Path


def links(context: Context, shells: list[Shell], *, scripts: bool) -> Iterator[Link]:
    """Yield the links for these shells, and those that are for all."""
    home = home_of(context)
    for shell in shells:
        if shell.completion_link:
            yield Link(_link_home(context, shell) / shell.completion_link, completions_path(context, shell))
        if scripts:
            yield from scripts_links(context, shell)
    yield Link(home / ".local/share/man/man1/envd.1", context.places.data / "envd.1")
    if is_private(context):
        yield Link(home / ".local/bin/envd", Path(sys.prefix, "bin", "envd"))


def scripts_links(context: Context, shell: Shell) -> Iterator[Link]:
    """Yield the link by which a shell finds its hook for scripts, where it is a link that does it."""
    if shell.scripts_link:
        yield Link(_link_home(context, shell) / shell.scripts_link, scripts_path(context, shell))


def _link_home(context: Context, shell: Shell) -> Path:
    variable, default = shell.completion_home
    moved = os.environ.get(variable, "")
    return Path(moved) if os.path.isabs(moved) else home_of(context) / default


def is_private(context: Context) -> bool:
    """Return whether this envd runs from the environment that install.sh made in the data directory."""
    return Path(sys.prefix) == context.places.data / "venv"


def make_link(link: Link) -> None:
    """Put a link there; raises StateError where something is that is not envd's."""
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


def take_out(context: Context, link: Link) -> None:
    """Remove a link that is there and envd's, and the directories that are empty without it."""
    if link.path.is_symlink() and os.readlink(link.path) == str(link.target):
        link.path.unlink()
        remove_empty(link.path.parent, home_of(context))


def remove_empty(directory: Path, stop_at: Path) -> None:
    """Remove a directory and those above it, up to `stop_at`, as long as they are empty."""
    with contextlib.suppress(OSError):
        while directory != stop_at and stop_at in directory.parents:
            directory.rmdir()
            directory = directory.parent
