"""Where a shell reads its files at start: at home, or where a variable says, of which zsh itself may be the only one to know."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from envd.adapters.shells import Shell
from envd.core.errors import StateError
from envd.operations.context import Context
from envd.system.processes import answer_of, find_program

_DEADLINE = 2.0


@dataclass(frozen=True, slots=True)
class Place:
    """The directory of a shell's files: `own` by default, `moved` where its variable says so.

    With `is_inherited` what the shell starts has that variable, too, and looks nowhere else.
    """

    own: Path
    moved: Path | None = None
    is_inherited: bool = False

    @property
    def directories(self) -> list[Path]:
        """Return all directories in which there may be files of the shell."""
        return [self.own] if self.moved is None else [self.own, self.moved]

    def rc(self, shell: Shell) -> Path:
        """Return the file that interactive shells read."""
        return self.directories[-1] / Path(shell.rc).name

    def scripts(self, shell: Shell) -> dict[Path, bool]:
        """Return the files that may load the hook for scripts, and of each whether it is read.

        At home and where the variable leads: a shell that was started without it has read the former before it knew.
        """
        found = {}
        for directory in self.directories:
            paths = [directory / name for name in shell.scripts_rc]
            default = paths[-1:] if directory == self.own or self.is_inherited else []
            read = [*(path for path in paths if path.exists()), *default][:1]
            found.update({path: path in read for path in paths})
        return found


def place_of(context: Context, shell: Shell) -> Place:
    """Return where a shell reads its files, by this process's variables or, where those do not say, by asking the shell."""
    own = (home_of(context) / shell.rc).parent
    said, is_inherited = os.environ.get(shell.rc_variable, "") if shell.rc_variable else "", True
    if not said and shell.asked:
        said, is_inherited = _ask(context, shell)
    moved = Path(said, shell.rc_below)
    return Place(own, moved, is_inherited) if os.path.isabs(said) and moved != own else Place(own)


def _ask(context: Context, shell: Shell) -> tuple[str, bool]:
    """Return the value that a shell's own start gives to its variable ('' for none), and whether it exports it."""
    program = find_program(shell.program, os.environ.get("PATH", os.defpath))
    said = answer_of([str(program), *shell.asked], home_of(context), _DEADLINE) if program is not None else ""
    # What the shell's files print comes first.
    kind, _, value = said.rstrip("\n").rpartition("\n")[2].partition(" ")
    return (value, "export" in kind) if kind.startswith("scalar") else ("", False)


def home_of(context: Context) -> Path:
    """Return the user's home; raises StateError where HOME does not say."""
    if not os.path.isabs(context.home):
        raise StateError(f"HOME is {context.home!r}: there is no telling where the rc files are", hint="HOME=~ envd setup")
    return Path(context.home)
