"""The fingerprint: a digest of everything that decides what a sync would do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

_FORMAT = b"envd fingerprint 1"


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


def _add(digest: hashlib._Hash, part: bytes) -> None:
    # The length in front keeps ("ab", "c") and ("a", "bc") apart.
    digest.update(len(part).to_bytes(8, "big"))
    digest.update(part)
