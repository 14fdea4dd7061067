"""When a sync may start: quiet after changes, after git, and later and later after failures. Times are monotonic seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass

QUIET = 0.2
CAP = 2.0
GIT_POLL = 0.25
# A lock that git left behind must not hold syncs back for ever.
GIT_LOCK_CAP = 60.0
# `git pull --rebase` is a rebase for a moment: nothing to speak of.
GIT_UNFINISHED_CAP = 5.0
_FIRST_RETRY = 30.0
_LAST_RETRY = 3600.0


@dataclass(frozen=True, slots=True)
class Burst:
    """A run of changes in one project: when it began and when the newest came."""

    first: float
    last: float


@dataclass(frozen=True, slots=True)
class GitActivity:
    """What git is doing in the repository of a project; `unfinished` names a rebase, merge or cherry-pick."""

    locked: bool = False
    unfinished: str = ""


def wait_before_sync(burst: Burst, git: GitActivity, now: float) -> float:
    """Return how many seconds to wait yet, 0 to start: quiet for QUIET or CAP at most, and while git is at work for its caps."""
    going_on = now - burst.first
    if (git.locked and going_on < GIT_LOCK_CAP) or (git.unfinished and going_on < GIT_UNFINISHED_CAP):
        return GIT_POLL
    return max(0.0, min(burst.last + QUIET, burst.first + CAP) - now)


_OF_THE_NETWORK = re.compile(
    r"connect|network|timed? ?out|dns|resolve host|name resolution|unreachable|request|fetch|temporary failure"
    r"|tls|proxy|50\d",
    re.IGNORECASE,
)


def is_of_the_network(reason: str) -> bool:
    """Return whether a failure may be over when the network is another one; one too many costs a second try, no more."""
    return bool(_OF_THE_NETWORK.search(reason))


def retry_delay(failures: int) -> float:
    """Return the seconds until the same failing content is tried again by itself: 30 s, doubled up to an hour."""
    return float(min(_FIRST_RETRY * 2.0 ** min(max(failures - 1, 0), 16), _LAST_RETRY))
