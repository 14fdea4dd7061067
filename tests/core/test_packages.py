"""Sets of packages: differences, closures, and what may be removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from envd.core.packages import Asked, Changes, Dist, at_revision, closure, compare, leading, removable


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param({}, {}, Changes(), id="nothing"),
        pytest.param({"a": "1"}, {"a": "1"}, Changes(), id="the same"),
        pytest.param({}, {"a": "1"}, Changes(added={"a": "1"}), id="added"),
        pytest.param({"a": "1"}, {}, Changes(removed={"a": "1"}), id="removed"),
        pytest.param({"a": "1"}, {"a": "2"}, Changes(changed={"a": ("1", "2")}), id="changed"),
        pytest.param({"a": "1.0"}, {"a": "1"}, Changes(changed={"a": ("1.0", "1")}), id="versions are compared as written"),
        pytest.param(
            {"a": "1", "b": "1", "c": "1"},
            {"b": "2", "c": "1", "d": "1"},
            Changes(added={"d": "1"}, removed={"a": "1"}, changed={"b": ("1", "2")}),
            id="all at once",
        ),
    ],
)
def test_compare_tells_what_differs(before: dict[str, str], after: dict[str, str], expected: Changes) -> None:
    assert compare(before, after) == expected


def test_what_a_manifest_asks_for_comes_first_and_the_rest_by_name() -> None:
    changes = compare({}, {"h11": "1", "anyio": "1", "httpx": "1", "flask": "1"}, asked=["httpx", "flask", "absent"])
    assert list(changes.added) == ["httpx", "flask", "anyio", "h11"]


@pytest.mark.parametrize(
    ("requires", "expected"),
    [
        pytest.param(
            {"httpx": ("httpcore==1.*", "h2<5; extra == 'http2'"), "httpcore": ("H11>=0.13",), "h11": ()}, ["httpx"], id="a tree"
        ),
        pytest.param({"b": (), "a": ()}, ["a", "b"], id="by name"),
        pytest.param({"a": ("b",), "b": ("a",)}, [], id="a circle"),
        pytest.param({"a": ("a[x]", "..."), "b": ("absent",)}, ["a", "b"], id="itself, nonsense and what is not there"),
    ],
)
def test_what_nothing_else_needs_leads(requires: dict[str, tuple[str, ...]], expected: list[str]) -> None:
    dists = {name: Dist(name, "1", lines) for name, lines in requires.items()}
    assert leading(dists, dists) == expected


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        pytest.param(Changes(), 0, id="none"),
        pytest.param(Changes(added={"a": "1"}), 1, id="added"),
        pytest.param(Changes(removed={"a": "1"}), 1, id="removed"),
        pytest.param(Changes(changed={"a": ("1", "2")}), 1, id="changed"),
        pytest.param(Changes({"a": "1"}, {"b": "1"}, {"c": ("1", "2")}), 3, id="each"),
    ],
)
def test_changes_are_counted(changes: Changes, count: int) -> None:
    assert (changes.count, bool(changes)) == (count, count > 0)


def test_changes_are_said_in_words() -> None:
    changes = Changes(added={"flask": "3.1.0"}, removed={"six": "1.16.0"}, changed={"rich": ("13.9.4", "14.0.0")})
    assert changes.words() == ["+flask 3.1.0", "~rich 13.9.4→14.0.0", "-six 1.16.0"]


def test_a_commit_is_said_where_versions_do_not_tell() -> None:
    moved = at_revision("1.0", "1a2b3c4d5e6f"), at_revision("1.0", "5d6e7f8a9b0c")
    assert Changes(changed={"own": moved, "six": ("1.0", "1.0.1")}).words() == ["~own 1.0 (1a2b3c4→5d6e7f8)", "~six 1.0→1.0.1"]


INSTALLED = {
    name: Dist(name, "1", requires)
    for name, requires in {
        "app": ("lib", "lib2[fast]"),
        "lib": ("deep",),
        "lib2": ("[fast] quick", "[slow] snail"),
        "deep": ("app",),
        "quick": (),
        "snail": (),
        "ipdb": ("lib",),
        "self": ("self[x]", "[x] quick"),
    }.items()
}


def needs(dist: Dist, extras: frozenset[str]) -> Iterable[Asked]:
    """Read the small language above: `[extra] name` is asked for with that extra, `name[extra]` asks for an extra."""
    for text in dist.requires:
        wanted, _, rest = text.rpartition(" ")
        if not wanted or wanted.strip("[]") in extras:
            name, _, extra = rest.rstrip("]").partition("[")
            yield Asked(name, frozenset({extra} - {""}))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param([], set(), id="nothing"),
        pytest.param([Asked("quick")], {"quick"}, id="a leaf"),
        pytest.param([Asked("absent")], set(), id="what is not installed leads nowhere"),
        pytest.param([Asked("lib")], {"lib", "deep", "app", "lib2", "quick"}, id="a circle"),
        pytest.param([Asked("lib2")], {"lib2"}, id="no extra"),
        pytest.param([Asked("lib2", frozenset({"slow"}))], {"lib2", "snail"}, id="an extra"),
        pytest.param([Asked("lib2"), Asked("lib2", frozenset({"slow"}))], {"lib2", "snail"}, id="without and with an extra"),
        pytest.param([Asked("lib2", frozenset({"slow"})), Asked("lib2")], {"lib2", "snail"}, id="with and without an extra"),
        pytest.param(
            [Asked("lib2", frozenset({"slow"})), Asked("lib2", frozenset({"fast"}))],
            {"lib2", "snail", "quick"},
            id="two extras apart",
        ),
        pytest.param([Asked("lib2", frozenset({"unknown"}))], {"lib2"}, id="an extra that there is not"),
        pytest.param([Asked("self")], {"self", "quick"}, id="a package that asks for its own extra"),
        pytest.param([Asked("ipdb")], {"ipdb", "lib", "deep", "app", "lib2", "quick"}, id="through others"),
    ],
)
def test_the_closure_is_all_that_asked_packages_lead_to(asked: list[Asked], expected: set[str]) -> None:
    assert closure(asked, INSTALLED, needs) == expected


def test_a_long_chain_is_no_problem() -> None:
    chain: Mapping[str, Dist] = {f"p{number}": Dist(f"p{number}", "1", (f"p{number + 1}",)) for number in range(5000)}
    assert len(closure([Asked("p0")], chain, needs)) == 5000


@pytest.mark.parametrize(
    ("placed", "wanted", "installed", "expected"),
    [
        pytest.param(["a"], set(), ["a"], ["a"], id="put there and not asked for"),
        pytest.param(["a"], {"a"}, ["a"], [], id="still asked for"),
        pytest.param([], set(), ["ipdb"], [], id="put there by hand"),
        pytest.param(["a"], set(), [], [], id="gone already"),
        pytest.param(["b", "a"], set(), ["b", "a", "ipdb"], ["a", "b"], id="several, in order"),
    ],
)
def test_only_what_envd_installed_may_be_removed(
    placed: list[str], wanted: set[str], installed: list[str], expected: list[str]
) -> None:
    assert removable(placed, wanted, installed) == expected
