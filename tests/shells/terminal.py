"""A program on a pseudo-terminal: typing, waiting for what it shows, and the screen as a person would see it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyte

ROWS, COLUMNS = 60, 240
DEADLINE = 20.0

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-B]|\x1b[=>78]|[\x0e\x0f]")


class _Screen(pyte.Screen):
    """A screen whose answers to "what are you?" and "where is the cursor?" go back to the program, which may wait for them."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(COLUMNS, ROWS)
        self._terminal = terminal

    def write_process_input(self, data: str) -> None:
        self._terminal.type(data)

    def report_device_attributes(self, mode: int = 0, **kwargs: Any) -> None:
        # pyte passes on the `private` flag of a query that it does not know.
        if not kwargs.get("private"):
            super().report_device_attributes(mode)


class Terminal:
    """One program with its own session, terminal and environment; to be closed."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], directory: Path) -> None:
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            _become(command, environment, directory)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._raw = ""
        self._screen = _Screen(self)
        self._stream = pyte.Stream(self._screen)
        self._partial = b""

    @property
    def text(self) -> str:
        """All that was shown so far, without escape sequences."""
        return _ESCAPES.sub("", self._raw).replace("\r", "")

    @property
    def line(self) -> str:
        """The line of the screen on which the cursor stands, up to the cursor."""
        cells = self._screen.buffer[self._screen.cursor.y]
        return "".join(cells[column].data for column in range(self._screen.cursor.x))

    def above(self, lines: int) -> str:
        """The line of the screen that is so many above the cursor's."""
        return str(self._screen.display[self._screen.cursor.y - lines])

    def come_to_rest(self) -> None:
        """Wait until the program waits for keys, as far as Linux tells: asleep, and without children, two looks in a row."""
        proc, quiet, end = Path(f"/proc/{self.pid}"), 0, time.monotonic() + 0.5
        while quiet < 2 and time.monotonic() < end and proc.is_dir():
            state = (proc / "stat").read_text().rpartition(")")[2].split()[0]
            quiet = quiet + 1 if state == "S" and not (proc / f"task/{self.pid}/children").read_text() else 0
            if select.select([self._fd], [], [], 0.005)[0]:
                self._read(end, "the end of the prompt")

    def type(self, keys: str) -> None:
        """Send keys as if typed."""
        data = keys.encode("utf-8", "surrogateescape")
        while data:
            data = data[os.write(self._fd, data) :]

    def wait_for(self, pattern: str, start: int = 0) -> re.Match[str]:
        """Return the first match of `pattern` in the text from `start` on; raises AssertionError after the deadline."""
        deadline = time.monotonic() + DEADLINE
        while not (found := re.compile(pattern).search(self.text, start)):
            self._read(deadline, pattern)
        return found

    def wait_for_line(self, end: str) -> str:
        """Return the cursor's line as soon as it ends in `end`; raises AssertionError after the deadline."""
        deadline = time.monotonic() + DEADLINE
        while not self.line.endswith(end):
            self._read(deadline, end)
        return self.line

    def close(self) -> None:
        """End the program and all that it started in its session."""
        os.close(self._fd)
        # It may have ended by itself when its terminal was gone (macOS says EPERM about a group of dead ones).
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def _read(self, deadline: float, wanted: str) -> None:
        ready, _, _ = select.select([self._fd], [], [], max(0.0, deadline - time.monotonic()))
        try:
            data = os.read(self._fd, 65536) if ready else b""
        except OSError:
            # EIO: the program is gone.
            data = b""
        if not data:
            raise AssertionError(f"no {wanted!r} came; the terminal shows:\n{self.text[-3000:]}")
        text, self._partial = _decode(self._partial + data)
        self._raw += text
        self._stream.feed(text)


def _become(command: Sequence[str], environment: Mapping[str, str], directory: Path) -> None:
    try:
        os.chdir(directory)
        os.execve(command[0], list(command), dict(environment))
    finally:
        os._exit(127)


def _decode(data: bytes) -> tuple[str, bytes]:
    """Return the text and the beginning of a character whose end has not come yet."""
    for cut in range(min(4, len(data) + 1)):
        try:
            return data[: len(data) - cut].decode(), data[len(data) - cut :]
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace"), b""
