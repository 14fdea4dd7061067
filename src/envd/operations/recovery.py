"""Going on from a journal: a sync that was cut off is finished when its exchange had begun, else every trace of it is removed."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from envd.adapters import generations
from envd.adapters.generations import Shelf
from envd.adapters.store import Store
from envd.core import notices
from envd.core.errors import StateError
from envd.core.records import Entry, Journal, Notice, ProjectRecord, Step
from envd.system.locks import Held, locked


@contextlib.contextmanager
def locked_for_sync(store: Store, root: str, label: str, report: Callable[[str], None]) -> Iterator[int]:
    """Hold the sync lock of a project for the block, with what was cut off before finished; yields the lock's descriptor.

    Waits for a sync that runs, and reports that.
    """
    lock = store.sync_lock(root)
    with contextlib.ExitStack() as stack:
        try:
            held = stack.enter_context(locked(lock, wait=False))
        except Held:
            report("waiting for the sync that runs")
            held = stack.enter_context(locked(lock))
        recover_alone(store, root, label)
        yield held


def recover(store: Store, root: str, label: str) -> None:
    """Finish or clean up after a sync of the project at `root` that was cut off, and say so; waits for none that runs."""
    if not store.has_journal(root):
        return
    try:
        with locked(store.sync_lock(root), wait=False):
            recover_alone(store, root, label)
    except Held:
        pass


def recover_alone(store: Store, root: str, label: str) -> None:
    """Do the same for a caller that holds the project's sync lock."""
    journal = store.journal(root)
    if journal is None:
        store.clear_journal(root)
        return
    shelf = generations.shelf_for(Path(journal.venv), root)
    with store.alone(root):
        if _has_begun(shelf, journal):
            after = apply(store, root, journal, shelf)
            text = notices.recovered(label, journal.entry.summary if journal.entry else "")
            store.change(root, lambda record: replace(record, notice=Notice(secrets.token_hex(8), text)))
            generations.tidy(shelf, {kept.number for kept in after.generations})
            return
        _clean(store, root, shelf, journal)
        text = notices.cleaned(label)
        store.change(root, lambda record: replace(record, notice=Notice(secrets.token_hex(8), text)))
    store.add_entry(root, Entry(time.time(), "recovery", (), 0.0, True, text, ""))


def _has_begun(shelf: Shelf, journal: Journal) -> bool:
    if journal.step is Step.MIRRORING:
        return os.path.isdir(shelf.venv)
    if journal.step is Step.STAGING:
        return False
    if not os.path.lexists(shelf.venv):
        generations.finish_swap(shelf)
    return generations.is_there(shelf.venv, journal.after)


def _clean(store: Store, root: str, shelf: Shelf, journal: Journal) -> None:
    """Remove what was to come in, or put it back where it was kept."""
    numbers = {kept.number for kept in store.project(root).generations}
    if journal.after is not None and generations.is_there(shelf.beside, journal.after):
        generations.bring_back(shelf, shelf.venv / journal.incoming)
    generations.tidy(shelf, numbers)
    store.clear_journal(root)


def apply(store: Store, root: str, journal: Journal, shelf: Shelf) -> ProjectRecord:
    """Do what is left after an exchange: keep the old environment, remember what was synced, close the journal.

    Called by whoever is alone with the project; may be begun again. Raises StateError; then the journal stays.
    """
    wanted = journal.record
    if wanted is None:
        raise StateError(f"the journal of {root} holds no record")
    try:
        if journal.step is Step.MIRRORING:
            generations.mirror_in(shelf, shelf.venv / journal.incoming, wanted.number)
        else:
            generations.put_away(shelf, shelf.beside, wanted.number)
    except OSError as error:
        raise StateError(f"{shelf.venv}: {error.strerror}; the next sync goes on from here", hint="envd sync") from None
    # The log first: the notice names it. When this is begun again it is in there.
    if journal.entry is not None and journal.entry.number not in [entry.number for entry in store.entries(root)[-1:]]:
        store.add_entry(root, journal.entry)
    after = store.change(root, lambda record: _merged(record, wanted))
    store.clear_journal(root)
    return after


def _merged(record: ProjectRecord, wanted: ProjectRecord) -> ProjectRecord:
    """Return the record with what the sync changed; where shells came from and how it stands is decided by whoever publishes."""
    return replace(
        record,
        seal=wanted.seal,
        notice=wanted.notice,
        synced=wanted.synced,
        failure=wanted.failure,
        number=wanted.number,
        generations=wanted.generations,
        undone=wanted.undone,
        undone_to=wanted.undone_to,
    )
