"""Asking the person at the terminal whether a project may do more than install wheels."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import takewhile
from typing import TypeVar

from envd.cli.terminal import paint
from envd.core.capabilities import Capability, Need
from envd.core.display import printable
from envd.core.errors import CapabilityMissing
from envd.operations.consent import Target, allow
from envd.operations.context import Context

T = TypeVar("T")
_QUESTIONS = {
    Capability.BUILD: "may it run code while packages are installed?",
    Capability.INDEX: "may it take packages from there?",
    Capability.LOCAL: "may it use these files?",
}
_MOST_SHOWN = 10


def asking(context: Context, walked: str, act: Callable[[], T]) -> T:
    """Return what `act` does, once the user granted what it needs; raises what it raises, and CapabilityMissing."""
    while True:
        try:
            return act()
        except CapabilityMissing as error:
            if not granted(context, walked, error.needs):
                raise


def granted(context: Context, walked: str, needs: tuple[Need, ...]) -> bool:
    """Return whether the user at the terminal grants all that is needed; what was granted is remembered."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    asked = [capability for capability in Capability if any(need.capability is capability for need in needs)]
    # After the first no nothing can be done any more.
    said = list(takewhile(lambda capability: _is_granted([need for need in needs if need.capability is capability]), asked))
    if said:
        allow(context, Target(walked), said)
    return said == asked


def _is_granted(needs: list[Need]) -> bool:
    for need in needs[:_MOST_SHOWN]:
        _write(f"{paint(printable(need.where), 'bold', sys.stderr)}: {printable(str(need).removeprefix(f'{need.where}: '))}\n")
    if len(needs) > _MOST_SHOWN:
        _write(f"and {len(needs) - _MOST_SHOWN} more lines\n")
    _write(f"{_QUESTIONS[needs[0].capability]} (from now on, in this project) [y/N] ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _write(text: str) -> None:
    # Standard output may be read by a program.
    sys.stderr.write(text)
    sys.stderr.flush()
