"""`envd wait`."""

from __future__ import annotations

import argparse
import signal

from envd.cli.place import named
from envd.cli.terminal import tell
from envd.core.display import printable
from envd.core.errors import DONE
from envd.operations.context import open_context
from envd.operations.survey import find_root, survey
from envd.system.locks import wait_for

DESCRIPTION = "Wait for the sync that runs for a project, and for nothing when none does. Ctrl-C ends the waiting, not the sync."


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="the project (default: the one here)")


def run(arguments: argparse.Namespace) -> int:
    """Return when no sync runs."""
    context = open_context()
    found = survey(context, find_root(context, named(arguments.directory)))
    lock = context.store.sync_lock(str(found.root))
    if context.store.is_syncing(str(found.root)):
        try:
            tell(f"{printable(found.label)} is being synced: Ctrl-C goes on without waiting")
            wait_for(lock)
        except KeyboardInterrupt:
            # Not by the signal: the shells that call this would drop the command that is to go on now.
            return 128 + signal.SIGINT
    return DONE
