"""`envd completions`."""

from __future__ import annotations

import argparse
import sys

from envd.adapters.shells import find_shell
from envd.cli.completions import completions_for

DESCRIPTION = "Print the completions of a shell; envd setup connects them by itself."


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("shell", metavar="SHELL", help="bash, zsh, fish or pwsh")


def run(arguments: argparse.Namespace) -> int:
    """Print the completions, made from the parser."""
    sys.stdout.write(completions_for(find_shell(arguments.shell).name))
    return 0
