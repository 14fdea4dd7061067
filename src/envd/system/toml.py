"""TOML files: read without blocking, and with the line of what is wrong in them; tomli is imported here only."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import tomli

from envd.system.files import read_regular

_LINE = re.compile(r"line (\d+)")


class BadToml(Exception):
    """A file that is no TOML; the message says what is wrong, `line` where, and `place` the same in words."""

    def __init__(self, message: str, line: int, place: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.place = place or f"line {line}"


def parse_toml(path: Path, limit: int) -> dict[str, Any]:
    """Return what a TOML file of at most `limit` bytes holds; raises UnreadableFile and BadToml."""
    return decode_toml(read_regular(path, limit))


def decode_toml(data: bytes) -> dict[str, Any]:
    """Return what the bytes of a TOML file hold; raises BadToml."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadToml("not UTF-8 text", error.object.count(b"\n", 0, error.start) + 1) from None
    try:
        return tomli.loads(text)
    except (ValueError, RecursionError) as error:
        said, _, place = str(error).rpartition(" (at ")
        line = _LINE.match(place)
        if line:
            raise BadToml(said, int(line.group(1)), place.rstrip(")")) from None
        # tomli says "at end of document" too, and nothing of the place for what Python itself refuses, such as 5,000 digits.
        raise BadToml(said or place, text.count("\n") + 1 if said else 1) from None
