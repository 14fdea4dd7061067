"""What the CLI and the daemon say to each other."""

from __future__ import annotations

import pytest

from envd.core.protocol import ProtocolError, Reply, Request, Verb, decode_reply, decode_request, encode

REPLY = Reply(7, "1.0", 12.5, ("/p", "/q"), "why")


@pytest.mark.parametrize(
    "request_",
    [
        *(pytest.param(Request(verb, "/p"), id=verb.value) for verb in Verb),
        pytest.param(Request(Verb.PING), id="no path"),
        pytest.param(Request(Verb.ASK, "/\udcff\n\x1b"), id="a path that is not UTF-8"),
    ],
)
def test_a_request_is_read_back_from_one_line(request_: Request) -> None:
    line = encode(request_)
    assert (line.count(b"\n"), line[-1:]) == (1, b"\n")
    assert decode_request(line) == request_


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(REPLY, id="full"),
        pytest.param(Reply(1, "", 0.0), id="empty"),
        pytest.param(Reply(1, "1", 0.0, ("/\udcff",), "a\nb"), id="odd text"),
    ],
)
def test_a_reply_is_read_back_from_one_line(reply: Reply) -> None:
    line = encode(reply)
    assert line.count(b"\n") == 1
    assert decode_reply(line) == reply


def test_nothing_that_can_be_asked_allows_a_project() -> None:
    assert {verb.value for verb in Verb} == {"ping", "ask", "check", "stop"}


GARBAGE = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"\n", id="an empty line"),
    pytest.param(b"ping\n", id="not JSON"),
    pytest.param(b"\xff\xfe\n", id="not UTF-8"),
    pytest.param(b"[" * 100_000, id="deeply nested"),
    pytest.param(b'{"v": 1, "verb": ' + b"9" * 5000 + b"}", id="a very long number"),
    pytest.param(b"null", id="null"),
    pytest.param(b"[]", id="a list"),
    pytest.param(b'"x"', id="a string"),
    pytest.param(b"{}", id="an empty object"),
    pytest.param(b'{"v": 2, "verb": "ping"}', id="another version"),
    pytest.param(b'{"v": "1", "verb": "ping"}', id="a version in quotes"),
    pytest.param(b'{"v": 1}', id="a version only"),
    pytest.param(b'{"v": 1, "verb": "ping"', id="cut short"),
]


@pytest.mark.parametrize(
    "line",
    [
        *GARBAGE,
        pytest.param(b'{"v": 1, "verb": "allow", "path": "/p"}', id="an unknown verb"),
        pytest.param(b'{"v": 1, "verb": ["ping"]}', id="a list of verbs"),
        pytest.param(b'{"v": 1, "verb": {}}', id="an object for a verb"),
        pytest.param(b'{"v": 1, "verb": "ask", "path": 7}', id="a number for a path"),
        pytest.param(b'{"v": 1, "verb": "ask", "path": null}', id="null for a path"),
    ],
)
def test_what_is_not_a_request_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_request(line)


def reply_with(**fields: str) -> bytes:
    values = {"pid": "1", "release": '"1"', "started": "0", "projects": "[]", "error": '""', **fields}
    return ("{" + ", ".join(f'"{key}": {value}' for key, value in {"v": "1", **values}.items()) + "}").encode()


@pytest.mark.parametrize(
    "line",
    [
        *GARBAGE,
        pytest.param(reply_with(pid='"x"'), id="a word for a pid"),
        pytest.param(reply_with(pid="null"), id="null for a pid"),
        pytest.param(reply_with(pid="1e999"), id="an endless pid"),
        pytest.param(reply_with(started="9" * 400), id="a start beyond all floats"),
        pytest.param(reply_with(started='"x"'), id="a word for a start"),
        pytest.param(reply_with(projects="7"), id="a number for projects"),
        pytest.param(reply_with(projects="[7]"), id="a number for a project"),
        pytest.param(reply_with(error="7"), id="a number for an error"),
        pytest.param(reply_with(release="[]"), id="a list for a release"),
    ],
)
def test_what_is_not_a_reply_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_reply(line)


def test_keys_of_a_later_release_are_ignored() -> None:
    assert decode_request(b'{"v": 1, "verb": "ping", "path": "", "more": 1}') == Request(Verb.PING)
