"""Requirements as a project and as a lock write them: when they are the same, and when that cannot be said."""

from __future__ import annotations

import pytest

from envd.core.freshness import Ask, clauses_of, first_gone, first_unknown, keeps_marker


@pytest.mark.parametrize(
    ("written", "locked"),
    [
        pytest.param(" >= 1.10 , < 2", ">=1.10,<2", id="blanks"),
        pytest.param("!=21.0,>=20.0", ">=20.0,!=21.0", id="order"),
        pytest.param("(>=8)", ">=8", id="parentheses"),
        pytest.param(">v20", ">20", id="a v"),
        pytest.param(">=020.0.0", ">=20", id="zeros"),
        pytest.param("==8.0-RC.1", "==8.0.0rc1", id="a candidate"),
        pytest.param(">=1.0-alpha_2", ">=1a2", id="an alpha"),
        pytest.param(">=20.1-1", ">=20.1.post1", id="a number behind a hyphen"),
        pytest.param(">=1.rev3.DEV", ">=1.post3.dev0", id="a revision"),
        pytest.param("==0!1+ubuntu-1", "==1.0+ubuntu.1", id="a local version"),
        pytest.param("==3.*", "==3.*", id="a wildcard"),
        pytest.param(">=1,>=1", ">=1", id="twice"),
        pytest.param("===Foo", "===foo", id="whatever"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_one_specifier_in_two_spellings(written: str, locked: str) -> None:
    assert clauses_of(written) == clauses_of(locked) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (">=1", ">1"),
        ("~=1.0", "~=1"),
        ("==1.0.*", "==1.*"),
        ("==1.0", "==1.0.*"),
        ("==1rc1", "==1rc2"),
        ("==1!1", "==1"),
        (">=1", ""),
    ],
)
def test_two_specifiers(one: str, other: str) -> None:
    assert clauses_of(one) != clauses_of(other)


@pytest.mark.parametrize("text", ["1.0", ">=", "=>1", "==${V}", ">=1;"])
def test_what_is_no_specifier_is_not_compared(text: str) -> None:
    assert clauses_of(text) is None


@pytest.mark.parametrize(
    ("marker", "keeps"),
    [
        pytest.param("", False, id="none"),
        pytest.param("sys_platform == 'win32'", True, id="of a machine"),
        pytest.param('(platform_system!="Windows")', True, id="of another, in parentheses"),
        pytest.param("python_version < '3.12'", True, id="of some of the Pythons"),
        pytest.param("python_version >= '3.8'", None, id="of all Pythons"),
        pytest.param("python_full_version != '3.11.2'", None, id="of one release, which is not looked at"),
        pytest.param("sys_platform == 'linux' or sys_platform != 'linux'", None, id="more than one"),
        pytest.param("'3.12' > python_version", None, id="the other way round"),
        pytest.param("extra == 'x'", None, id="an extra"),
    ],
)
def test_whether_a_lock_keeps_a_marker(marker: str, keeps: bool | None) -> None:
    assert keeps_marker(marker, ">=3.10") is keeps


SIX = Ask("six", clauses=frozenset({(">=", "1")}), is_marked=False)


@pytest.mark.parametrize(
    ("asked", "known", "is_unknown"),
    [
        pytest.param([SIX], [SIX], False, id="known"),
        pytest.param([SIX], [Ask("idna")], True, id="another name"),
        pytest.param([SIX], [Ask("six")], True, id="another specifier"),
        pytest.param([SIX], [Ask("six", clauses=None)], False, id="from a source, which takes the place of a specifier"),
        pytest.param([SIX], [Ask("six", frozenset({"x"}), None)], True, id="another extra"),
        pytest.param([Ask("six", is_marked=True)], [Ask("six", is_marked=False)], True, id="a marker more"),
        pytest.param([Ask("six", is_marked=False)], [Ask("six", is_marked=True)], True, id="a marker less"),
        pytest.param([Ask("six")], [Ask("six", is_marked=True)], False, id="a marker that says nothing"),
        pytest.param(
            [Ask("six", is_marked=True), SIX], [Ask("six", is_marked=False), SIX], False, id="of several, one is like another"
        ),
    ],
)
def test_what_a_lock_does_not_know(asked: list[Ask], known: list[Ask], is_unknown: bool) -> None:
    assert first_unknown(asked, known) == (asked[0] if is_unknown else None)


def test_what_is_asked_for_no_more() -> None:
    # Of markers only the other way says something: an extra may stand there as what it lists.
    assert first_gone([Ask("idna", is_marked=True)], [Ask("idna", is_marked=False)]) is None
    assert first_gone([SIX, Ask("idna")], [SIX]) == Ask("idna")
