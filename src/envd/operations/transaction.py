"""All or nothing: an environment is cloned, the clone is changed and looked over, then the two are exchanged, the old one kept.

Whoever is killed in between leaves a journal, from which `operations.recovery` goes on.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from envd.adapters import generations
from envd.adapters.generations import SKIPPED, Shelf
from envd.adapters.relocation import own_records, relocate
from envd.adapters.venvs import Venv, bears_seal, write_seal
from envd.core.answer import SEAL_PREFIX
from envd.core.errors import EnvdError, StateError
from envd.core.records import Entry, Generation, Journal, ProjectRecord, Seal, Step, Way
from envd.operations.context import Context
from envd.operations.recovery import apply
from envd.system import trees
from envd.system.identity import identity_of
from envd.system.locks import Held, locked

Change = Callable[[ProjectRecord, Way], ProjectRecord]


class Disturbed(Exception):
    """The environment was changed by somebody else meanwhile; the message names a file. The clone is of no use any more."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a transaction works: for which project, in which environment, on which shelf."""

    context: Context
    root: str
    venv: Venv
    shelf: Shelf


@dataclass(frozen=True, slots=True)
class Stage:
    """A clone to work on: `venv` is the environment that an installer is told, `made` what it was cloned from."""

    place: Place
    venv: Venv
    made: trees.Clone


@dataclass(frozen=True, slots=True)
class Incoming:
    """What is to take the environment's place: a directory on its shelf, and the number of the generation that it is, or 0."""

    path: Path
    consumed: int = 0


def place_of(context: Context, root: str, venv: Venv) -> Place:
    """Return the place of a project's transactions."""
    return Place(context, root, venv, generations.shelf_for(venv.path, root))


@contextlib.contextmanager
def undisturbed(place: Place, report: Callable[[str], None]) -> Iterator[None]:
    """Keep uv from changing the environment for the block: its own lock is held; one that is at work is waited for."""
    lock = place.shelf.venv / generations.LOCK
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locked(lock, wait=False))
        except Held:
            report("waiting for the uv that works on this environment")
            stack.enter_context(locked(lock))
        yield


@contextlib.contextmanager
def staged(place: Place) -> Iterator[Stage]:
    """Have a clone of the environment for the block; whatever of it was not exchanged is removed at the end.

    Raises StateError when it cannot be made, as on a full disk; then nothing has been changed. What fails while somebody
    else changes the environment failed because of that: it is Disturbed.
    """
    store = place.context.store
    store.set_journal(place.root, Journal(Step.STAGING, str(place.shelf.venv), time.time()))
    try:
        try:
            made = generations.stage(place.shelf)
            own_records(place.shelf.next, {str(place.shelf.venv), str(place.venv.path)})
        except OSError as error:
            if isinstance(error, FileNotFoundError) and _was_of(place.shelf, str(error.filename)):
                raise Disturbed(str(error.filename)) from None
            raise StateError(f"{place.venv.path} cannot be cloned: {error.strerror}") from None
        try:
            yield Stage(place, replace(place.venv, path=place.shelf.next), made)
        except EnvdError:
            if place.shelf.venv.is_dir():
                _raise_when_disturbed(place.shelf.venv, made)
            raise
    except BaseException:
        _give_up(place)
        raise
    _give_up(place)


def _was_of(shelf: Shelf, path: str) -> bool:
    """Return whether a path is one of the environment itself, and not of what envd keeps in it."""
    return path.startswith(f"{shelf.venv}/") and not path.startswith(f"{shelf.directory}/")


def _give_up(place: Place) -> None:
    """Remove the clone, unless an exchange has begun: that is finished at the next start."""
    journal = place.context.store.journal(place.root)
    if journal is not None and journal.step is not Step.STAGING:
        return
    generations.tidy(place.shelf, {kept.number for kept in place.context.store.project(place.root).generations})
    place.context.store.clear_journal(place.root)


def settle_paths(stage: Stage) -> None:
    """Have what the installer wrote into the clone name the environment's own path; raises StateError."""
    try:
        relocate(stage.venv.path, stage.place.venv.path, stage.made.inodes)
    except (OSError, ValueError) as error:
        raise StateError(f"what was installed cannot be brought into place: {error}") from None


def commit(stage: Stage, change: Change, entry: Entry) -> ProjectRecord:
    """Put the clone into the environment's place and return the new record; raises Disturbed, StateError.

    `change` makes the record of what has then been synced.
    """
    place = stage.place
    _raise_when_disturbed(place.shelf.venv, stage.made)
    return exchange(place, Incoming(place.shelf.next), change, entry, made=stage.made)


def _raise_when_disturbed(path: Path, made: trees.Clone) -> None:
    found = _changed(path, made)
    if found:
        raise Disturbed(found)


def _changed(path: Path, made: trees.Clone) -> str:
    """Return what in an environment is not as it was when it was cloned; envd's own seals are no change."""
    seals = {name for name in (*os.listdir(path), *made.listings[""].entries) if name.startswith(SEAL_PREFIX)}
    return trees.changed_since(path, made, SKIPPED | seals)


def exchange(place: Place, incoming: Incoming, change: Change, entry: Entry, *, made: trees.Clone | None = None) -> ProjectRecord:
    """Exchange the environment with what comes in, keep the old one, and return the new record. Raises Disturbed, StateError.

    Between the exchange and the new record stands the journal: from it the rest is done by whoever comes next.
    """
    store = place.context.store
    with store.alone(place.root):
        if not incoming.path.is_dir():
            raise Disturbed(str(incoming.path))
        generations.share_lock(place.shelf, incoming.path)
        record = store.project(place.root)
        new = replace(place.venv, path=incoming.path)
        if record.seal is not None and not bears_seal(new, record.seal.token):
            write_seal(new, record.seal.token)
        journal = _journal(place, incoming, entry, record.number + 1)
        after = _after(record, journal, incoming.consumed)

        def ready(way: Way) -> Journal:
            identity = journal.before if way is Way.MIRRORED else journal.after
            seal = Seal(record.seal.token, identity) if record.seal and identity else None
            return replace(journal, record=replace(change(after, way), seal=seal))

        store.set_journal(place.root, ready(Way.EXCHANGED))
        try:
            done = ready(_swapped(place, incoming, made))
        except OSError:
            # The directories themselves cannot be renamed; what is in them can.
            done = replace(ready(Way.MIRRORED), step=Step.MIRRORING)
            store.set_journal(place.root, done)
        return apply(store, place.root, done, place.shelf)


def _journal(place: Place, incoming: Incoming, entry: Entry, number: int) -> Journal:
    return Journal(
        step=Step.READY,
        venv=str(place.shelf.venv),
        at=time.time(),
        incoming=str(incoming.path.relative_to(place.shelf.venv)),
        before=identity_of(place.shelf.venv),
        after=identity_of(incoming.path),
        entry=replace(entry, number=number),
    )


def _after(record: ProjectRecord, journal: Journal, consumed: int) -> ProjectRecord:
    """Return the record with the environment of now among the generations, in the place of the one that is used up."""
    number = record.number + 1
    kept = tuple(old for old in record.generations if old.number != consumed)
    return replace(record, number=number, generations=(*kept, Generation(number, journal.at, record.synced)))


def _swapped(place: Place, incoming: Incoming, made: trees.Clone | None) -> Way:
    """Exchange, and take it back when the environment was changed at the last moment; raises Disturbed, OSError."""
    way = generations.swap(place.shelf, incoming.path)
    found = _changed(place.shelf.beside, made) if made is not None else ""
    if found:
        try:
            generations.swap_back(place.shelf, incoming.path)
        except OSError as error:
            raise StateError(f"{place.shelf.venv}: {error.strerror}; the next sync goes on from here", hint="envd sync") from None
        place.context.store.set_journal(place.root, Journal(Step.STAGING, str(place.shelf.venv), time.time()))
        raise Disturbed(found)
    return way
