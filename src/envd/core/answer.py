"""The answer: what envd decided about one project, in the form in which the hooks read it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

FORMAT = "1"
# An empty directory whose name ends in the token: whether it is the right one is a matter of whether it is there.
SEAL_PREFIX = ".envd-seal-"
# Beside the directories of the tree: no project is called so.
ANSWER_NAME = ".envd-answer"
# A link whose name ends in the stamp: it is there while the answer with this stamp is the one that counts.
STAMP_PREFIX = ANSWER_NAME + "-"


class Verdict(Enum):
    """What a hook is to do in a project."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    BROKEN = "broken"
    NONE = "none"


class SyncState(Enum):
    """How a project's packages stand to its manifests; UNMANAGED when it has none."""

    IN_SYNC = "in sync"
    STALE = "stale"
    SYNCING = "syncing"
    FAILED = "failed"
    PAUSED = "paused"
    UNMANAGED = "unmanaged"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. Paths are strings as the shell will compare them; bytes that are not UTF-8 are surrogate escapes."""

    verdict: Verdict
    root: str
    stamp: str
    seal: str = ""
    venv: str = ""
    bin: str = ""
    label: str = ""
    state: SyncState = SyncState.UNMANAGED
    notice: str = ""
    text: str = ""


def stamp_target(answer: Answer) -> str:
    """Return the path that the stamp of an active answer is a link to: to its Python, by way of its seal.

    It resolves for as long as the environment is the one that the answer was given for and has its Python, so that a hook has
    one file to test for. ".." of a directory is where that really lies: the seal cannot be looked past.
    """
    below = answer.bin.removeprefix(answer.venv + "/")
    return f"{answer.venv}/{SEAL_PREFIX}{answer.seal}/../{below}/python"


def encode_answer(answer: Answer) -> bytes:
    """Return the answer as NUL-terminated fields, in the order the hooks read them; raises ValueError on a NUL inside."""
    fields = (
        FORMAT,
        answer.stamp,
        answer.verdict.value,
        answer.root,
        answer.seal,
        answer.venv,
        answer.bin,
        answer.label,
        answer.state.value,
        answer.notice,
        answer.text,
    )
    if any("\0" in field for field in fields):
        raise ValueError("a field of an answer holds a NUL")
    return b"".join(field.encode("utf-8", "surrogateescape") + b"\0" for field in fields)


def decode_answer(data: bytes) -> Answer | None:
    """Return the answer that `data` holds, or None when it is cut short, of another format, or not an answer."""
    fields = data.decode("utf-8", "surrogateescape").split("\0")
    if len(fields) != 12 or fields[0] != FORMAT:
        return None
    _, stamp, verdict, root, seal, venv, bin_directory, label, state, notice, text, _ = fields
    try:
        return Answer(Verdict(verdict), root, stamp, seal, venv, bin_directory, label, SyncState(state), notice, text)
    except ValueError:
        return None
