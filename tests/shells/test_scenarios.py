"""Every scenario in every shell."""

from __future__ import annotations

import pytest

from .scenario import Scenario, play
from .scenarios import TABLE
from .steps import Stage

ROWS = [pytest.param(scenario, marks=pytest.mark.case(*scenario.cases), id=scenario.id) for scenario in TABLE]


@pytest.mark.parametrize("scenario", ROWS)
def test_scenario(scenario: Scenario, stage: Stage) -> None:
    for name, reason in scenario.not_in:
        if name == stage.shell.name:
            pytest.skip(reason)
    play(scenario, stage)


def test_every_scenario_has_its_own_name() -> None:
    names = [scenario.id for scenario in TABLE]
    assert sorted(set(names)) == sorted(names)
