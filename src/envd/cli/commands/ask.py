"""`envd ask`: what a hook runs, once, about an environment that has no answer."""

from __future__ import annotations

import argparse
import os

from envd.cli.place import named
from envd.cli.terminal import tell as say_to_user
from envd.core.display import printable
from envd.core.errors import DaemonUnreachable, EnvdError
from envd.core.protocol import Request, Verb
from envd.core.trust import Trust
from envd.operations.context import open_tolerant_context
from envd.operations.daemonlink import reach, wake

DESCRIPTION = "Decide about the environment in a directory and publish the answer for the hooks."
_DEADLINE = 1.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", metavar="DIR")


def run(arguments: argparse.Namespace) -> int:
    """Have the daemon decide, or decide here when it does not answer; a prompt waits, so every failure is one line."""
    directory = arguments.directory if os.path.isabs(arguments.directory) else named(arguments.directory)
    context, problem = open_tolerant_context()
    if not (context.places.state.exists() or context.places.data.exists()):
        return 0  # asked by a shell that was open when envd was removed: nothing is to come back
    if problem:
        say_to_user(printable(problem))
    try:
        reach(context, Request(Verb.ASK, directory), _DEADLINE)
    except DaemonUnreachable:
        from envd.operations.publish import publish  # a prompt waits: half of the time is this, and the daemon has it

        try:
            found = publish(context, directory)
            if found.trust.trust is Trust.ALLOWED:
                wake(context)
        except (EnvdError, OSError) as error:
            say_to_user(f"{printable(os.path.basename(directory))}: {printable(str(error))}")
            return getattr(error, "exit_code", 1)
    return 0
