"""`envd wait`."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.stage.home import Home
from tests.stage.index import Index
from tests.stage.waiting import wait_until

from envd.system.locks import locked


@pytest.fixture
def root(home: Home) -> Path:
    return home.allowed(home.project())


@pytest.fixture
def syncing(home: Home, root: Path) -> Iterator[Path]:
    """The project, with its lock held as by a sync."""
    with locked(home.store.sync_lock(str(root))):
        yield root


def test_with_no_sync_there_is_nothing_to_wait_for(home: Home, root: Path) -> None:
    ran = home.envd("wait", cwd=root)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert home.envd("wait", str(root)).code == 0


def test_it_returns_when_the_sync_is_done(home: Home, root: Path) -> None:
    with locked(home.store.sync_lock(str(root))):
        waiting = home.begin("wait", cwd=root)
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == b"envd: acme is being synced, or about to be: Ctrl-C goes on without waiting\n"
        assert waiting.poll() is None
    assert waiting.communicate(timeout=30)[0] == b""
    assert waiting.returncode == 0


@pytest.mark.case(76)
def test_it_can_be_interrupted(home: Home, syncing: Path) -> None:
    waiting = home.begin("wait", cwd=syncing)
    assert waiting.stdout is not None
    waiting.stdout.readline()
    waiting.send_signal(signal.SIGINT)
    assert waiting.communicate(timeout=30)[0] == b""
    assert waiting.returncode == 130
    assert home.store.is_syncing(str(syncing))


def test_it_waits_for_what_is_due(home: Home, index: Index, root: Path) -> None:
    home.start_daemon()
    (root / "requirements.txt").write_text("demo==1.0\n")
    ran = home.envd("wait", cwd=root)
    assert (ran.code, ran.err) == (0, "envd: acme is being synced, or about to be: Ctrl-C goes on without waiting\n")
    assert home.envd("status", "--short", cwd=root).out.endswith("in sync\n")
    # As a script would: what was pulled is there by the next line.
    (root / "requirements.txt").write_text("demo==1.1\n")
    script = "envd wait && envd run python -c 'import demo; print(demo.version)'"
    assert home.run(["sh", "-c", script], cwd=root).out == "1.1\n"


def test_what_is_not_done_by_itself_is_not_waited_for(home: Home, index: Index, root: Path) -> None:
    home.configure("[sync]\nautomatic = false\n")
    (root / "requirements.txt").write_text("demo==1.0\n")
    ran = home.envd("wait", cwd=root)
    assert (ran.code, ran.err) == (5, "envd: packages of acme are out of sync\n  hint: envd sync\n")
    assert home.daemons() == []


def test_a_daemon_that_was_stopped_stays_so_and_one_that_died_does_not(home: Home, index: Index, root: Path) -> None:
    (root / "requirements.txt").write_text("demo==1.0\n")
    assert home.envd("wait", cwd=root).code == 5
    assert home.daemons() == []
    os.kill(home.start_daemon(), signal.SIGKILL)
    wait_until(lambda: not home.daemons(), "the process is gone")
    assert home.envd("wait", cwd=root).code == 0


def test_what_cannot_be_synced_is_not_waited_for(home: Home, index: Index, root: Path) -> None:
    home.start_daemon()
    (root / "requirements.txt").write_text("demo==1.0\n")
    for python in (root / ".venv/bin").glob("python*"):
        python.unlink()
    ran = home.envd("wait", cwd=root)
    assert (ran.code, ran.err.splitlines()[0]) == (6, "envd: acme: .venv has no Python in it")


def test_what_failed_is_told(home: Home, index: Index, root: Path) -> None:
    home.start_daemon()
    (root / "requirements.txt").write_text("no-such-thing\n")
    ran = home.envd("wait", cwd=root)
    assert (ran.code, "no-such-thing was not found" in ran.err) == (5, True)


def test_two_may_wait(home: Home, root: Path) -> None:
    both = []
    with locked(home.store.sync_lock(str(root))):
        both = [home.begin("wait", cwd=root) for _ in range(2)]
        for waiting in both:
            assert waiting.stdout is not None
            waiting.stdout.readline()
    assert [(waiting.communicate(timeout=30)[0], waiting.returncode) for waiting in both] == [(b"", 0)] * 2


def test_where_there_is_no_project_it_says_so(home: Home) -> None:
    ran = home.envd("wait")
    assert ran.code == 3
    assert ran.err.startswith("envd: ")
