"""Which generations stay, and which can take the environment's place."""

from __future__ import annotations

import pytest

from envd.core.generations import Marks, can_stand_in, matching, surplus
from envd.core.records import Generation, Synced


def synced(fingerprint: str = "f", **placed: str) -> Synced:
    return Synced(fingerprint, dict(placed), dict(placed), 0.0, 0.0, "uv")


def marks(**versions: str) -> Marks:
    return {name: (version, 1, 1) for name, version in versions.items()}


@pytest.mark.parametrize(
    ("numbers", "most", "most_bytes", "gone"),
    [
        pytest.param([1, 2, 3], 5, 100, [], id="few and small"),
        pytest.param([3, 1, 2], 2, 100, [1], id="too many"),
        pytest.param([1, 2, 3], 5, 20, [1], id="too large"),
        pytest.param([1, 2, 3], 2, 10, [1, 2], id="too many and too large"),
        pytest.param([1, 2, 3], 5, 0, [1, 2, 3], id="no bytes"),
        pytest.param([1, 2, 3], 0, 100, [1, 2, 3], id="none at all"),
        pytest.param([], 5, 100, [], id="nothing kept"),
    ],
)
def test_surplus(numbers: list[int], most: int, most_bytes: int, gone: list[int]) -> None:
    assert surplus(numbers, most, most_bytes, lambda kept: 10 * len(kept)) == gone


def test_matching_finds_the_newest_first() -> None:
    kept = [Generation(1, 0.0, synced("a")), Generation(2, 0.0), Generation(3, 0.0, synced("b")), Generation(4, 0.0, synced("a"))]
    assert [one.number for one in matching(kept, "a")] == [4, 1]


@pytest.mark.parametrize(
    ("kept", "installed", "stands"),
    [
        pytest.param(marks(demo="1.0"), marks(demo="1.1"), True, id="as it was synced"),
        pytest.param(marks(), marks(demo="1.1"), False, id="a package of it is gone"),
        pytest.param(marks(demo="0.9"), marks(demo="1.1"), False, id="a package of it has another version"),
        pytest.param(marks(demo="1.0"), marks(demo="1.1", ipdb="1"), False, id="something was installed by hand since"),
        pytest.param(marks(demo="1.0", ipdb="1"), marks(demo="1.1"), False, id="something was removed by hand since"),
        pytest.param(marks(demo="1.0", ipdb="1"), marks(demo="1.1", ipdb="1"), True, id="the same by hand in both"),
        pytest.param(
            marks(demo="1.0", ipdb="1"), {**marks(demo="1.1"), "ipdb": ("1", 2, 1)}, False, id="installed again by hand since"
        ),
    ],
)
def test_can_stand_in(kept: Marks, installed: Marks, stands: bool) -> None:
    assert can_stand_in(synced(demo="1.0"), kept, synced(demo="1.1"), installed) is stands
