"""The wording of notices."""

from __future__ import annotations

import pytest

from envd.core import notices
from envd.core.packages import Changes

MANY = Changes(added={f"p{number}": "1" for number in range(9)})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(notices.synced("acme", Changes(), 1.0), "", id="nothing changed, nothing said"),
        pytest.param(
            notices.synced("acme", Changes({"httpx": "0.28.1"}, {"six": "1"}, {"rich": ("13", "14")}), 0.94),
            "acme synced in 0.9 s: +httpx 0.28.1 ~rich 13→14 -six 1",
            id="synced",
        ),
        pytest.param(notices.synced("acme", MANY, 2.0), "acme synced in 2.0 s: +p0 1 +p1 1 +p2 1 +6 more", id="many"),
        pytest.param(notices.failed("acme", "no such package"), "acme not synced: no such package  (envd log)", id="failed"),
        pytest.param(notices.paused("acme", "a rebase is unfinished"), "acme paused: a rebase is unfinished", id="paused"),
        pytest.param(
            notices.blocked("acme", ".venv", "3.12"),
            "acme has .venv (Python 3.12) and is not allowed yet: envd allow",
            id="blocked",
        ),
        pytest.param(notices.blocked("acme", "venv", ""), "acme has venv and is not allowed yet: envd allow", id="no version"),
        pytest.param(notices.refused("acme", ".venv", "it is eve's", ""), "acme: .venv stays off: it is eve's", id="no remedy"),
        pytest.param(
            notices.refused("acme", ".venv", "it is eve's", "envd status"),
            "acme: .venv stays off: it is eve's: envd status",
            id="refused",
        ),
        pytest.param(
            notices.broken("acme", ".venv", "has no Python in it", "envd init --clear"),
            "acme: .venv has no Python in it: envd init --clear",
            id="broken",
        ),
    ],
)
def test_a_notice_reads_so(said: str, expected: str) -> None:
    assert said == expected


HOSTILE = "a\x1b[2J\nb\0" * 200


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        pytest.param(notices.synced(HOSTILE, MANY, 1.0), "", id="synced"),
        pytest.param(notices.failed(HOSTILE, HOSTILE), "  (envd log)", id="failed"),
        pytest.param(notices.paused("acme", HOSTILE), "", id="paused"),
        pytest.param(notices.blocked(HOSTILE, HOSTILE, HOSTILE), ": envd allow", id="blocked"),
        pytest.param(notices.refused(HOSTILE, ".venv", HOSTILE, "envd allow .venv"), ": envd allow .venv", id="refused"),
        pytest.param(notices.broken("acme", ".venv", HOSTILE, "envd init --clear"), ": envd init --clear", id="broken"),
    ],
)
def test_a_notice_is_one_short_line_that_keeps_its_remedy(said: str, remedy: str) -> None:
    assert len(said) <= 300
    assert said.isprintable()
    assert said.endswith(remedy)
