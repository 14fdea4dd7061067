"""A short run of tests/bench/kill.py: killed at random moments, an environment is as before or as asked, never anything else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.bench import kill


@pytest.mark.parametrize(("installer", "trials", "packages"), [("uv", 8, 70), ("pip", 3, 12)], ids=["uv", "pip"])
def test_killed_at_random_moments_it_is_all_or_nothing(tmp_path: Path, installer: str, trials: int, packages: int) -> None:
    with kill.field_for(installer, tmp_path / "user", random.Random(7), packages) as here:
        tally = kill.trials_with_envd(here, trials)
    assert (tally.after["neither"], tally.for_good, tally.litter) == (0, 0, 0), tally
    assert tally.after.total() == trials


def test_without_network_it_is_as_before(tmp_path: Path) -> None:
    with kill.field_for("uv", tmp_path / "user", random.Random(7), 20) as here:
        tally = kill.trials_without_network(here, 2, kill.with_envd)
    assert tally.after == {"as before": 2}
    assert tally.litter == 0
