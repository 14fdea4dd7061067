"""`envd setup`."""

from __future__ import annotations

import argparse
import difflib
import sys

from envd.adapters.shells import Shell, find_shell
from envd.cli.terminal import paint, say, tell
from envd.core.display import with_tilde
from envd.core.errors import DONE, UsageError
from envd.operations.context import Context, open_context, open_tolerant_context
from envd.operations.daemonlink import start
from envd.operations.links import is_private
from envd.operations.rcedits import (
    Lines,
    RcEdit,
    has_scripts,
    left_by_hand,
    login_gap,
    plan_edits,
    plan_removal,
    rc_lines,
    scripts_lines,
)
from envd.operations.setup import connect, disconnect, present_shells

DESCRIPTION = (
    "Connect envd to the shells that are here: one guarded block in each rc file, shown before it is written; completions and the "
    "manual page are linked. Run it again after changing names in config.toml."
)
_COLOURS = {"+": "green", "-": "red", "@": "blue"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("shell", nargs="*", metavar="SHELL", help="bash, zsh, fish or pwsh (default: those that are here)")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    parser.add_argument("--print", action="store_true", help="print the lines to put into the rc files by hand")
    parser.add_argument(
        "--scripts",
        action=argparse.BooleanOptionalAction,
        help="in force for scripts, tasks of editors and agents too, by what bash, zsh and fish read without a prompt "
        "(default: as it was set up before)",
    )
    parser.add_argument("--remove", action="store_true", help="take envd out of the shells and remove all that it keeps")


def run(arguments: argparse.Namespace) -> int:
    """Connect, print or remove."""
    # Taking envd out works also with a config.toml that cannot be read.
    context = open_tolerant_context()[0] if arguments.remove else open_context()
    if arguments.remove:
        if arguments.shell or arguments.print or arguments.scripts is not None:
            raise UsageError("envd setup --remove takes envd out of all shells, and nothing else", hint="envd setup --remove")
        return _remove(context, arguments)
    shells = [find_shell(name) for name in arguments.shell] or present_shells()
    if not shells:
        raise UsageError("no shell that envd has a hook for is on PATH", hint="envd setup bash connects one all the same")
    scripts = has_scripts(context) if arguments.scripts is None else arguments.scripts
    edits = [] if arguments.print else plan_edits(context, shells, scripts=scripts)
    if arguments.print:
        _print(context, shells, scripts=scripts)
    _show(context, edits)
    changes = any(edit.changes and not edit.obstacle for edit in edits)
    if arguments.dry_run or not _agreed(arguments, needed=changes, question="change these files?"):
        return DONE
    connect(context, shells, edits, scripts=scripts)
    if arguments.print:
        return DONE
    for edit in edits:
        _say_obstacle(context, edit)
    _say_gaps(context, shells)
    start(context)
    waiting = {edit.shell for edit in edits if edit.obstacle and edit.lines}
    names = [shell.name for shell in shells]
    say(_connected([name for name in names if name not in waiting], [name for name in names if name in waiting]))
    return DONE


def _say_obstacle(context: Context, edit: RcEdit) -> None:
    """Say what its user has to do with a file that is left alone."""
    if not edit.obstacle:
        return
    do = "put these lines there yourself" if edit.lines else "take the block between >>> envd >>> and <<< envd <<< out"
    say(f"{with_tilde(str(edit.path), context.home)} {edit.obstacle}: {do}")
    for line in edit.lines:
        say(line)


def _say_gaps(context: Context, shells: list[Shell]) -> None:
    for gap in filter(None, (login_gap(context, shell) for shell in shells)):
        say(f"{gap.text}: put this line into ~/{gap.file} yourself")
        say(gap.line)


def _connected(connected: list[str], waiting: list[str]) -> str:
    """Return what is said at the end, of shells that have all they need and of those that wait for lines put in by hand."""
    those = f"{' and '.join(waiting)} once the lines above are in"
    if not connected:
        return f"envd is connected to {those}"
    return f"envd is connected to {', '.join(connected)}; {those if waiting else 'a shell that is opened now has it'}"


def _print(context: Context, shells: list[Shell], *, scripts: bool) -> None:
    for shell in shells:
        say(f"# {shell.name}")
        _say_lines(rc_lines(context, shell, scripts=scripts))
        if scripts and shell.scripts_rc:
            say(f"# {shell.name}, in {shell.scripts_rc[-1]}")
            _say_lines(scripts_lines(context, shell))


def _say_lines(wanted: list[Lines]) -> None:
    for part in wanted:
        for line in part.lines:
            say(line)


def _show(context: Context, edits: list[RcEdit]) -> None:
    """Show what changes in the rc files, as a diff."""
    for edit in edits:
        if not edit.changes or edit.obstacle:
            continue
        name = with_tilde(str(edit.path), context.home)
        before, after = (edit.before or "").splitlines(), (edit.after or "").splitlines()
        for line in difflib.unified_diff(before, after, name, name, lineterm="", n=1):
            say(paint(line, _COLOURS.get(line[:1], "")))


def _agreed(arguments: argparse.Namespace, *, needed: bool, question: str) -> bool:
    """Ask once, only where something that is the user's own would change or be lost."""
    if arguments.yes or not needed:
        return True
    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked here", hint="envd setup --yes, or --print and put the lines in yourself")
    try:
        answer = input(f"{question} [Y/n] ")
    except EOFError:
        answer = "n"
    if answer.strip().lower() in ("", "y", "yes"):
        return True
    say("nothing was changed")
    return False


def _remove(context: Context, arguments: argparse.Namespace) -> int:
    edits = plan_removal(context)
    _show(context, edits)
    say(f"removes {with_tilde(str(context.places.data), context.home)} and {with_tilde(str(context.places.state), context.home)}")
    projects = context.store.projects()
    if projects:
        many = "1 project" if len(projects) == 1 else f"{len(projects)} projects"
        say(f"takes its files, with all that envd undo needs, out of the environments of {many}")
    if arguments.dry_run or not _agreed(arguments, needed=True, question="remove all this?"):
        return DONE
    for project in projects:
        if context.store.is_syncing(project.root):
            tell(f"waiting for the sync of {with_tilde(project.root, context.home)}")
    private = is_private(context)
    obstacles, by_hand = [edit for edit in edits if edit.obstacle], left_by_hand(context)
    disconnect(context, edits)
    for edit in obstacles:
        _say_obstacle(context, edit)
    for path in by_hand:
        name = with_tilde(str(path), context.home)
        say(f"{name} loads envd by a line that is not envd's: take it out yourself (grep -n envd {name})")
    say("envd is removed" if private else "envd is out of your shells; remove the program the way you installed it")
    return DONE
