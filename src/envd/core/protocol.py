"""What the CLI and the daemon say to each other: one JSON object a line, versioned, a dataclass for each."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

VERSION = 1
MAX_LINE = 64 * 1024


class Verb(Enum):
    """What can be asked of the daemon. There is none that allows a project: that is between the user and the files."""

    PING = "ping"
    ASK = "ask"
    CHECK = "check"
    STOP = "stop"


class ProtocolError(Exception):
    """A line that is not a message of this version."""


@dataclass(frozen=True, slots=True)
class Request:
    """A question: ASK decides about a directory, CHECK looks a project over now and syncs it when it is stale."""

    verb: Verb
    path: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """The daemon's answer to any verb: who it is, how it does, and for a refused request why."""

    pid: int
    release: str
    started: float
    projects: tuple[str, ...] = ()
    error: str = ""


def encode(message: Request | Reply) -> bytes:
    """Return the message as one line of JSON; paths keep bytes that are not UTF-8 as surrogate escapes."""
    fields = {key: value.value if isinstance(value, Enum) else value for key, value in asdict(message).items()}
    return json.dumps({"v": VERSION, **fields}).encode() + b"\n"


def decode_request(line: bytes) -> Request:
    """Return the request in a line; raises ProtocolError for anything else."""
    fields = _fields(line)
    try:
        return Request(Verb(fields["verb"]), _text(fields.get("path", "")))
    except (KeyError, ValueError) as error:
        raise ProtocolError(f"not a request: {error}") from None


def decode_reply(line: bytes) -> Reply:
    """Return the reply in a line; raises ProtocolError for anything else."""
    fields = _fields(line)
    try:
        return Reply(
            pid=int(fields["pid"]),
            release=_text(fields["release"]),
            started=float(fields["started"]),
            projects=tuple(_text(item) for item in fields["projects"]),
            error=_text(fields["error"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ProtocolError(f"not a reply: {error}") from None


def _fields(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"not JSON: {error}") from None
    if not isinstance(fields, dict) or fields.get("v") != VERSION:
        raise ProtocolError(f"not protocol {VERSION}")
    return fields


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a string is wanted")
    return value
