"""The way in: parse, run one command, and turn an error into its message and its exit code."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import NoReturn

from envd.cli.parser import build_overview, find_command, load, parse
from envd.cli.terminal import show_error, tell
from envd.core.errors import Ended, EnvdError


def main(words: Sequence[str] | None = None) -> int:
    """Run `envd WORDS` and return its exit code; raises Ended when a signal cuts it off."""
    given = list(sys.argv[1:] if words is None else words)
    # Names of files may hold bytes that no encoding has: they are shown escaped, never a traceback.
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started this
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115  # to the end of the process
        getattr(sys, name).reconfigure(errors="backslashreplace")
    try:
        with _ending_in_order():
            return _run(given)
    except EnvdError as error:
        show_error(error)
        return error.exit_code
    except KeyboardInterrupt:
        raise Ended(signal.SIGINT) from None
    except Ended as ended:
        if ended.said:
            tell(ended.said)
        raise
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # Not foreseen where it happened, such as a full disk behind standard output: told in a line all the same.
        show_error(EnvdError(str(error)))
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EnvdError.exit_code


@contextlib.contextmanager
def _ending_in_order() -> Iterator[None]:
    """Have a signal that ends the process, as when its terminal is closed, end what it started first."""

    def end(number: int, _frame: object) -> NoReturn:
        raise Ended(number)

    # One that is ignored (nohup) stays so.
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    for number, handler in before.items():
        if handler is signal.SIG_DFL:
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run(words: list[str]) -> int:
    arguments = parse(words)
    if arguments.command is None:
        build_overview().print_help()
        return 0
    try:
        code: int = load(find_command(arguments.command)).run(arguments)
    finally:
        sys.stdout.flush()  # what was said comes before the error that ends it
    return code
