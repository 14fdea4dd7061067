"""One sync under way: how it is done, what its steps share, and what it came to."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from envd.adapters.generations import outside
from envd.adapters.installers import Choice
from envd.adapters.markers import Variables
from envd.adapters.venvs import Venv
from envd.core.answer import SyncState
from envd.core.display import redacted
from envd.core.packages import Changes
from envd.core.wish import AUTOMATIC, Wish
from envd.operations.context import Context
from envd.operations.installing import Report, run_installer
from envd.operations.survey import Survey
from envd.system.processes import Finished, gently


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sync came to: the state it left, what it changed, and the one line about it ('' when there is nothing to say)."""

    state: SyncState
    changes: Changes = field(default_factory=Changes)
    seconds: float = 0.0
    text: str = ""
    mended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manner:
    """How a sync is done: on what occasion, who hears of it, what its user asked for, and the lock that its commands keep."""

    trigger: str
    report: Report
    wish: Wish = AUTOMATIC
    lock: tuple[int, ...] = ()


@dataclass(slots=True)
class Job:
    """One sync under way: everything its steps share."""

    context: Context
    found: Survey
    venv: Venv
    manner: Manner
    choice: Choice
    started: float = field(default_factory=time.monotonic)
    commands: list[str] = field(default_factory=list)
    output: list[str] = field(default_factory=list)
    disturbed: str = ""
    pause: float = 0.0
    more: bool = False
    mended: tuple[str, ...] = ()
    variables: Variables | None = None

    @property
    def seconds(self) -> float:
        """Return for how long it has been going on."""
        return time.monotonic() - self.started

    def run(self, command: list[str]) -> Finished:
        """Run a command of the installer at the project's root, and keep it and its output for the log."""
        if not self.manner.wish.by_hand:
            command = gently(command)
        finished = run_installer(self.venv, self.found.root, command, self.manner.report, self.manner.lock)
        self.commands.append(redacted(" ".join(command)))
        self.output.append(outside(redacted(finished.output)))
        return finished
