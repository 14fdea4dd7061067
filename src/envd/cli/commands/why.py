"""`envd why`."""

from __future__ import annotations

import argparse
import json

from envd.cli.place import named
from envd.cli.terminal import rows, say
from envd.core.display import printable
from envd.operations.context import open_context
from envd.operations.daemonlink import revive
from envd.operations.reasons import Reason, reasons
from envd.operations.survey import find_root

DESCRIPTION = (
    "Say why things are as they are for the project here: its environment and trust, which file decides about its packages and why "
    "none of the others does, its groups, the Python that it asks for, and the installer."
)
JSON_VERSION = 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="the project (default: the project here)")
    parser.add_argument("--json", action="store_true", help="write JSON")


def run(arguments: argparse.Namespace) -> int:
    """Show the reasons."""
    context = open_context()
    revive(context)
    found = reasons(context, find_root(context, named(arguments.directory)))
    if arguments.json:
        say(json.dumps({"version": JSON_VERSION, "reasons": [_object(reason) for reason in found]}, indent=2))
        return 0
    for line in rows([(reason.of, printable(_words(reason)), "") for reason in found]):
        say(line)
    return 0


def _words(reason: Reason) -> str:
    return f"{reason.what}: {reason.why}" if reason.what and reason.why else reason.what or reason.why


def _object(reason: Reason) -> dict[str, str]:
    return {"of": reason.of, "what": reason.what, "why": reason.why}
