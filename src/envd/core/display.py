"""How names, times and paths are shown to people: on one line, and never as something a terminal obeys."""

from __future__ import annotations

import re
import unicodedata

# Direction overrides and isolates, line and paragraph separators: printable by category or not, they rearrange what is read.
_REORDERING = frozenset("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Up to the last @ of the authority, as urllib and pip read it: a password may hold one that nobody escaped.
_CREDENTIALS = re.compile(r"(?<=://)[^/\s]+@")
# A signature or a token may stand in the query of a URL.
_QUERY = re.compile(r"""(?P<before>://[^\s?#'"<>]*\?)[^\s#'"<>]+""")
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def printable(text: str) -> str:
    r"""Return `text` on one line with everything that a terminal could obey written as an escape (`\x1b`, `\n`)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # a byte that was not UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    if character in _REORDERING or unicodedata.category(character) in _UNSHOWN:
        return character.encode("unicode_escape").decode("ascii")
    return character


def shorten(text: str, width: int) -> str:
    """Return `text` cut to `width` characters, the last one an ellipsis where something was cut."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


def duration(seconds: float) -> str:
    """Return a length of time as people say it: `0.9 s`, `75 s`, `12 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def ago(seconds: float) -> str:
    """Return how long ago something was, in the largest unit that fits; a clock set back counts as now."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now" if seconds < 5 else f"{int(seconds)} seconds ago"


def with_tilde(path: str, home: str) -> str:
    """Return `path` with `home` written as `~`, printable."""
    if home not in ("", "/") and (path == home or path.startswith(home.rstrip("/") + "/")):
        path = "~" + path[len(home.rstrip("/")) :]
    return printable(path)


def redacted(text: str) -> str:
    """Return `text` with the credentials and the query of every URL in it replaced by `***`."""
    return _QUERY.sub(r"\g<before>***", _CREDENTIALS.sub("***@", text))
