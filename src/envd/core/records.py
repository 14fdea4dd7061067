"""What envd remembers of a project between two looks at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from envd.core.answer import SyncState
from envd.core.capabilities import Capability
from envd.core.packages import Changes
from envd.core.trust import Identity


@dataclass(frozen=True, slots=True)
class Seal:
    """The token in the environment and the directory for which it was made."""

    token: str
    identity: Identity


class Way(Enum):
    """How the environment that was synced came to its place; the value is what status says of it."""

    EXCHANGED = "exchanged in one system call"
    RENAMED = "exchanged in three renames, for want of a system call"
    MIRRORED = "file by file, for the directory cannot be renamed"
    KEPT = "the kept generation, exchanged"
    UNCHANGED = "nothing to change"


@dataclass(frozen=True, slots=True)
class Synced:
    """The newest sync that succeeded: what it was for, what manifests then led to, and what envd itself has installed.

    `wanted` and `placed` map normalized names to versions; `at` is seconds since the epoch, for people only. `way` is how
    the packages came to their place, `copied` how many files had to be copied for want of hard links, and `conflicts` what
    `pip check` would have said after it and not before. `only_groups` tells that nothing but the files of groups asked.
    """

    fingerprint: str
    wanted: dict[str, str]
    placed: dict[str, str]
    at: float
    seconds: float
    installer: str
    changes: Changes = field(default_factory=Changes)
    way: Way = Way.UNCHANGED
    copied: int = 0
    conflicts: tuple[str, ...] = ()
    only_groups: bool = False


@dataclass(frozen=True, slots=True)
class Generation:
    """A venv as it was before sync `number`, with the newest sync it had seen then; `at` is when it was put away."""

    number: int
    at: float
    synced: Synced | None = None


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

    `walked` are the paths by which shells came to it, `groups` those that were asked for by hand. `number` is that of the
    newest exchange, `generations` what is kept, oldest first, and `undone` the fingerprint that is not synced by itself
    because its user undid it; `undone_to` is that of the packages which came back instead, where they were synced.
    """

    root: str
    walked: tuple[str, ...] = ()
    seal: Seal | None = None
    state: SyncState = SyncState.UNMANAGED
    notice: Notice = field(default_factory=Notice)
    synced: Synced | None = None
    failure: Failure | None = None
    groups: tuple[str, ...] = ()
    number: int = 0
    generations: tuple[Generation, ...] = ()
    undone: str = ""
    undone_to: str = ""

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Return the fingerprints that are remembered: that of the newest sync first, of the generations the newest first."""
        failed = self.failure.fingerprint if self.failure is not None else ""
        synced = (self.synced, *(kept.synced for kept in reversed(self.generations)))
        newest, *kept = (one.fingerprint if one is not None else "" for one in synced)
        return (newest, self.undone, self.undone_to, failed, *kept)

    @property
    def is_as_undone(self) -> bool:
        """Return whether the packages are those that an undo brought back, or whether nobody could bring those back again."""
        now = self.synced.fingerprint if self.synced is not None else ""
        kept = {one.synced.fingerprint for one in self.generations if one.synced is not None}
        return not self.undone_to or now == self.undone_to or self.undone_to not in kept


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of a plan: what changes (`+flask 3.1.0`) and why, with the file and the line that ask for it."""

    word: str
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One sync as the log keeps it: why, with what, what came out. `output` is the installer's own, credentials taken out.

    `number` is what `envd undo` takes it back by, 0 where nothing was changed; `plan` what was to change, before it was.
    """

    at: float
    trigger: str
    commands: tuple[str, ...]
    seconds: float
    ok: bool
    summary: str
    output: str
    number: int = 0
    plan: tuple[Planned, ...] = ()


class Step(Enum):
    """How far a sync has come: while STAGING nothing of it shows, READY it is exchanged, MIRRORING it is copied file by file."""

    STAGING = "staging"
    READY = "ready"
    MIRRORING = "mirroring"


@dataclass(frozen=True, slots=True)
class Journal:
    """What whoever finds a sync cut off has to know; `venv` is the real path of the environment.

    `incoming` is the clone that takes its place, relative to it; `before` and `after` are the two directories. `record` and
    `entry` are what is to be remembered once it is done.
    """

    step: Step
    venv: str
    at: float
    incoming: str = ""
    before: Identity | None = None
    after: Identity | None = None
    record: ProjectRecord | None = None
    entry: Entry | None = None
