"""What envd remembers of a project between two looks at it."""

from __future__ import annotations

from dataclasses import dataclass, field

from envd.core.answer import SyncState
from envd.core.capabilities import Capability
from envd.core.packages import Changes
from envd.core.trust import Identity


@dataclass(frozen=True, slots=True)
class Seal:
    """The token in the environment and the directory for which it was made."""

    token: str
    identity: Identity


@dataclass(frozen=True, slots=True)
class Synced:
    """The newest sync that succeeded: what it was for, what manifests then led to, and what envd itself has installed.

    `wanted` and `placed` map normalized names to versions; `at` is seconds since the epoch, for people only.
    """

    fingerprint: str
    wanted: dict[str, str]
    placed: dict[str, str]
    at: float
    seconds: float
    installer: str
    changes: Changes = field(default_factory=Changes)


@dataclass(frozen=True, slots=True)
class Failure:
    """The newest sync that failed and was not followed by one that succeeded; `count` in a row for one fingerprint.

    `lacks` are the capabilities without which it must fail again.
    """

    fingerprint: str
    reason: str
    count: int
    at: float
    lacks: tuple[Capability, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """The newest line for the hooks: a token that tells it from all others, and its text."""

    token: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    """All of the above for one project, by its real path.

    `walked` are the paths by which shells came to it, `groups` those that were asked for by hand.
    """

    root: str
    walked: tuple[str, ...] = ()
    seal: Seal | None = None
    state: SyncState = SyncState.UNMANAGED
    notice: Notice = field(default_factory=Notice)
    synced: Synced | None = None
    failure: Failure | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One sync as the log keeps it: why, with what, what came out. `output` is the installer's own, credentials taken out."""

    at: float
    trigger: str
    commands: tuple[str, ...]
    seconds: float
    ok: bool
    summary: str
    output: str
