"""The files that shells read at start: what envd puts into them and how it comes out again, planned first and done after."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from envd.adapters.shells import SHELLS, Shell, names_of
from envd.core.logins import Gap, find_gap
from envd.core.rcfile import is_by_hand, says, with_block, without_block
from envd.operations.context import Context
from envd.operations.rcplaces import home_of, place_of
from envd.system.files import ensure_private, write_atomic


@dataclass(frozen=True, slots=True)
class RcEdit:
    """One rc file as it is and as it is to be; None where there is or will be no file.

    `lines` are those that it is to have in the block; `obstacle` says why it is left alone.
    """

    shell: str
    path: Path
    before: str | None
    after: str | None
    lines: tuple[str, ...]
    obstacle: str = ""

    @property
    def changes(self) -> bool:
        """Return whether there is anything to do."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines for one purpose, which do nothing when envd is gone; a file that says one of `signs` of its own does without."""

    lines: list[str]
    signs: list[str]


def rc_lines(context: Context, shell: Shell, *, scripts: bool = False) -> list[Lines]:
    """Return what the rc file of a shell gets."""
    lines = [shell.load(shell.quote(str(hook_path(context, shell))))]
    if shell.complete is not None:
        path = completions_path(context, shell)
        lines.append(shell.complete(shell.quote(str(path)), shell.quote(str(path.parent))))
    hook = Lines(lines, [*_spellings(context, hook_path(context, shell)), *_evaluations(shell)])
    return [hook, *(scripts_lines(context, shell) if scripts and shell.scripts_in_rc else ())]


def scripts_lines(context: Context, shell: Shell) -> list[Lines]:
    """Return that by which what a shell runs without a prompt gets its hook, nothing where a link does it."""
    if shell.load_scripts is None:
        return []
    path = scripts_path(context, shell)
    return [Lines([shell.load_scripts(shell.quote(str(path)))], _spellings(context, path))]


def loads(context: Context, shell: Shell, text: str) -> bool:
    """Return whether an rc file loads the hook, by the block or by a line of the user's own."""
    return says(text, _spellings(context, hook_path(context, shell)))


def evaluates(shell: Shell, text: str) -> bool:
    """Return whether an rc file evaluates what `envd hook` prints."""
    return says(text, _evaluations(shell))


def _evaluations(shell: Shell) -> list[str]:
    return [f"envd hook {name}" for name in names_of(shell)]


def _spellings(context: Context, path: Path) -> list[str]:
    """Return how people write the path of one of envd's files."""
    tops = {"$XDG_DATA_HOME": context.places.data.parent, "$HOME": home_of(context), "~": home_of(context)}
    return [str(path), *(f"{name}/{path.relative_to(top)}" for name, top in tops.items() if top in path.parents)]


def has_scripts(context: Context) -> bool:
    """Return whether the hooks for scripts were asked for at an earlier set-up."""
    return any(shell.scripts and scripts_path(context, shell).exists() for shell in SHELLS.values())


def login_gap(context: Context, shell: Shell) -> Gap | None:
    """Return what keeps login shells from the rc file of a shell, None where nothing does."""
    files = [(name, _text(home_of(context) / name)) for name in shell.login_rc]
    signs = [*_spellings(context, hook_path(context, shell)), *_evaluations(shell)]
    return find_gap(shell.rc, files, signs) if files else None


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return None  # passed over by the shell as well


def plan_edits(context: Context, shells: list[Shell], *, scripts: bool = False) -> list[RcEdit]:
    """Return what is to change in the files that `shells` read, with the hooks for scripts or without them."""
    edits = []
    for shell in shells:
        place = place_of(context, shell)
        rc = place.rc(shell)
        edits.append(_edit(shell, rc, rc_lines(context, shell, scripts=scripts)))
        for path, is_read in place.scripts(shell).items():
            if path != rc and (scripts or path.exists()):
                edits.append(_edit(shell, path, scripts_lines(context, shell) if scripts and is_read else []))
    return edits


def plan_removal(context: Context) -> list[RcEdit]:
    """Return what is to change in the files that all shells read for envd to be out of them."""
    return [edit for edit in _removals(context) if edit.changes]


def left_by_hand(context: Context) -> list[Path]:
    """Return the files in which lines of the user's own load something of envd's: taking the blocks out leaves them."""
    return [
        edit.path
        for edit in _removals(context)
        if says(without_block(edit.before or "") or "", _signs(context, SHELLS[edit.shell]))
    ]


def _removals(context: Context) -> list[RcEdit]:
    # Also where none is read now: the variable may have been another one when they were written.
    files = {
        directory / name: shell
        for shell in SHELLS.values()
        for directory in place_of(context, shell).directories
        for name in (Path(shell.rc).name, *shell.scripts_rc)
    }
    return [_edit(shell, path, []) for path, shell in files.items()]


def _signs(context: Context, shell: Shell) -> list[str]:
    paths = [hook_path(context, shell), completions_path(context, shell)]
    if shell.scripts:
        paths.append(scripts_path(context, shell))
    return [*_evaluations(shell), *(spelling for path in paths for spelling in _spellings(context, path))]


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
            write_atomic(context.places.data / "backups" / _backup_name(context, edit.path), _encoded(edit.before))
        if edit.after is None:
            edit.path.unlink()
            continue
        edit.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(edit.path, _encoded(edit.after))
        edit.path.chmod(mode)


def _backup_name(context: Context, path: Path) -> str:
    """Return a name for the backup of a file, the directories below home in it: several may be called .zshenv."""
    home = home_of(context)
    return str(path.relative_to(home) if home in path.parents else path).replace("/", "%")


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _edit(shell: Shell, path: Path, wanted: list[Lines]) -> RcEdit:
    """Return the edit that puts into the block what the file has not by hand, or takes the block out when that is nothing."""
    try:
        before = path.read_bytes().decode("utf-8", "surrogateescape") if path.exists() else None
    except OSError as error:
        lines = tuple(line for part in wanted for line in part.lines)
        return RcEdit(shell.name, path, None, None, lines, f"cannot be read: {error.strerror}")
    lines = tuple(line for part in wanted if not is_by_hand(before or "", part.signs) for line in part.lines)
    after = with_block(before, lines) if lines else without_block(before) if before is not None else None
    return RcEdit(shell.name, path, before, after, lines, _obstacle(path) if before != after else "")


def _obstacle(path: Path) -> str:
    """Return why an rc file must not be replaced: dotfile managers keep links, and a read-only file is meant to be so."""
    if path.is_symlink():
        return f"is a link to {os.readlink(path)}"
    if path.exists() and not os.access(path, os.W_OK):
        return "is read-only"
    nearest = next(parent for parent in path.parents if parent.exists())
    return "" if os.access(nearest, os.W_OK) else f"cannot be written: {nearest} is read-only"


def hook_path(context: Context, shell: Shell) -> Path:
    """Return where the hook is that the rc file loads."""
    return context.places.data / "hooks" / shell.hook


def scripts_path(context: Context, shell: Shell) -> Path:
    """Return where the hook for scripts is."""
    return context.places.data / "hooks" / shell.scripts


def completions_path(context: Context, shell: Shell) -> Path:
    """Return where the completions are."""
    return context.places.data / "completions" / shell.completions
