"""Reaching the daemon from the CLI: starting it, asking it, and doing without it."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from typing import TypeVar

import envd
from envd.adapters.ipc import call
from envd.core.errors import DaemonHangs, DaemonUnreachable
from envd.core.protocol import Reply, Request, Verb
from envd.operations.context import Context
from envd.system.files import UnreadableFile, read_regular
from envd.system.locks import is_held
from envd.system.processes import start_detached

START_DEADLINE = 10.0
# A running sync is let finish: an installer that is cut off leaves an environment in pieces.
_STOP_WAIT = 65.0
STOP_DEADLINE = 5.0
_STEP = 0.02

T = TypeVar("T")


def reach(context: Context, request: Request, deadline: float) -> Reply:
    """Return the daemon's reply; raises DaemonUnreachable when it is absent, hangs, or refuses."""
    reply = call(context.places.socket, request, deadline)
    if reply.error:
        raise DaemonUnreachable(reply.error, hint="envd daemon restart")
    return reply


def is_running(context: Context) -> bool:
    """Return whether there is a daemon, be it just starting or hung."""
    return is_held(context.places.lock)


def wake(context: Context) -> None:
    """Start the daemon unless one runs or is just starting; does not wait for it."""
    if is_running(context):
        return
    context.places.prepare()
    start_detached(("daemon", "run"), context.places.log)


def revive(context: Context) -> bool:
    """Start the daemon anew where the last one ended without a word, as by SIGKILL; returns whether that was so.

    One that was stopped stays so.
    """
    if is_running(context) or not read_status(context)[0]:
        return False
    wake(context)
    return True


def tell(context: Context, verb: Verb, path: str, deadline: float) -> None:
    """Have the daemon hear something: one that runs, one of another release once it was replaced, or a new one.

    A daemon that cannot be reached is no failure: what it would have done is found again at the next entry.
    """
    request = Request(verb, path)
    with contextlib.suppress(DaemonUnreachable):
        try:
            if reach(context, request, deadline).release == envd.__version__:
                return
            restart(context)
        except DaemonHangs:
            raise  # starting one would wait for the lock that it holds
        except DaemonUnreachable:
            start(context)
        reach(context, request, deadline)


def start(context: Context) -> Reply:
    """Return the running daemon's report, having started it if need be; raises DaemonUnreachable after its deadline."""
    wake(context)
    return _until(lambda: _ping(context), "the daemon did not start")


def stop(context: Context) -> bool:
    """End the daemon and wait until its lock is free, for it goes with the process; returns whether there was one.

    Raises DaemonUnreachable. One that cannot be asked is ended by the pid in its status file, if that is still the process
    that wrote it: with SIGTERM, for it may be finishing a sync already, with SIGKILL when it hangs.
    """
    if not is_running(context):
        return False
    try:
        reach(context, Request(Verb.STOP), STOP_DEADLINE)
    except DaemonUnreachable as error:
        # psutil is only needed for a daemon that cannot be asked.
        from envd.system.liveness import end, is_alive

        pid, started = read_status(context)
        if not pid or not is_alive(pid, started):
            raise
        end(pid, at_once=isinstance(error, DaemonHangs))
    _until(lambda: not is_running(context) or None, "the daemon did not stop, it may be finishing a sync,", _STOP_WAIT)
    return True


def read_status(context: Context) -> tuple[int, float]:
    """Return the pid and the start time that the daemon wrote down, zeros when there is nothing to read."""
    try:
        fields = json.loads(read_regular(context.places.status, 4096))
        return int(fields["pid"]), float(fields["started"])
    except (UnreadableFile, ValueError, KeyError, TypeError):
        return 0, 0.0


def restart(context: Context) -> Reply:
    """Replace the daemon by one of this release."""
    stop(context)
    return start(context)


def _ping(context: Context) -> Reply | None:
    try:
        return call(context.places.socket, Request(Verb.PING), 1.0)
    except DaemonUnreachable:
        return None


def _until(condition: Callable[[], T | None], failure: str, deadline: float = START_DEADLINE) -> T:
    end = time.monotonic() + deadline
    while (value := condition()) is None:
        if time.monotonic() > end:
            raise DaemonUnreachable(f"{failure} within {deadline:g} s", hint="envd daemon run shows why")
        time.sleep(_STEP)
    return value
