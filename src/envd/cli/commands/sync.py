"""`envd sync`."""

from __future__ import annotations

import argparse

from envd.cli.asking import asking
from envd.cli.place import named
from envd.cli.terminal import Progress, paint, say
from envd.core.answer import SyncState
from envd.core.display import duration, printable
from envd.core.errors import DONE, OutOfSync, UsageError
from envd.core.notices import STANDING
from envd.core.packages import Changes
from envd.operations.context import Context, open_context
from envd.operations.groups import regroup
from envd.operations.report import report_project
from envd.operations.survey import find_root, survey
from envd.operations.sync import Outcome, Plan, plan, ready_to_sync, sync

DESCRIPTION = (
    "Make the packages of the project here match its manifest now, also where the daemon holds back. Only wheels of "
    "the indexes that you use anyway are installed; what asks for more is named, and asked about at a terminal."
)
_COLOURS = {"+": "green", "-": "red", "~": "yellow"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="the project (default: the project here)")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    choice.add_argument("--check", action="store_true", help="change nothing; exit 5 when out of sync")
    group = "sync this group too, from now on: a requirements file, an extra, a dependency group; may be repeated"
    parser.add_argument("--group", dest="groups", action="append", default=[], metavar="NAME", help=group)
    ungroup = "do not sync this group any more; may be repeated"
    parser.add_argument("--no-group", dest="no_groups", action="append", default=[], metavar="NAME", help=ungroup)


def run(arguments: argparse.Namespace) -> int:
    """Sync, plan or check."""
    context = open_context()
    walked = find_root(context, named(arguments.directory))
    if arguments.groups or arguments.no_groups:
        _regroup(context, walked, arguments)
    if arguments.check:
        return _check(context, walked)
    return _plan(context, walked) if arguments.dry_run else _sync(context, walked)


def _regroup(context: Context, walked: str, arguments: argparse.Namespace) -> None:
    if arguments.check or arguments.dry_run:
        raise UsageError("groups are remembered when they are synced", hint="envd sync --group NAME, without --check and --dry-run")
    regroup(context, walked, arguments.groups, arguments.no_groups)


def _check(context: Context, walked: str) -> int:
    report = report_project(context, walked)
    ready_to_sync(report.found)
    if report.packages.state is SyncState.STALE and not plan(context, walked).changes:
        # Another tool made it so, as in a fresh checkout of CI.
        say(f"{report.found.label} is {_settled(SyncState.IN_SYNC)}")
        return DONE
    if not report.is_settled:
        problem = f": {report.packages.problem}" if report.packages.problem else ""
        raise OutOfSync(f"packages of {report.found.label} {STANDING[report.packages.state]}{printable(problem)}", hint="envd sync")
    say(f"{report.found.label} is {_settled(report.packages.state)}")
    return DONE


def _plan(context: Context, walked: str) -> int:
    label = survey(context, walked).label
    planned = asking(context, walked, lambda: _foresee(context, walked, label))
    if planned.problem:
        say(f"held back: {printable(planned.problem)}")
    if not planned.changes:
        say(f"{label}: nothing would change" if planned.state is SyncState.STALE else f"{label} is {_settled(planned.state)}")
    else:
        packages = "1 package" if planned.changes.count == 1 else f"{planned.changes.count} packages"
        say(f"{label} would change {packages} ({planned.installer}):")
        _show(planned.changes)
    return DONE


def _sync(context: Context, walked: str) -> int:
    label = survey(context, walked).label
    outcome = asking(context, walked, lambda: _run(context, walked, label))
    if outcome.changes:
        say(f"{label} synced in {duration(outcome.seconds)}")
        _show(outcome.changes)
    else:
        say(f"{label} is {_settled(outcome.state)}")
    return DONE


def _foresee(context: Context, walked: str, label: str) -> Plan:
    with Progress(f"planning {label}") as progress:
        return plan(context, walked, progress)


def _run(context: Context, walked: str, label: str) -> Outcome:
    with Progress(f"syncing {label}") as progress:
        return sync(context, walked, "envd sync", progress, by_hand=True)


def _settled(state: SyncState) -> str:
    return "without a manifest: nothing to sync" if state is SyncState.UNMANAGED else state.value


def _show(changes: Changes) -> None:
    for word in changes.words():
        say(f"  {paint(word, _COLOURS[word[0]])}")
