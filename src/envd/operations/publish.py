"""Publishing: survey a project, decide its answer, put it where every shell that walks to it will look."""

from __future__ import annotations

import contextlib
import os
import secrets
from dataclasses import replace
from pathlib import Path

from envd.adapters.presence import ring_shells
from envd.adapters.venvs import Venv, bears_seal, find_venv, write_seal
from envd.core import notices
from envd.core.answer import Answer, SyncState
from envd.core.display import printable
from envd.core.errors import EnvdError, NoProject, StateError
from envd.core.pyvenv import Diagnosis, Health
from envd.core.records import Notice, ProjectRecord, Seal
from envd.core.trust import Trust
from envd.core.verdict import Situation, VenvView, decide_answer
from envd.operations.context import Context
from envd.operations.packages import Packages, look_at_packages
from envd.operations.recovery import recover
from envd.operations.survey import Survey, survey
from envd.system.identity import identity_of


def publish(context: Context, walked: str) -> Survey:
    """Survey the project at `walked`, publish its answer wherever shells came to it before, and return the survey.

    A project without an environment has no answer. Raises StateError when the state cannot be written, NoProject when the
    directory is gone.
    """
    if not os.path.isdir(walked):
        context.store.withdraw(walked)
        raise NoProject(f"{printable(walked)} is not a directory")
    context.places.prepare()
    root = os.path.realpath(walked)
    recover(context.store, root, printable(os.path.basename(root)))
    # Look, record and publish without anybody between: an answer that was overtaken must not be the last one written.
    with context.store.alone(root):
        return _published(context, walked)


def publish_overtaken(context: Context, found: Survey) -> bool:
    """Publish anew where the answer that shells find has another verdict than a survey; returns whether it now has the same.

    No shell asks again about an environment that was broken and works again. Where nothing can be written all stays.
    """
    old = context.store.published(found.walked)
    if old is None or found.venv is None:
        return False  # shells see that by themselves
    verdict = _decided(found, found.venv, found.venv.diagnosis).verdict
    if verdict is old.verdict:
        return False
    with contextlib.suppress(EnvdError, OSError):
        publish(context, found.walked)
    new = context.store.published(found.walked)
    return new is not None and new.verdict is verdict


def _published(context: Context, walked: str) -> Survey:
    found = survey(context, walked)
    packages = look_at_packages(context, found) if found.trust.trust is Trust.ALLOWED else Packages(SyncState.UNMANAGED)
    seal, unsealed = _seal(found)
    record = context.store.change(str(found.root), lambda old: _renewed(old, found, packages, seal))
    for path in set(found.record.walked) - set(record.walked):
        # A link that leads elsewhere now, and may lead here again.
        _withdraw_own(context, path, found.record)
    for path in record.walked:
        _publish_at(context, replace(found, walked=path, record=record), unsealed)
    return replace(found, record=record)


def _renewed(record: ProjectRecord, found: Survey, packages: Packages, seal: Seal | None) -> ProjectRecord:
    paths = dict.fromkeys((*record.walked, found.walked))
    kept = tuple(path for path in paths if os.path.realpath(path) == record.root)
    notice = _notice(record, found.label, packages)
    if notice.text == record.notice.text:
        notice = record.notice
    return replace(record, walked=kept, state=packages.state, seal=seal, notice=notice)


def _notice(record: ProjectRecord, label: str, packages: Packages) -> Notice:
    """Return what is to be said now: of a problem, of its end, or what was said before."""
    if packages.problem:
        return notice_about(label, packages)
    if record.state not in (SyncState.PAUSED, SyncState.FAILED):
        return record.notice
    again = packages.state is SyncState.IN_SYNC
    return Notice(secrets.token_hex(8), notices.in_sync_again(label)) if again else Notice()


def notice_about(label: str, packages: Packages) -> Notice:
    """Return a new notice of the problem that stands between a project and being in sync."""
    if packages.state is SyncState.PAUSED:
        return Notice(secrets.token_hex(8), notices.paused(label, packages.problem, packages.remedy))
    return Notice(secrets.token_hex(8), notices.failed(label, packages.problem))


def _seal(found: Survey) -> tuple[Seal | None, str]:
    """Return the seal of an allowed environment, made anew when it is not there, or why it could not be made."""
    venv = found.venv
    if found.trust.trust is not Trust.ALLOWED:
        return found.record.seal, ""  # it still lies in there
    if venv is None or not (venv.path / "pyvenv.cfg").is_file():
        return None, ""
    identity = identity_of(venv.path)
    old = found.record.seal
    if old is not None and old.identity == identity and bears_seal(venv, old.token):
        return old, ""
    seal = Seal(secrets.token_hex(16), identity)
    try:
        write_seal(venv, seal.token)
    except StateError as error:
        return None, str(error)
    return seal, ""


def _publish_at(context: Context, found: Survey, unsealed: str) -> None:
    venv = find_venv(Path(found.walked), context.settings.names)
    if venv is None:
        context.store.withdraw(found.walked)
        return
    diagnosis = Diagnosis(Health.UNSEALED, unsealed) if unsealed else venv.diagnosis
    _publish_when_new(context, found.walked, _decided(found, venv, diagnosis))


def _decided(found: Survey, venv: Venv, diagnosis: Diagnosis) -> Answer:
    situation = Situation(
        walked=found.walked,
        label=found.label,
        trust=found.trust,
        venv=_view(venv, diagnosis, found.record.seal.token if found.record.seal else ""),
        state=found.record.state,
        notice=found.record.notice,
    )
    return decide_answer(situation)


def _view(venv: Venv, diagnosis: Diagnosis, seal: str) -> VenvView:
    return VenvView(venv.name, str(venv.path), str(venv.bin), venv.cfg.version, diagnosis, seal)


def _withdraw_own(context: Context, walked: str, record: ProjectRecord) -> None:
    old = context.store.published(walked)
    if old is not None and record.seal is not None and old.seal == record.seal.token:
        context.store.withdraw(walked)


def _publish_when_new(context: Context, walked: str, answer: Answer) -> None:
    old = context.store.published(walked)
    if old is not None and replace(old, stamp="") == answer:
        context.store.put_stamp(walked, old)
    else:
        context.store.publish(walked, replace(answer, stamp=secrets.token_hex(8)))
        ring_shells(context.places.shells, walked)
