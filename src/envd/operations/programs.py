"""Programs that run from an environment while it is exchanged: a pip is waited for, the others by choice, and are told of."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from envd.core.display import printable, shorten
from envd.core.errors import InstallFailed
from envd.system.liveness import Program, programs_of

_LOOK_SECONDS = 0.2
_PATIENCE_SECONDS = 600.0
_WIDTH = 40


def wait_for_programs(venv: str, report: Callable[[str], None], *, everything: bool) -> tuple[str, ...]:
    """Wait for a pip that works on the environment, or for `everything` that runs from it; return what runs still, in words.

    Raises InstallFailed when a pip does not end within ten minutes; what was chosen to be waited for has all the time it takes.
    """
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        running = programs_of(venv)
        holding = [program for program in running if everything or program.is_pip]
        if not holding:
            return tuple(map(_shown, running))
        if not everything and time.monotonic() > end:
            raise InstallFailed(f"{_shown(holding[0])} works on the environment and does not end", hint="envd sync")
        report(f"waiting for {_shown(holding[0])}")
        time.sleep(_LOOK_SECONDS)


def _shown(program: Program) -> str:
    name = os.path.basename(program.words[0])
    return f"{printable(shorten(' '.join((name, *program.words[1:])), _WIDTH))} (pid {program.pid})"
