"""The parser: made from the table of commands, whole for completions and the manual, and of no more than is needed otherwise."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import NoReturn

import envd
from envd.cli.commands import COMMANDS, Command
from envd.core.errors import UsageError

DESCRIPTION = "Keep the Python environment of the directory you stand in active and up to date."
EXIT_CODES = (
    (0, "done"),
    (1, "failed"),
    (2, "wrong usage"),
    (3, "no project here"),
    (4, "not allowed"),
    (5, "out of sync (with --check)"),
    (6, "environment broken"),
    (7, "daemon unreachable and needed"),
)


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are raised, not printed."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with what argparse has to say."""
        raise UsageError(message, hint=f"{self.prog} --help")


def build_parser(only: str | None = None) -> Parser:
    """Return the parser of all commands, or one that knows the command `only` alone, for speed."""
    parser, commands = _trunk()
    for command in COMMANDS:
        if only in (None, command.name):
            _add(commands, command)
    return parser


def build_overview() -> Parser:
    """Return a parser that names all commands and knows none of them, for the help and what else needs no command."""
    parser, commands = _trunk()
    for command in COMMANDS:
        if command.help:
            commands.add_parser(command.name, help=command.help)
    return parser


def _trunk() -> tuple[Parser, argparse._SubParsersAction[Parser]]:
    parser = Parser(prog="envd", description=DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"envd {envd.__version__}", help="show the version and exit")
    return parser, parser.add_subparsers(metavar="COMMAND", dest="command", parser_class=Parser)


def _add(commands: argparse._SubParsersAction[Parser], command: Command) -> None:
    module = load(command)
    if command.help:
        parser = commands.add_parser(command.name, help=command.help, description=module.DESCRIPTION, allow_abbrev=False)
    else:
        parser = commands.add_parser(command.name, description=module.DESCRIPTION, allow_abbrev=False)
    module.configure(parser)


def load(command: Command) -> ModuleType:
    """Return a command's module: DESCRIPTION, configure(parser) and run(arguments)."""
    return import_module(f"envd.cli.commands.{command.module}")


def find_command(name: str) -> Command:
    """Return a command by its name; raises UsageError with the nearest one otherwise."""
    for command in COMMANDS:
        if command.name == name:
            return command
    near = difflib.get_close_matches(name, [command.name for command in COMMANDS if command.help], n=1)
    raise UsageError(f"there is no command {name!r}", hint=f"did you mean: envd {near[0]}" if near else "envd help")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Return the parsed command line; raises UsageError."""
    if not words or words[0].startswith("-"):
        return (build_parser() if words[1:] else build_overview()).parse_args(words)
    name = find_command(words[0]).name
    arguments, unknown = build_parser(name).parse_known_args(words)
    if unknown:
        raise UsageError(f"envd {name} does not take {' '.join(unknown)}", hint=f"envd {name} --help")
    return arguments
