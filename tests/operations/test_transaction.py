"""All or nothing: what a sync leaves of the environment however it ends, and what is kept of the one before."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.stage.home import ENVD, Home
from tests.stage.index import Index, make_wheel
from tests.stage.waiting import wait_until

from envd.adapters.generations import Shelf, shelf_for
from envd.core.answer import SyncState
from envd.core.records import Way
from envd.core.wish import BY_HAND
from envd.operations.context import open_context
from envd.operations.kept import prune
from envd.operations.sync import sync
from envd.system.exchange import inode_of

# Every call that makes, renames or removes a name.
NAMING = "rename renameat renameat2 link linkat symlink symlinkat mkdir mkdirat unlink unlinkat rmdir".split()


@pytest.fixture
def loopback(index: Index, home: Home, monkeypatch: pytest.MonkeyPatch) -> Index:
    """The index, for the syncs that run in this process as well."""
    for name, value in home.variables.items():
        monkeypatch.setenv(name, value)
    return index


@pytest.fixture
def project(home: Home, loopback: Index, installer: str) -> Path:
    """A project in sync at demo 1.0, with a script."""
    loopback.add_script("tooled", "1.0")
    loopback.add_script("tooled", "1.1")
    root = home.allowed(home.project(requirements="demo==1.0\ntooled==1.0\n"))
    synced(root)
    return root


with_uv = pytest.mark.parametrize("installer", ["uv"], indirect=True)


def synced(root: Path) -> None:
    sync(open_context(), str(root), "test", wish=BY_HAND)
    prune(open_context(), str(root))


def ask_for(root: Path, version: str) -> None:
    (root / "requirements.txt").write_text(f"demo=={version}\ntooled=={version}\n")


def shelf(root: Path) -> Shelf:
    return shelf_for(root / ".venv", str(root))


def versions(root: Path) -> tuple[str, str, str]:
    """Return the version of demo as imported, as its metadata has it, and what the script says."""
    code = "import demo, importlib.metadata as m; print(demo.version, m.version('demo'))"
    said = subprocess.run([root / ".venv/bin/python", "-c", code], capture_output=True, text=True, check=True).stdout.split()
    tool = subprocess.run([root / ".venv/bin/tooled"], capture_output=True, text=True, check=True).stdout.strip()
    return said[0], said[1], tool


def litter(root: Path) -> list[str]:
    """Return whatever lies about that is neither the environment nor a kept generation, but for what is just being removed."""
    beside = [path.name for path in root.iterdir() if path.name not in (".venv", "requirements.txt")]
    hold = shelf(root).directory
    inside = (
        [path.name for path in hold.iterdir() if not path.name.isdigit() and not path.name.startswith("gone-")]
        if hold.is_dir()
        else []
    )
    return sorted(beside + inside)


# -- the exchange


def test_the_environment_is_exchanged_and_the_old_one_kept(home: Home, project: Path) -> None:
    before = inode_of(project / ".venv")
    ask_for(project, "1.1")
    synced(project)
    record = home.record(project)
    assert versions(project) == ("1.1", "1.1", "1.1")
    assert inode_of(shelf(project).kept(record.number)) == before
    assert inode_of(project / ".venv") != before
    assert record.synced is not None
    assert record.synced.way is Way.EXCHANGED
    assert litter(project) == []


def test_answer_and_seal_stay_valid(home: Home, project: Path) -> None:
    seals = [path.name for path in (project / ".venv").glob(".envd-seal-*")]
    before = home.answer(project)
    ask_for(project, "1.1")
    synced(project)
    after = home.answer(project)
    assert before is not None
    assert after is not None
    assert seals == [f".envd-seal-{before.seal}"] == [f".envd-seal-{after.seal}"]
    assert [path.name for path in (project / ".venv").glob(".envd-seal-*")] == seals
    # Nobody has to be asked about it again.
    assert home.record(project).seal == home.context.store.project(str(project)).seal
    assert home.envd("ask", str(project)).code == 0
    assert home.answer(project) == after


def test_scripts_and_records_name_the_environment(project: Path) -> None:
    ask_for(project, "1.1")
    synced(project)
    first = (project / ".venv/bin/tooled").read_text().splitlines()[0]
    assert first == f"#!{project}/.venv/bin/python"
    ran = subprocess.run(
        [sys.executable, "-m", "pip", "--python", project / ".venv/bin/python", "inspect"], capture_output=True, check=True
    )
    assert b"/next" not in ran.stdout
    held = [
        path for path in (project / ".venv").rglob("*") if path.is_file() and ".envd" not in path.parts and path.suffix != ".pyc"
    ]
    assert [path for path in held if b"/.envd/" in path.read_bytes()] == []


def test_a_traceback_names_the_environments_own_files(loopback: Index, project: Path) -> None:
    loopback.add_raising("thrower", "1.0")
    (project / "requirements.txt").write_text("thrower\n")
    synced(project)
    ran = subprocess.run([project / ".venv/bin/python", "-c", "import thrower; thrower.throw()"], capture_output=True, text=True)
    assert re.findall(r'File "(.*thrower\.py)"', ran.stderr) == [
        str(next((project / ".venv").glob("lib/*/site-packages/thrower.py")))
    ]


def test_without_a_difference_nothing_is_exchanged(home: Home, project: Path) -> None:
    before = inode_of(project / ".venv"), home.record(project).number
    (project / "requirements.txt").write_text("# a remark\ndemo==1.0\ntooled==1.0\n")
    synced(project)
    assert (inode_of(project / ".venv"), home.record(project).number) == before
    assert home.record(project).state is SyncState.IN_SYNC
    assert litter(project) == []


@with_uv
def test_where_the_directory_cannot_be_renamed_it_goes_file_by_file(home: Home, project: Path, obedient: tuple[str, ...]) -> None:
    before = inode_of(project / ".venv")
    ask_for(project, "1.1")
    project.chmod(0o555)
    try:
        ran = home.envd("sync", cwd=project, prefix=obedient)
        assert ran.code == 0, ran.err
        assert versions(project) == ("1.1", "1.1", "1.1")
        assert inode_of(project / ".venv") == before
        record = home.record(project).synced
        assert record is not None
        assert record.way is Way.MIRRORED
        undone = home.envd("undo", cwd=project, prefix=obedient)
        assert undone.code == 0, undone.err
        assert versions(project) == ("1.0", "1.0", "1.0")
    finally:
        project.chmod(0o755)
    assert litter(project) == []


@pytest.mark.parametrize("link", [True, False], ids=["a link", "a redirect file"])
@with_uv
def test_an_environment_elsewhere_is_exchanged_there(home: Home, loopback: Index, installer: str, link: bool) -> None:
    root = home.project(requirements="demo==1.0\n", venv=False)
    elsewhere = home.make_venv(home.path / "environments/acme")
    if link:
        (root / ".venv").symlink_to(elsewhere)
    else:
        (root / ".venv").write_text(f"{elsewhere}\n")
    home.allowed(root)
    synced(root)
    (root / "requirements.txt").write_text("demo==1.1\n")
    synced(root)
    said = subprocess.run([elsewhere / "bin/python", "-c", "import demo; print(demo.version)"], capture_output=True, check=True)
    assert said.stdout == b"1.1\n"
    assert [path.name for path in elsewhere.parent.iterdir()] == ["acme"]
    assert home.envd("undo", cwd=root).code == 0
    said = subprocess.run([elsewhere / "bin/python", "-c", "import demo; print(demo.version)"], capture_output=True, check=True)
    assert said.stdout == b"1.0\n"


def test_absolute_paths_in_a_record_lead_an_installer_to_the_clone(project: Path) -> None:
    (record,) = project.glob(".venv/lib/*/site-packages/tooled-1.0.dist-info/RECORD")
    text = record.read_text()
    # As poetry writes it for the project itself: it would remove the files of the environment that is in use.
    record.write_text(text.replace("../../../bin/", f"{project}/.venv/bin/"))
    assert record.read_text() != text
    (project / "requirements.txt").write_text("demo==1.1\ntooled==1.0\n")
    synced(project)
    assert record.read_text() == text


# -- what others do meanwhile


def test_what_the_users_own_pip_does_meanwhile_is_not_lost(home: Home, loopback: Index, project: Path) -> None:
    ask_for(project, "1.1")
    loopback.gate.clear()
    loopback.waiting.clear()
    with home.begin("sync", cwd=project) as running:
        assert loopback.waiting.wait(20)
        wheel = home.base / "other-3.0-py3-none-any.whl"
        wheel.write_bytes(make_wheel("other", "3.0"))
        pip = [sys.executable, "-m", "pip", "--python", str(project / ".venv/bin/python"), "install", "--no-index", str(wheel)]
        assert home.run(pip).code == 0
        loopback.gate.set()
        said = running.communicate(timeout=60)[0].decode()
    assert running.returncode == 0, said
    assert versions(project) == ("1.1", "1.1", "1.1")
    code = "import other; print(other.version)"
    assert subprocess.run([project / ".venv/bin/python", "-c", code], capture_output=True, check=True).stdout == b"3.0\n"
    assert litter(project) == []


@with_uv
def test_a_uv_that_works_on_the_environment_is_waited_for(home: Home, loopback: Index, project: Path) -> None:
    ask_for(project, "1.1")
    with (project / ".venv/.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        running = home.begin("sync", cwd=project)
        wait_until(lambda: home.store.is_syncing(str(project)), "the sync holds its own lock")
        assert versions(project) == ("1.0", "1.0", "1.0")
        assert running.poll() is None
    said = running.communicate(timeout=60)[0].decode()
    assert running.returncode == 0, said
    assert versions(project) == ("1.1", "1.1", "1.1")


@with_uv
def test_the_lock_of_uv_stays_the_same_file(project: Path) -> None:
    before = inode_of(project / ".venv/.lock")
    ask_for(project, "1.1")
    synced(project)
    assert inode_of(project / ".venv/.lock") == before != 0


# -- going back


def test_a_branch_and_back_needs_no_installer(home: Home, loopback: Index, project: Path) -> None:
    ask_for(project, "1.1")
    synced(project)
    loopback.status = 500
    shutil.rmtree(home.variables["UV_CACHE_DIR"], ignore_errors=True)
    for version in ("1.0", "1.1", "1.0"):
        ask_for(project, version)
        synced(project)
        assert versions(project) == (version, version, version)
    record = home.record(project)
    assert record.synced is not None
    assert record.synced.way is Way.KEPT
    assert record.state is SyncState.IN_SYNC
    assert home.store.entries(str(project))[-1].commands == ()
    assert litter(project) == []


def test_what_was_installed_by_hand_since_is_not_lost_by_going_back(home: Home, loopback: Index, project: Path) -> None:
    ask_for(project, "1.1")
    synced(project)
    pip = [sys.executable, "-m", "pip", "--python", str(project / ".venv/bin/python"), "install", "other"]
    assert home.run(pip).code == 0
    ask_for(project, "1.0")
    synced(project)
    assert versions(project) == ("1.0", "1.0", "1.0")
    assert any((project / ".venv").glob("lib/*/site-packages/other.py"))


@with_uv
def test_generations_are_bounded_in_number(home: Home, project: Path) -> None:
    home.configure('[sync]\ninstaller = "uv"\ngenerations = 2\n')
    for version in ("1.1", "1.0", "1.1", "1.0"):
        (project / "requirements.txt").write_text(f"demo=={version}\nleaf\n# {len(home.store.entries(str(project)))}\n")
        synced(project)
    kept = [one.number for one in home.record(project).generations]
    assert len(kept) == 2
    assert sorted(int(path.name) for path in shelf(project).directory.iterdir()) == kept


@with_uv
def test_what_is_too_much_is_removed_in_the_background(home: Home, project: Path) -> None:
    home.configure('[sync]\ninstaller = "uv"\ngenerations = 1\n')
    for version in ("1.1", "1.2"):
        (project / "requirements.txt").write_text(f"demo=={version}\n")
        assert home.envd("sync", cwd=project).code == 0
    wait_until(lambda: len(list(shelf(project).directory.iterdir())) == 1, "one generation is left")
    assert [str(kept.number) for kept in home.record(project).generations] == [
        path.name for path in shelf(project).directory.iterdir()
    ]


@with_uv
def test_generations_are_bounded_in_bytes(home: Home, project: Path) -> None:
    home.configure('[sync]\ninstaller = "uv"\ngenerations_megabytes = 0\n')
    ask_for(project, "1.1")
    synced(project)
    assert home.record(project).generations == ()
    assert versions(project) == ("1.1", "1.1", "1.1")
    ran = home.envd("undo", cwd=project)
    assert (ran.code, ran.err.splitlines()[0]) == (2, "envd: there is nothing to undo: no environment of before is kept")


# -- killed


@pytest.fixture
def strace() -> str:
    """Return strace; skips by name where nothing can be traced."""
    program = shutil.which("strace")
    if program is None:
        pytest.skip("strace is not on PATH")
    if subprocess.run([program, "-o", "/dev/null", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("strace may not trace here")
    return program


def kills(home: Home, root: Path, strace: str, words: tuple[str, ...], stride: int) -> Iterator[str]:
    """Run `envd WORDS` again and again, killed before its first, second, third ... call of each kind, and yield which it was.

    The last one of each kind comes to its end. With ENVD_KILL_STRIDE=1 no call is left out.
    """
    stride = int(os.environ.get("ENVD_KILL_STRIDE", stride))
    for call in NAMING:
        for number in range(1, 2000, stride):
            command = [strace, "-o", "/dev/null", "-e", f"inject=?{call}:signal=KILL:when={number}", *ENVD, *words]
            ran = home.run(command, root)
            yield f"{call} {number}"
            if ran.code == 0:
                break


@with_uv
def test_killed_before_any_call_a_sync_leaves_all_or_nothing(home: Home, project: Path, strace: str) -> None:
    before, wanted = "1.0", "1.1"
    ask_for(project, wanted)
    for killed in kills(home, project, strace, ("sync",), 7):
        assert versions(project) in ((before,) * 3, (wanted,) * 3), killed
        assert home.envd("sync", cwd=project).code == 0, killed
        assert versions(project) == (wanted,) * 3, killed
        assert litter(project) == [], killed
        assert not home.store.has_journal(str(project)), killed
        before, wanted = wanted, before
        # Another content each time: a kept generation is not what is tried here.
        (project / "requirements.txt").write_text(f"demo=={wanted}\ntooled=={wanted}\n# {killed}\n")


@with_uv
def test_killed_before_any_call_an_undo_leaves_all_or_nothing(home: Home, project: Path, strace: str) -> None:
    ask_for(project, "1.1")
    synced(project)
    for killed in kills(home, project, strace, ("undo",), 2):
        found = versions(project)
        assert found in (("1.0",) * 3, ("1.1",) * 3), killed
        assert home.envd("ask", str(project)).code == 0, killed
        assert litter(project) == [], killed
        assert not home.store.has_journal(str(project)), killed
        assert versions(project) == found, killed
        assert len(home.record(project).generations) == 2, killed


@with_uv
def test_cut_off_while_the_name_is_missing_the_next_start_brings_it_back(home: Home, project: Path, strace: str) -> None:
    """As where there is no system call for it: killed between the first and the second of three renames."""
    ask_for(project, "1.1")
    synced(project)
    command = [strace, "-o", "/dev/null", "-e", "inject=renameat2:signal=KILL:when=1", *ENVD, "undo"]
    assert home.run(command, project).code != 0
    (project / ".venv").rename(f"{shelf(project).beside}~")
    assert home.envd("ask", str(project)).code == 0
    assert versions(project) == ("1.0",) * 3
    assert litter(project) == []


@with_uv
def test_where_there_is_no_exchange_three_renames_do(home: Home, project: Path, strace: str) -> None:
    ask_for(project, "1.1")
    ran = home.run([strace, "-o", "/dev/null", "-e", "inject=renameat2:error=EINVAL", *ENVD, "sync"], project)
    assert ran.code == 0, ran.err
    record = home.record(project).synced
    assert record is not None
    assert record.way is Way.RENAMED
    assert versions(project) == ("1.1",) * 3
    assert litter(project) == []


@with_uv
@pytest.mark.parametrize("call", ["link", "mkdir", "symlink"])
def test_on_a_full_disk_nothing_changes(home: Home, project: Path, strace: str, call: str) -> None:
    ask_for(project, "1.1")
    ran = home.run([strace, "-o", "/dev/null", "-e", f"inject={call}:error=ENOSPC:when=3+", *ENVD, "sync"], project)
    assert ran.code == 1
    assert "No space left on device" in ran.err
    assert versions(project) == ("1.0",) * 3
    assert litter(project) == []
    assert home.envd("sync", cwd=project).code == 0
    assert versions(project) == ("1.1",) * 3


@with_uv
def test_without_hard_links_files_are_copied(home: Home, project: Path, strace: str) -> None:
    ask_for(project, "1.1")
    ran = home.run([strace, "-o", "/dev/null", "-e", "inject=?link,?linkat:error=EPERM", *ENVD, "sync"], project)
    assert ran.code == 0, ran.err
    record = home.record(project).synced
    assert record is not None
    assert record.copied > 3
    assert versions(project) == ("1.1",) * 3


@with_uv
def test_it_is_said_that_a_sync_was_cut_off(home: Home, loopback: Index, project: Path) -> None:
    ask_for(project, "1.1")
    loopback.gate.clear()
    loopback.waiting.clear()
    with home.begin("sync", cwd=project) as running:
        assert loopback.waiting.wait(20)
        running.kill()
    loopback.gate.set()
    wait_until(lambda: not home.store.is_syncing(str(project)), "the installer ended")
    assert home.envd("ask", str(project)).code == 0
    assert home.notice(project) == "acme: a sync was cut off; the packages are as they were before it"
    assert home.store.entries(str(project))[-1].trigger == "recovery"
    assert litter(project) == []
    assert versions(project) == ("1.0", "1.0", "1.0")


# -- programs of the environment


def runs_on(home: Home, root: Path) -> subprocess.Popen[bytes]:
    """Start a program of the environment that ends with its standard input."""
    program = subprocess.Popen(
        [root / ".venv/bin/python", "-c", "import sys; print(); sys.stdout.flush(); sys.stdin.read()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=home.variables,
    )
    assert program.stdout is not None
    program.stdout.readline()
    return program


@with_uv
def test_programs_that_run_on_are_told_of(home: Home, project: Path) -> None:
    ask_for(project, "1.1")
    with runs_on(home, project) as program:
        assert home.envd("sync", cwd=project).code == 0
        program.communicate()
    assert "; still on the packages of before: python -c import sys; print()" in home.notice(project)
    assert home.notice(project).endswith(f"(pid {program.pid})")


@with_uv
def test_by_choice_they_are_waited_for(home: Home, project: Path) -> None:
    ask_for(project, "1.1")
    with runs_on(home, project) as program:
        running = home.begin("sync", "--wait", cwd=project)
        wait_until((shelf(project).next / "bin/python").exists, "the clone is there")
        wait_until(lambda: any(shelf(project).next.glob("lib/*/site-packages/demo-1.1.dist-info")), "the clone was changed")
        assert versions(project) == ("1.0",) * 3
        assert running.poll() is None
        program.communicate()
    said = running.communicate(timeout=60)[0].decode()
    assert running.returncode == 0, said
    assert versions(project) == ("1.1",) * 3
    assert "still on" not in home.notice(project)
