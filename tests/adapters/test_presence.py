"""Where the shells are, as their files say."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from envd.adapters.presence import hang_bells, read_presences, ring_shells


@pytest.fixture
def pid() -> Iterator[int]:
    """A living process that stands for a shell."""
    with subprocess.Popen([sys.executable, "-I", "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.communicate(b"\n")


@pytest.fixture
def gone() -> int:
    process = subprocess.Popen([sys.executable, "-I", "-c", ""])
    process.wait()
    return process.pid


RECORDS = {
    "one": (b"/code/p\0", {"/code/p"}),
    "the-last-counts": (b"/code/p\0/code/q\0", {"/code/q"}),
    "left": (b"/code/p\0\0", set()),
    "nothing-yet": (b"", set()),
    "half-written": (b"/code/p\0/code/q", set()),
    "with-a-newline": (b"/code/p\nq\0", {"/code/p\nq"}),
    "not-utf-8": (b"/code/\xff\0", {os.fsdecode(b"/code/\xff")}),
    "no-path": (b"?\0", set()),
    "long": (b"/code/p\0" * 3000 + b"/code/q\0", {"/code/q"}),
}


@pytest.mark.parametrize(("written", "roots"), RECORDS.values(), ids=RECORDS)
def test_the_last_record_says_where_a_shell_is(tmp_path: Path, pid: int, written: bytes, roots: set[str]) -> None:
    (tmp_path / str(pid)).write_bytes(written)
    assert {presence.root for presence in read_presences(tmp_path)} == roots


def test_the_files_of_shells_that_are_gone_are_removed(tmp_path: Path, pid: int, gone: int) -> None:
    for name in ("", ".fifo", ".signal"):
        (tmp_path / f"{pid}{name}").touch()
        (tmp_path / f"{gone}{name}").touch()
    hang_bells(tmp_path)
    read_presences(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {f"{pid}{name}" for name in ("", ".fifo", ".signal")}


@pytest.mark.parametrize("name", ["x", ".new-1", "1x", "1.txt", "99999999999", "٣", "fifo"])
def test_other_files_are_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"/code/p\0")
    assert read_presences(tmp_path) == frozenset()
    assert (tmp_path / name).exists()


def test_a_fifo_is_made_once_for_whoever_asks(tmp_path: Path, pid: int) -> None:
    bell = tmp_path / f"{pid}.fifo"
    bell.touch()
    hang_bells(tmp_path)
    first = bell.stat().st_ino
    hang_bells(tmp_path)
    assert bell.is_fifo()
    assert bell.stat().st_ino == first


def test_the_shells_of_a_project_are_rung(tmp_path: Path, pid: int) -> None:
    (tmp_path / str(pid)).write_bytes(b"/code/p\0")
    bell = tmp_path / f"{pid}.fifo"
    bell.touch()
    hang_bells(tmp_path)
    listening = os.open(bell, os.O_RDWR | os.O_NONBLOCK)
    ring_shells(tmp_path, "/code/q")
    with pytest.raises(BlockingIOError):
        os.read(listening, 10)
    ring_shells(tmp_path, "/code/p")
    assert os.read(listening, 10) == b"\n"
    os.close(listening)


def test_no_directory_is_no_shells(tmp_path: Path) -> None:
    ring_shells(tmp_path / "gone", "/code/p")
