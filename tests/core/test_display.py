"""How names, times and paths are shown to people."""

from __future__ import annotations

import random

import pytest

from envd.core.display import ago, duration, printable, redacted, shorten, with_tilde


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("", "", id="empty"),
        pytest.param("acme", "acme", id="plain"),
        pytest.param("$(touch /tmp/x) `id` %n !! \\", "$(touch /tmp/x) `id` %n !! \\", id="shell code is only text"),
        pytest.param("grüße 🐍 中文", "grüße 🐍 中文", id="other scripts"),
        pytest.param("a\nb\rc\td", "a\\nb\\rc\\td", id="line ends and tabs"),
        pytest.param("\x1b[2J", "\\x1b[2J", id="escape"),
        pytest.param("\x1b]0;title\x07", "\\x1b]0;title\\x07", id="window title"),
        pytest.param("a\0b", "a\\x00b", id="NUL"),
        pytest.param("\x7f", "\\x7f", id="delete"),
        pytest.param("\x9b2J", "\\x9b2J", id="the C1 introducer"),
        pytest.param("a\u202eb", "a\\u202eb", id="direction override"),
        pytest.param("a\u2066b\u2069", "a\\u2066b\\u2069", id="direction isolate"),
        pytest.param("a\u200fb", "a\\u200fb", id="direction mark"),
        pytest.param("a\u2028b\u2029", "a\\u2028b\\u2029", id="line and paragraph separator"),
        pytest.param("a\x85b", "a\\x85b", id="next line"),
        pytest.param("a\u200bb\ufeff", "a\\u200bb\\ufeff", id="zero width"),
        pytest.param("\U000e0041", "\\U000e0041", id="tag character"),
        pytest.param("\ue000", "\\ue000", id="private use"),
        pytest.param("\u0378", "\\u0378", id="unassigned"),
        pytest.param("\udcff\udc80", "\\xff\\x80", id="bytes that are not UTF-8"),
        pytest.param("\ud800", "\\ud800", id="half a pair"),
    ],
)
def test_nothing_is_shown_that_a_terminal_obeys(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_what_is_shown_is_always_one_line_that_can_be_encoded() -> None:
    source = random.Random(1)
    for _ in range(200):
        shown = printable(source.randbytes(60).decode("utf-8", "surrogateescape"))
        assert len(shown.splitlines()) == 1
        assert shown.isprintable() or " " in shown or not shown.isascii()
        assert shown.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        pytest.param("abc", 3, "abc", id="fits"),
        pytest.param("abcd", 3, "ab…", id="cut"),
        pytest.param("abcd", 1, "…", id="nothing left"),
        pytest.param("", 0, "", id="empty"),
    ],
)
def test_what_is_too_long_ends_in_an_ellipsis(text: str, width: int, expected: str) -> None:
    assert shorten(text, width) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        pytest.param(0, "0.0 s", id="none"),
        pytest.param(0.94, "0.9 s", id="under a second"),
        pytest.param(9.94, "9.9 s", id="under ten"),
        pytest.param(75.4, "75 s", id="over a minute"),
        pytest.param(119, "119 s", id="under two minutes"),
        pytest.param(720, "12 min", id="minutes"),
    ],
)
def test_a_length_of_time_is_said_as_people_do(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        pytest.param(-5, "just now", id="the clock was set back"),
        pytest.param(0, "just now", id="now"),
        pytest.param(4.9, "just now", id="nearly five seconds"),
        pytest.param(5, "5 seconds ago", id="seconds"),
        pytest.param(59.9, "59 seconds ago", id="nearly a minute"),
        pytest.param(60, "1 minute ago", id="a minute"),
        pytest.param(7199, "1 hour ago", id="nearly two hours"),
        pytest.param(7200, "2 hours ago", id="hours"),
        pytest.param(86400, "1 day ago", id="a day"),
        pytest.param(86400 * 400, "400 days ago", id="days"),
    ],
)
def test_how_long_ago_is_said_in_the_largest_unit(seconds: float, expected: str) -> None:
    assert ago(seconds) == expected


@pytest.mark.parametrize(
    ("path", "home", "expected"),
    [
        pytest.param("/home/me", "/home/me", "~", id="home"),
        pytest.param("/home/me/a", "/home/me", "~/a", id="in home"),
        pytest.param("/home/me/a", "/home/me/", "~/a", id="home with a slash"),
        pytest.param("/home/mean", "/home/me", "/home/mean", id="a longer name"),
        pytest.param("/srv", "/home/me", "/srv", id="elsewhere"),
        pytest.param("/srv", "", "/srv", id="no home"),
        pytest.param("/srv", "/", "/srv", id="home is the root"),
        pytest.param("/home/me/a\x1b", "/home/me", "~/a\\x1b", id="hostile"),
    ],
)
def test_home_is_written_as_a_tilde(path: str, home: str, expected: str) -> None:
    assert with_tilde(path, home) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("https://host/simple", "https://host/simple", id="no credentials"),
        pytest.param("https://me:s3cret@host/simple", "https://***@host/simple", id="user and password"),
        pytest.param("https://s3cret@host/", "https://***@host/", id="token"),
        pytest.param("https://me:s3@cret@host/", "https://***@host/", id="an @ in the password"),
        pytest.param("git+ssh://git@host/x", "git+ssh://***@host/x", id="ssh"),
        pytest.param("a https://a:b@h/ b https://c:d@i/ c", "a https://***@h/ b https://***@i/ c", id="two"),
        pytest.param("pkg @ https://me:s3cret@host/p.whl#egg=p", "pkg @ https://***@host/p.whl#egg=p", id="a requirement"),
        pytest.param("get https://host/a?sig=s3cret&x=1 now", "get https://host/a?*** now", id="a signature"),
        pytest.param("'https://me:x@h/a.whl?token=s#egg=a'", "'https://***@h/a.whl?***#egg=a'", id="a token before a fragment"),
        pytest.param("me@host.org wrote", "me@host.org wrote", id="an address"),
        pytest.param("https://host/@scope/x", "https://host/@scope/x", id="an @ in the path"),
        pytest.param("https://host https://me:x@h", "https://host https://***@h", id="the first has none"),
    ],
)
def test_credentials_are_taken_out_of_urls(text: str, expected: str) -> None:
    assert redacted(text) == expected
