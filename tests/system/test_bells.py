"""Telling other processes of news."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from envd.system.bells import replace_by_fifo, send_urgent, write_to_fifo

_LISTENS = (
    "import os, signal; signal.signal(signal.SIGURG, lambda *_: os.write(1, b'rung' + bytes([10]))); "
    "print('up', flush=True); input()"
)
_DOES_NOT = "print('up', flush=True); input()"


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "1.fifo"
    path.touch()
    replace_by_fifo(path)
    return path


def test_a_fifo_takes_the_place_of_a_file(fifo: Path) -> None:
    assert fifo.is_fifo()
    assert fifo.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in fifo.parent.iterdir()] == ["1.fifo"]


def test_what_cannot_be_made_is_left(tmp_path: Path) -> None:
    replace_by_fifo(tmp_path / "gone" / "1.fifo")
    assert list(tmp_path.iterdir()) == []


def test_whoever_has_it_open_reads_a_byte(fifo: Path) -> None:
    descriptor = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    write_to_fifo(fifo)
    assert os.read(descriptor, 10) == b"\n"
    os.close(descriptor)


def test_nobody_listening_holds_nobody_up(fifo: Path) -> None:
    write_to_fifo(fifo)
    descriptor = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    with pytest.raises(BlockingIOError):
        os.read(descriptor, 10)
    os.close(descriptor)


def test_a_full_one_holds_nobody_up(fifo: Path) -> None:
    descriptor = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while os.write(descriptor, b"x" * 4096):
            pass
    write_to_fifo(fifo)
    os.close(descriptor)


def test_nothing_but_a_fifo_is_written_to(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("kept")
    link.symlink_to(file)
    for path in (file, link, tmp_path / "gone"):
        write_to_fifo(path)
    assert file.read_text() == "kept"


@pytest.fixture
def running(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-I", "-c", request.param]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        yield process


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here to say who listens")
@pytest.mark.parametrize("running", [_LISTENS], indirect=True)
def test_a_process_that_listens_is_told(running: subprocess.Popen[str]) -> None:
    assert running.stdout is not None
    send_urgent(running.pid)
    assert running.stdout.readline() == "rung\n"
    running.communicate("\n")


@pytest.mark.parametrize("running", [_DOES_NOT], indirect=True)
@pytest.mark.case(78)
def test_a_process_that_does_not_listen_goes_on(running: subprocess.Popen[str]) -> None:
    send_urgent(running.pid)
    running.communicate("\n")
    assert running.returncode == 0
