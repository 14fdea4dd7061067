"""Locks that end with the process that holds them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from envd.core.errors import StateError
from envd.system.locks import Held, hold, is_held, locked

HOLDER = """
import sys
from pathlib import Path
from envd.system.locks import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


UNTIL_THE_END = """
import atexit, sys, time
from pathlib import Path
from envd.system.locks import hold
hold(Path(sys.argv[1]))
atexit.register(lambda: (print("ending", flush=True), sys.stdin.read()))
"""


@contextlib.contextmanager
def held_elsewhere(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_lock_of_another_process_is_held(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path / "lock"):
        assert is_held(tmp_path / "lock")
        with pytest.raises(Held), locked(tmp_path / "lock", wait=False):
            pass


def test_a_lock_ends_with_its_killed_holder(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path / "lock") as process:
        process.kill()
        process.wait()
        with locked(tmp_path / "lock", wait=False):
            pass


def test_what_is_held_to_the_end_is_free_when_the_process_is_gone(tmp_path: Path) -> None:
    command = [sys.executable, "-c", UNTIL_THE_END, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"ending\n"
        assert is_held(tmp_path / "lock")
        with pytest.raises(Held):
            hold(tmp_path / "lock")
        process.stdin.close()
        with locked(tmp_path / "lock"):
            assert process.wait(60) == 0


def test_waiting_ends_when_the_holder_does(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path / "lock") as process:
        assert process.stdin is not None
        process.stdin.close()
        with locked(tmp_path / "lock"):
            assert is_held(tmp_path / "lock")


def test_a_lock_is_free_after_its_block_and_its_file_stays(tmp_path: Path) -> None:
    with locked(tmp_path / "lock"):
        pass
    assert (is_held(tmp_path / "lock"), (tmp_path / "lock").exists()) == (False, True)


def test_a_lock_is_free_after_an_error(tmp_path: Path) -> None:
    with contextlib.suppress(ZeroDivisionError), locked(tmp_path / "lock"):
        raise ZeroDivisionError
    assert not is_held(tmp_path / "lock")


def test_looking_at_a_lock_makes_no_file(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "lock")
    assert not (tmp_path / "lock").exists()


def test_looking_at_a_lock_is_not_holding_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    stop = threading.Event()
    seen: list[bool] = []

    def look() -> None:
        while not stop.is_set():
            seen.append(is_held(path))

    lookers = [threading.Thread(target=look) for _ in range(2)]
    for looker in lookers:
        looker.start()
    try:
        deadline = time.monotonic() + 0.5
        while time.monotonic() < deadline:
            assert not is_held(path)
    finally:
        stop.set()
        for looker in lookers:
            looker.join()
    assert not any(seen)


def test_looking_at_a_lock_keeps_nobody_from_taking_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            is_held(path)

    looker = threading.Thread(target=look)
    looker.start()
    try:
        for _ in range(200):
            with locked(path, wait=False):
                pass
    finally:
        stop.set()
        looker.join()


def test_a_child_that_is_given_the_lock_holds_it_on(tmp_path: Path) -> None:
    with locked(tmp_path / "lock") as descriptor:
        child = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, pass_fds=(descriptor,))
    assert is_held(tmp_path / "lock")
    child.communicate()
    assert not is_held(tmp_path / "lock")


def test_a_lock_is_not_inherited_by_children(tmp_path: Path) -> None:
    with locked(tmp_path / "lock"):
        child = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, close_fds=False)
    try:
        # The kernel lets the parent of a vfork go on a moment before it closes what the child must not inherit.
        deadline = time.monotonic() + 5
        while is_held(tmp_path / "lock"):
            assert time.monotonic() < deadline
    finally:
        child.communicate()


def test_a_link_in_the_place_of_a_lock_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to("target")
    with pytest.raises(StateError), locked(tmp_path / "lock"):
        pass
    assert not (tmp_path / "target").exists()


def test_a_lock_without_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="No such file or directory"), locked(tmp_path / "gone" / "lock"):
        pass
