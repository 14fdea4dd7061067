"""Which answer a project gets: the one decision that hooks, daemon and CLI all follow."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

from envd.core import notices
from envd.core.answer import Answer, SyncState, Verdict
from envd.core.pyvenv import Diagnosis, Health
from envd.core.records import Notice
from envd.core.trust import Trust, TrustDecision


@dataclass(frozen=True, slots=True)
class VenvView:
    """An environment as an answer names it: `path` as walked, `name` as found, and the seal that it holds now."""

    name: str
    path: str
    bin: str
    python: str
    diagnosis: Diagnosis
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """All that an answer rests on."""

    walked: str
    label: str
    trust: TrustDecision
    venv: VenvView
    state: SyncState = SyncState.UNMANAGED
    notice: Notice = field(default_factory=Notice)


def decide_answer(situation: Situation) -> Answer:
    """Return the answer for a situation, its stamp still empty: trust before health, for an unknown project is not examined."""
    trust, venv = situation.trust, situation.venv
    plain = Answer(Verdict.NONE, situation.walked, "", venv=venv.path, label=situation.label)
    if trust.trust is Trust.DENIED or trust.quiet:
        return plain
    if trust.trust is Trust.UNKNOWN:
        return _saying(replace(plain, verdict=Verdict.BLOCKED), _why_blocked(situation))
    if venv.diagnosis.health is not Health.WELL:
        text = notices.broken(situation.label, venv.name, str(venv.diagnosis), venv.diagnosis.remedy)
        # A broken environment without a seal is one that is not there yet; this one is, and stays off.
        verdict = Verdict.BLOCKED if venv.diagnosis.health is Health.UNSEALED else Verdict.BROKEN
        return _saying(replace(plain, verdict=verdict, seal=venv.seal), text)
    return replace(
        plain,
        verdict=Verdict.ACTIVE,
        seal=venv.seal,
        bin=venv.bin,
        state=situation.state,
        notice=situation.notice.token,
        text=situation.notice.text,
    )


def _why_blocked(situation: Situation) -> str:
    trust, venv = situation.trust, situation.venv
    if trust.refusal:
        remedy = f"envd allow {venv.name}" if trust.refusal.startswith("git tracks") else "envd status"
        return notices.refused(situation.label, venv.name, trust.refusal, remedy)
    if trust.source:
        return notices.refused(situation.label, venv.name, trust.source, "envd allow")
    return notices.blocked(situation.label, venv.name, venv.python)


def _saying(answer: Answer, text: str) -> Answer:
    # The same words about the same project carry the same token: a hook says them once a shell, whoever published again.
    token = hashlib.sha256(f"{answer.root}\0{text}".encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return replace(answer, notice=token, text=text)
