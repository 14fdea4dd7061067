"""Reading and writing small files."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from envd.core.errors import StateError
from envd.system.files import UnreadableFile, ensure_private, read_regular, write_atomic

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"a\0b")
    assert read_regular(tmp_path / "f", 3) == b"a\0b"


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    (tmp_path / "link").symlink_to("f")
    assert read_regular(tmp_path / "link", 10) == b"x"


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.open(path.parent, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{here}/{path.name}" if sys.platform == "linux" else str(path))
        os.close(here)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda path: None, "does not exist", id="nothing"),
        pytest.param(lambda path: path.symlink_to("gone"), "leads nowhere", id="a dangling link"),
        pytest.param(
            lambda path: path.symlink_to(path.name), "cannot be opened: Too many levels of symbolic links", id="a link loop"
        ),
        pytest.param(lambda path: path.mkdir(), "is a directory, not a file", id="a directory"),
        pytest.param(os.mkfifo, "is a FIFO, not a file", id="a FIFO"),
        pytest.param(make_socket, "is a socket, not a file", id="a socket"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), "is a device, not a file", id="/dev/zero"),
        pytest.param(lambda path: path.symlink_to("/dev/tty"), "is a device, not a file", id="/dev/tty"),
        pytest.param(lambda path: path.write_bytes(bytes(4097)), "is larger than 4 KiB", id="a byte too large"),
    ],
)
def test_what_is_not_a_small_file_is_named(tmp_path: Path, make: Callable[[Path], object], message: str) -> None:
    make(tmp_path / "f")
    with pytest.raises(UnreadableFile) as caught:
        read_regular(tmp_path / "f", 4096)
    assert str(caught.value) == message


def test_a_name_that_is_too_long_is_no_crash(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="File name too long"):
        read_regular(tmp_path / ("x" * 300), 10)


@as_user
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    (tmp_path / "f").chmod(0)
    with pytest.raises(UnreadableFile, match="Permission denied"):
        read_regular(tmp_path / "f", 10)


def test_a_file_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    write_atomic(tmp_path / "f", b"x")
    assert ((tmp_path / "f").read_bytes(), stat.S_IMODE((tmp_path / "f").stat().st_mode)) == (b"x", 0o600)


def test_writing_replaces_a_link_and_not_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("target")
    write_atomic(tmp_path / "link", b"new")
    assert ((tmp_path / "target").read_bytes(), (tmp_path / "link").is_symlink()) == (b"old", False)


def test_a_reader_keeps_the_old_file(tmp_path: Path) -> None:
    write_atomic(tmp_path / "f", b"old")
    with (tmp_path / "f").open("rb") as reader:
        write_atomic(tmp_path / "f", b"new")
        assert reader.read() == b"old"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(lambda path: path.mkdir(parents=True), "Is a directory", id="a directory in its place"),
        pytest.param(lambda path: None, "No such file or directory", id="no parent"),
        pytest.param(lambda path: path.parent.write_bytes(b""), "Not a directory", id="a file for a parent"),
    ],
)
def test_what_cannot_be_written_leaves_no_litter(tmp_path: Path, make: Callable[[Path], object], reason: str) -> None:
    path = tmp_path / "d" / "f"
    make(path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(StateError, match=reason):
        write_atomic(path, b"x")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_killed_writer_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_atomic(path, b"0" * 100_000)
    code = f"""
        from pathlib import Path
        from envd.system.files import write_atomic
        print(flush=True)
        number = 0
        while True:
            number += 1
            write_atomic(Path({str(path)!r}), str(number % 10).encode() * 100_000)
    """
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            for _ in range(50):
                content = path.read_bytes()
                assert (len(content), len(set(content))) == (100_000, 1)
            writer.kill()
        content = path.read_bytes()
        assert (len(content), len(set(content))) == (100_000, 1)


def test_a_private_directory_is_made_with_its_parents(tmp_path: Path) -> None:
    ensure_private(tmp_path / "a" / "b")
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [pytest.param(0o755, id="755"), pytest.param(0o711, id="711"), pytest.param(0o750, id="750")])
def test_a_directory_that_others_may_read_is_closed(tmp_path: Path, mode: int) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d").chmod(mode)
    ensure_private(tmp_path / "d")
    assert stat.S_IMODE((tmp_path / "d").stat().st_mode) == 0o700


def foreign(path: Path) -> None:
    path.mkdir(mode=0o700)
    os.chown(path, NOBODY, NOBODY)


def open_to(mode: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.mkdir()
        path.chmod(mode)

    return make


def link_to_directory(path: Path) -> None:
    (path.parent / "real").mkdir(mode=0o700)
    path.symlink_to("real")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda path: path.write_bytes(b""), "is not a directory", id="a file"),
        pytest.param(link_to_directory, "is not a directory", id="a link to a directory of one's own"),
        pytest.param(lambda path: path.symlink_to("gone"), "is not a directory", id="a dangling link"),
        pytest.param(open_to(0o777), "can be written by others (mode 777)", id="writable by all"),
        pytest.param(open_to(0o1777), "can be written by others (mode 777)", id="sticky"),
        pytest.param(open_to(0o770), "can be written by others (mode 770)", id="writable by the group"),
        pytest.param(foreign, f"belongs to another user (uid {NOBODY})", id="of another user", marks=as_root),
    ],
)
def test_a_squatted_directory_is_refused(tmp_path: Path, make: Callable[[Path], object], message: str) -> None:
    make(tmp_path / "d")
    with pytest.raises(StateError) as caught:
        ensure_private(tmp_path / "d")
    assert str(caught.value) == f"{tmp_path / 'd'} {message}"


def test_a_directory_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"")
    with pytest.raises(StateError, match="cannot be made"):
        ensure_private(tmp_path / "f" / "d")
