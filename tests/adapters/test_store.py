"""What envd keeps on disk."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import random
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from envd.adapters.store import Store, walk_up
from envd.core.answer import Answer, SyncState, Verdict
from envd.core.errors import StateError
from envd.core.packages import Changes
from envd.core.records import Entry, Failure, Notice, ProjectRecord, Seal, Synced
from envd.core.trust import Identity, TrustRecord
from envd.system.locks import locked
from envd.system.places import Places

ROOT = "/home/u/acme"
IDENTITY = Identity(1, 2, 3)
TRUST = TrustRecord(ROOT, True, IDENTITY, named=".venv")
ENTRY = Entry(12.5, "manifest", ("uv pip install", "uv pip uninstall"), 0.9, True, "+flask 3.1.0", "Resolved\n\x1b[m\udcff\n")
FULL = ProjectRecord(
    root=ROOT,
    walked=(ROOT, "/link/äcme \udcff\n"),
    seal=Seal("token", IDENTITY),
    state=SyncState.FAILED,
    notice=Notice("7", "acme not synced"),
    synced=Synced("f", {"a": "1"}, {"b": "2"}, 1.5, 0.5, "uv", Changes({"a": "1"}, {"c": "3"}, {"d": ("1", "2")})),
    failure=Failure("g", "no solution", 3, 2.5),
)
ANSWER = Answer(Verdict.ACTIVE, ROOT, "1", "token", f"{ROOT}/.venv", f"{ROOT}/.venv/bin", "acme", SyncState.IN_SYNC, "7", "x\n")


@pytest.fixture
def places(tmp_path: Path) -> Places:
    found = Places(tmp_path / "config", tmp_path / "state", tmp_path / "data")
    (tmp_path / "state").mkdir(mode=0o700)
    found.answers.mkdir(mode=0o700)
    return found


@pytest.fixture
def store(places: Places) -> Store:
    return Store(places)


def below(top: Path) -> list[str]:
    return sorted(str(path.relative_to(top)) for path in top.rglob("*"))


def the_file(store: Store, pattern: str) -> Path:
    (path,) = store.places.state.glob(pattern)
    return path


# -- round trips


@pytest.mark.parametrize("walked", [ROOT, "/a b/ü\udcff", "/a\nb", "/$(x)/`y`", "/a:b", "/" + "x/" * 500 + "y"])
def test_an_answer_is_read_as_it_was_published(store: Store, walked: str) -> None:
    answer = dataclasses.replace(ANSWER, root=walked)
    store.publish(walked, answer)
    assert store.published(walked) == answer


def stamps(store: Store) -> list[str]:
    return [path.name for path in store.places.answers.rglob(".envd-answer-*")]


def test_the_answer_that_counts_has_its_stamp(store: Store) -> None:
    for stamp in "1", "2", "2", "3":
        store.publish(ROOT, dataclasses.replace(ANSWER, stamp=stamp))
        assert stamps(store) == [f".envd-answer-{stamp}"]


class KilledError(Exception):
    pass


@pytest.mark.parametrize("at", ["envd.adapters.store.write_atomic", "os.symlink"])
def test_no_stamp_is_there_while_the_answer_is_replaced(store: Store, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    store.publish(ROOT, ANSWER)
    monkeypatch.setattr(at, _killed)
    with pytest.raises(KilledError):
        store.publish(ROOT, dataclasses.replace(ANSWER, stamp="2"))
    assert stamps(store) == []


def test_the_stamp_is_withdrawn_first(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.publish(ROOT, ANSWER)
    monkeypatch.setattr("pathlib.Path.unlink", _killed)
    with pytest.raises(KilledError):
        store.withdraw(ROOT)
    assert stamps(store) == []


def _killed(*_: object, **__: object) -> None:
    raise KilledError


def test_an_answer_without_a_stamp_is_an_answer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.symlink", full)
    store.publish(ROOT, ANSWER)
    assert (store.published(ROOT), stamps(store)) == (ANSWER, [])


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(TRUST, id="allowed"),
        pytest.param(dataclasses.replace(TRUST, allowed=False, named=""), id="denied"),
        pytest.param(dataclasses.replace(TRUST, root="/ü\udcff\n"), id="an odd root"),
    ],
)
def test_trust_is_read_as_it_was_set(store: Store, record: TrustRecord) -> None:
    store.set_trust(record)
    assert (store.trust(record.root), store.trusted()) == (record, [record])


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(FULL, id="full"),
        pytest.param(ProjectRecord(ROOT, state=SyncState.STALE), id="nearly empty"),
        pytest.param(dataclasses.replace(FULL, root="/ü\udcff\n"), id="an odd root"),
    ],
)
def test_a_record_is_read_as_it_was_written(store: Store, record: ProjectRecord) -> None:
    assert store.update(record.root, lambda _: record) == record
    assert (store.project(record.root), store.projects()) == (record, [record])


def test_an_entry_is_read_as_it_was_added(store: Store) -> None:
    store.update(ROOT, lambda _: FULL)
    store.add_entry(ROOT, ENTRY)
    assert store.entries(ROOT) == [ENTRY]


def test_of_a_new_project_nothing_is_known_and_nothing_is_made(store: Store) -> None:
    before = below(store.places.state)
    assert (store.published(ROOT), store.trust(ROOT), store.project(ROOT)) == (None, None, ProjectRecord(ROOT))
    assert (store.trusted(), store.projects(), store.entries(ROOT), store.is_syncing(ROOT)) == ([], [], [], False)
    assert below(store.places.state) == before


def test_lists_are_in_the_order_of_the_roots(store: Store) -> None:
    for root in ("/c", "/a", "/b"):
        store.set_trust(dataclasses.replace(TRUST, root=root))
        store.update(root, lambda record: dataclasses.replace(record, walked=("/w",)))
    assert [record.root for record in store.trusted()] == ["/a", "/b", "/c"]
    assert [record.root for record in store.projects()] == ["/a", "/b", "/c"]


def test_everything_is_for_its_owner_alone(store: Store) -> None:
    store.set_trust(TRUST)
    store.update(ROOT, lambda _: FULL)
    store.add_entry(ROOT, ENTRY)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in store.places.state.rglob("*")}
    assert modes == {0o700, 0o600}


def test_a_project_that_is_forgotten_leaves_nothing_but_the_others(store: Store) -> None:
    other = dataclasses.replace(FULL, root="/other", walked=("/other",))
    for record in (FULL, other):
        store.update(record.root, lambda _, record=record: record)  # type: ignore[misc]
        store.set_trust(dataclasses.replace(TRUST, root=record.root))
        store.add_entry(record.root, ENTRY)
        for walked in record.walked:
            store.publish(walked, dataclasses.replace(ANSWER, root=walked))
    store.forget(ROOT)
    assert (store.project(ROOT), store.trust(ROOT), store.entries(ROOT)) == (ProjectRecord(ROOT), None, [])
    assert [store.published(walked) for walked in FULL.walked] == [None, None]
    assert (store.projects(), store.published("/other") is not None) == ([other], True)
    assert not any("acme" in name for name in below(store.places.state))


def test_a_sync_holds_its_lock(store: Store) -> None:
    with locked(store.sync_lock(ROOT)):
        assert store.is_syncing(ROOT)
        assert not store.is_syncing("/other")
    assert not store.is_syncing(ROOT)


# -- what cannot be read


def lay_out(store: Store) -> None:
    store.set_trust(TRUST)
    store.update(ROOT, lambda _: FULL)
    store.add_entry(ROOT, ENTRY)


def known(store: Store) -> tuple[TrustRecord | None, ProjectRecord, list[Entry]]:
    return store.trust(ROOT), store.project(ROOT), store.entries(ROOT)


KINDS = ["trust/*.json", "history/*/project.json", "history/*/log/*.json"]
UNKNOWN = {
    "trust/*.json": (None, FULL, [ENTRY]),
    "history/*/project.json": (TRUST, ProjectRecord(ROOT), [ENTRY]),
    "history/*/log/*.json": (TRUST, FULL, []),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\0" * 500, id="zeros, as after a crash"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{}", id="no format"),
        pytest.param(b'{"format": 1}', id="nothing but the format"),
        pytest.param(b'{"format": 2, "root": "/"}', id="a future format"),
        pytest.param(b'{"format": 1, "identity": 7, "seal": 7, "synced": 7, "at": 7}', id="other types"),
        pytest.param(b"[" * 100_000, id="100,000 lists in one another"),
        pytest.param(b'{"format": ' + b"9" * 5000 + b"}", id="an integer of 5,000 digits"),
        pytest.param(b" " * (8 * 1024 * 1024 + 1), id="more than 8 MiB"),
    ],
)
def test_what_cannot_be_understood_is_set_aside(store: Store, kind: str, content: bytes) -> None:
    lay_out(store)
    path = the_file(store, kind)
    path.write_bytes(content)
    assert known(store) == UNKNOWN[kind]
    assert (path.exists(), path.with_suffix(".unreadable").read_bytes() == content) == (False, True)
    assert known(store) == UNKNOWN[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_of_the_future_is_set_aside(store: Store, kind: str) -> None:
    lay_out(store)
    path = the_file(store, kind)
    fields = json.loads(path.read_bytes())
    path.write_text(json.dumps({**fields, "format": 2}))
    assert known(store) == UNKNOWN[kind]
    assert json.loads(path.with_suffix(".unreadable").read_text()) == {**fields, "format": 2}


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_cut_short_is_set_aside(store: Store, kind: str) -> None:
    lay_out(store)
    path = the_file(store, kind)
    whole = path.read_bytes()
    for length in random.Random(7).choices(range(len(whole)), k=100):
        path.write_bytes(whole[:length])
        assert known(store) == UNKNOWN[kind], length
        assert path.with_suffix(".unreadable").read_bytes() == whole[:length]
        assert not path.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_after_it_was_set_aside_all_goes_on(store: Store, kind: str) -> None:
    lay_out(store)
    the_file(store, kind).write_bytes(b"broken")
    known(store)
    lay_out(store)
    assert (store.trust(ROOT), store.project(ROOT), store.entries(ROOT)[-1]) == (TRUST, FULL, ENTRY)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_unknown_and_stays(store: Store, kind: str) -> None:
    lay_out(store)
    path = the_file(store, kind)
    path.unlink()
    os.mkfifo(path)
    assert known(store) == UNKNOWN[kind]
    assert path.is_fifo()


def test_an_answer_that_was_cut_short_is_unknown(store: Store) -> None:
    store.publish(ROOT, ANSWER)
    path = next(path for path in store.places.answers.rglob("*") if path.is_file())
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert store.published(ROOT) is None, length


# -- many at once

WRITER = """
import dataclasses, sys
from pathlib import Path
from envd.adapters.store import Store
from envd.system.places import Places
base, who = Path(sys.argv[1]), sys.argv[2]
store = Store(Places(base / "config", base / "state", base / "data"))
sys.stdin.read()
for number in range(40):
    store.update("/p", lambda record: dataclasses.replace(record, walked=(*record.walked, f"{who}-{number}")))
"""


def test_of_changes_at_the_same_time_none_is_lost(store: Store) -> None:
    command = [sys.executable, "-c", WRITER, str(store.places.state.parent)]
    writers = [subprocess.Popen([*command, str(who)], stdin=subprocess.PIPE, stderr=subprocess.PIPE) for who in range(4)]
    try:
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.close()
            writer.stdin = None
        assert [writer.communicate(timeout=60)[1] for writer in writers] == [b""] * 4
    finally:
        for writer in writers:
            writer.kill()
            writer.wait(10)
    walked = store.project("/p").walked
    assert sorted(walked) == sorted(f"{who}-{number}" for who in range(4) for number in range(40))


def test_a_change_that_changes_nothing_writes_nothing(store: Store) -> None:
    store.update(ROOT, lambda _: FULL)
    path = the_file(store, "history/*/project.json")
    before = path.stat()
    store.update(ROOT, lambda record: record)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_change_that_fails_leaves_the_record_and_the_lock_free(store: Store) -> None:
    store.update(ROOT, lambda _: FULL)

    def fail(_: ProjectRecord) -> ProjectRecord:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.update(ROOT, fail)
    assert store.update(ROOT, lambda record: record) == FULL


# -- the log


def test_the_log_keeps_the_newest_fifty_in_order(store: Store) -> None:
    store.update(ROOT, lambda _: FULL)
    for number in range(53):
        store.add_entry(ROOT, dataclasses.replace(ENTRY, at=float(number)))
        assert len(store.entries(ROOT)) == min(number + 1, 50)
    assert [entry.at for entry in store.entries(ROOT)] == [float(number) for number in range(3, 53)]


def test_a_log_with_other_files_in_it_goes_on(store: Store) -> None:
    lay_out(store)
    log = the_file(store, "history/*/log")
    (log / "notes.json.txt").touch()
    (log / "000007.unreadable").touch()
    store.add_entry(ROOT, ENTRY)
    assert store.entries(ROOT) == [ENTRY, ENTRY]


# -- answers beside and above one another


def test_withdrawing_leaves_no_empty_directory(store: Store) -> None:
    store.publish(ROOT, ANSWER)
    store.withdraw(ROOT)
    assert (store.places.answers.exists(), below(store.places.answers)) == (True, [])


@pytest.mark.parametrize("other", ["/home/u/acme/sub", "/home/u/acme/answer", "/home/u", "/home/u/acme2", "/home/u/other", "/x"])
def test_withdrawing_touches_no_other_answer(store: Store, other: str) -> None:
    store.publish(other, ANSWER)
    before = below(store.places.answers)
    store.publish(ROOT, ANSWER)
    store.withdraw(ROOT)
    assert (store.published(ROOT), store.published(other)) == (None, ANSWER)
    assert below(store.places.answers) == before


def test_withdrawing_what_was_not_published_is_nothing(store: Store) -> None:
    store.publish("/home/u/other", ANSWER)
    before = below(store.places.answers)
    store.withdraw(ROOT)
    store.withdraw("/home/u/other/below")
    store.withdraw("/home")
    assert below(store.places.answers) == before


def test_publishing_replaces(store: Store) -> None:
    store.publish(ROOT, ANSWER)
    newer = dataclasses.replace(ANSWER, stamp="2", verdict=Verdict.NONE)
    store.publish(ROOT, newer)
    assert store.published(ROOT) == newer


@pytest.mark.parametrize(
    "walked", [pytest.param("/" + "x" * 300, id="a long name"), pytest.param("/" + "x/" * 3000 + "y", id="a long path")]
)
def test_an_answer_that_cannot_be_published_is_an_error(store: Store, walked: str) -> None:
    with pytest.raises(StateError, match=r"cannot be (made|written): File name too long"):
        store.publish(walked, ANSWER)
    assert store.published(walked) is None
    store.withdraw(walked)


# -- where hooks look


@pytest.mark.parametrize(
    ("directory", "home", "expected"),
    [
        pytest.param("/home/u/a/b", "/home/u", ["/home/u/a/b", "/home/u/a"], id="below home"),
        pytest.param("/home/u", "/home/u", ["/home/u"], id="home itself"),
        pytest.param("/home", "/home/u", [], id="above home"),
        pytest.param("/home/v/a", "/home/u", ["/home/v/a", "/home/v"], id="beside home"),
        pytest.param("/home/uu/a", "/home/u", ["/home/uu/a", "/home/uu"], id="a near miss"),
        pytest.param("/srv/a", "/home/u", ["/srv/a", "/srv"], id="elsewhere"),
        pytest.param("/", "/home/u", [], id="the top"),
        pytest.param("", "/home/u", [], id="nowhere"),
        pytest.param("/a/b", "", ["/a/b", "/a"], id="no home"),
        pytest.param("/a/b", "/", ["/a/b", "/a"], id="the top for a home"),
        pytest.param("/root/a", "/root", ["/root/a"], id="a home below the top"),
        pytest.param("/srv", "/root", ["/srv"], id="beside a home below the top"),
        pytest.param("/home/u", "/home/u/", ["/home/u"], id="a home with a slash"),
        pytest.param("/home/u/a", "/home/u/", ["/home/u/a"], id="below a home with a slash"),
        pytest.param("/home", "/home/u/", [], id="above a home with a slash"),
    ],
)
def test_directories_are_walked_as_the_hooks_do(directory: str, home: str, expected: list[str]) -> None:
    assert list(walk_up(directory, home)) == expected
