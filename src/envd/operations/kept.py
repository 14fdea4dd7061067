"""Kept generations: finding the one that a sync can go back to, and letting go of those that are too many."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from envd.adapters import generations
from envd.adapters.venvs import Venv, find_venv, installed_marks
from envd.core.generations import can_stand_in, matching, surplus
from envd.core.records import Generation, ProjectRecord
from envd.operations.context import Context
from envd.operations.transaction import Place
from envd.system.processes import start_detached


def find_kept(place: Place, fingerprint: str) -> Generation | None:
    """Return the newest generation that was synced for `fingerprint`, is whole, and lacks nothing that is the user's own now."""
    record = place.context.store.project(place.root)
    installed = installed_marks(place.venv)
    for kept in matching(record.generations, fingerprint):
        if kept.synced is not None and can_stand_in(kept.synced, installed_marks(venv_of(place, kept)), record.synced, installed):
            return kept
    return None


def venv_of(place: Place, kept: Generation) -> Venv:
    """Return a kept generation as an environment."""
    return replace(place.venv, path=place.shelf.kept(kept.number))


def prune(context: Context, walked: str) -> None:
    """Forget and remove the oldest generations beyond what the settings allow, in number and in bytes. Raises StateError."""
    root = os.path.realpath(walked)
    record = context.store.project(root)
    venv = find_venv(Path(root), context.settings.names)
    if venv is None or context.store.has_journal(root):
        return
    shelf = generations.shelf_for(venv.path, root)
    # What was killed while it removed some left them.
    generations.sweep(shelf)
    there = [kept.number for kept in record.generations if shelf.kept(kept.number).is_dir()]
    limits = context.settings.generations, context.settings.generations_bytes
    gone = surplus(there, *limits, lambda numbers: generations.bytes_kept(shelf, numbers))
    if len(there) - len(gone) == len(record.generations):
        return
    numbers = set(there) - set(gone)
    with context.store.alone(root):
        context.store.change(root, lambda old: _without(old, {kept.number for kept in record.generations} - numbers))
        for number in gone:
            generations.let_go(shelf, number)
    generations.sweep(shelf)


def prune_later(context: Context, walked: str) -> None:
    """Have `prune` done by a process of its own: removing a large environment takes longer than a sync."""
    start_detached(("prune", walked), context.places.log)


def _without(record: ProjectRecord, numbers: set[int]) -> ProjectRecord:
    return replace(record, generations=tuple(kept for kept in record.generations if kept.number not in numbers))


def clear(context: Context, root: str) -> None:
    """Remove all that is kept of a project's environment from it."""
    venv = find_venv(Path(root), context.settings.names)
    if venv is not None:
        generations.tidy(generations.shelf_for(venv.path, root), set())
