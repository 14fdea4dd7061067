"""The Unix socket between the CLI and the daemon."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from envd.core import protocol
from envd.core.errors import DaemonHangs, DaemonUnreachable
from envd.core.protocol import Reply, Request

# sun_path holds 108 bytes on Linux, 104 on macOS, its final NUL included.
_LONGEST = 100


@contextlib.contextmanager
def address(path: Path) -> Iterator[str]:
    """Yield a name for the socket at `path` that fits into a socket address, however long the path is."""
    if len(os.fsencode(path)) <= _LONGEST:
        yield str(path)
        return
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)


def call(path: Path, request: Request, deadline: float) -> Reply:
    """Return the daemon's reply within `deadline` seconds; raises DaemonUnreachable saying whether it is absent or hangs."""
    try:
        with address(path) as name, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(deadline)
            connection.connect(name)
            connection.sendall(protocol.encode(request))
            with connection.makefile("rb") as stream:
                return protocol.decode_reply(stream.readline(protocol.MAX_LINE))
    except (FileNotFoundError, ConnectionRefusedError):
        raise DaemonUnreachable("the daemon is not running", hint="envd daemon start") from None
    except TimeoutError:
        raise DaemonHangs(f"the daemon does not answer within {deadline:g} s", hint="envd daemon restart") from None
    except (OSError, protocol.ProtocolError) as error:
        raise DaemonUnreachable(f"the daemon cannot be talked to: {error}", hint="envd daemon restart") from None


def peer_uid(connection: socket.socket) -> int:
    """Return the user at the other end of a connected socket (unix(7) SO_PEERCRED; LOCAL_PEERCRED on macOS and BSD)."""
    if sys.platform == "linux":
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", credentials)[1])
    # struct xucred begins with its version and the uid; the level of LOCAL_PEERCRED (1) is 0.
    return int(struct.unpack("2I", connection.getsockopt(0, 1, 76)[:8])[1])
