"""`envd wait`."""

from __future__ import annotations

import argparse
import signal

from envd.cli.place import named
from envd.cli.terminal import tell
from envd.core.answer import SyncState
from envd.core.display import printable
from envd.core.errors import DONE, OutOfSync
from envd.core.notices import STANDING
from envd.operations.context import open_context
from envd.operations.survey import find_root, survey
from envd.operations.waiting import wait_until_settled

DESCRIPTION = (
    "Wait for the sync that runs for a project, and for the one that is due because its manifest changed; return at once when "
    "there is none. Exits 5 when the packages are not as the manifest asks even so. Ctrl-C ends the waiting, not the sync."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="the project (default: the one here)")


def run(arguments: argparse.Namespace) -> int:
    """Return when no sync runs and none is due; raises OutOfSync where that leaves something to be done."""
    context = open_context()
    walked = find_root(context, named(arguments.directory))
    label, told = printable(survey(context, walked).label), False

    def say_so() -> None:
        nonlocal told
        if not told:
            tell(f"{label} is being synced, or about to be: Ctrl-C goes on without waiting")
        told = True

    try:
        packages = wait_until_settled(context, walked, say_so)
    except KeyboardInterrupt:
        # Not by the signal: the shells that call this would drop the command that is to go on now.
        return 128 + signal.SIGINT
    if packages.state not in (SyncState.IN_SYNC, SyncState.UNMANAGED):
        problem = f": {printable(packages.problem)}" if packages.problem else ""
        raise OutOfSync(f"packages of {label} {STANDING[packages.state]}{problem}", hint=packages.remedy or "envd sync")
    return DONE
