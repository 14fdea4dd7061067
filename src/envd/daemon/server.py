"""The socket: who may connect, how much they may say, and what they are told."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

from envd.adapters.ipc import address, peer_uid
from envd.core import protocol
from envd.core.errors import StateError
from envd.core.protocol import ProtocolError, Reply, Request

_IDLE_SECONDS = 5.0
_CONNECTIONS = 64

Handler = Callable[[Request], Awaitable[Reply]]


class Server:
    """Answers one request a connection, of this user only; a client that is slow, silent or loud is hung up on."""

    def __init__(self, path: Path, handler: Handler, refusal: Callable[[str], Reply]) -> None:
        self._path = path
        self._handler = handler
        self._refusal = refusal
        self._slots = asyncio.Semaphore(_CONNECTIONS)
        self._server: asyncio.Server | None = None
        self._inode = 0

    async def start(self) -> None:
        """Bind and listen; called under the daemon's lock, so that what is found at the path is nobody's."""
        listener = _bound(self._path)
        self._inode = self._path.stat().st_ino
        self._server = await asyncio.start_unix_server(
            self._serve, sock=listener, limit=protocol.MAX_LINE, backlog=socket.SOMAXCONN
        )

    async def stop(self) -> None:
        """Close the socket and remove its file, unless a successor has put its own there."""
        if self._server is not None:
            self._server.close()
        with contextlib.suppress(FileNotFoundError):
            if self._path.stat().st_ino == self._inode:
                self._path.unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            connection = writer.get_extra_info("socket")
            if self._slots.locked() or peer_uid(connection) != os.geteuid():
                return
            async with self._slots:
                line = await asyncio.wait_for(reader.readline(), _IDLE_SECONDS)
                writer.write(protocol.encode(await self._answered(line)))
                await asyncio.wait_for(writer.drain(), _IDLE_SECONDS)
        except (OSError, ValueError, asyncio.TimeoutError, asyncio.IncompleteReadError):
            pass  # a client that goes away or talks nonsense is its own affair
        finally:
            writer.close()

    async def _answered(self, line: bytes) -> Reply:
        try:
            request = protocol.decode_request(line)
        except ProtocolError as error:
            return self._refusal(str(error))
        return await self._handler(request)


def _bound(path: Path) -> socket.socket:
    with contextlib.suppress(FileNotFoundError):
        found = path.lstat()
        if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.geteuid():
            raise StateError(f"{path} is in the way of the daemon's socket", hint=f"rm -r {path}")
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    before = os.umask(0o177)
    try:
        with address(path) as name:
            listener.bind(name)
    finally:
        os.umask(before)
    return listener
