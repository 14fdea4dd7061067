"""`envd prune`: run by `envd sync` and `envd undo` when they are done, in the background."""

from __future__ import annotations

import argparse

from envd.core.errors import DONE
from envd.operations.context import open_context
from envd.operations.kept import prune

DESCRIPTION = "Let go of the kept environments of a project that are too many or too large. Run by envd itself."


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", metavar="DIR", help="the project")


def run(arguments: argparse.Namespace) -> int:
    """Prune."""
    prune(open_context(), arguments.directory)
    return DONE
