"""What made an installer fail and stands in no manifest: the network, the disk, and an index that does not let everybody in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is the matter, in the installer's own words where it has some, and what to do about it."""

    what: str
    hint: str


_FULL = re.compile(r"No space left on device|Disk quota exceeded")
_UNREACHED = re.compile(
    r"Failed to fetch|dns error|error sending request|HTTP status server error|Failed to establish a new connection|ProxyError"
    r"|Tunnel connection failed|Network (?:is )?unreachable|name resolution|Name or service not known|failed to lookup address"
    r"|Connection (?:refused|reset|aborted)|[Tt]imed out"
)
_SHUT = re.compile(r"\b(?:401|403)\b (?:Unauthorized|Forbidden|Client Error|while getting)")
_DISTRUSTED = re.compile(r"invalid peer certificate|CERTIFICATE_VERIFY_FAILED|certificate verify failed|UnknownIssuer")
_UNWRITABLE = re.compile(r"Failed to initialize cache")
_BUILT = re.compile(r"Failed to (?:download and )?build|Preparing metadata|Building wheel|Getting requirements")
# What pip says of each try, of which the last words alone are for people.
_ERRNO = re.compile(r"\[Errno -?\d+\] ([A-Z][a-z ]+)")


def trouble_in(output: str, reason: str, credentials: Sequence[str] = ()) -> Trouble | None:
    """Return what is the matter outside of all manifests, for an installer's output and the reason that it gives, else None.

    `credentials` are names of variables that may hold those for the indexes of the project.
    """
    full = _FULL.search(output)
    if full:
        return Trouble(f"the disk is full: {reason}", "make room, then: envd sync; all that was said: envd log")
    if _BUILT.match(reason):
        return None
    if _DISTRUSTED.search(output):
        way = "name your company's certificates in SSL_CERT_FILE or, as cert, in pip.conf"
        return Trouble(
            f"a server's certificate is not trusted here: {reason}", f"{way}, then: envd sync; all that was said: envd log"
        )
    if _UNWRITABLE.search(output):
        return Trouble(f"the installer's cache cannot be written: {reason}", "UV_CACHE_DIR=DIR envd sync, with a DIR that can be")
    if _SHUT.search(reason):
        way = f"export {' and '.join(credentials[:2])}, or put them into ~/.netrc" if credentials else "put them into ~/.netrc"
        return Trouble(f"an index wants other credentials: {reason}", f"{way}, then: envd sync; all that was said: envd log")
    hint = "envd sync, when the network is back; all that was said: envd log"
    if _UNREACHED.search(reason):
        return Trouble(f"nothing could be fetched: {reason}", hint)
    # pip tells of each try that failed, and at the end of a package that is nowhere: which of the two it was is not said.
    tries = [line for line in output.splitlines() if line.startswith("WARNING: Retrying")]
    if tries and "(from versions: none)" in reason:
        said = (_ERRNO.findall(tries[-1]) or ["no answer"])[-1]
        return Trouble(f"an index could not be reached ({said}), and nothing could be fetched: {reason}", hint)
    return None
