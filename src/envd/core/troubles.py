"""What made an installer fail and stands in no manifest: the network, and a full disk."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is the matter, in the installer's own words where it has some, and what to do about it."""

    what: str
    hint: str


_FULL = re.compile(r"No space left on device|Disk quota exceeded")
_UNREACHED = re.compile(
    r"dns error|error sending request|HTTP status server error|Failed to establish a new connection|ProxyError"
    r"|Tunnel connection failed|Network (?:is )?unreachable|name resolution|Name or service not known|failed to lookup address"
    r"|Connection (?:refused|reset|aborted)|[Tt]imed out"
)
# What pip says of each try, of which the last words alone are for people.
_ERRNO = re.compile(r"\[Errno -?\d+\] ([A-Z][a-z ]+)")


def trouble_in(output: str, reason: str) -> Trouble | None:
    """Return what is the matter outside of all manifests, for an installer's output and the reason that it gives, else None."""
    full = _FULL.search(output)
    if full:
        return Trouble(f"the disk is full: {reason}", "make room, then: envd sync; all that was said: envd log")
    found = _UNREACHED.search(output)
    # One try may fail and the next one say what is wrong with a requirement.
    if found and (_UNREACHED.search(reason) or "Failed to fetch" in reason or "(from versions: none)" in output):
        said = _ERRNO.findall(output)
        what = reason if "Failed to fetch" in reason or not said else said[-1]
        return Trouble(f"nothing could be fetched: {what}", "envd sync, when the network is back; all that was said: envd log")
    return None
