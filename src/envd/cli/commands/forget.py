"""`envd forget`."""

from __future__ import annotations

import argparse

from envd.cli.place import named
from envd.cli.terminal import say
from envd.core.display import with_tilde
from envd.operations.consent import forget
from envd.operations.context import open_context

DESCRIPTION = "Forget a project: what was said of it, its log and its answers. Its environment and packages stay as they are."


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="the project, which may be gone (default: the project here)")


def run(arguments: argparse.Namespace) -> int:
    """Forget the project."""
    context = open_context()
    root = forget(context, named(arguments.directory))
    say(f"{with_tilde(root, context.home)} is forgotten")
    return 0
