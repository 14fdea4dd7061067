"""Writing to people: colours where they are wanted, lines no wider than the terminal, errors with their hint."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import threading
import time
from collections.abc import Iterable
from types import TracebackType

from envd.core.display import printable, shorten
from envd.core.errors import EnvdError

NO_BREAK = "\u00a0"
_TICK = 0.2
_COLOURS = {"red": "31", "green": "32", "yellow": "33", "blue": "34", "dim": "2", "bold": "1"}


def width() -> int:
    """Return the columns of the terminal, 80 where there is none."""
    return max(20, shutil.get_terminal_size((80, 24)).columns)


def is_coloured(stream: object) -> bool:
    """Return whether a stream wants colours: a terminal that is not dumb, and no NO_COLOR (no-color.org)."""
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, colour: str, stream: object = None) -> str:
    """Return `text` in a colour if the stream, standard output when not given, wants colours."""
    if not colour or not is_coloured(stream or sys.stdout):
        return text
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"


def say(text: str = "") -> None:
    """Write a line to standard output."""
    print(text)


def tell(text: str) -> None:
    """Write a line about what envd does to standard error."""
    print(f"envd: {text}", file=sys.stderr)


def show_error(error: EnvdError) -> None:
    """Write an error and the way out of it to standard error."""
    print(f"{paint('envd:', 'red', sys.stderr)} {printable(str(error))}", file=sys.stderr)
    if error.consequence:
        print(f"  so:   {printable(error.consequence)}", file=sys.stderr)
    if error.hint:
        print(f"  hint: {printable(error.hint)}", file=sys.stderr)


def rows(pairs: Iterable[tuple[str, str, str]], names: int = 0) -> list[str]:
    """Return `name  value` rows, values aligned behind names of at least `names` columns and wrapped to the terminal.

    Each pair has its value's colour with it; a no-break space in a value is shown as a space.
    """
    listed = list(pairs)
    gutter = max((len(name) for name, _, _ in listed), default=0)
    gutter = max(gutter, names) + 4
    lines: list[str] = []
    for name, value, colour in listed:
        wrapped = textwrap.wrap(value, max(16, width() - gutter), break_long_words=True, break_on_hyphens=False) or [""]
        lines.append(f"  {paint(name.ljust(gutter - 2), 'dim')}{paint(wrapped[0], colour)}")
        lines.extend(" " * gutter + paint(more, colour) for more in wrapped[1:])
    return [line.replace(NO_BREAK, " ") for line in lines]


class Progress:
    """One line on a terminal that shows what is being done and for how long, and is gone afterwards; nothing elsewhere."""

    def __init__(self, title: str, *, live: bool = True) -> None:
        self._title = title
        self._live = live and sys.stderr.isatty()
        self._started = time.monotonic()
        self._line = ""
        self._ended = threading.Event()
        self._clock = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Progress:
        if self._live:
            self._show()
            self._clock.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        if self._live:
            self._clock.join()
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def __call__(self, line: str) -> None:
        """Show the newest line of what is going on."""
        self._line = line
        if self._live:
            self._show()

    def _tick(self) -> None:
        # An installer may say nothing for a long time: what goes on is seen by the time that passes.
        while not self._ended.wait(_TICK):
            self._show()

    def _show(self) -> None:
        text = shorten(f"{self._title} {time.monotonic() - self._started:4.1f} s  {printable(self._line)}", width() - 1)
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()
