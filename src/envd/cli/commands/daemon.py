"""`envd daemon`."""

from __future__ import annotations

import argparse
import time

from envd.cli.terminal import rows, say
from envd.core.display import ago, with_tilde
from envd.core.protocol import Reply, Request, Verb
from envd.operations import daemonlink
from envd.operations.context import Context, open_tolerant_context
from envd.operations.report import DEADLINE

DESCRIPTION = "The background process that watches active projects and syncs them. It is started when it is first needed."
_ACTIONS = {
    "run": "be the daemon, in the foreground",
    "start": "start it in the background",
    "stop": "let it finish what it does and end it",
    "restart": "stop and start",
    "status": "say whether it runs and what it watches",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the actions."""
    actions = parser.add_subparsers(metavar="ACTION", dest="action", required=True)
    for name, text in _ACTIONS.items():
        actions.add_parser(name, help=text, description=text.capitalize() + ".")


def run(arguments: argparse.Namespace) -> int:
    """Do the action."""
    return _RUN[arguments.action]()


def _run() -> int:
    from envd.daemon.main import run as be_the_daemon  # asyncio and its like are for the daemon alone

    be_the_daemon()
    return 0


def _start() -> int:
    say(_line(daemonlink.start(open_tolerant_context()[0])))
    return 0


def _stop() -> int:
    stopped = daemonlink.stop(open_tolerant_context()[0])
    say("the daemon has stopped: nothing is synced until a new shell starts it again" if stopped else "the daemon was not running")
    return 0


def _restart() -> int:
    say(_line(daemonlink.restart(open_tolerant_context()[0])))
    return 0


def _status() -> int:
    context = open_tolerant_context()[0]
    reply = daemonlink.reach(context, Request(Verb.PING), DEADLINE)
    say(_line(reply))
    for line in rows(_facts(context, reply)):
        say(line)
    return 0


def _facts(context: Context, reply: Reply) -> list[tuple[str, str, str]]:
    from envd.system.liveness import resident_bytes  # psutil is only needed for this line

    watched = ", ".join(with_tilde(path, context.home) for path in reply.projects) or "nothing"
    return [
        ("watches", watched, ""),
        ("memory", f"{resident_bytes(reply.pid) / 1e6:.0f} MB", ""),
        ("log", with_tilde(str(context.places.log), context.home), ""),
    ]


def _line(reply: Reply) -> str:
    return f"the daemon runs: pid {reply.pid}, envd {reply.release}, started {ago(time.time() - reply.started)}"


_RUN = {"run": _run, "start": _start, "stop": _stop, "restart": _restart, "status": _status}
