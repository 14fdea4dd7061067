"""A project with a shell in it: whatever happens to its requirements, the packages follow."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.stage.home import Home
from tests.stage.index import Index
from tests.stage.waiting import stays, wait_until

from envd.adapters.venvs import find_venv, installed_versions
from envd.core.answer import SyncState, Verdict


def versions(root: Path) -> dict[str, str]:
    venv = find_venv(root, (".venv",))
    return installed_versions(venv) if venv is not None else {}


def becomes(home: Home, root: Path, **wanted: str) -> None:
    """Wait until these are the packages and the project is known to be in sync."""
    wait_until(lambda: versions(root) == wanted, f"{root.name} has {wanted}")
    wait_until(lambda: home.record(root).state is SyncState.IN_SYNC, f"{root.name} is in sync")


def is_active(home: Home, root: Path) -> bool:
    reply = home.ping()
    return reply is not None and str(root) in reply.projects


@pytest.fixture
def inside(home: Home, index: Index) -> Iterator[Path]:
    """A project in sync at demo 1.0, with a shell in it."""
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    home.start_daemon()
    with home.shell_in(root):
        becomes(home, root, demo="1.0")
        yield root


@pytest.mark.case(32)
def test_entering_makes_a_project_active_and_syncs_it(home: Home, inside: Path) -> None:
    assert is_active(home, inside)
    assert home.syncs(inside) == 1


def test_leaving_makes_it_inactive(home: Home, index: Index) -> None:
    root = home.allowed(home.project())
    home.start_daemon()
    with home.shell_in(root):
        wait_until(lambda: is_active(home, root), "the project is active")
    wait_until(lambda: not is_active(home, root), "the project is inactive")


def test_a_number_that_no_process_has_makes_nothing_active(home: Home, index: Index) -> None:
    root = home.allowed(home.project())
    home.start_daemon()
    note = home.places.shells / "999999999"
    note.write_text(f"{root}\0")
    wait_until(lambda: not note.exists(), "the daemon has removed it")
    assert not is_active(home, root)


def test_an_unknown_project_is_not_synced(home: Home, index: Index) -> None:
    root = home.project(requirements="demo\n")
    home.start_daemon()
    with home.shell_in(root):
        wait_until(lambda: home.answer(root), "the project has an answer")
        stays(lambda: versions(root) == {}, "nothing is installed", 1.0)
    assert home.syncs(root) == 0


def test_with_automatic_off_nothing_is_synced(home: Home, index: Index) -> None:
    home.configure("[sync]\nautomatic = false\n")
    root = home.allowed(home.project(requirements="demo\n"))
    home.start_daemon()
    with home.shell_in(root):
        wait_until(lambda: home.record(root).state is SyncState.STALE, "the project is known to be stale")
        stays(lambda: versions(root) == {}, "nothing is installed", 1.0)


def test_written_in_place(home: Home, inside: Path) -> None:
    with (inside / "requirements.txt").open("a") as file:
        file.write("other\n")
    becomes(home, inside, demo="1.0", other="2.0")
    assert "+other 2.0" in home.notice(inside)


def test_replaced_by_rename(home: Home, inside: Path) -> None:
    (inside / "draft").write_text("demo==1.1\n")
    os.replace(inside / "draft", inside / "requirements.txt")
    becomes(home, inside, demo="1.1")


@pytest.mark.case(33)
def test_replaced_by_rename_twice(home: Home, inside: Path) -> None:
    for version in ("1.1", "1.2"):
        (inside / "draft").write_text(f"demo=={version}\n")
        os.replace(inside / "draft", inside / "requirements.txt")
        becomes(home, inside, demo=version)


def test_removed_and_made_again(home: Home, inside: Path) -> None:
    (inside / "requirements.txt").unlink()
    wait_until(lambda: home.record(inside).state is SyncState.UNMANAGED, "the removal was noticed")
    (inside / "requirements.txt").write_text("demo==1.2\n")
    becomes(home, inside, demo="1.2")


def test_many_changes_at_once_are_one_sync(home: Home, inside: Path) -> None:
    for version in ("1.1", "1.2", "1.3") * 30:
        (inside / "requirements.txt").write_text(f"demo=={version}\n")
    becomes(home, inside, demo="1.3")
    assert home.syncs(inside) == 2


def test_a_file_that_is_included(home: Home, inside: Path) -> None:
    (inside / "reqs").mkdir()
    (inside / "reqs/base.txt").write_text("other\n")
    (inside / "requirements.txt").write_text("-r reqs/base.txt\ndemo==1.0\n")
    becomes(home, inside, demo="1.0", other="2.0")
    (inside / "reqs/base.txt").write_text("leaf\nother\n")
    becomes(home, inside, demo="1.0", leaf="1.0", other="2.0")


def test_a_file_that_is_included_before_it_is_there(home: Home, inside: Path) -> None:
    (inside / "requirements.txt").write_text("-r reqs/base.txt\n")
    wait_until(lambda: home.record(inside).state is SyncState.FAILED, "the missing file was noticed")
    (inside / "reqs").mkdir()
    (inside / "reqs/base.txt").write_text("demo==1.1\n")
    becomes(home, inside, demo="1.1")


def test_a_constraint(home: Home, inside: Path) -> None:
    (inside / "limits.txt").write_text("demo<1.2\n")
    (inside / "requirements.txt").write_text("-c limits.txt\ndemo>1.0\n")
    becomes(home, inside, demo="1.1")
    (inside / "limits.txt").write_text("demo<1.3\ndemo>1.1\n")
    becomes(home, inside, demo="1.2")


def test_touched_without_a_change_costs_nothing(home: Home, inside: Path) -> None:
    os.utime(inside / "requirements.txt")
    stays(lambda: home.syncs(inside) == 1, "there is no other sync", 1.5)


@pytest.mark.case(32)
def test_an_environment_made_anew_gets_its_packages(home: Home, inside: Path) -> None:
    before = home.answer(inside)
    shutil.rmtree(inside / ".venv")
    home.make_venv(inside / ".venv")
    becomes(home, inside, demo="1.0")
    after = wait_until(lambda: home.answer(inside), "there is an answer")
    assert before is not None
    assert after.seal != before.seal


def test_a_python_of_another_version_is_noticed_and_so_is_the_one_that_fits(home: Home, inside: Path) -> None:
    python = inside / ".venv/bin/python"
    fits = os.readlink(python)
    other = home.base / "bin/python9.9"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    point(python, other)
    wait_until(lambda: verdict(home, inside) is Verdict.BROKEN, "it is broken")
    point(python, Path(fits))
    wait_until(lambda: verdict(home, inside) is Verdict.ACTIVE, "it is active again")


def test_a_prompt_in_pyvenv_cfg_is_the_label_at_once(home: Home, inside: Path) -> None:
    with (inside / ".venv/pyvenv.cfg").open("a") as file:
        file.write("prompt = zoo\n")
    wait_until(lambda: (answer := home.answer(inside)) is not None and answer.label == "zoo", "the label is the new one")


def point(link: Path, to: Path) -> None:
    link.unlink()
    link.symlink_to(to)


def verdict(home: Home, root: Path) -> Verdict | None:
    answer = home.answer(root)
    return answer.verdict if answer is not None else None


def test_the_project_removed_and_made_again(home: Home, index: Index) -> None:
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    home.start_daemon()
    with home.shell_in(root):
        becomes(home, root, demo="1.0")
        shutil.rmtree(root)
        wait_until(lambda: home.answer(root) is None, "the answer is withdrawn")
        home.project(requirements="demo==1.1\n")
        # By the command, which tells the daemon: that may have looked before, when nothing was allowed yet.
        assert home.envd("allow", cwd=root).code == 0
        becomes(home, root, demo="1.1")


def test_failure_is_told_once_and_mended_by_the_next_change(home: Home, inside: Path) -> None:
    (inside / "requirements.txt").write_text("demo==9.9\n")

    def said() -> str:
        answer = home.answer(inside)
        return answer.text if answer is not None and answer.state is SyncState.FAILED else ""

    assert "not synced: requirements.txt:1: " in wait_until(said, "the failure is published")
    stays(lambda: home.syncs(inside) == 2, "it is not tried again at once", 1.5)
    (inside / "requirements.txt").write_text("demo==1.1\n")
    becomes(home, inside, demo="1.1")


def test_leaving_and_entering_does_not_try_again_what_failed(home: Home, inside: Path) -> None:
    with (inside / "requirements.txt").open("a") as file:
        file.write("nowhere\n")
    wait_until(lambda: home.record(inside).state is SyncState.FAILED, "the failure is recorded")
    for _ in range(2):
        with home.shell_in(inside / "sub"):
            pass
        with home.shell_in(inside):
            stays(lambda: home.syncs(inside) == 2, "it is not tried again", 0.7)


def test_a_wrong_manifest_that_is_taken_back_is_not_told_of_any_more(home: Home, inside: Path) -> None:
    (inside / "requirements.txt").write_text("<<<<<<< ours\n")
    wait_until(lambda: home.record(inside).state is SyncState.PAUSED, "the conflict was noticed")
    assert "conflict marker" in home.notice(inside)
    (inside / "requirements.txt").write_text("demo==1.0\n")
    wait_until(lambda: home.record(inside).state is SyncState.IN_SYNC, "it is in sync again")
    assert "conflict marker" not in home.notice(inside)


def test_a_project_reached_through_a_link_is_synced_too(home: Home, index: Index) -> None:
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    link = home.path / "link"
    link.symlink_to(root)
    home.start_daemon()
    with home.shell_in(link):
        becomes(home, root, demo="1.0")
        (root / "requirements.txt").write_text("demo==1.1\n")
        becomes(home, root, demo="1.1")
    wait_until(lambda: (answer := home.answer(link)) is not None and answer.state is SyncState.IN_SYNC, "its answer says so")


def test_two_projects_follow_each_its_own(home: Home, index: Index) -> None:
    one = home.allowed(home.project("one", "demo==1.0\n"))
    two = home.allowed(home.project("two", "demo==1.0\n"))
    home.start_daemon()
    with home.shell_in(one), home.shell_in(two):
        becomes(home, one, demo="1.0")
        becomes(home, two, demo="1.0")
        (one / "requirements.txt").write_text("demo==1.1\n")
        becomes(home, one, demo="1.1")
    assert versions(two) == {"demo": "1.0"}
    assert home.syncs(two) == 1


def test_a_sync_that_runs_is_finished_before_the_daemon_stops(home: Home, index: Index) -> None:
    index.gate.clear()
    root = home.allowed(home.project(requirements="needy\n"))
    home.start_daemon()
    with home.shell_in(root):
        assert index.waiting.wait(20)
        stop = home.begin("daemon", "stop")
        wait_until(lambda: not home.places.socket.exists(), "the daemon is stopping")
        index.gate.set()
        assert stop.wait(30) == 0
        assert stop.stdout is not None
        stop.stdout.close()
    assert versions(root) == {"needy": "1.0", "leaf": "1.0"}
    assert home.record(root).state is SyncState.IN_SYNC


def test_stopping_twice_does_not_cut_a_sync_off(home: Home, index: Index) -> None:
    index.gate.clear()
    root = home.allowed(home.project(requirements="needy\n"))
    home.start_daemon()
    with home.shell_in(root):
        assert index.waiting.wait(20)
        stops = [home.begin("daemon", "stop")]
        wait_until(lambda: not home.places.socket.exists(), "the daemon is stopping")
        stops.append(home.begin("daemon", "stop"))
        stays(lambda: len(home.daemons()) == 1 and home.store.is_syncing(str(root)), "the daemon finishes the sync", 1.0)
        index.gate.set()
        assert [stop.communicate(timeout=30)[1] or stop.returncode for stop in stops] == [0, 0]
    assert home.record(root).state is SyncState.IN_SYNC


def test_a_file_that_grows_in_a_project_keeps_nobody_busy(home: Home, inside: Path) -> None:
    daemon = psutil.Process(home.daemons()[0])
    before, begun = sum(daemon.cpu_times()[:2]), time.monotonic()
    with (inside / "app.log").open("w") as log:
        while time.monotonic() < begun + 2:
            print("a line", file=log, flush=True)
            time.sleep(0.001)
    assert sum(daemon.cpu_times()[:2]) - before < 0.8
    (inside / "requirements.txt").write_text("demo==1.1\n")
    becomes(home, inside, demo="1.1")


def test_settings_that_are_wrong_for_a_moment_change_nothing(home: Home, index: Index) -> None:
    home.configure("[sync]\nautomatic = false\n")
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    home.start_daemon()
    home.configure("[sync]\nautomatic = fal")
    with home.shell_in(root):
        wait_until(lambda: is_active(home, root), "the project is active")
        stays(lambda: home.syncs(root) == 0, "nothing is synced", 1.5)


@pytest.mark.parametrize("name", ["99999999999999999999", "\u00b2"])
def test_what_is_no_pid_is_passed_over(home: Home, index: Index, name: str) -> None:
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    home.start_daemon()
    (home.places.shells / name).write_text(f"{root}\0")
    with home.shell_in(root):
        becomes(home, root, demo="1.0")


def test_settings_that_changed_are_in_force_in_every_answer(home: Home, index: Index) -> None:
    root = home.allowed(home.project())
    home.start_daemon()
    assert home.envd("ask", str(root)).code == 0
    wait_until(lambda: (answer := home.answer(root)) is not None and answer.verdict is Verdict.ACTIVE, "it is active")
    home.configure('names = ["env"]\n')
    wait_until(lambda: home.answer(root) is None, "its answer is withdrawn")
    home.configure("")
    wait_until(lambda: (answer := home.answer(root)) is not None and answer.verdict is Verdict.ACTIVE, "it is active again")
