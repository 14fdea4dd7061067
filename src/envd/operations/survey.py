"""One look at a project: where it is, its environment, and whether it is allowed. Nothing is changed by looking."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from envd.adapters import git, manifests
from envd.adapters.store import walk_up
from envd.adapters.venvs import Venv, bears_seal, find_venv
from envd.core.capabilities import Capability
from envd.core.display import printable
from envd.core.errors import BrokenVenv, NoProject, NotAllowed
from envd.core.pyvenv import Diagnosis, Health
from envd.core.records import ProjectRecord
from envd.core.trust import Holding, Trust, TrustDecision, TrustFacts, decide_trust, is_below
from envd.operations.context import Context
from envd.operations.wishes import wishes_of
from envd.system.identity import holding_of, identity_of

_PLAIN_PROMPTS = frozenset(("", ".venv", "venv", "env"))


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a project: `walked` as a shell came to it, `root` its real path, `venv` under the walked path."""

    walked: str
    root: Path
    venv: Venv | None
    trust: TrustDecision
    record: ProjectRecord

    @property
    def label(self) -> str:
        """Return what the prompt shows: the environment's own prompt when it was given one, else the project's name."""
        own = self.venv.cfg.prompt if self.venv is not None and self.trust.trust is Trust.ALLOWED else ""
        return printable(own if own not in _PLAIN_PROMPTS else self.root.name)


def find_root(context: Context, directory: str) -> str:
    """Return the nearest project at or above `directory`: one with an environment or that was spoken of, else a manifest.

    Raises NoProject when there is none.
    """
    if not os.path.isdir(directory):
        raise NoProject(f"{printable(directory)} is not a directory")
    places = list(walk_up(directory, context.home))
    for place in places:
        if find_venv(Path(place), context.settings.names) or context.store.trust(os.path.realpath(place)):
            return place
    for place in places:
        if manifests.has_manifest(Path(place), wishes_of(context, Path(place))):
            return place
    hint = "make an environment here: envd init"
    raise NoProject(f"no project in {printable(directory)} or above it", hint)


def survey(context: Context, walked: str) -> Survey:
    """Return what is known of the project at `walked`."""
    root = Path(os.path.realpath(walked))
    venv = find_venv(Path(walked), context.settings.names)
    trust = decide_trust(_trust_facts(context, root, venv))
    record = context.store.project(str(root))
    if venv is not None and trust.trust is Trust.ALLOWED and _takes_no_seal(venv, record):
        venv = replace(venv, diagnosis=Diagnosis(Health.UNSEALED, "it is read-only"))
    return Survey(walked, root, venv, trust, record)


def survey_in_force(context: Context, directory: str) -> Survey:
    """Return what is known of the project whose environment hooks put in force in `directory`, or of the nearest one.

    Those are two where the nearest has no environment and one above it has. Raises NoProject when there is none.
    """
    found = survey(context, find_root(context, directory))
    if found.venv is not None:
        return found
    above = (place for place in walk_up(found.walked, context.home) if find_venv(Path(place), context.settings.names))
    outer = next((survey(context, place) for place in above), found)
    return outer if outer.trust.trust is Trust.ALLOWED else found


def _takes_no_seal(venv: Venv, record: ProjectRecord) -> bool:
    """Return whether an environment that could be used has no seal and cannot be given one."""
    if venv.diagnosis.health is not Health.WELL or os.access(venv.path, os.W_OK):
        return False
    return record.seal is None or not bears_seal(venv, record.seal.token)


def usable_venv(found: Survey) -> Venv:
    """Return the environment of an allowed project; raises NotAllowed, NoProject when there is none, BrokenVenv.

    One that takes no seal is usable all the same: only hooks need one.
    """
    if found.venv is None and found.trust.trust is Trust.UNKNOWN:
        raise NoProject(f"{found.label} has no environment", hint="envd init")
    if found.trust.trust is not Trust.ALLOWED:
        why = f": {found.trust.refusal}" if found.trust.refusal else ""
        first = f"{found.trust.remedy}, then: " if found.trust.remedy else ""
        raise NotAllowed(f"{found.label} is not allowed{why}", hint=f"{first}envd allow")
    if found.venv is None:
        raise NoProject(f"{found.label} has no environment", hint="envd init")
    if found.venv.diagnosis.health not in (Health.WELL, Health.UNSEALED):
        raise broken(found.label, found.venv)
    return found.venv


def broken(label: str, venv: Venv) -> BrokenVenv:
    """Return the error that what ails an environment is."""
    return BrokenVenv(f"{label}: {venv.name} {venv.diagnosis}", hint=venv.diagnosis.remedy)


def _trust_facts(context: Context, root: Path, venv: Venv | None) -> TrustFacts:
    record = context.store.trust(str(root))
    trusted_root = _trusted_root(context, root)
    worktree_of, inherited = ("", ()) if record or trusted_root else _allowed_worktree(context, root)
    named = bool(record or trusted_root or worktree_of)
    return TrustFacts(
        identity=identity_of(root),
        holdings=tuple(_holdings(root, venv)),
        record=record,
        trusted_root=trusted_root,
        worktree_of=worktree_of,
        venv_name=venv.name if venv else "",
        inherited=inherited,
        tracked=named and venv is not None and git.tracks(root, venv.name),
    )


def _holdings(root: Path, venv: Venv | None) -> list[Holding]:
    paths = (root, *(venv.holding_paths if venv is not None else ()))
    return [holding_of(path) for path in paths if os.path.exists(path)]


def _trusted_root(context: Context, root: Path) -> str:
    for written in context.settings.trusted_roots:
        if is_below(root, Path(os.path.realpath(os.path.expanduser(written)))):
            return written
    return ""


def _allowed_worktree(context: Context, root: Path) -> tuple[str, tuple[Capability, ...]]:
    """Return the allowed project that `root` is a worktree of, and what that one may do besides."""
    main = git.main_worktree(root)
    if main is None or not main.is_dir() or main == root:
        return "", ()
    record = context.store.trust(os.path.realpath(main))
    if record is not None and record.allowed and record.identity == identity_of(main):
        return str(main), record.capabilities
    return (str(main) if _trusted_root(context, Path(os.path.realpath(main))) else ""), ()
