"""The ground taken away from under a daemon: it leaves, or goes on with what is new."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path

import psutil
import pytest
from tests.stage.home import Home
from tests.stage.waiting import stays, wait_until

import envd


def remove(directory: Path) -> None:
    """Remove a directory out of which the daemon may be removing files itself."""

    def removed() -> bool:
        shutil.rmtree(directory, ignore_errors=True)
        return not directory.exists()

    wait_until(removed, f"{directory} is removed")


@pytest.mark.parametrize("name", ["run", "run/shells", "run/socket", ""], ids=["runtime", "shells", "socket", "whole state"])
def test_daemon_leaves_when_its_place_is_removed(home: Home, name: str) -> None:
    home.start_daemon()
    place = home.places.state / name
    remove(place) if place.is_dir() else place.unlink()
    wait_until(lambda: not home.daemons(), "the daemon left", 10)


def test_after_its_place_was_removed_the_next_start_works(home: Home) -> None:
    home.start_daemon()
    remove(home.places.state)
    assert home.envd("daemon", "start").code == 0
    wait_until(lambda: len(home.daemons()) == 1, "one daemon is left", 10)
    assert home.ping() is not None


def test_daemon_of_a_killed_user_directory_does_not_make_it_again(home: Home) -> None:
    home.start_daemon()
    remove(home.places.state)
    wait_until(lambda: not home.daemons(), "the daemon left", 10)
    assert not home.places.runtime.exists()


class Installation:
    """A copy of envd's package in an environment of its own, which may be harmed."""

    def __init__(self, home: Home, base: Path) -> None:
        self._home = home
        venv = home.make_venv(base / "installation")
        self.python = venv / "bin" / "python"
        site = next(venv.glob("lib/*/site-packages"))
        self.package = site / "envd"
        shutil.copytree(Path(envd.__file__).parent, self.package, ignore=shutil.ignore_patterns("__pycache__"))
        # Its dependencies are those of this interpreter; the copy comes first.
        (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")

    def start(self) -> int:
        assert self._home.run([str(self.python), "-I", "-m", "envd", "daemon", "start"]).code == 0
        reply = self._home.ping()
        assert reply is not None
        return reply.pid


@pytest.fixture
def installation(home: Home, tmp_path: Path) -> Installation:
    return Installation(home, tmp_path)


@pytest.mark.case(79)
def test_daemon_leaves_when_its_code_is_removed(home: Home, installation: Installation) -> None:
    pid = installation.start()
    shutil.rmtree(installation.package)
    wait_until(lambda: not _lives(pid), "the daemon left", 10)


@pytest.mark.case(79)
def test_daemon_replaces_itself_when_its_code_was_upgraded(home: Home, installation: Installation) -> None:
    installation.start()
    module = installation.package / "__init__.py"
    new = module.with_name("new")
    new.write_text(module.read_text().replace(envd.__version__, "99.0"))
    os.replace(new, module)
    wait_until(lambda: (reply := home.ping()) is not None and reply.release == "99.0", "the new release answers", 15)


def test_a_cli_of_another_release_replaces_the_daemon_that_it_tells_something(home: Home, installation: Installation) -> None:
    module = installation.package / "__init__.py"
    module.write_text(module.read_text().replace(envd.__version__, "0.0.1"))
    older = installation.start()
    root = home.project()
    assert home.envd("allow", cwd=root).code == 0
    reply = wait_until(home.ping, "a daemon answers")
    assert reply.release == envd.__version__
    assert not _lives(older)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_without_an_active_project_the_daemon_never_wakes_up(home: Home) -> None:
    pid = home.start_daemon()
    quiet = _Quiet(pid)
    wait_until(quiet.for_a_while, "start-up is over", 15)
    before = _switches(pid)
    stays(lambda: _switches(pid) == before, "the daemon woke up", 2.0)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_after_the_last_shell_has_left_the_daemon_is_quiet_again(home: Home) -> None:
    root = home.allowed(home.project())
    pid = home.start_daemon()
    with home.shell_in(root):
        wait_until(lambda: (reply := home.ping()) is not None and reply.projects == (str(root),), "the project is active")
    wait_until(lambda: (reply := home.ping()) is not None and reply.projects == (), "no project is active")
    quiet = _Quiet(pid)
    wait_until(quiet.for_a_while, "the watcher has ended", 15)
    before = _switches(pid)
    stays(lambda: _switches(pid) == before, "the daemon woke up", 2.0)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_stays_small(home: Home) -> None:
    assert psutil.Process(home.start_daemon()).memory_info().rss < 45e6


class _Quiet:
    """Sees whether the number of switches has been the same for fifty looks."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._seen: list[int] = []

    def for_a_while(self) -> bool:
        self._seen.append(_switches(self._pid))
        return len(self._seen) > 50 and len(set(self._seen[-50:])) == 1


def _switches(pid: int) -> int:
    lines = [line for task in Path(f"/proc/{pid}/task").iterdir() for line in (task / "status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
