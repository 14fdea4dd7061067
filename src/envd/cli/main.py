"""The way in: parse, run one command, and turn an error into its message and its exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from envd.cli.parser import build_parser, find_command, load, parse
from envd.cli.terminal import show_error
from envd.core.errors import EnvdError

INTERRUPTED = 128 + signal.SIGINT


def main(words: Sequence[str] | None = None) -> int:
    """Run `envd WORDS` and return its exit code."""
    given = list(sys.argv[1:] if words is None else words)
    # Names of files may hold bytes that no encoding has: they are shown escaped, never a traceback.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # both are TextIOWrapper in a process
    try:
        return _run(given)
    except EnvdError as error:
        show_error(error)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(words: list[str]) -> int:
    arguments = parse(words)
    if arguments.command is None:
        build_parser().print_help()
        return 0
    try:
        code: int = load(find_command(arguments.command)).run(arguments)
    finally:
        sys.stdout.flush()  # what was said comes before the error that ends it
    return code
