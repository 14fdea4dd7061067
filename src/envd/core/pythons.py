"""Whether a version of Python is one that a project asks for."""

from __future__ import annotations

import re

_CLAUSE = re.compile(r"^\s*(===|==|!=|<=|>=|~=|<|>)\s*v?([0-9]+(?:\.[0-9]+)*)(\.\*)?\s*$")


def allows(specifiers: str, version: str) -> bool:
    """Return whether `requires-python` lets a version in; a clause that is none lets everything in (PEP 440, releases only)."""
    have = release(version)
    return not have or all(_holds(clause, have) for clause in specifiers.split(",") if clause.strip())


def release(version: str) -> tuple[int, ...]:
    """Return the numbers at the beginning of a version: 3.12.0rc1 is (3, 12, 0)."""
    found = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    return tuple(map(int, found.group().split("."))) if found else ()


def matches_pin(pin: str, version: str) -> bool:
    """Return whether a line of .python-version (3.12, 3.12.1, cpython-3.12, system) means this version."""
    found = re.match(r"^(?:c?python-?|cpython@)?([0-9]+(?:\.[0-9]+)*)$", pin.strip(), re.IGNORECASE)
    if not found:
        return True
    wanted = release(found.group(1))
    return release(version)[: len(wanted)] == wanted


def _holds(clause: str, have: tuple[int, ...]) -> bool:
    found = _CLAUSE.match(clause)
    if not found:
        return True
    operator, wanted, wildcard = found.group(1), release(found.group(2)), bool(found.group(3))
    size = max(len(have), len(wanted))
    left, right = _padded(have, size), _padded(wanted, size)
    begins = _padded(have, len(wanted))[: len(wanted)] == wanted
    if operator == "~=":
        return left >= right and have[: len(wanted) - 1] == wanted[:-1]
    equal = begins if wildcard else left == right
    return {
        "==": equal,
        "===": equal,
        "!=": not equal,
        ">=": left >= right,
        "<=": left <= right,
        ">": left > right,
        "<": left < right,
    }[operator]


def _padded(numbers: tuple[int, ...], size: int) -> tuple[int, ...]:
    return numbers + (0,) * (size - len(numbers))
