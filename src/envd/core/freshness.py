"""Whether a lock still knows what a project asks for: requirements as the two of them write them, compared where that is sure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from envd.core.pythons import allows

Clauses = frozenset[tuple[str, str]]

_CLAUSE = re.compile(r"(===|==|!=|<=|>=|~=|<|>)(.+)")
_VERSION = re.compile(
    r"v?(?:0*(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<phase>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<pre>\d*))?"
    r"(?P<post>-(?P<bare>\d+)|[-_.]?(?:post|rev|r)[-_.]?(?P<numbered>\d*))?"
    r"(?P<dev>[-_.]?dev[-_.]?(?P<build>\d*))?(?P<rest>\.\*|\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?"
)
_PHASES = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}
_COMPARISON = re.compile(r"""\(?\s*(\w+)\s*(==|!=|<=|>=|<|>)\s*(["'])([^"']*)\3\s*\)?""")
_OF_MACHINES = ("sys_platform", "platform_system", "platform_machine", "implementation_name", "platform_python_implementation")
_OF_PYTHON = ("python_version", "python_full_version")
_MINORS = tuple(f"3.{minor}" for minor in range(40))


@dataclass(frozen=True, slots=True)
class Ask:
    """One requirement. `clauses` are None where the two sides need not write them alike, and so is `is_marked`, on its marker."""

    name: str
    extras: frozenset[str] = frozenset()
    clauses: Clauses | None = frozenset()
    is_marked: bool | None = None
    text: str = ""


def first_unknown(asked: Sequence[Ask], known: Sequence[Ask]) -> Ask | None:
    """Return the first requirement that is not among those which are known, or has a marker here and none there, or none here."""
    return next((one for one in asked if not _is_among(one, known) or _is_marked_anew(one, asked, known)), None)


def first_gone(known: Sequence[Ask], asked: Sequence[Ask]) -> Ask | None:
    """Return the first known requirement that is not asked for any more."""
    return next((one for one in known if not _is_among(one, asked)), None)


def _is_among(one: Ask, others: Sequence[Ask]) -> bool:
    return any(_agree(one, other) for other in others)


def _agree(one: Ask, other: Ask) -> bool:
    if (one.name, one.extras) != (other.name, other.extras):
        return False
    return one.clauses is None or other.clauses is None or one.clauses == other.clauses


def _is_marked_anew(one: Ask, asked: Sequence[Ask], known: Sequence[Ask]) -> bool:
    here = [ask for ask in asked if ask.name == one.name]
    there = [ask for ask in known if ask.name == one.name]
    # Of several, which one is which cannot be told.
    if len(here) != 1 or len(there) != 1 or None in (one.is_marked, there[0].is_marked):
        return False
    return one.is_marked is not there[0].is_marked


def clauses_of(specifier: str) -> Clauses | None:
    """Return the clauses of a specifier, however they are spelled and ordered (PEP 440); None for one that is none."""
    found = set()
    for part in specifier.strip(" ()").lower().split(","):
        text = "".join(part.split())
        clause = _CLAUSE.fullmatch(text)
        if not text:
            continue
        if clause is None:
            return None
        operator, version = clause.groups()
        plain = version if operator == "===" else _plain(version, keep_zeros=operator == "~=")
        if not plain:
            return None
        found.add((operator, plain))
    return frozenset(found)


def _plain(version: str, *, keep_zeros: bool) -> str:
    """Return the one spelling of a version, or an empty string for what is none (PEP 440, Normalization)."""
    found = _VERSION.fullmatch(version)
    if found is None:
        return ""
    numbers = [str(int(number)) for number in found["release"].split(".")]
    rest = (found["rest"] or "").replace("-", ".").replace("_", ".")
    while len(numbers) > 1 and numbers[-1] == "0" and not keep_zeros and rest != ".*":
        numbers.pop()
    epoch = f"{found['epoch']}!" if found["epoch"] not in (None, "0") else ""
    pre = f"{_PHASES.get(found['phase'], found['phase'])}{int(found['pre'] or 0)}" if found["phase"] else ""
    post = f".post{int(found['bare'] or found['numbered'] or 0)}" if found["post"] else ""
    dev = f".dev{int(found['build'] or 0)}" if found["dev"] else ""
    return f"{epoch}{'.'.join(numbers)}{pre}{post}{dev}{rest}"


def keeps_marker(marker: str, requires_python: str) -> bool | None:
    """Return whether a lock for these Pythons surely has a marker where a project has this one; None where it may leave it out.

    uv leaves out what holds anyway, and knows more of that than is known here: one comparison alone is sure.
    """
    if not marker:
        return False
    found = _COMPARISON.fullmatch(marker.strip())
    if found is None:
        return None
    name, operator, _, value = found.groups()
    if name in _OF_MACHINES and operator in ("==", "!="):
        return True
    fails = (minor for minor in _MINORS if allows(requires_python, minor) and not allows(f"{operator}{value}", minor))
    return True if name in _OF_PYTHON and next(fails, "") else None
