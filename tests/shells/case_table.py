"""Which of the cases have tests in which shells: asks pytest, and writes the table (`python -m tests.shells.case_table`)."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from .cases import CASES, Case

SHELLS = ("bash", "zsh", "fish", "pwsh")
# Where a test concerns no shell: the daemon, the command, and what both are made of.
PROGRAM = "envd"
COLUMNS = (*SHELLS, PROGRAM)

Tested = Mapping[int, frozenset[str]]

_HEAD = """# What shell hooks get wrong

Cases from the trackers of tools like this one, and from trying. ✓ says that there are tests for it, in that shell, interactive and
on a terminal; in the column *envd*: of the daemon, the command and what they are made of. A word in the place of it says why there
are none, and is explained at the end. Tests of PowerShell are skipped, by name, where there is none.

This page is written by `python -m tests.shells.case_table >tests/CASES.md` from `tests/shells/cases.py` and from what the tests say
of themselves (`pytest.mark.case`), and a test compares.
"""


class Collector:
    """A plugin of pytest that notes for each case in which columns a test plays it."""

    def __init__(self) -> None:
        self.tested: dict[int, set[str]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for mark in item.iter_markers("case"):
                for number in mark.args:
                    self.tested.setdefault(number, set()).update(_columns(item, mark))


def _columns(item: pytest.Item, mark: pytest.Mark) -> Iterator[str]:
    """Give the columns that a test counts for: that which its marker names, else those of the shells that it is given."""
    if "shell" in mark.kwargs:
        yield mark.kwargs["shell"]
        return
    given = dict(getattr(getattr(item, "callspec", None), "params", {}))
    # Of two shells, one in the other, the inner one is under test.
    if "inner" in given:
        given.pop("outer")
    without = {name for name, _ in getattr(given.get("scenario"), "not_in", ())}
    found = {getattr(value, "name", "") for value in given.values() if isinstance(value, type)} | set(
        getattr(item, "fixturenames", ())
    )
    found &= set(SHELLS)
    if not found and item.path.parent == Path(__file__).parent:
        raise pytest.UsageError(f"{item.nodeid} does not say in which shell: pytest.mark.case(..., shell=...)")
    yield from found - without if found else {PROGRAM}


def collect(arguments: Iterable[str] = ()) -> Tested:
    """Return what the tests say of themselves; nothing is run. Raises RuntimeError when they cannot be collected."""
    collector, said = Collector(), io.StringIO()
    with contextlib.redirect_stdout(said):
        code = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *arguments], plugins=[collector])
    if code != pytest.ExitCode.OK:
        raise RuntimeError(said.getvalue())
    return {number: frozenset(columns) for number, columns in collector.tested.items()}


def problems(cases: Iterable[Case], tested: Tested) -> list[str]:
    """Return what does not fit, a line each: no test and no reason for that, a reason beside a test, a number of nothing."""
    known = {case.number: case for case in cases}
    found = [f"case {number} is not in the table" for number in sorted(set(tested) - set(known))]
    for number, case in known.items():
        there = tested.get(number, frozenset())
        missing = [column for column in SHELLS if column not in there and column not in case.without]
        found += [f"case {number} has no test in {column}" for column in missing]
        found += [
            f"case {number} has a test in {column}, and a reason to have none"
            for column in COLUMNS
            if column in case.without and column in there
        ]
    return found


def table(cases: Iterable[Case], tested: Tested) -> str:
    """Return the page."""
    cases = tuple(cases)
    rows = [f"| # | case | {' | '.join(COLUMNS)} |", f"|---:|---|{':---:|' * len(COLUMNS)}"]
    for case in cases:
        there = tested.get(case.number, frozenset())
        cells = ["✓" if column in there else case.without[column].short if column in case.without else "" for column in COLUMNS]
        rows.append(f"| {case.number} | {case.text} | {' | '.join(cells)} |")
    reasons = dict.fromkeys(reason for case in cases for reason in case.without.values())
    legend = [f"- **{reason.short}**: {reason.words}" for reason in sorted(reasons)]
    return "\n".join([_HEAD, *rows, "", *legend]) + "\n"


def main() -> int:
    """Print the page; say what does not fit on stderr."""
    tested = collect()
    sys.stdout.write(table(CASES, tested))
    wrong = problems(CASES, tested)
    sys.stderr.write("".join(f"{line}\n" for line in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
