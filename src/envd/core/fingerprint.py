"""The fingerprint: a digest of everything that decides what a sync would do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from envd.core.display import redacted

_FORMAT = b"envd fingerprint 1"
_JOINT = "+"


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """One file of a manifest's closure: its path as shown (relative to the root where it lies in it) and its bytes."""

    path: str
    content: bytes


def fingerprint(files: Iterable[ManifestFile], interpreter: str, options: Iterable[str]) -> str:
    """Return the digest over files in their order of inclusion, the environment's Python and the sync options."""
    digest = hashlib.sha256(_FORMAT)
    for part in (interpreter, *options):
        _add(digest, part.encode("utf-8", "surrogateescape"))
    for file in files:
        _add(digest, file.path.encode("utf-8", "surrogateescape"))
        _add(digest, file.content)
    return digest.hexdigest()


def with_variables(digest: str, values: Mapping[str, str | None], known: Iterable[str]) -> str:
    """Return a fingerprint of what `fingerprint` gave and of the values of variables that decide, None for one that is not set.

    What is not set in the process that looks counts as unchanged: the daemon does not have what a shell exports, and must
    neither call stale what was synced there nor sync it otherwise. `known` are the fingerprints that are remembered, that of
    the newest sync first: a variable is what it was then, else what it was when these very files were looked at. Of a value
    nothing is kept but a digest, and its credentials, which change and decide nothing, are not even part of that.
    """
    known = list(known)
    found = {name: _digest_of(name, value) for name, value in values.items() if value is not None}
    found |= {name: kept for name, kept in _parts(next(iter(known), "")).items() if name in values and name not in found}
    if len(found) < len(values):
        as_before = (one for one in known if one.partition(_JOINT)[0] == digest and found.items() <= _parts(one).items())
        return next(as_before, _joined(digest, found))
    return _joined(digest, found)


def _digest_of(name: str, value: str) -> str:
    return hashlib.sha256(f"{name}={redacted(value)}".encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _joined(digest: str, found: Mapping[str, str]) -> str:
    return _JOINT.join([digest, *(f"{name}={found[name]}" for name in sorted(found))])


def _parts(known: str) -> dict[str, str]:
    """Return the digests of the values in a fingerprint."""
    pairs = (part.partition("=") for part in known.split(_JOINT)[1:])
    return {name: kept for name, _, kept in pairs}


def _add(digest: hashlib._Hash, part: bytes) -> None:
    # The length in front keeps ("ab", "c") and ("a", "bc") apart.
    digest.update(len(part).to_bytes(8, "big"))
    digest.update(part)
