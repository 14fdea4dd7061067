"""`envd sync`."""

from __future__ import annotations

import argparse
import sys

from envd.cli.place import named
from envd.cli.terminal import Progress, paint, say
from envd.core.answer import SyncState
from envd.core.display import duration, printable
from envd.core.errors import DONE, OutOfSync, UsageError
from envd.core.notices import STANDING
from envd.core.packages import Changes
from envd.core.wish import Wish
from envd.operations.context import Context, open_context
from envd.operations.kept import prune_later
from envd.operations.mending import extras
from envd.operations.packages import compare_packages
from envd.operations.report import report_project
from envd.operations.survey import find_root, survey
from envd.operations.sync import plan, ready_to_sync, sync

DESCRIPTION = "Make the packages of the project here match its requirements.txt now, also where the daemon holds back."
_COLOURS = {"+": "green", "-": "red", "~": "yellow"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="the project (default: the project here)")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    choice.add_argument("--check", action="store_true", help="change nothing; exit 5 when out of sync")
    parser.add_argument("--exact", action="store_true", help="remove what no manifest asks for, after showing it")
    parser.add_argument("--mend", action="store_true", help="install damaged packages anew")
    parser.add_argument("--wait", action="store_true", help="wait until programs that run from the environment have ended")
    parser.add_argument("--yes", action="store_true", help="do not ask before --exact removes something")


def run(arguments: argparse.Namespace) -> int:
    """Sync, plan or check."""
    context = open_context()
    walked = find_root(context, named(arguments.directory))
    if arguments.check:
        return _check(context, walked)
    if arguments.dry_run:
        return _plan(context, walked)
    if arguments.exact and not _agreed(context, walked, asked=not arguments.yes):
        say("nothing was changed")
        return DONE
    return _sync(context, walked, Wish(True, arguments.exact, arguments.mend, arguments.wait))


def _agreed(context: Context, walked: str, *, asked: bool) -> bool:
    """Show what `--exact` removes, and ask when something is."""
    found = survey(context, walked)
    venv = ready_to_sync(found)
    manifest = compare_packages(found, venv).manifest
    leaving = Changes(removed=extras(venv, manifest) if manifest is not None else {})
    if not leaving:
        return True
    say(f"no manifest of {found.label} asks for:")
    _show(leaving)
    if not asked:
        return True
    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked here", hint="envd sync --exact --yes")
    try:
        return input("remove all this? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _check(context: Context, walked: str) -> int:
    report = report_project(context, walked)
    ready_to_sync(report.found)
    if not report.is_settled:
        problem = f": {report.packages.problem}" if report.packages.problem else ""
        raise OutOfSync(f"packages of {report.found.label} {STANDING[report.packages.state]}{printable(problem)}", hint="envd sync")
    say(f"{report.found.label} is {_settled(report.packages.state)}")
    return DONE


def _plan(context: Context, walked: str) -> int:
    label = survey(context, walked).label
    with Progress(f"planning {label}") as progress:
        planned = plan(context, walked, progress)
    if planned.problem:
        say(f"held back: {printable(planned.problem)}")
    if not planned.changes:
        say(f"{label}: nothing would change" if planned.state is SyncState.STALE else f"{label} is {_settled(planned.state)}")
    else:
        packages = "1 package" if planned.changes.count == 1 else f"{planned.changes.count} packages"
        say(f"{label} would change {packages} ({planned.installer}):")
        _show(planned.changes)
    return DONE


def _sync(context: Context, walked: str, wish: Wish) -> int:
    label = survey(context, walked).label
    with Progress(f"syncing {label}") as progress:
        outcome = sync(context, walked, "envd sync", progress, wish=wish)
    prune_later(context, walked)
    if outcome.changes:
        say(f"{label} synced in {duration(outcome.seconds)}")
        _show(outcome.changes)
    else:
        say(f"{label} is {_settled(outcome.state)}")
    return DONE


def _settled(state: SyncState) -> str:
    return "without requirements.txt: nothing to sync" if state is SyncState.UNMANAGED else state.value


def _show(changes: Changes) -> None:
    for word in changes.words():
        say(f"  {paint(word, _COLOURS[word[0]])}")
