"""The wording of notices: one line each, without the `envd: ` that the hooks put in front."""

from __future__ import annotations

from dataclasses import dataclass

from envd.core.answer import SyncState
from envd.core.display import duration, printable, shorten
from envd.core.packages import Changes

# What is said of packages in each state: "packages of acme ...".
STANDING = {
    SyncState.IN_SYNC: "are in sync",
    SyncState.STALE: "are out of sync",
    SyncState.SYNCING: "are being synced",
    SyncState.FAILED: "could not be synced",
    SyncState.PAUSED: "are held back",
    SyncState.UNMANAGED: "have no manifest to follow",
}
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a sync beside its changes: needs not met now, programs that run on as they were, packages mended."""

    conflicts: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()


NOTHING = Told()
_WIDTH = 300


def synced(label: str, changes: Changes, seconds: float, told: Told = NOTHING) -> str:
    """Return what a successful sync says; an empty string when nothing changed, for then there is nothing to say."""
    if not changes and not told.mended:
        return ""
    mended = [f"mended {', '.join(told.mended[:_SHOWN])}"] if told.mended else []
    but = f"; but {told.conflicts[0]}" if told.conflicts else ""
    more = f" and {len(told.running) - 1} more" if len(told.running) > 1 else ""
    still = f"; still on the packages of before: {told.running[0]}{more}" if told.running else ""
    return _line(f"{label} synced in {duration(seconds)}: {' '.join([*first_words(changes, _SHOWN), *mended])}{but}{still}")


def first_words(changes: Changes, most: int) -> list[str]:
    """Return what changed, a word group a package, at most `most` of them and how many more there are."""
    words = changes.words()
    if len(words) <= most:
        return words
    only_added = len(changes.added) == len(words)
    return [*words[:most], f"{'+' if only_added else 'and '}{len(words) - most} more"]


def undone(label: str, number: int, changes: Changes) -> str:
    """Return what is said of a sync that was undone."""
    return _line(f"{label}: sync {number} undone: {' '.join(first_words(changes, _SHOWN)) or 'the same packages'}")


def recovered(label: str, summary: str) -> str:
    """Return what is said of a sync that was cut off when it was as good as done, and that was finished."""
    return _line(f"{label}: a sync that was cut off was finished{': ' if summary else ''}{summary}")


def cleaned(label: str) -> str:
    """Return what is said of a sync that was cut off before anything of it showed."""
    return _line(f"{label}: a sync was cut off; the packages are as they were before it")


def interrupted(label: str) -> str:
    """Return what is said of a sync that its user, or the end of the session, cut off before anything of it showed."""
    return _line(f"{label}: interrupted; the packages are as they were before")


def interrupted_late(text: str) -> str:
    """Return what is said when that came after something was synced, which `text` says."""
    return _line(f"interrupted; before that: {text}")


def in_sync_again(label: str) -> str:
    """Return what is said when what failed or was held back is over without a sync."""
    return _line(f"{label} is in sync again")


def failed(label: str, reason: str) -> str:
    """Return what a failed sync says: the reason, and where the rest of it is."""
    return _line(f"{label} not synced: {reason}", "  (envd log)")


def paused(label: str, reason: str, remedy: str = "") -> str:
    """Return what is said while a sync is held back, and the command that lets it on where there is one."""
    return _line(f"{label} paused: {reason}", f": {remedy}" if remedy else "")


def blocked(label: str, venv: str, python: str) -> str:
    """Return what an unknown project's answer says."""
    version = f" (Python {python})" if python else ""
    return _line(f"{label} has {venv}{version} and is not allowed yet", ": envd allow")


def refused(label: str, venv: str, refusal: str, remedy: str) -> str:
    """Return what is said of a project that must not be allowed as it is."""
    return _line(f"{label}: {venv} stays off: {refusal}", f": {remedy}" if remedy else "")


def broken(label: str, venv: str, ailment: str, remedy: str) -> str:
    """Return what is said of an environment that cannot be used, and the way to mend it."""
    return _line(f"{label}: {venv} {ailment}", f": {remedy}")


def _line(text: str, remedy: str = "") -> str:
    # Cut before the remedy, never through it: it is what the reader is to type.
    return shorten(printable(text), _WIDTH - len(remedy)) + printable(remedy)
