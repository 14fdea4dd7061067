"""What the parser says, as plain values: envd and each of its commands are words, with options, arguments and words below them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from envd.adapters.shells import SHELLS
from envd.cli.parser import build_parser


class Kind(Enum):
    """What stands for a metavar: a directory, a file, a shell, one of our commands, any command line, or what nobody can know."""

    NOTHING = ""
    DIR = "DIR"
    FILE = "FILE"
    SHELL = "SHELL"
    COMMAND = "COMMAND"
    CMD = "CMD"


@dataclass(frozen=True, slots=True)
class Option:
    """An option; one without a metavar takes no value. `excludes` are the flags that may not stand beside it."""

    flags: tuple[str, ...]
    help: str
    metavar: str = ""
    repeats: bool = False
    ends: bool = False
    excludes: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """Return what its value is."""
        return _kind(self.metavar)


@dataclass(frozen=True, slots=True)
class Argument:
    """A positional argument."""

    metavar: str
    help: str
    optional: bool = False
    repeats: bool = False

    @property
    def kind(self) -> Kind:
        """Return what it is."""
        return _kind(self.metavar)


@dataclass(frozen=True, slots=True)
class Word:
    """envd, a command or an action: `path` is all that is typed up to and with it, as in "envd daemon start"."""

    path: str
    help: str
    description: str
    options: tuple[Option, ...] = ()
    argument: Argument | None = None
    words: tuple[Word, ...] = ()

    @property
    def name(self) -> str:
        """Return the word itself."""
        return self.path.rpartition(" ")[2]

    def walk(self) -> Iterator[Word]:
        """Yield this word and all below it, each before what is below it."""
        yield self
        for word in self.words:
            yield from word.walk()


def outline() -> Word:
    """Return envd's words, without the commands that its help does not show."""
    parser = build_parser()
    return _word("envd", "", parser)


def choices(kind: Kind, root: Word) -> tuple[str, ...]:
    """Return the words that a kind stands for, where they are known beforehand."""
    if kind is Kind.SHELL:
        return tuple(SHELLS)
    if kind is Kind.COMMAND:
        return tuple(word.name for word in root.words)
    return ()


def _kind(metavar: str) -> Kind:
    return Kind.__members__.get(metavar, Kind.NOTHING)


def _word(path: str, help_text: str, parser: argparse.ArgumentParser) -> Word:
    # argparse has no public way to list what a parser knows; these attributes are the same from Python 3.10 to 3.14.
    arguments = [_argument(action) for action in parser._actions if _is_argument(action)]
    return Word(
        path,
        help_text,
        parser.description or "",
        tuple(_option(action, parser) for action in parser._actions if action.option_strings),
        arguments[0] if arguments else None,
        tuple(_words(path, parser)),
    )


def _words(path: str, parser: argparse.ArgumentParser) -> Iterator[Word]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            # Only those with a help have such an entry.
            for shown in action._choices_actions:
                yield _word(f"{path} {shown.dest}", shown.help or "", action.choices[shown.dest])


def _is_argument(action: argparse.Action) -> bool:
    return not action.option_strings and not isinstance(action, argparse._SubParsersAction)


def _argument(action: argparse.Action) -> Argument:
    return Argument(
        str(action.metavar or action.dest),
        _help(action),
        action.nargs in ("?", "*"),
        action.nargs in ("*", "+", argparse.REMAINDER),
    )


def _option(action: argparse.Action, parser: argparse.ArgumentParser) -> Option:
    return Option(
        tuple(action.option_strings),
        _help(action),
        "" if action.nargs == 0 else str(action.metavar or action.dest.upper()),
        isinstance(action, argparse._AppendAction),
        isinstance(action, argparse._HelpAction | argparse._VersionAction),
        tuple(flag for group in parser._mutually_exclusive_groups for flag in _others(action, group)),
    )


def _others(action: argparse.Action, group: argparse._MutuallyExclusiveGroup) -> list[str]:
    if action not in group._group_actions:
        return []
    return [flag for other in group._group_actions if other is not action for flag in other.option_strings]


def _help(action: argparse.Action) -> str:
    return (action.help or "") % vars(action)
