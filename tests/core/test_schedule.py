"""When a sync may start."""

from __future__ import annotations

import pytest

from envd.core.schedule import CAP, GIT_POLL, QUIET, Burst, GitActivity, is_of_the_network, retry_delay, wait_before_sync


@pytest.mark.parametrize(
    ("burst", "git", "now", "expected"),
    [
        pytest.param(Burst(10, 10), GitActivity(), 10, QUIET, id="just changed"),
        pytest.param(Burst(10, 10), GitActivity(), 10.15, 0.05, id="nearly quiet"),
        pytest.param(Burst(10, 10), GitActivity(), 10.2, 0, id="quiet"),
        pytest.param(Burst(10, 10), GitActivity(), 99, 0, id="long quiet"),
        pytest.param(Burst(10, 11.9), GitActivity(), 11.9, 0.1, id="at the cap"),
        pytest.param(Burst(10, 13), GitActivity(), 13, 0, id="changing for longer than the cap"),
        pytest.param(Burst(10, 10), GitActivity(locked=True), 69.9, GIT_POLL, id="git holds its index"),
        pytest.param(Burst(10, 69), GitActivity(locked=True), 69, GIT_POLL, id="git holds it beyond the cap of quiet"),
        pytest.param(Burst(10, 10), GitActivity(locked=True), 70, 0, id="git left its lock behind"),
        pytest.param(Burst(10, 10), GitActivity(unfinished="a rebase"), 14.9, GIT_POLL, id="a rebase of a moment"),
        pytest.param(Burst(10, 10), GitActivity(unfinished="a rebase"), 15, 0, id="a rebase that stays unfinished"),
    ],
)
def test_a_sync_waits_for_quiet_and_for_git(burst: Burst, git: GitActivity, now: float, expected: float) -> None:
    assert wait_before_sync(burst, git, now) == pytest.approx(expected)


def test_a_steady_stream_of_changes_is_cut_at_the_cap() -> None:
    now = 0.0
    while wait_before_sync(Burst(0.0, now), GitActivity(), now) > 0:
        now += QUIET / 2
    assert now == pytest.approx(CAP)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        pytest.param(-1, 30, id="less than none"),
        pytest.param(0, 30, id="none"),
        pytest.param(1, 30, id="first"),
        pytest.param(2, 60, id="second"),
        pytest.param(3, 120, id="third"),
        pytest.param(7, 1920, id="seventh"),
        pytest.param(8, 3600, id="at most an hour"),
        pytest.param(10**9, 3600, id="very many"),
    ],
)
def test_retries_come_later_and_later(failures: int, seconds: float) -> None:
    assert retry_delay(failures) == seconds


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        pytest.param(
            "r.txt: error sending request for url (http://h/simple/) (Connection refused (os error 111))", True, id="refused"
        ),
        pytest.param("r.txt: Failed to fetch: `http://h/` (dns error)", True, id="names"),
        pytest.param("r.txt: operation timed out", True, id="slow"),
        pytest.param("r.txt:1: Because only demo==1.0 is available and you require demo==9", False, id="no such version"),
        pytest.param("r.txt:1: Hash mismatch for `demo==1.0`", False, id="hash"),
    ],
)
def test_a_failure_of_the_network_is_known(reason: str, expected: bool) -> None:
    assert is_of_the_network(reason) is expected
