"""Which answer a project gets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from envd.core.answer import Answer, SyncState, Verdict
from envd.core.pyvenv import Diagnosis, Health
from envd.core.records import Notice
from envd.core.trust import Trust, TrustDecision
from envd.core.verdict import Situation, VenvView, decide_answer

WELL = VenvView(".venv", "/p/.venv", "/p/.venv/bin", "3.12", Diagnosis(Health.WELL), seal="s")
SICK = replace(WELL, diagnosis=Diagnosis(Health.BASE_GONE, "/usr"))
ALLOWED = TrustDecision(Trust.ALLOWED, "envd allow")
UNKNOWN = TrustDecision(Trust.UNKNOWN)
FOREIGN = TrustDecision(Trust.UNKNOWN, refusal="/p belongs to eve")
SITUATION = Situation("/p", "acme", ALLOWED, WELL, SyncState.IN_SYNC, Notice("n1", "acme synced"))


@pytest.mark.parametrize(
    ("trust", "venv", "verdict"),
    [
        pytest.param(ALLOWED, WELL, Verdict.ACTIVE, id="allowed and well"),
        pytest.param(ALLOWED, SICK, Verdict.BROKEN, id="allowed and broken"),
        pytest.param(UNKNOWN, WELL, Verdict.BLOCKED, id="unknown"),
        pytest.param(UNKNOWN, SICK, Verdict.BLOCKED, id="unknown and broken"),
        pytest.param(FOREIGN, WELL, Verdict.BLOCKED, id="refused"),
        pytest.param(replace(FOREIGN, quiet=True), WELL, Verdict.NONE, id="quietly refused"),
        pytest.param(TrustDecision(Trust.DENIED), WELL, Verdict.NONE, id="denied"),
        pytest.param(TrustDecision(Trust.DENIED), SICK, Verdict.NONE, id="denied and broken"),
    ],
)
def test_trust_comes_before_health(trust: TrustDecision, venv: VenvView, verdict: Verdict) -> None:
    assert decide_answer(replace(SITUATION, trust=trust, venv=venv)).verdict is verdict


def test_an_active_answer_carries_everything() -> None:
    expected = Answer(
        Verdict.ACTIVE,
        root="/p",
        stamp="",
        seal="s",
        venv="/p/.venv",
        bin="/p/.venv/bin",
        label="acme",
        state=SyncState.IN_SYNC,
        notice="n1",
        text="acme synced",
    )
    assert decide_answer(SITUATION) == expected


@pytest.mark.parametrize("health", [pytest.param(health, id=health.name) for health in Health if health is not Health.WELL])
def test_no_ailing_environment_gives_a_bin(health: Health) -> None:
    answer = decide_answer(replace(SITUATION, venv=replace(WELL, diagnosis=Diagnosis(health, "detail"))))
    # Hooks take a broken environment without a seal for one that is to be asked about.
    assert (answer.verdict, answer.bin) == (Verdict.BLOCKED if health is Health.UNSEALED else Verdict.BROKEN, "")
    assert answer.text == f"acme: .venv {health.value} (detail): {Diagnosis(health).remedy}"


@pytest.mark.parametrize(
    "trust",
    [
        pytest.param(UNKNOWN, id="unknown"),
        pytest.param(FOREIGN, id="refused"),
        pytest.param(TrustDecision(Trust.DENIED), id="denied"),
        pytest.param(replace(FOREIGN, quiet=True), id="quiet"),
    ],
)
def test_what_is_not_allowed_gets_neither_bin_nor_seal_nor_sync_news(trust: TrustDecision) -> None:
    answer = decide_answer(replace(SITUATION, trust=trust))
    assert (answer.bin, answer.seal, answer.state) == ("", "", SyncState.UNMANAGED)
    assert answer.text != "acme synced"


@pytest.mark.parametrize(
    ("trust", "venv", "text"),
    [
        pytest.param(UNKNOWN, WELL, "acme has .venv (Python 3.12) and is not allowed yet: envd allow", id="unknown"),
        pytest.param(UNKNOWN, replace(WELL, python=""), "acme has .venv and is not allowed yet: envd allow", id="of no version"),
        pytest.param(FOREIGN, WELL, "acme: .venv stays off: /p belongs to eve: envd status", id="foreign"),
        pytest.param(
            TrustDecision(Trust.UNKNOWN, source="another directory has taken its place"),
            WELL,
            "acme: .venv stays off: another directory has taken its place: envd allow",
            id="replaced",
        ),
        pytest.param(
            TrustDecision(Trust.UNKNOWN, refusal="git tracks its .venv"),
            WELL,
            "acme: .venv stays off: git tracks its .venv: envd allow .venv",
            id="tracked",
        ),
        pytest.param(TrustDecision(Trust.DENIED), WELL, "", id="denied says nothing"),
        pytest.param(replace(FOREIGN, quiet=True), WELL, "", id="quiet says nothing"),
    ],
)
def test_a_withheld_environment_says_why_and_what_to_type(trust: TrustDecision, venv: VenvView, text: str) -> None:
    assert decide_answer(replace(SITUATION, trust=trust, venv=venv)).text == text


def test_the_same_words_carry_the_same_token() -> None:
    situation = replace(SITUATION, trust=UNKNOWN)
    assert decide_answer(situation).notice == decide_answer(situation).notice


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(SITUATION, trust=UNKNOWN, walked="/q"), id="another project"),
        pytest.param(replace(SITUATION, trust=FOREIGN), id="other words"),
    ],
)
def test_a_token_tells_projects_and_words_apart(other: Situation) -> None:
    assert decide_answer(replace(SITUATION, trust=UNKNOWN)).notice != decide_answer(other).notice


def test_a_path_that_is_not_utf8_gets_a_token_too() -> None:
    assert decide_answer(replace(SITUATION, trust=UNKNOWN, walked="/p\udcff")).notice
