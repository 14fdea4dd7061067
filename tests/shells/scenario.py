"""A scenario: what happens to a shell, step by step, and how it is played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .driver import Shell
from .steps import Stage, Step

# What shells say when a hook's code fails in them.
COMPLAINTS = (
    "not found", "unbound", "not set", "readonly", "read-only", "syntax error", "bad substitution", "no matches", "parse error",
    "Unknown command", "invalid option", "bad math", "bad pattern", "ambiguous redirect", "test: ", "global variable", "(line ",
    "in function", "No such file",
)  # fmt: skip


def complaints(text: str) -> list[str]:
    """Return the lines in which a shell complains of something."""
    lines = [line for line in text.splitlines() if any(word in line for word in COMPLAINTS)]
    # The scripts of the tests are run by sh, which says this by itself in a directory that is gone.
    return [line for line in lines if "getcwd() failed" not in line]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Steps in a shell that starts in home or, by its name, below; `prepare` happens before it starts."""

    id: str
    steps: tuple[Step, ...]
    prepare: tuple[Step, ...] = ()
    start: str = ""
    # Lines of the rc file before and after the hook.
    before: Callable[[Shell], str] | None = None
    after: Callable[[Shell], str] | None = None
    # Shells in which it makes no sense, with the reason.
    not_in: tuple[tuple[str, str], ...] = ()
    # Which of the cases in cases.py it plays.
    cases: tuple[int, ...] = ()


def scenario(
    name: str, *steps: Step, prepare: tuple[Step, ...] = (), start: str = "", before: Callable[[Shell], str] | None = None,
    after: Callable[[Shell], str] | None = None, not_in: tuple[tuple[str, str], ...] = (), cases: tuple[int, ...] = (),
) -> Scenario:  # fmt: skip
    return Scenario(name, steps, prepare, start, before, after, not_in, cases)


def play(scenario: Scenario, stage: Stage) -> None:
    """Run a scenario in a shell that was not started yet; raises AssertionError, also when the shell complained of anything."""
    for step in scenario.prepare:
        step(stage)
    shell = stage.shell
    shell.write_rc(scenario.before(shell) if scenario.before else "", scenario.after(shell) if scenario.after else "")
    shell.start(directory=scenario.start)
    for step in scenario.steps:
        step(stage)
    assert complaints(shell.terminal.text) == []
