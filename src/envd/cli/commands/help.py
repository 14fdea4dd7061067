"""`envd help`."""

from __future__ import annotations

import argparse

from envd.cli.parser import EXIT_CODES, build_overview, build_parser, find_command
from envd.cli.terminal import say

DESCRIPTION = "Show help for envd or for one of its commands."


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("topic", nargs="?", metavar="COMMAND", help="the command")


def run(arguments: argparse.Namespace) -> int:
    """Print the help of a command, or of all and the exit codes."""
    if arguments.topic:
        name = find_command(arguments.topic).name
        build_parser(name).parse_args([name, "--help"])
    say(build_overview().format_help())
    say("exit codes:")
    for code, meaning in EXIT_CODES:
        say(f"  {code}  {meaning}")
    return 0
