"""`envd deny`."""

from __future__ import annotations

import argparse

from envd.cli.place import named
from envd.cli.terminal import say
from envd.operations.consent import deny, find_target
from envd.operations.context import open_context

DESCRIPTION = "Deny a project: its environment is taken out of your shells, nothing of it runs, and envd does not mention it."


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="the project (default: the project here)")


def run(arguments: argparse.Namespace) -> int:
    """Deny the project."""
    context = open_context()
    found = deny(context, find_target(context, named(arguments.directory)))
    say(f"{found.label} is denied")
    return 0
