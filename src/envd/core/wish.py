"""What a user asks of a sync."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted beyond a sync by itself.

    `by_hand` syncs what is otherwise held back: an emptied manifest, an unfinished rebase, a failure seen before. `exact`
    removes what no manifest leads to, `mend` installs damaged packages anew, `wait` waits for programs of the environment.
    """

    by_hand: bool = False
    exact: bool = False
    mend: bool = False
    wait: bool = False

    @property
    def is_more(self) -> bool:
        """Return whether there may be something to do for an environment that is in sync."""
        return self.exact or self.mend


AUTOMATIC = Wish()
BY_HAND = Wish(by_hand=True)
