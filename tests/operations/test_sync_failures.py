"""Syncs that fail: the environment is as before, one notice says why and where, and the next good manifest mends it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from tests.stage.home import Home, Ran, snapshot
from tests.stage.index import Index, index_variables

from envd.core.answer import SyncState

# What fails in the same way with both, or takes pip some seconds, is tried with uv alone.
with_uv = pytest.mark.parametrize("installer", ["uv"], indirect=True)


def packages(root: Path) -> dict[str, object]:
    """Return the environment but for the lock file that uv leaves in it."""
    return {name: found for name, found in snapshot(root / ".venv").items() if name != ".lock"}


@pytest.fixture
def project(home: Home, index: Index, installer: str) -> Path:
    """A project in sync at demo 1.0."""
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    ran = home.envd("sync", cwd=root)
    assert ran.code == 0, ran.err
    return root


def fails(home: Home, root: Path) -> Ran:
    """Sync, which must fail, change nothing in the environment, and be told of in the notice and in the log."""
    before = packages(root)
    ran = home.envd("sync", cwd=root)
    assert ran.code == 1, ran.out
    assert packages(root) == before
    reason = ran.err.removeprefix("envd: ").splitlines()[0]
    assert home.record(root).state is SyncState.FAILED
    assert home.notice(root).startswith(f"acme not synced: {reason[:60]}")
    assert "\n" not in home.notice(root)
    assert not home.store.is_syncing(str(root))
    entry = home.store.entries(str(root))[-1]
    assert (entry.ok, entry.summary) == (False, home.notice(root))
    return ran


def mended(home: Home, root: Path) -> None:
    (root / "requirements.txt").write_text("demo==1.1\n")
    assert home.envd("sync", cwd=root).code == 0
    assert home.record(root).failure is None
    assert "synced" in home.notice(root)
    assert "not synced" not in home.notice(root)


def test_a_version_that_is_not_there(home: Home, project: Path) -> None:
    (project / "requirements.txt").write_text("# pins\nother\ndemo==9.9\n")
    ran = fails(home, project)
    assert ran.err.startswith("envd: requirements.txt:3: ")
    assert "demo==9.9" in ran.err
    mended(home, project)


def test_a_package_that_is_not_there_404(home: Home, project: Path) -> None:
    (project / "requirements.txt").write_text("demo==1.0\nno-such-thing\n")
    ran = fails(home, project)
    assert ran.err.startswith("envd: requirements.txt:2: ")
    assert "no-such-thing" in ran.err
    mended(home, project)


@with_uv
def test_a_package_that_is_not_there_is_named_in_the_file_that_asks_for_it(home: Home, project: Path) -> None:
    (project / "reqs").mkdir()
    (project / "reqs/dev.txt").write_text("\nno-such-thing\n")
    (project / "requirements.txt").write_text("demo==1.0\n-r reqs/dev.txt\n")
    assert fails(home, project).err.startswith("envd: reqs/dev.txt:2: ")


def test_an_index_that_fails_500(home: Home, index: Index, project: Path) -> None:
    index.status = 500
    (project / "requirements.txt").write_text("other\n")
    fails(home, project)
    index.status = 200
    mended(home, project)


def test_a_wheel_that_is_broken(home: Home, index: Index, project: Path) -> None:
    index.break_wheels()
    (project / "requirements.txt").write_text("other\n")
    assert fails(home, project).err.startswith("envd: requirements.txt:1: ")


def test_a_conflict(home: Home, index: Index, project: Path) -> None:
    index.add("picky", "1.0", "leaf==2.0")
    (project / "requirements.txt").write_text("picky\nleaf==1.0\n")
    assert "leaf==1.0" in fails(home, project).err


def test_no_network(home: Home, project: Path, installer: str) -> None:
    # Nothing listens on port 9 of loopback; caches do not help, for this index was never seen.
    home.variables.update(index_variables("http://127.0.0.1:9/simple/"))
    (project / "requirements.txt").write_text("other\n")
    said = fails(home, project).err
    # pip says a word about the network only when it tries again, which it does not here.
    assert said.startswith("envd: nothing could be fetched: " if installer == "uv" else "envd: requirements.txt:1: ")
    assert ("  hint: envd sync, when the network is back" in said) is (installer == "uv")


@with_uv
@pytest.mark.parametrize("status", [401, 403])
def test_an_index_that_wants_other_credentials(home: Home, index: Index, project: Path, status: int) -> None:
    index.status = status
    (project / "requirements.txt").write_text("other\n")
    said = fails(home, project).err
    assert "an index wants other credentials: other was not found in the package registry (An index" in said
    assert f"{status} " in said
    assert "  hint: put them into ~/.netrc, then: envd sync" in said


@with_uv
@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("demo\ndemo>>2\n", "requirements.txt:2", id="an operator that there is not"),
        pytest.param("demo\n--frobnicate\n", "requirements.txt:2", id="an option that there is not"),
        pytest.param("demo\n-c pins.txt\n", "pins.txt:2", id="a constraint that nothing fits"),
        pytest.param("demo==1.0\ndemo==1.1\n", "requirements.txt:1", id="two versions"),
        pytest.param("demo\n-r more.txt\n", "more.txt:1", id="a file that is included"),
        pytest.param("demo\n./gone-1.0-py3-none-any.whl\n", "requirements.txt:2", id="a wheel that is gone"),
        pytest.param("demo\n-e ./gone\n", "requirements.txt:2", id="a directory that is gone"),
    ],
)
def test_the_line_at_fault_is_named(home: Home, project: Path, text: str, place: str) -> None:
    home.configure('[sync]\nautomatic = false\ninstaller = "uv"\n')
    assert home.envd("allow", "--build", "--local", cwd=project).code == 0
    (project / "pins.txt").write_text("# none of these\ndemo==0.1\n")
    (project / "more.txt").write_text("no-such-thing\n")
    (project / "requirements.txt").write_text(text)
    ran = fails(home, project)
    assert ran.err.startswith(f"envd: {place}: ")
    assert f"  hint: mend {place}, then: envd sync; all that was said: envd log\n" in ran.err


@with_uv
def test_a_line_without_end_is_named_as_any_other(home: Home, project: Path) -> None:
    (project / "requirements.txt").write_text(f"demo\ndemo=={60_000 * 'a'}\n")
    ran = home.envd("sync", cwd=project, deadline=30)
    assert ran.code == 1
    assert ran.err.startswith("envd: requirements.txt:")


@with_uv
def test_a_line_that_is_no_requirement(home: Home, project: Path) -> None:
    (project / "requirements.txt").write_text("demo==1.0\n???\n")
    fails(home, project)
    mended(home, project)


@with_uv
def test_credentials_are_shown_nowhere(home: Home, index: Index, project: Path) -> None:
    with_password = index.url.replace("://", "://me:s3cret@")
    (project / "requirements.txt").write_text(f"--index-url {with_password}\nno-such-thing\n")
    ran = fails(home, project)
    log = home.envd("log", cwd=project)
    kept = b"".join(path.read_bytes() for path in home.places.state.rglob("*") if path.is_file())
    assert "s3cret" not in ran.err + log.out + home.notice(project)
    assert b"s3cret" not in kept


@with_uv
def test_the_same_failure_keeps_its_count_and_another_begins_anew(home: Home, project: Path) -> None:
    (project / "requirements.txt").write_text("demo==9.9\n")
    for count in (1, 2):
        fails(home, project)
        failure = home.record(project).failure
        assert failure is not None
        assert failure.count == count
    (project / "requirements.txt").write_text("demo==9.8\n")
    fails(home, project)
    failure = home.record(project).failure
    assert failure is not None
    assert failure.count == 1


@with_uv
def test_taken_back_the_failure_is_over(home: Home, project: Path) -> None:
    (project / "requirements.txt").write_text("demo==9.9\n")
    fails(home, project)
    (project / "requirements.txt").write_text("demo==1.0\n")
    assert home.envd("sync", cwd=project).code == 0
    assert home.record(project).state is SyncState.IN_SYNC
    assert "not synced" not in home.notice(project)


@with_uv
def test_a_manifest_that_cannot_be_read(home: Home, project: Path) -> None:
    before, said = packages(project), "requirements.txt is a FIFO, not a file"
    (project / "requirements.txt").unlink()
    os.mkfifo(project / "requirements.txt")
    ran = home.envd("sync", cwd=project, deadline=20)
    assert (ran.code, ran.err) == (
        1,
        "envd: requirements.txt is a FIFO, not a file\n  hint: mend requirements.txt, then: envd sync\n",
    )
    assert packages(project) == before
    assert home.notice(project) == f"acme not synced: {said}  (envd log)"


@with_uv
def test_what_is_as_asked_since_a_sync_failed_passes_the_gate(home: Home, index: Index, project: Path) -> None:
    (project / "requirements.txt").write_text("demo==1.0\nother\n")
    index.status = 500
    fails(home, project)
    refused = home.envd("sync", "--check", cwd=project)
    assert (refused.code, "could not be synced" in refused.err) == (5, True)
    index.status = 200
    by_hand = [sys.executable, "-m", "pip", "--python", str(project / ".venv/bin/python"), "install", "other"]
    assert home.run(by_hand).code == 0
    assert home.envd("sync", "--check", cwd=project).code == 0


def test_a_gate_does_not_pass_where_all_are_groups_that_nobody_asks_for(home: Home, index: Index) -> None:
    root = home.allowed(home.project())
    (root / "requirements").mkdir()
    for name in ("base", "dev"):
        (root / f"requirements/{name}.txt").write_text("demo\n")
    for words in (["sync", "--check"], ["status", "--check"], ["sync"]):
        ran = home.envd(*words, cwd=root)
        assert (ran.code, ran.err) == (
            5,
            "envd: acme has no manifest but its groups, and none is asked for: base, dev\n"
            "  hint: envd sync --group NAME, or groups in [tool.envd] of pyproject.toml\n",
        )
    assert "no manifest but groups: envd sync --group NAME, of base, dev" in home.envd("status", cwd=root).out
    assert "none is asked for: there are base, dev: envd sync --group NAME" in home.envd("why", cwd=root).out
    shutil.rmtree(root / ".venv")
    made = home.envd("init", cwd=root)
    assert "groups, synced when they are asked for: base, dev (envd sync --group NAME)" in made.out
    assert home.envd("sync", "--group", "base", cwd=root).code == 0
    assert home.envd("sync", "--check", cwd=root).code == 0
