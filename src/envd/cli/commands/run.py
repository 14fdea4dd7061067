"""`envd run`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from typing import NoReturn

from envd.cli.place import here
from envd.core.activation import activated
from envd.core.errors import NotExecutable, NotFound, UsageError
from envd.operations.context import open_context
from envd.operations.survey import survey_in_force, usable_venv

DESCRIPTION = (
    "Run a command in the environment of the project here, for where there is no prompt: scripts, editors, cron. It takes the "
    "place of envd, so that its exit code, its signals and the terminal are its own."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="CMD", help="the command and its arguments")


def run(arguments: argparse.Namespace) -> NoReturn:
    """Become the command; raises NotFound (127) and NotExecutable (126) as shells have it."""
    words = arguments.words[1:] if arguments.words[:1] == ["--"] else arguments.words
    if not words:
        raise UsageError("envd run is told no command", hint="envd run python -V")
    context = open_context()
    found = survey_in_force(context, here())
    venv = usable_venv(found)
    sys.stdout.flush()
    # Python ignores it, and what is ignored stays so in another program.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execvpe(words[0], words, activated(os.environ, str(venv.path), str(venv.bin), found.label))  # noqa: S606  # no shell
    except FileNotFoundError:
        raise NotFound(f"{words[0]}: there is no such command, in {venv.name} or on PATH") from None
    except OSError as error:
        raise NotExecutable(f"{words[0]}: {error.strerror}") from None
