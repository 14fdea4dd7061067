"""The socket between the CLI and the daemon."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from envd.adapters.ipc import address, call, peer_uid
from envd.core.errors import DaemonHangs, DaemonUnreachable
from envd.core.protocol import Reply, Request, Verb, decode_request, encode

NOBODY = 65534
PING = Request(Verb.PING)
REPLY = Reply(pid=7, release="1", started=0.5, projects=("/a", "/b\udcff"))
as_root = pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="only root can become somebody else")


@pytest.fixture
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("s") / "socket"


@pytest.fixture
def long(short: Path) -> Path:
    path = short.parent / ("x" * 100) / ("y" * 100) / "socket"
    path.parent.mkdir(parents=True)
    return path


@contextlib.contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as listener:
        with address(path) as name:
            listener.bind(name)
        listener.listen()
        listener.settimeout(10)
        yield listener


@contextlib.contextmanager
def answering(path: Path, data: bytes) -> Iterator[list[bytes]]:
    """Have a daemon that answers its one question with `data`; what it was asked is in the list."""
    asked: list[bytes] = []

    def serve() -> None:
        with contextlib.suppress(OSError), listener.accept()[0] as connection:
            connection.settimeout(10)
            asked.append(connection.recv(65536))
            connection.sendall(data)

    with listening(path) as listener:
        server = threading.Thread(target=serve, daemon=True)
        server.start()
        yield asked
        server.join(10)
        assert not server.is_alive()


def test_a_request_is_answered(short: Path) -> None:
    with answering(short, encode(REPLY)) as asked:
        assert call(short, Request(Verb.ASK, "/a\udcff"), 5) == REPLY
    assert decode_request(asked[0]) == Request(Verb.ASK, "/a\udcff")


def test_a_path_that_no_socket_address_holds_works(long: Path) -> None:
    assert len(os.fsencode(long)) > 108
    with answering(long, encode(REPLY)):
        assert call(long, PING, 5) == REPLY


@pytest.mark.parametrize("length", [99, 100, 101, 103, 104, 107, 108, 109])
def test_around_the_limit_every_length_works(tmp_path_factory: pytest.TempPathFactory, length: int) -> None:
    base = tmp_path_factory.mktemp("s")
    path = base / ("x" * (length - len(os.fsencode(base)) - 1))
    assert len(os.fsencode(path)) == length
    with answering(path, encode(REPLY)):
        assert call(path, PING, 5) == REPLY


def test_a_long_path_leaves_no_descriptor_open(long: Path) -> None:
    before = os.listdir("/dev/fd")
    with pytest.raises(DaemonUnreachable):
        call(long, PING, 5)
    assert os.listdir("/dev/fd") == before


def abandoned(path: Path) -> None:
    with listening(path):
        pass


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda path: None, id="no socket"),
        pytest.param(lambda path: path.parent.rmdir(), id="no directory"),
        pytest.param(abandoned, id="a socket that nobody listens to"),
        pytest.param(Path.touch, id="a file"),
    ],
)
@pytest.mark.parametrize("kind", ["short", "long"])
@pytest.mark.case(75)
def test_where_nobody_listens_the_daemon_is_not_running(
    request: pytest.FixtureRequest, kind: str, make: Callable[[Path], object]
) -> None:
    path: Path = request.getfixturevalue(kind)
    make(path)
    with pytest.raises(DaemonUnreachable) as caught:
        call(path, PING, 5)
    assert not isinstance(caught.value, DaemonHangs)
    assert (str(caught.value), caught.value.hint) == ("the daemon is not running", "envd daemon start")


@pytest.mark.case(75)
def test_a_daemon_that_is_silent_hangs(short: Path) -> None:
    with listening(short), pytest.raises(DaemonHangs) as caught:
        call(short, PING, 0.1)
    assert (str(caught.value), caught.value.hint) == ("the daemon does not answer within 0.1 s", "envd daemon restart")


def test_a_daemon_that_stops_in_the_middle_of_its_line_hangs(short: Path) -> None:
    release = threading.Event()

    def serve() -> None:
        with contextlib.suppress(OSError), listener.accept()[0] as connection:
            connection.sendall(b'{"v": 1')
            release.wait(10)

    with listening(short) as listener:
        server = threading.Thread(target=serve, daemon=True)
        server.start()
        with pytest.raises(DaemonHangs):
            call(short, PING, 0.2)
        release.set()
        server.join(10)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\n", id="an empty line"),
        pytest.param(b"hello\n", id="a word"),
        pytest.param(bytes(range(256)), id="every byte"),
        pytest.param(b"\0" * 200_000, id="more than a line may hold"),
        pytest.param(b"[" * 50_000 + b"\n", id="50,000 lists in one another"),
        pytest.param(b'{"v": 999}\n', id="another protocol"),
        pytest.param(encode(PING), id="a request"),
        pytest.param(encode(REPLY)[:-9], id="half a reply"),
    ],
)
def test_garbage_is_named(short: Path, data: bytes) -> None:
    with answering(short, data), pytest.raises(DaemonUnreachable) as caught:
        call(short, PING, 5)
    assert not isinstance(caught.value, DaemonHangs)
    assert str(caught.value).startswith("the daemon cannot be talked to: ")
    assert (len(str(caught.value).splitlines()), caught.value.hint) == (1, "envd daemon restart")


def test_a_directory_in_the_place_of_the_socket_is_no_daemon(short: Path) -> None:
    short.mkdir()
    with pytest.raises(DaemonUnreachable):
        call(short, PING, 5)


def test_the_user_at_the_other_end_is_known() -> None:
    here, there = socket.socketpair()
    with here, there:
        assert peer_uid(here) == os.geteuid()


BECOME_AND_CONNECT = """
import os, socket, sys
os.setuid(int(sys.argv[1]))
with socket.socket(socket.AF_UNIX) as client:
    client.connect(sys.argv[2].replace("@", chr(0)))
"""


@as_root
def test_another_user_at_the_other_end_is_known() -> None:
    # In Linux's abstract namespace (unix(7)): no directory could keep the other user out.
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"\0envd-test-{os.getpid()}")
        listener.listen()
        listener.settimeout(10)
        command = [sys.executable, "-I", "-c", BECOME_AND_CONNECT, str(NOBODY), f"@{listener.getsockname()[1:].decode()}"]
        subprocess.run(command, check=True, timeout=20)
        connection, _ = listener.accept()
        with connection:
            assert peer_uid(connection) == NOBODY
