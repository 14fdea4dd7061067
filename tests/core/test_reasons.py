"""Why a package is there, with file and line."""

from __future__ import annotations

from collections.abc import Iterable

from envd.core.packages import Asked, Changes, Dist
from envd.core.reasons import plan_lines, reasons
from envd.core.records import Planned

INSTALLED = {name: Dist(name, "1") for name in ("app", "lib", "leaf", "extra", "loop", "hand")}
NEEDS = {"app": ["lib"], "lib": ["leaf"], "loop": ["loop", "app"]}


def needs(dist: Dist, extras: frozenset[str]) -> Iterable[Asked]:
    yield from (Asked(name) for name in NEEDS.get(dist.name, []))
    if "more" in extras:
        yield Asked("extra")


def test_a_line_of_its_own() -> None:
    assert reasons([("r.txt:3", Asked("leaf"))], INSTALLED, needs) == {"leaf": "r.txt:3"}


def test_what_others_need_names_the_nearest_and_the_line() -> None:
    assert reasons([("r.txt:1", Asked("app"))], INSTALLED, needs) == {
        "app": "r.txt:1",
        "lib": "needed by app, r.txt:1",
        "leaf": "needed by lib, r.txt:1",
    }


def test_a_line_of_its_own_comes_before_the_need_of_another() -> None:
    found = reasons([("r.txt:1", Asked("app")), ("r.txt:2", Asked("lib"))], INSTALLED, needs)
    assert found["lib"] == "r.txt:2"


def test_extras_are_followed_whenever_they_are_asked_for() -> None:
    found = reasons([("r.txt:1", Asked("app")), ("r.txt:2", Asked("app", frozenset(("more",))))], INSTALLED, needs)
    assert (found["app"], found["extra"]) == ("r.txt:1", "needed by app, r.txt:2")


def test_circles_end_and_what_is_not_installed_has_no_reason() -> None:
    assert set(reasons([("r.txt:1", Asked("loop")), ("r.txt:2", Asked("gone"))], INSTALLED, needs)) == {
        "loop",
        "app",
        "lib",
        "leaf",
    }


def test_a_plan_has_a_line_for_each_change() -> None:
    changes = Changes(added={"app": "1"}, removed={"old": "2"}, changed={"lib": ("1", "2")})
    assert plan_lines(changes, {"app": "r.txt:1", "lib": "needed by app, r.txt:1"}) == (
        Planned("+app 1", "r.txt:1"),
        Planned("~lib 1→2", "needed by app, r.txt:1"),
        Planned("-old 2", "nothing asks for it any more"),
    )
