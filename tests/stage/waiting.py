"""Waiting for a condition, and making sure of one for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_STEP = 0.02


def wait_until(condition: Callable[[], T | None], what: str, deadline: float = 20.0) -> T:
    """Return the first true value of `condition`; fails with `what` when there is none within `deadline` seconds."""
    end = time.monotonic() + deadline
    while not (value := condition()):
        assert time.monotonic() < end, f"not within {deadline:g} s: {what}"
        threading.Event().wait(_STEP)
    return value


def stays(condition: Callable[[], object], what: str, seconds: float) -> None:
    """Fail with `what` as soon as `condition` is not true, which is looked at for `seconds` seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert condition(), what
        threading.Event().wait(_STEP)
