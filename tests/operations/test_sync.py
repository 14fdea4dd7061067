"""Syncs with each installer: what is added, changed and removed, what stays, and what is said of it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.stage.home import Home, snapshot
from tests.stage.index import Index
from tests.stage.waiting import wait_until

from envd.adapters.venvs import Venv, find_venv, installed_versions
from envd.core.answer import SyncState
from envd.core.capabilities import Capability
from envd.core.errors import Ended
from envd.core.wish import BY_HAND, Wish
from envd.operations.check import look_over
from envd.operations.consent import Target, allow
from envd.operations.context import open_context
from envd.operations.job import Outcome
from envd.operations.planning import plan
from envd.operations.sync import sync


def versions(root: Path) -> dict[str, str]:
    venv = find_venv(root, (".venv",))
    assert venv is not None
    return installed_versions(venv)


def synced(home: Home, root: Path, *, by_hand: bool = False) -> Outcome:
    return sync(open_context(), str(root), "test", wish=Wish(by_hand=by_hand))


def runs(root: Path, code: str) -> str:
    return subprocess.run([root / ".venv/bin/python", "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def loopback(index: Index, home: Home, monkeypatch: pytest.MonkeyPatch) -> Index:
    """The index, for the syncs that run in this process as well."""
    for name, value in home.variables.items():
        monkeypatch.setenv(name, value)
    return index


# -- real packages


def test_real_packages_are_installed_changed_and_removed(home: Home, installer: str) -> None:
    root = home.allowed(home.project(requirements="six==1.16.0\niniconfig==2.0.0\n"))
    assert synced(home, root).changes.added == {"six": "1.16.0", "iniconfig": "2.0.0"}
    assert runs(root, "import six, iniconfig; print(six.__version__)") == "1.16.0"
    (root / "requirements.txt").write_text("six==1.17.0\n")
    outcome = synced(home, root)
    assert outcome.changes.changed == {"six": ("1.16.0", "1.17.0")}
    assert outcome.changes.removed == {"iniconfig": "2.0.0"}
    assert runs(root, "import six; print(six.__version__)") == "1.17.0"
    synced_with = home.record(root).synced
    assert synced_with is not None
    assert synced_with.installer == installer


def test_flask_with_all_that_it_needs(home: Home) -> None:
    root = home.allowed(home.project(requirements="flask\n"))
    outcome = synced(home, root)
    assert {"flask", "werkzeug", "jinja2", "markupsafe", "click", "blinker", "itsdangerous"} <= set(outcome.changes.added)
    assert outcome.changes.words()[0].startswith("+flask ")
    assert runs(root, "import flask; print(flask.Flask('x').name)") == "x"
    (root / "requirements.txt").write_text("click\n")
    assert set(synced(home, root).changes.removed) == set(outcome.changes.added) - {"click"}
    assert set(versions(root)) == {"click"}


# -- the same with an index of our own


def test_what_a_package_needs_comes_and_goes_with_it(home: Home, loopback: Index) -> None:
    root = home.allowed(home.project(requirements="needy\nother\n"))
    synced(home, root)
    assert versions(root) == {"needy": "1.0", "leaf": "1.0", "other": "2.0"}
    (root / "requirements.txt").write_text("other\n")
    assert synced(home, root).changes.removed == {"leaf": "1.0", "needy": "1.0"}
    assert versions(root) == {"other": "2.0"}


def install_by_hand(home: Home, root: Path, *words: str) -> None:
    ran = home.run([sys.executable, "-m", "pip", "--python", str(root / ".venv/bin/python"), "install", *words])
    assert ran.code == 0, ran.err


def test_what_was_installed_by_hand_stays(home: Home, loopback: Index, installer: str) -> None:
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    synced(home, root)
    install_by_hand(home, root, "other")
    (root / "requirements.txt").write_text("leaf\n")
    synced(home, root)
    assert versions(root) == {"leaf": "1.0", "other": "2.0"}


def test_what_a_package_installed_by_hand_needs_stays_too(home: Home, loopback: Index, installer: str) -> None:
    loopback.add("mine", "1.0", "leaf")
    root = home.allowed(home.project(requirements="needy\n"))
    synced(home, root)
    install_by_hand(home, root, "mine")
    (root / "requirements.txt").write_text("other\n")
    assert plan(home.context, str(root)).changes.removed == {"needy": "1.0"}
    assert synced(home, root).changes.removed == {"needy": "1.0"}
    assert versions(root) == {"leaf": "1.0", "mine": "1.0", "other": "2.0"}
    by_hand = [sys.executable, "-m", "pip", "--python", str(root / ".venv/bin/python"), "uninstall", "-y", "mine"]
    assert home.run(by_hand).code == 0
    (root / "requirements.txt").write_text("other\ndemo==1.0\n")
    assert synced(home, root).changes.removed == {"leaf": "1.0"}


def test_what_was_there_before_envd_stays_although_a_manifest_asked_for_it_meanwhile(home: Home, loopback: Index) -> None:
    root = home.allowed(home.project(requirements="demo\n"))
    install_by_hand(home, root, "demo==1.3")
    synced(home, root)
    (root / "requirements.txt").write_text("leaf\n")
    synced(home, root)
    assert versions(root) == {"demo": "1.3", "leaf": "1.0"}


def test_a_dependency_that_something_else_asks_for_stays(home: Home, loopback: Index) -> None:
    root = home.allowed(home.project(requirements="needy\n"))
    synced(home, root)
    (root / "requirements.txt").write_text("leaf\n")
    assert synced(home, root).changes.removed == {"needy": "1.0"}
    assert versions(root) == {"leaf": "1.0"}


def test_in_sync_starts_no_installer(home: Home, loopback: Index) -> None:
    root = home.allowed(home.project(requirements="demo\n"))
    synced(home, root)
    loopback.status = 500
    outcome = synced(home, root)
    assert (outcome.state, bool(outcome.changes)) == (SyncState.IN_SYNC, False)
    assert home.syncs(root) == 1


def test_a_package_that_was_taken_out_by_hand_comes_back(home: Home, loopback: Index) -> None:
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    synced(home, root)
    shutil.rmtree(next((root / ".venv").glob("lib/*/site-packages/demo-1.0.dist-info")))
    assert synced(home, root).changes.added == {"demo": "1.0"}


def test_an_emptied_manifest_is_held_back(home: Home, loopback: Index) -> None:
    root = home.allowed(home.project(requirements="demo\n"))
    synced(home, root)
    (root / "requirements.txt").write_text("")
    outcome = synced(home, root)
    assert outcome.state is SyncState.PAUSED
    assert versions(root) == {"demo": "1.3"}
    assert "asks for nothing any more; its packages stay: envd sync removes them" in home.notice(root)


@pytest.mark.parametrize("text", ["", None], ids=["emptied", "gone"])
def test_a_manifest_of_which_a_group_is_left_is_held_back(home: Home, loopback: Index, text: str | None) -> None:
    root = home.allowed(home.project(requirements="demo\n"))
    (root / "requirements-dev.txt").write_text("leaf\n")
    assert home.envd("sync", "--group", "dev", str(root)).code == 0
    if text is None:
        (root / "requirements.txt").unlink()
    else:
        (root / "requirements.txt").write_text(text)
    assert synced(home, root).state is SyncState.PAUSED
    assert versions(root) == {"demo": "1.3", "leaf": "1.0"}
    assert "nothing but a group asks for packages any more; the others stay: envd sync removes them" in home.notice(root)
    assert home.envd("sync", str(root)).code == 0
    assert versions(root) == {"leaf": "1.0"}
    (root / "requirements-dev.txt").write_text("leaf\ndemo==1.0\n")
    assert synced(home, root).changes.added == {"demo": "1.0"}


def test_an_emptied_manifest_is_synced_by_hand(home: Home, loopback: Index) -> None:
    root = home.allowed(home.project(requirements="demo\n"))
    synced(home, root)
    (root / "requirements.txt").write_text("# nothing\n")
    assert synced(home, root, by_hand=True).changes.removed == {"demo": "1.3"}
    assert versions(root) == {}


def test_a_manifest_that_never_asked_for_anything_is_in_sync(home: Home, loopback: Index) -> None:
    root = home.allowed(home.project(requirements="# later\n"))
    assert synced(home, root).state is SyncState.IN_SYNC


def test_a_removed_manifest_removes_nothing(home: Home, loopback: Index) -> None:
    root = home.allowed(home.project(requirements="demo\n"))
    synced(home, root)
    (root / "requirements.txt").unlink()
    assert synced(home, root).state is SyncState.UNMANAGED
    assert versions(root) == {"demo": "1.3"}


def test_markers_decide_for_the_environments_own_python(home: Home, loopback: Index) -> None:
    root = home.allowed(home.project(requirements='demo==1.0; python_version < "3"\nleaf; python_version >= "3"\n'))
    synced(home, root)
    assert versions(root) == {"leaf": "1.0"}
    assert synced(home, root).state is SyncState.IN_SYNC


def test_the_notice_of_a_sync_names_what_changed(home: Home, loopback: Index) -> None:
    root = home.allowed(home.project(requirements="needy\n"))
    synced(home, root)
    assert home.notice(root).endswith(" s: +needy 1.0 +leaf 1.0")
    answer = home.answer(root)
    assert answer is not None
    assert (answer.state, answer.text) == (SyncState.IN_SYNC, home.notice(root))


def test_plan_changes_nothing(home: Home, loopback: Index, installer: str) -> None:
    root = home.allowed(home.project(requirements="demo==1.0\nleaf\n"))
    synced(home, root)
    (root / "requirements.txt").write_text("demo==1.1\n")
    before = snapshot(root)
    planned = plan(open_context(), str(root))
    assert planned.changes.changed == {"demo": ("1.0", "1.1")}
    assert planned.changes.removed == {"leaf": "1.0"}
    assert snapshot(root) == before
    assert home.syncs(root) == 1


def test_only_the_projects_own_environment_is_changed(home: Home, loopback: Index) -> None:
    active = home.make_venv(home.path / "active")
    root = home.allowed(home.project(requirements="demo\n"))
    before = snapshot(active)
    home.variables.update(VIRTUAL_ENV=str(active), UV_PYTHON=str(active / "bin/python"), PIP_TARGET=str(active))
    ran = home.envd("sync", cwd=root)
    assert ran.code == 0, ran.err
    assert snapshot(active) == before
    assert versions(root) == {"demo": "1.3"}


def test_an_environment_that_lost_its_cfg_is_not_synced(home: Home, loopback: Index) -> None:
    root = home.allowed(home.project(requirements="demo\n"))
    (root / ".venv/pyvenv.cfg").unlink()
    ran = home.envd("sync", cwd=root)
    assert ran.code == 6
    assert "has no pyvenv.cfg" in ran.err


# -- at the same time


def test_two_syncs_at_once_are_one(home: Home, loopback: Index) -> None:
    loopback.gate.clear()
    root = home.allowed(home.project(requirements="demo\n"))
    first = home.begin("sync", cwd=root)
    assert loopback.waiting.wait(20)
    second = home.begin("sync", cwd=root)
    wait_until(lambda: home.store.is_syncing(str(root)), "the first syncs")
    loopback.gate.set()
    said = [process.communicate(timeout=30)[0].decode() for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], said
    assert "acme synced" in said[0]
    assert said[1] == "acme is in sync\n"
    assert home.syncs(root) == 1


@pytest.mark.parametrize("place", ["pip.conf", "PIP_INDEX_URL"])
def test_the_index_that_is_set_for_pip_is_uvs_too(home: Home, loopback: Index, installer: str, place: str) -> None:
    for name in ("UV_DEFAULT_INDEX", "PIP_INDEX_URL"):
        del home.variables[name]
    if place == "pip.conf":
        home.variables["PIP_CONFIG_FILE"] = str(home.base / "pip.conf")
        (home.base / "pip.conf").write_text(f"[global]\nindex-url = {loopback.url}\n")
    else:
        home.variables["PIP_INDEX_URL"] = loopback.url
    root = home.allowed(home.project(requirements="needy\n"))
    ran = home.envd("sync", cwd=root)
    assert (ran.code, versions(root)) == (0, {"needy": "1.0", "leaf": "1.0"}), ran.err
    # A file that names its own index is not asked for at another one.
    with Index() as other:
        other.add("mine", "3.0")
        (root / "requirements.txt").write_text(f"--index-url {other.url}\nmine\n")
        home.allowed(root, Capability.INDEX)
        ran = home.envd("sync", cwd=root)
        assert (ran.code, versions(root)) == (0, {"mine": "3.0"}), ran.err


def test_a_change_during_the_sync_is_not_lost(home: Home, loopback: Index) -> None:
    loopback.gate.clear()
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    with home.begin("sync", cwd=root) as running:
        assert loopback.waiting.wait(20)
        (root / "requirements.txt").write_text("demo==1.1\nother\n")
        loopback.gate.set()
        said = running.communicate(timeout=30)[0].decode()
    assert running.returncode == 0, said
    assert versions(root) == {"demo": "1.1", "other": "2.0"}
    assert home.record(root).state is SyncState.IN_SYNC


def test_status_says_that_a_sync_runs(home: Home, loopback: Index) -> None:
    loopback.gate.clear()
    root = home.allowed(home.project(requirements="demo\n"))
    with home.begin("sync", cwd=root) as running:
        assert loopback.waiting.wait(20)
        assert home.envd("status", "--json", cwd=root).fields()["projects"][0]["packages"]["state"] == "syncing"
        answer = home.answer(root)
        assert answer is not None
        assert answer.state is SyncState.SYNCING
        loopback.gate.set()
        running.communicate(timeout=30)


def test_killed_it_leaves_the_lock_to_its_installer(home: Home, loopback: Index) -> None:
    loopback.gate.clear()
    root = home.allowed(home.project(requirements="demo\n"))
    with home.begin("sync", cwd=root) as running:
        assert loopback.waiting.wait(20)
        running.kill()
    assert home.store.is_syncing(str(root))
    loopback.gate.set()
    wait_until(lambda: not home.store.is_syncing(str(root)), "the installer ended")


def test_what_is_behind_a_url_is_installed_and_not_removed(home: Home, loopback: Index) -> None:
    more_asked = home.base / "more.txt"
    more_asked.write_text("leaf\n")
    root = home.allowed(home.project(requirements=f"-r {more_asked.as_uri()}\n"))
    allow(home.context, Target(str(root)), tuple(Capability))
    synced(home, root)
    assert versions(root) == {"leaf": "1.0"}
    for more in ("demo==1.0\n", "demo==1.1\n"):
        (root / "requirements.txt").write_text(f"-r {more_asked.as_uri()}\n{more}")
        synced(home, root)
        assert versions(root) == {"leaf": "1.0", "demo": more.strip().partition("==")[2]}


def test_interrupted_after_something_was_synced_it_says_so(home: Home, loopback: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    root = home.allowed(home.project(requirements="demo==1.0\n"))

    def changed_meanwhile(old: Venv, new: Venv, installer: str) -> None:
        (root / "requirements.txt").write_text("demo==1.1\n")
        monkeypatch.setattr("envd.operations.sync.staged", interrupted)
        look_over(old, new, installer)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("envd.operations.sync.look_over", changed_meanwhile)
    with pytest.raises(Ended) as cut:
        sync(home.context, str(root), "test", wish=BY_HAND)
    assert cut.value.said.startswith("interrupted; before that: acme synced in ")
    assert versions(root) == {"demo": "1.0"}
    done, left = home.store.entries(str(root))
    assert (done.ok, left.ok, left.commands) == (True, False, ())
    assert left.summary == "acme: interrupted; the packages are as they were before"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
@pytest.mark.case(76)
def test_interrupted_it_leaves_no_installer_and_no_lock(
    home: Home, loopback: Index, installer: str, number: signal.Signals
) -> None:
    loopback.gate.clear()
    root = home.allowed(home.project(requirements="demo\n"))
    before = snapshot(root / ".venv")
    with home.begin("sync", cwd=root) as running:
        assert loopback.waiting.wait(20)
        running.send_signal(number)
        said = running.communicate(timeout=20)[0]
    assert running.returncode == -number
    assert said == b"envd: acme: interrupted; the packages are as they were before\n"
    assert not home.store.is_syncing(str(root))
    newest = home.store.entries(str(root))[-1]
    assert (newest.ok, newest.summary) == (False, "acme: interrupted; the packages are as they were before")
    loopback.gate.set()
    after = {name: found for name, found in snapshot(root / ".venv").items() if name != ".lock"}
    assert after == before
    # What its user stopped is left to the user.
    state = SyncState.PAUSED if number is signal.SIGINT else SyncState.STALE
    assert home.record(root).state is state
    assert synced(home, root, by_hand=True).changes.added == {"demo": "1.3"}
