"""`envd off`, `envd on` and `envd unhook`: the hook's own words, which reach this program only where no hook is loaded."""

from __future__ import annotations

import argparse

from envd.core.errors import UsageError

DESCRIPTION = (
    "For this shell alone: envd off leaves the environment and stays quiet until envd on or the end of the shell; "
    "envd unhook takes envd out of the shell."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add no arguments."""


def run(arguments: argparse.Namespace) -> int:
    """Say where the command works."""
    said = f"envd {arguments.command} works in a shell that has the hook, and this one has not"
    raise UsageError(said, hint="envd doctor")
