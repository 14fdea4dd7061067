"""The collected cases: each has a test in every shell, or a reason to have none; and the page that says so is true."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .case_table import SHELLS, Tested, problems, table
from .cases import CASES, Case, Reason, case

TOP = Path(__file__).resolve().parents[2]
PAGE = TOP / "tests" / "CASES.md"
EVERYWHERE = frozenset(SHELLS)
NONE = Reason("none", "There is no such thing.")


def test_every_case_has_its_tests_and_the_page_says_so() -> None:
    # By another pytest: this one may be running a part of the tests, or in several processes.
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    variables["PYTHONUTF8"] = "1"
    command = [sys.executable, "-m", "tests.shells.case_table"]
    done = subprocess.run(command, cwd=TOP, env=variables, capture_output=True, encoding="utf-8", check=False)
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout == PAGE.read_text(encoding="utf-8"), f"run: {' '.join(command[1:])} >tests/CASES.md"


def test_numbers_are_in_order_and_none_is_missing() -> None:
    assert [case.number for case in CASES] == list(range(1, len(CASES) + 1))


def test_a_word_stands_for_one_reason() -> None:
    reasons = {reason for case in CASES for reason in case.without.values()}
    assert len({reason.short for reason in reasons}) == len(reasons)


@pytest.mark.parametrize(
    ("cases", "tested", "found"),
    [
        pytest.param((case(1, "a"),), {1: EVERYWHERE}, [], id="tested everywhere"),
        pytest.param((case(1, "a", fish=NONE),), {1: EVERYWHERE - {"fish"}}, [], id="with a reason"),
        pytest.param((case(1, "a"),), {1: EVERYWHERE - {"fish"}}, ["case 1 has no test in fish"], id="lost in a shell"),
        pytest.param((case(1, "a"),), {}, [f"case 1 has no test in {shell}" for shell in SHELLS], id="lost everywhere"),
        pytest.param(
            (case(1, "a", fish=NONE),),
            {1: EVERYWHERE},
            ["case 1 has a test in fish, and a reason to have none"],
            id="a needless reason",
        ),
        pytest.param((), {7: EVERYWHERE}, ["case 7 is not in the table"], id="a number of nothing"),
    ],
)
def test_what_does_not_fit_is_found(cases: tuple[Case, ...], tested: Tested, found: list[str]) -> None:
    assert problems(cases, tested) == found


def test_a_row_says_where_it_is_tested_and_why_not() -> None:
    page = table((case(1, "It works.", fish=NONE),), {1: frozenset(["bash", "envd"])})
    assert "| 1 | It works. | ✓ |  | none |  | ✓ |\n" in page
    assert page.endswith("\n- **none**: There is no such thing.\n")
