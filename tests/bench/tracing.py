"""How many processes a step starts: counted by strace between the lines that the steps print."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from tests.bench.home import Home, TroubleError
from tests.bench.interactive import MOMENTS, Session, timed_lines

# "?" lets strace pass over what this architecture does not have.
_CALLS = "?clone,?clone3,?fork,?vfork,execve,write"
_MARK = re.compile(r'\bwrite\(1, "(begin|end) (\w+)')
_START = re.compile(r"\b(?:clone3?|v?fork)\(")


def find_strace() -> str | None:
    """Return strace, None where there is none."""
    return shutil.which("strace")


def count_processes(home: Home, session: Session, strace: str) -> dict[str, int]:
    """Return the most processes that any step of each moment started, those started by its children among them."""
    trace = session.stepping.with_suffix(".trace")
    options = (strace, "-f", "-qq", "-s", "64", "-e", "signal=none", "-e", f"trace={_CALLS}", "-o", str(trace))
    for _ in timed_lines(home, (*options, *session.shell.command(session.stepping))):
        pass
    return _most(_counted(trace))


def _counted(trace: Path) -> Iterable[tuple[str, int]]:
    count, moment = 0, ""
    for line in trace.read_text("utf-8", "replace").splitlines():
        mark = _MARK.search(line)
        if mark is None:
            # A thread is no process.
            count += _START.search(line) is not None and "CLONE_THREAD" not in line
        elif mark[1] == "begin":
            count, moment = 0, mark[2]
        elif mark[2] == moment:
            yield moment, count


def _most(counted: Iterable[tuple[str, int]]) -> dict[str, int]:
    most: dict[str, int] = {}
    for moment, count in counted:
        most[moment] = max(count, most.get(moment, 0))
    if not MOMENTS.keys() <= most.keys():
        raise TroubleError("strace saw not all steps: it may not be permitted to trace here")
    return most
