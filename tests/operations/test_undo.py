"""Undo: the environment of before comes back at once, and nothing does it again behind the user's back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.stage.home import Home, snapshot
from tests.stage.index import Index

from envd.adapters.generations import shelf_for
from envd.core.answer import SyncState
from envd.operations.sync import sync


@pytest.fixture
def project(home: Home, index: Index) -> Path:
    """A project that was synced to demo 1.0, then to 1.1: syncs 1 and 2."""
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    for version in ("1.0", "1.1"):
        (root / "requirements.txt").write_text(f"demo=={version}\n")
        assert home.envd("sync", cwd=root).code == 0
    return root


def version(root: Path) -> str:
    code = "import demo; print(demo.version)"
    ran = subprocess.run([root / ".venv/bin/python", "-c", code], capture_output=True, text=True)
    return ran.stdout.strip() if ran.returncode == 0 else "none"


def test_the_newest_sync_is_undone(home: Home, index: Index, project: Path) -> None:
    index.status = 500
    ran = home.envd("undo", cwd=project)
    assert (ran.code, ran.out) == (0, "acme is as it was before\n  ~demo 1.1→1.0\n")
    assert version(project) == "1.0"
    assert home.notice(project) == "acme paused: you undid or stopped this sync: envd sync does it"
    assert home.store.entries(str(project))[-1].summary == "acme: sync 2 undone: ~demo 1.1→1.0"


def test_undone_once_more_it_is_back(home: Home, project: Path) -> None:
    home.envd("undo", cwd=project)
    assert home.envd("undo", cwd=project).code == 0
    assert version(project) == "1.1"
    assert home.record(project).state is SyncState.IN_SYNC


def test_an_earlier_sync_is_undone_by_its_number(home: Home, project: Path) -> None:
    assert home.envd("undo", "1", cwd=project).code == 0
    assert version(project) == "none"
    assert "last sync    undone: as it was before the first" in home.envd("status", cwd=project).out
    assert home.envd("undo", cwd=project).code == 0
    assert version(project) == "1.1"


def test_a_number_that_is_not_kept_is_refused(home: Home, project: Path) -> None:
    before = snapshot(project)
    ran = home.envd("undo", "9", cwd=project)
    assert (ran.code, ran.err.splitlines()[0]) == (
        2,
        "envd: sync 9 cannot be undone, what was before it is not kept: only before 1, 2",
    )
    assert snapshot(project) == before


def test_without_any_sync_there_is_nothing_to_undo(home: Home) -> None:
    ran = home.envd("undo", cwd=home.allowed(home.project(requirements="demo\n")))
    assert (ran.code, ran.err.splitlines()[0]) == (2, "envd: there is nothing to undo: no environment of before is kept")


def test_undone_it_is_not_synced_again_by_itself(home: Home, project: Path) -> None:
    home.envd("undo", cwd=project)
    record = home.record(project)
    assert record.state is SyncState.PAUSED
    said = home.envd("status", "--json", cwd=project).fields()["projects"][0]["packages"]
    assert (said["state"], said["problem"]) == ("paused", "you undid or stopped this sync: envd sync does it")


def by_itself(home: Home, root: Path) -> SyncState:
    """Sync as the daemon does, which holds back what its user undid."""
    home.configure("[sync]\nautomatic = false\n")
    return sync(home.context, str(root), "test").state


def test_after_another_branch_what_was_undone_is_undone_still(home: Home, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, **home.variables})
    home.envd("undo", cwd=project)
    (project / "requirements.txt").write_text("demo==1.2\n")
    assert (by_itself(home, project), version(project)) == (SyncState.IN_SYNC, "1.2")
    (project / "requirements.txt").write_text("demo==1.1\n")
    assert (by_itself(home, project), version(project)) == (SyncState.PAUSED, "1.0")
    # Once more, and then by hand: that is what its user wants now.
    (project / "requirements.txt").write_text("demo==1.2\n")
    assert (by_itself(home, project), version(project)) == (SyncState.IN_SYNC, "1.2")
    (project / "requirements.txt").write_text("demo==1.1\n")
    assert (home.envd("sync", cwd=project).code, version(project)) == (0, "1.1")
    assert by_itself(home, project) is SyncState.IN_SYNC


def test_what_it_was_undone_to_may_be_gone(home: Home, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, **home.variables})
    home.envd("undo", cwd=project)
    (project / "requirements.txt").write_text("demo==1.2\n")
    assert by_itself(home, project) is SyncState.IN_SYNC
    shutil.rmtree(project / ".venv/.envd")
    (project / "requirements.txt").write_text("demo==1.1\n")
    assert (by_itself(home, project), version(project)) == (SyncState.PAUSED, "1.2")


def test_what_was_undone_is_synced_by_hand(home: Home, project: Path) -> None:
    home.envd("undo", cwd=project)
    assert home.envd("sync", cwd=project).code == 0
    assert version(project) == "1.1"
    assert home.record(project).state is SyncState.IN_SYNC
    assert home.record(project).undone == ""


def test_log_numbers_what_can_be_undone(home: Home, project: Path) -> None:
    home.envd("undo", cwd=project)
    entries = home.store.entries(str(project))
    assert [(entry.number, entry.trigger) for entry in entries] == [(1, "envd sync"), (2, "envd sync"), (3, "envd undo 2")]
    first, second, third = [line for line in home.envd("log", cwd=project).out.splitlines() if line.startswith("✓ #")]
    assert first.endswith(" · undo it with: envd undo 1")
    assert second.endswith(" s")
    assert third.endswith(" · undo it with: envd undo 3")
    assert "  ~demo 1.1→1.0  as it was kept before sync 2" in home.envd("log", cwd=project).out


def test_log_and_status_offer_what_is_there(home: Home, index: Index, project: Path) -> None:
    index.add("pip", "99.0")
    assert "2 kept: envd undo" in home.envd("status", cwd=project).out
    (project / "requirements.txt").unlink()
    assert home.envd("init", "--clear", "--python", sys.executable, cwd=project).code == 0
    assert "kept: envd undo" not in home.envd("status", cwd=project).out
    assert "undo it with" not in home.envd("log", cwd=project).out
    assert home.envd("undo", cwd=project).code == 2


@pytest.mark.parametrize("word", ["x", "0", "-1", "1.5"])
def test_what_is_no_number_is_refused(home: Home, project: Path, word: str) -> None:
    ran = home.envd("undo", word, cwd=project)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[1].startswith("  hint: envd ")


def test_forgotten_nothing_of_it_is_left_in_the_environment(home: Home, project: Path) -> None:
    assert shelf_for(project / ".venv", str(project)).kept(2).is_dir()
    assert home.envd("forget", cwd=project).code == 0
    assert not (project / ".venv/.envd").exists()
    assert version(project) == "1.1"


def test_made_anew_it_keeps_nothing_of_before(home: Home, project: Path) -> None:
    assert home.envd("init", "--clear", cwd=project).code == 0
    assert home.envd("undo", "2", cwd=project).code == 2


def test_undo_of_what_is_not_allowed_is_refused(home: Home, project: Path) -> None:
    home.envd("deny", cwd=project)
    assert home.envd("undo", cwd=project).code == 4
    assert version(project) == "1.1"


def test_what_was_put_in_by_hand_since_is_named(home: Home, project: Path) -> None:
    by_hand = [sys.executable, "-m", "pip", "--python", str(project / ".venv/bin/python"), "install", "other", "needy"]
    assert home.run(by_hand).code == 0
    ran = home.envd("undo", cwd=project)
    assert "not of envd's making: needy and 2 more; envd undo once more brings them back" in ran.out
    assert home.envd("undo", cwd=project).code == 0
    assert version(project) == "1.1"


def test_undone_after_an_environment_was_made_anew_it_is_not_done_again(home: Home, index: Index, project: Path) -> None:
    index.add("pip", "99.0")
    assert home.envd("init", "--clear", "--python", sys.executable, cwd=project).code == 0
    assert version(project) == "1.1"
    assert not list(project.glob(".venv.before-*"))
    assert home.envd("undo", cwd=project).code == 0
    assert home.record(project).state is SyncState.PAUSED
    assert version(project) == "none"


def test_a_repair_that_is_undone_stays_undone(home: Home, index: Index, project: Path) -> None:
    for path in project.glob(".venv/lib/*/site-packages/demo*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert home.envd("sync", cwd=project).code == 0
    assert version(project) == "1.1"
    assert home.envd("undo", cwd=project).code == 0
    assert version(project) == "none"
    assert home.record(project).state is SyncState.PAUSED
    sync(home.context, str(project), "change")
    assert version(project) == "none"
    assert home.envd("sync", cwd=project).code == 0
    assert version(project) == "1.1"
