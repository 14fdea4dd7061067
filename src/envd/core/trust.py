"""Whether envd may act for a project: a pure decision over who owns what and what the user said."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePath

from envd.core.capabilities import Capability

_STICKY = 0o1000
_OTHERS_WRITE = 0o002
_GROUP_WRITE = 0o020


class Trust(Enum):
    """The state that the user's allow and deny leave a project in."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Identity:
    """Which file system object a path leads to; `born` is its birth time in nanoseconds, 0 where none is kept.

    Inode numbers alone do not tell: ext4 hands the number of a removed directory to the next one that is made.
    """

    device: int
    inode: int
    born: int


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds one path: owner, mode bits, and whether its group is the user's alone (the private group of umask 002)."""

    path: str
    owner: str
    mine: bool
    mode: int
    private_group: bool


@dataclass(frozen=True, slots=True)
class TrustRecord:
    """What the user said of a project, and of which directory.

    `named` is the environment that was named explicitly, `capabilities` what the project may do besides.
    """

    root: str
    allowed: bool
    identity: Identity
    named: str = ""
    capabilities: tuple[Capability, ...] = ()


@dataclass(frozen=True, slots=True)
class TrustFacts:
    """All that the decision rests on. `holdings` are the root, the environment and its parts, outermost first.

    `inherited` are the capabilities of the project whose worktree this is.
    """

    identity: Identity
    holdings: tuple[Holding, ...]
    record: TrustRecord | None = None
    trusted_root: str = ""
    worktree_of: str = ""
    venv_name: str = ""
    tracked: bool = False
    inherited: tuple[Capability, ...] = ()


@dataclass(frozen=True, slots=True)
class TrustDecision:
    """The trust, where it comes from, and what refuses it when it could not be given even now, with what would mend that.

    `quiet` marks a refusal that nobody needs to be told of, such as an environment in /tmp itself.
    """

    trust: Trust
    source: str = ""
    refusal: str = ""
    remedy: str = ""
    quiet: bool = False
    capabilities: tuple[Capability, ...] = ()


def decide_trust(facts: TrustFacts) -> TrustDecision:
    """Return whether the project is allowed; a refusal by owner, mode or git outweighs the user's earlier yes."""
    if facts.record is not None and not facts.record.allowed:
        return TrustDecision(Trust.DENIED, source="envd deny", quiet=True)
    refusal, remedy = next((found for found in map(_refusal, facts.holdings) if found[0]), ("", ""))
    if refusal:
        return TrustDecision(Trust.UNKNOWN, refusal=refusal, remedy=remedy, quiet=_is_shared(facts.holdings[0]))
    source, replaced = _source(facts)
    if replaced:
        return TrustDecision(Trust.UNKNOWN, source="another directory has taken the place of the one that was allowed")
    if source and facts.tracked and (facts.record is None or facts.record.named != facts.venv_name):
        refusal = f"git tracks its {facts.venv_name}, so whoever commits decides what it runs"
        return TrustDecision(Trust.UNKNOWN, refusal=refusal, remedy="read what is in it, then name it")
    if not source:
        return TrustDecision(Trust.UNKNOWN)
    held = facts.record.capabilities if facts.record is not None else facts.inherited
    return TrustDecision(Trust.ALLOWED, source=source, capabilities=held)


def _source(facts: TrustFacts) -> tuple[str, bool]:
    """Return what allows the project, and whether an allowed directory was replaced by another one."""
    if facts.record is not None:
        same = facts.record.identity == facts.identity
        return ("envd allow" if same else "", not same)
    if facts.trusted_root:
        return f"trusted root {facts.trusted_root}", False
    if facts.worktree_of:
        return f"git worktree of {facts.worktree_of}", False
    return "", False


def _refusal(holding: Holding) -> tuple[str, str]:
    """Return what speaks against one of them, and what would mend that; empty strings where nothing does."""
    path = shlex.quote(str(holding.path))
    if not holding.mine:
        return f"{holding.path} belongs to {holding.owner}", f"make {path} your own"
    if holding.mode & _OTHERS_WRITE:
        return f"{holding.path} can be written by everybody (mode {holding.mode & 0o7777:o})", f"chmod go-w {path}"
    if holding.mode & _GROUP_WRITE and not holding.private_group:
        return f"{holding.path} can be written by its group (mode {holding.mode & 0o7777:o})", f"chmod g-w {path}"
    return "", ""


def _is_shared(holding: Holding) -> bool:
    return bool(holding.mode & _STICKY and holding.mode & _OTHERS_WRITE)


def is_below(path: PurePath, root: PurePath) -> bool:
    """Return whether `path` is `root` or lies in it, by components: /src-evil is not in /src. Both are real paths."""
    return path == root or root in path.parents
