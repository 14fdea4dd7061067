"""`envd man`: the manual page as it is shipped."""

from __future__ import annotations

import argparse
import sys

from envd.cli.manual import manual_page

DESCRIPTION = "Print the manual page, in the language of man(7)."


def configure(parser: argparse.ArgumentParser) -> None:
    """Add no arguments."""


def run(arguments: argparse.Namespace) -> int:
    """Print the page, made from the parser."""
    sys.stdout.write(manual_page())
    return 0
