"""Whether a process is still the one it was."""

from __future__ import annotations

import os
import subprocess
import time

import psutil
import pytest

from envd.system.liveness import end, is_alive, resident_bytes


@pytest.fixture
def gone() -> int:
    process = subprocess.Popen(["/bin/true"])
    process.wait()
    return process.pid


def test_a_process_that_was_seen_is_alive() -> None:
    assert is_alive(os.getpid(), time.time())


def test_a_process_that_ended_is_not(gone: int) -> None:
    assert not is_alive(gone, time.time())


@pytest.mark.parametrize(
    ("before_start", "alive"),
    [
        pytest.param(3600, False, id="an hour before it began"),
        pytest.param(10, False, id="ten seconds before it began"),
        pytest.param(0.5, True, id="within the clock's granularity"),
        pytest.param(-10, True, id="after it began"),
    ],
)
def test_a_number_that_another_process_had_earlier_is_not_that_process(before_start: float, alive: bool) -> None:
    began = psutil.Process().create_time()
    assert is_alive(os.getpid(), began - before_start) is alive


def test_killing_ends_a_process_that_ignores_sigterm() -> None:
    with subprocess.Popen(["/bin/sh", "-c", "trap '' TERM; echo; while :; do read x; done"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        end(process.pid, at_once=True)
        assert process.wait(5) == -9


def test_killing_what_is_gone_is_no_error(gone: int) -> None:
    end(gone, at_once=True)


def test_memory_is_counted_in_bytes() -> None:
    assert 1_000_000 < resident_bytes(os.getpid()) < 10_000_000_000


def test_what_is_gone_has_no_memory(gone: int) -> None:
    assert resident_bytes(gone) == 0
