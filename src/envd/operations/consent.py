"""The user's allow and deny."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from envd.adapters.venvs import REDIRECT_NAME, find_venv, remove_seal
from envd.core.capabilities import Capability
from envd.core.display import printable
from envd.core.errors import NoProject, NotAllowed
from envd.core.trust import Trust, TrustRecord
from envd.operations.context import Context
from envd.operations.kept import clear
from envd.operations.publish import publish
from envd.operations.survey import Survey, find_root, survey
from envd.system.identity import identity_of


@dataclass(frozen=True, slots=True)
class Target:
    """What was named on the command line: a project, and its environment when that was named itself."""

    walked: str
    venv_name: str = ""


def find_target(context: Context, path: str) -> Target:
    """Return the project that `path` means: the environment's own directory, or one at or above a directory."""
    names_one = os.path.basename(path) == REDIRECT_NAME and os.path.isfile(path)
    if names_one or os.path.isfile(os.path.join(path, "pyvenv.cfg")):
        parent, name = os.path.split(path)
        return Target(parent, name)
    return Target(find_root(context, path))


def allow(context: Context, target: Target, capabilities: Collection[Capability] = ()) -> Survey:
    """Remember that the project is allowed, with these capabilities and those it had, and publish its answer.

    Raises NotAllowed naming what refuses it.
    """
    root = os.path.realpath(target.walked)
    before = context.store.trust(root)
    identity = identity_of(Path(root))
    named = target.venv_name or (before.named if before and before.allowed else "")
    # Another directory in its place was given nothing yet.
    kept = before.capabilities if before and before.allowed and before.identity == identity else ()
    held = tuple(capability for capability in Capability if capability in {*kept, *capabilities})
    context.places.prepare()
    context.store.set_trust(TrustRecord(root, allowed=True, identity=identity, named=named, capabilities=held))
    found = survey(context, target.walked)
    if found.trust.trust is Trust.ALLOWED:
        return publish(context, target.walked)
    if before is not None:
        context.store.set_trust(before)
    else:
        context.store.forget_trust(root)
    raise NotAllowed(f"{found.label} cannot be allowed: {found.trust.refusal}", hint=_remedy(found))


def _remedy(found: Survey) -> str:
    if found.venv is not None and found.trust.refusal.startswith("git tracks"):
        return f"{found.trust.remedy}: envd allow {os.path.join(found.walked, found.venv.name)}"
    return f"{found.trust.remedy}, then: envd allow"


def deny(context: Context, target: Target) -> Survey:
    """Remember that the project is denied and publish its answer: it is off, and nothing is said of it again."""
    root = os.path.realpath(target.walked)
    context.places.prepare()
    context.store.set_trust(TrustRecord(root, allowed=False, identity=identity_of(Path(root))))
    return publish(context, target.walked)


def forget(context: Context, path: str) -> str:
    """Forget all about the project at `path`, which may be gone, and return its root; raises NoProject for an unknown one."""
    root = os.path.realpath(path)
    known = {record.root for record in context.store.trusted()} | {record.root for record in context.store.projects()}
    nearest = next((place for place in (root, *map(str, Path(root).parents)) if place in known), "")
    if not nearest:
        raise NoProject(f"envd knows no project at {printable(path)} or above it", hint="envd status --all")
    venv = find_venv(Path(nearest), context.settings.names)
    if venv is not None and context.store.project(nearest).seal is not None:
        remove_seal(venv)
    clear(context, nearest)
    context.store.forget(nearest)
    return nearest
