"""A project in git: envd waits for git, and syncs once when it is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.stage.home import Home
from tests.stage.index import Index
from tests.stage.waiting import stays, wait_until

from envd.core.answer import SyncState


@dataclass
class Clones:
    """A project in git with a shell in it, and another clone from which changes come."""

    home: Home
    root: Path
    other: Path

    def commit(self, clone: Path, name: str, text: str) -> None:
        (clone / name).write_text(text)
        self.home.git("add", name, cwd=clone)
        self.home.git("commit", "-qm", name, cwd=clone)

    def demo(self) -> str:
        synced = self.home.record(self.root).synced
        return synced.wanted.get("demo", "") if synced is not None else ""

    def becomes(self, version: str) -> None:
        wait_until(lambda: self.demo() == version, f"demo is {version}")


@pytest.fixture
def clones(home: Home, index: Index) -> Iterator[Clones]:
    origin = home.path / "origin.git"
    home.git("init", "-q", "--bare", str(origin), cwd=home.path)
    root = home.project(requirements="demo==1.0\n")
    (root / ".gitignore").write_text(".venv/\n")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"], ["push", "-q", str(origin), "main"]):
        home.git(*words, cwd=root)
    home.git("remote", "add", "origin", str(origin), cwd=root)
    home.git("fetch", "-q", "origin", cwd=root)
    home.git("branch", "-q", "--set-upstream-to=origin/main", cwd=root)
    home.git("clone", "-q", str(origin), "other", cwd=home.path)
    home.allowed(root)
    home.start_daemon()
    found = Clones(home, root, home.path / "other")
    with home.shell_in(root):
        found.becomes("1.0")
        yield found


def test_pull_of_several_commits_is_one_sync(home: Home, clones: Clones) -> None:
    for version in ("1.1", "1.2", "1.3"):
        clones.commit(clones.other, "requirements.txt", f"demo=={version}\n")
    home.git("push", "-q", cwd=clones.other)
    home.git("pull", "-q", cwd=clones.root)
    clones.becomes("1.3")
    assert home.syncs(clones.root) == 2


def test_pull_that_rebases_commits_of_ones_own_is_one_sync(home: Home, clones: Clones) -> None:
    for version in ("1.1", "1.2", "1.3"):
        clones.commit(clones.other, "requirements.txt", f"demo=={version}\n")
    home.git("push", "-q", cwd=clones.other)
    for number in range(4):
        clones.commit(clones.root, f"note-{number}.txt", "mine\n")
    home.git("pull", "-q", "--rebase", cwd=clones.root)
    clones.becomes("1.3")
    assert home.syncs(clones.root) == 2


def test_branch_and_back_costs_nothing(home: Home, clones: Clones) -> None:
    clones.commit(clones.other, "requirements.txt", "demo==1.1\n")
    home.git("push", "-q", "origin", "HEAD:feature", cwd=clones.other)
    home.git("fetch", "-q", cwd=clones.root)
    # In one go: on a busy machine there may be time for a sync between two commands of a test.
    assert home.run(["sh", "-c", "git checkout -q origin/feature && git checkout -q main"], clones.root).code == 0
    stays(lambda: clones.demo() == "1.0", "nothing is synced", 1.5)
    assert home.syncs(clones.root) == 1


def test_a_held_index_is_waited_for(home: Home, clones: Clones) -> None:
    lock = clones.root / ".git/index.lock"
    lock.touch()
    (clones.root / "requirements.txt").write_text("demo==1.1\n")
    stays(lambda: home.syncs(clones.root) == 1, "there is no sync while git works", 1.5)
    lock.unlink()
    clones.becomes("1.1")


def test_a_held_index_is_waited_for_by_what_changes_during_a_sync_too(home: Home, clones: Clones, index: Index) -> None:
    index.waiting.clear()
    index.gate.clear()
    (clones.root / "requirements.txt").write_text("demo==1.1\n")
    assert index.waiting.wait(20)
    lock = clones.root / ".git/index.lock"
    lock.touch()
    (clones.root / "requirements.txt").write_text("demo==1.2\n")
    index.gate.set()
    clones.becomes("1.1")
    stays(lambda: home.syncs(clones.root) == 2, "there is no sync while git works", 1.5)
    lock.unlink()
    clones.becomes("1.2")


def test_an_unfinished_rebase_pauses_until_it_is_done(home: Home, clones: Clones) -> None:
    clones.commit(clones.other, "requirements.txt", "demo==1.1\n")
    clones.commit(clones.other, "note.txt", "theirs\n")
    home.git("push", "-q", cwd=clones.other)
    clones.commit(clones.root, "note.txt", "mine\n")
    assert home.run(["git", "pull", "-q", "--rebase"], clones.root).code != 0
    wait_until(lambda: home.record(clones.root).state is SyncState.PAUSED, "the project is paused")
    assert "paused: a rebase is unfinished" in home.notice(clones.root)
    assert clones.demo() == "1.0"
    (clones.root / "note.txt").write_text("both\n")
    home.git("add", "note.txt", cwd=clones.root)
    home.git("-c", "core.editor=true", "rebase", "--continue", cwd=clones.root)
    clones.becomes("1.1")
    assert home.syncs(clones.root) == 2


def test_an_aborted_rebase_is_as_before(home: Home, clones: Clones) -> None:
    clones.commit(clones.other, "requirements.txt", "demo==1.1\n")
    clones.commit(clones.other, "note.txt", "theirs\n")
    home.git("push", "-q", cwd=clones.other)
    clones.commit(clones.root, "note.txt", "mine\n")
    assert home.run(["git", "pull", "-q", "--rebase"], clones.root).code != 0
    wait_until(lambda: home.record(clones.root).state is SyncState.PAUSED, "the project is paused")
    home.git("rebase", "--abort", cwd=clones.root)
    wait_until(lambda: home.record(clones.root).state is SyncState.IN_SYNC, "the project is in sync")
    assert home.syncs(clones.root) == 1
