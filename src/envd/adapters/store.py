"""What envd keeps on disk: answers, trust, and a history per project. Every write is atomic, every record versioned."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from envd.core.answer import ANSWER_NAME, STAMP_PREFIX, Answer, SyncState, Verdict, decode_answer, encode_answer, stamp_target
from envd.core.capabilities import Capability
from envd.core.errors import StateError
from envd.core.packages import Changes
from envd.core.records import Entry, Failure, Generation, Journal, Notice, Planned, ProjectRecord, Seal, Step, Synced, Way
from envd.core.trust import Identity, TrustRecord
from envd.system.files import UnreadableFile, ensure_private, read_regular, write_atomic
from envd.system.locks import is_held, locked
from envd.system.places import Places

_FORMAT = 1
_LIMIT = 8 * 1024 * 1024
_ENTRIES = 50

Record = TypeVar("Record", TrustRecord, ProjectRecord, Entry, Journal)


class Store:
    """The state directory of one user. Projects are known by their real path."""

    def __init__(self, places: Places) -> None:
        self.places = places

    # -- answers

    def publish(self, walked: str, answer: Answer) -> None:
        """Put an answer where the hooks look for `walked`; called alone with the project. Raises StateError.

        A hook that has read an active answer looks no further while its stamp is there and leads to the environment's Python.
        So the stamp goes before the answer does and comes after it: whoever is killed in between leaves hooks that read the
        answer at each prompt, and so does a file system without links.
        """
        path = self._answer_path(walked)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _remove_stamps(path.parent)
        except OSError as error:
            raise StateError(f"{path.parent} cannot be made: {error.strerror}") from None
        write_atomic(path, encode_answer(answer))
        self.put_stamp(walked, answer)

    def put_stamp(self, walked: str, answer: Answer) -> None:
        """Put its stamp beside an active answer that counts, where it is missing."""
        if answer.verdict is Verdict.ACTIVE:
            with contextlib.suppress(OSError):
                os.symlink(stamp_target(answer), self._answer_path(walked).with_name(STAMP_PREFIX + answer.stamp))

    def published(self, walked: str) -> Answer | None:
        """Return the answer that hooks find for `walked`."""
        try:
            return decode_answer(read_regular(self._answer_path(walked), _LIMIT))
        except UnreadableFile:
            return None

    def withdraw(self, walked: str) -> None:
        """Remove the answer for `walked`, with the directories that held nothing else."""
        path = self._answer_path(walked)
        with contextlib.suppress(OSError):
            _remove_stamps(path.parent)
            path.unlink()
            for directory in path.parents:
                if directory == self.places.answers:
                    break
                directory.rmdir()

    def _answer_path(self, walked: str) -> Path:
        return Path(f"{self.places.answers}{walked}/{ANSWER_NAME}")

    # -- trust

    def trust(self, root: str) -> TrustRecord | None:
        """Return what the user said of a project."""
        return self._read(self._trust_path(root), _trust_record)

    def set_trust(self, record: TrustRecord) -> None:
        """Remember what the user said of a project; raises StateError."""
        path = self._trust_path(record.root)
        ensure_private(path.parent)
        self._write(path, asdict(record))

    def forget_trust(self, root: str) -> None:
        """Forget what the user said of a project."""
        self._trust_path(root).unlink(missing_ok=True)

    def forget_all_trust(self) -> None:
        """Forget all that the user said of any project, and take every answer that rests on it away."""
        shutil.rmtree(self.places.state / "trust", ignore_errors=True)
        shutil.rmtree(self.places.answers, ignore_errors=True)

    def trusted(self) -> list[TrustRecord]:
        """Return everything the user said, in the order of the roots."""
        found = (self._read(path, _trust_record) for path in (self.places.state / "trust").glob("*.json"))
        return sorted((record for record in found if record is not None), key=lambda record: record.root)

    def _trust_path(self, root: str) -> Path:
        return self.places.state / "trust" / f"{_key(root)}.json"

    # -- history

    def project(self, root: str) -> ProjectRecord:
        """Return what is remembered of a project, an empty record for a new one."""
        return self._read(self._history(root) / "project.json", _project_record) or ProjectRecord(root)

    @contextlib.contextmanager
    def alone(self, root: str) -> Iterator[None]:
        """Keep all other processes and threads from changing or publishing a project for the block. Raises StateError."""
        ensure_private(self._history(root).parent)
        ensure_private(self._history(root))
        with locked(self._history(root) / "lock"):
            yield

    def update(self, root: str, change: Callable[[ProjectRecord], ProjectRecord]) -> ProjectRecord:
        """Change a project's record while nobody else does; returns the new record. Raises StateError."""
        with self.alone(root):
            return self.change(root, change)

    def change(self, root: str, change: Callable[[ProjectRecord], ProjectRecord]) -> ProjectRecord:
        """Do the same for a caller that is alone with the project already."""
        before = self.project(root)
        after = change(before)
        if after != before:
            self._write(self._history(root) / "project.json", asdict(after))
        return after

    def projects(self) -> list[ProjectRecord]:
        """Return the records of all projects, in the order of their roots."""
        found = (self._read(path, _project_record) for path in (self.places.state / "history").glob("*/project.json"))
        return sorted((record for record in found if record is not None), key=lambda record: record.root)

    def sync_lock(self, root: str) -> Path:
        """Return the file whose lock is held by whoever syncs the project."""
        ensure_private(self._history(root).parent)
        ensure_private(self._history(root))
        return self._history(root) / "sync.lock"

    def is_syncing(self, root: str) -> bool:
        """Return whether somebody syncs the project now."""
        return is_held(self._history(root) / "sync.lock")

    def add_entry(self, root: str, entry: Entry) -> None:
        """Add an entry to a project's log, of which the newest 50 are kept; called under its sync lock."""
        directory = self._history(root) / "log"
        ensure_private(directory)
        numbers = sorted(int(path.stem) for path in directory.glob("*.json") if path.stem.isdigit())
        self._write(directory / f"{numbers[-1] + 1 if numbers else 1:06}.json", asdict(entry))
        for number in numbers[: 1 - _ENTRIES]:
            (directory / f"{number:06}.json").unlink(missing_ok=True)

    def entries(self, root: str) -> list[Entry]:
        """Return a project's log, oldest first."""
        paths = sorted((self._history(root) / "log").glob("*.json"))
        return [entry for entry in (self._read(path, _entry) for path in paths) if entry is not None]

    def journal(self, root: str) -> Journal | None:
        """Return what a sync that was cut off left to be done, or None."""
        return self._read(self._history(root) / "journal.json", _journal)

    def has_journal(self, root: str) -> bool:
        """Return whether a sync of the project runs or was cut off."""
        return (self._history(root) / "journal.json").exists()

    def set_journal(self, root: str, journal: Journal) -> None:
        """Say how far a sync has come; called under its sync lock. Raises StateError."""
        self._write(self._history(root) / "journal.json", asdict(journal))

    def clear_journal(self, root: str) -> None:
        """Say that nothing is left to be done."""
        (self._history(root) / "journal.json").unlink(missing_ok=True)

    def forget(self, root: str) -> None:
        """Remove everything that is remembered of a project, its answers and what was said of it included."""
        for walked in self.project(root).walked:
            self.withdraw(walked)
        self.forget_trust(root)
        shutil.rmtree(self._history(root), ignore_errors=True)

    def _history(self, root: str) -> Path:
        return self.places.state / "history" / _key(root)

    def write_derived(self, root: str, text: str, name: str = "requirements.txt") -> Path:
        """Keep the requirements that stand for a manifest which installers do not read, under a name; returns where."""
        path = self.sync_lock(root).with_name(name)
        write_atomic(path, text.encode("utf-8", "surrogateescape"))
        return path

    # -- files

    def _write(self, path: Path, fields: dict[str, Any]) -> None:
        data = json.dumps({"format": _FORMAT, **fields}, default=lambda value: value.value)
        write_atomic(path, data.encode())

    def _read(self, path: Path, decode: Callable[[dict[str, Any]], Record]) -> Record | None:
        """Return a record; one that cannot be understood is set aside, so that it is neither used nor lost."""
        try:
            fields = json.loads(read_regular(path, _LIMIT))
            if fields.pop("format") != _FORMAT:
                raise ValueError("another format")
            return decode(fields)
        except UnreadableFile as error:
            if "larger" not in str(error):
                return None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            pass
        with contextlib.suppress(OSError):
            os.replace(path, path.with_suffix(".unreadable"))
        return None


def _remove_stamps(directory: Path) -> None:
    for entry in os.scandir(directory):
        if entry.name.startswith(STAMP_PREFIX) and not entry.is_dir(follow_symlinks=False):
            os.unlink(entry.path)


def _key(root: str) -> str:
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:32]


def _trust_record(fields: dict[str, Any]) -> TrustRecord:
    held = tuple(Capability(value) for value in fields.get("capabilities", ()))
    return TrustRecord(**{**fields, "identity": Identity(**fields["identity"]), "capabilities": held})


def _project_record(fields: dict[str, Any]) -> ProjectRecord:
    seal, failure = fields["seal"], fields["failure"]
    return ProjectRecord(
        root=fields["root"],
        walked=tuple(fields["walked"]),
        seal=Seal(seal["token"], Identity(**seal["identity"])) if seal else None,
        state=SyncState(fields["state"]),
        notice=Notice(**fields["notice"]),
        synced=_synced(fields["synced"]),
        failure=_failure(failure) if failure else None,
        groups=tuple(fields.get("groups", ())),
        number=fields.get("number", 0),
        generations=tuple(Generation(**{**kept, "synced": _synced(kept["synced"])}) for kept in fields.get("generations", ())),
        undone=fields.get("undone", ""),
        undone_to=fields.get("undone_to", ""),
    )


def _synced(fields: dict[str, Any] | None) -> Synced | None:
    if not fields:
        return None
    way, conflicts = Way(fields.get("way", Way.UNCHANGED.value)), tuple(fields.get("conflicts", ()))
    return Synced(**{**fields, "changes": _changes(fields["changes"]), "way": way, "conflicts": conflicts})


def _failure(fields: dict[str, Any]) -> Failure:
    return Failure(**{**fields, "lacks": tuple(Capability(value) for value in fields.get("lacks", ()))})


def _changes(fields: dict[str, Any]) -> Changes:
    changed = {name: (before, after) for name, (before, after) in fields["changed"].items()}
    return Changes(fields["added"], fields["removed"], changed)


def _entry(fields: dict[str, Any]) -> Entry:
    plan = tuple(Planned(**line) for line in fields.get("plan", ()))
    return Entry(**{**fields, "commands": tuple(fields["commands"]), "plan": plan})


def _journal(fields: dict[str, Any]) -> Journal:
    before, after, record, entry = (fields[name] for name in ("before", "after", "record", "entry"))
    changes = {
        "step": Step(fields["step"]),
        "before": Identity(**before) if before else None,
        "after": Identity(**after) if after else None,
        "record": _project_record(record) if record else None,
        "entry": _entry(entry) if entry else None,
    }
    return Journal(**{**fields, **changes})


def walk_up(directory: str, home: str) -> Iterator[str]:
    """Yield `directory` and its parents as the hooks look at them: not "/", not above home, home only for itself."""
    place, home = directory, home.rstrip("/")
    while place not in ("", "/") and place != (home.rpartition("/")[0] or "/"):
        if place == home and directory != home:
            return
        yield place
        place = place.rpartition("/")[0]
