"""Clients that do not keep to the protocol: each is hung up on, and the daemon goes on for everybody else."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator

import psutil
import pytest
from tests.stage.home import Home
from tests.stage.waiting import wait_until

from envd.core import protocol
from envd.core.protocol import Request, Verb


@pytest.fixture
def daemon(home: Home) -> int:
    return home.start_daemon()


@contextlib.contextmanager
def connected(home: Home) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(15)
        client.connect(str(home.places.socket))
        yield client


def answered(client: socket.socket, data: bytes) -> bytes:
    """Send, end sending, and return all that comes back; a daemon that hangs up meanwhile has said nothing."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
    said = b""
    with contextlib.suppress(ConnectionResetError):
        while part := client.recv(65536):
            said += part
    return said


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"\n", "not JSON", id="empty line"),
        pytest.param(b"hello\n", "not JSON", id="no JSON"),
        pytest.param(bytes(range(256)).replace(b"\n", b"") + b"\n", "not JSON", id="binary"),
        pytest.param(b"[" * 30000 + b"\n", "not JSON", id="deep"),
        pytest.param(b"[]\n", "not protocol 1", id="a list"),
        pytest.param(b'{"v": 2, "verb": "ping"}\n', "not protocol 1", id="another version"),
        pytest.param(b'{"v": 1}\n', "not a request", id="no verb"),
        pytest.param(b'{"v": 1, "verb": "allow"}\n', "not a request", id="unknown verb"),
        pytest.param(b'{"v": 1, "verb": ["ping"]}\n', "not a request", id="verb of another type"),
        pytest.param(b'{"v": 1, "verb": "ask", "path": 7}\n', "not a request", id="path of another type"),
        pytest.param(b'{"v": 1, "verb": "ping"', "not JSON", id="no end of line"),
    ],
)
def test_garbage_is_refused_with_a_reason(home: Home, daemon: int, data: bytes, reason: str) -> None:
    with connected(home) as client:
        fields = json.loads(answered(client, data))
    assert fields["error"].startswith(reason)
    assert home.ping() is not None


@pytest.mark.parametrize("data", [b"x" * 1_000_000 + b"\n", b"x" * 1_000_000], ids=["1 MB line", "1 MB without end"])
def test_a_line_without_measure_is_hung_up_on(home: Home, daemon: int, data: bytes) -> None:
    with connected(home) as client:
        assert answered(client, data) == b""
    assert home.ping() is not None
    assert psutil.Process(daemon).memory_info().rss < 100e6


@pytest.mark.parametrize(
    "path", ["/a\0b", "/\ud800", "/" + "d/" * 3000, "/proc/self/mem"], ids=["NUL", "half a character", "endless", "no directory"]
)
def test_an_impossible_path_harms_nobody(home: Home, daemon: int, path: str) -> None:
    for verb in (Verb.ASK, Verb.CHECK):
        with connected(home) as client:
            answered(client, protocol.encode(Request(verb, path)))
    reply = home.ping()
    assert reply is not None
    assert reply.pid == daemon


def test_a_client_that_reads_nothing_and_goes_harms_nobody(home: Home, daemon: int) -> None:
    for _ in range(20):
        with connected(home) as client:
            client.sendall(protocol.encode(Request(Verb.PING)))
    assert home.ping() is not None


def test_two_hundred_silent_clients_are_hung_up_on_and_keep_nobody_out(home: Home, daemon: int) -> None:
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(connected(home)) for _ in range(200)]
        reply = wait_until(home.ping, "the daemon answers beside 200 silent clients", 15)
        assert reply.pid == daemon
        assert [client.recv(1) for client in silent] == [b""] * 200
    wait_until(lambda: len(os.listdir(f"/proc/{daemon}/fd")) < 30, "the descriptors are given back")


def test_stop_comes_through_beside_silent_clients(home: Home, daemon: int) -> None:
    with connected(home), connected(home):
        ran = home.envd("daemon", "stop")
    assert ran.code == 0
    wait_until(lambda: home.daemons() == [], "the daemon is gone")


def test_two_requests_on_one_connection_get_one_reply(home: Home, daemon: int) -> None:
    with connected(home) as client:
        said = answered(client, protocol.encode(Request(Verb.PING)) * 2)
    assert said.count(b"\n") == 1
