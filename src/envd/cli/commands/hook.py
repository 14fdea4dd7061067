"""`envd hook`."""

from __future__ import annotations

import argparse
import sys

from envd.adapters.shells import find_shell
from envd.operations.context import open_tolerant_context
from envd.operations.setup import hook_text

DESCRIPTION = 'Print the hook of a shell, for those who load it with eval "$(envd hook bash)" instead of envd setup.'


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("shell", metavar="SHELL", help="bash, zsh, fish or pwsh")


def run(arguments: argparse.Namespace) -> int:
    """Print the hook with its constants."""
    shell = find_shell(arguments.shell)
    context, _ = open_tolerant_context()
    context.places.prepare()
    sys.stdout.buffer.write(hook_text(context, shell).encode("utf-8", "surrogateescape"))
    return 0
