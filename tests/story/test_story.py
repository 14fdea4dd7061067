"""The main job, whole, in each shell on a real terminal: the real hook, command, daemon, installer and index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.shells.conftest import require
from tests.shells.driver import SHELLS, Shell
from tests.shells.world import World
from tests.stage.home import Home
from tests.stage.waiting import wait_until

from envd.core.answer import SyncState
from envd.system.locks import locked

_OURS = ("PATH", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME")


class LiveWorld(World):
    """The world of a shell whose envd is the real one."""

    def __init__(self, home: Home) -> None:
        super().__init__(home.base / "w")
        self._user = home
        (home.path / ".inputrc").write_text((self.home / ".inputrc").read_text())
        self.home = home.path
        for name in (".local/share", ".cache"):
            (home.path / name / "fish" / "generated_completions").mkdir(parents=True)

    def environment(self) -> dict[str, str]:
        return {**super().environment(), **self._user.variables}

    def bake(self, shell: Shell, name: str = "") -> Path:
        assert not name, "the program prints the hook for prompts only"
        hook = self.base / f"hook.{shell.suffix}"
        hook.write_text(self._user.envd("hook", shell.name).out)
        return hook


@pytest.fixture(params=SHELLS, ids=lambda kind: kind.name)
def shell(request: pytest.FixtureRequest, home: Home) -> Iterator[Shell]:
    require(request.param)
    found: Shell = request.param(LiveWorld(home))
    found.write_rc()
    try:
        yield found
    finally:
        found.close()


def _clone(home: Home, name: str) -> Path:
    home.git("clone", "-q", str(home.path / "origin.git"), str(home.path / name), cwd=home.path)
    return home.path / name


def _acme(home: Home) -> Path:
    """Make a repository with a requirements file, and a clone of it with an environment."""
    home.git("init", "-q", "--bare", "origin.git", cwd=home.path)
    other = _clone(home, "other")
    (other / "requirements.txt").write_text("flask\n")
    (other / ".gitignore").write_text(".venv/\n")
    home.git("add", ".", cwd=other)
    home.git("commit", "-qm", "start", cwd=other)
    home.git("push", "-q", "origin", "HEAD", cwd=other)
    acme = _clone(home, "acme")
    home.make_venv(acme / ".venv")
    return acme


def _push(home: Home, line: str) -> None:
    other = home.path / "other"
    with (other / "requirements.txt").open("a") as file:
        file.write(line + "\n")
    home.git("commit", "-qam", line, cwd=other)
    home.git("push", "-q", "origin", "HEAD", cwd=other)


def _synced(home: Home, root: Path, count: int) -> None:
    wait_until(lambda: home.syncs(root) >= count and home.record(root).state is SyncState.IN_SYNC, f"sync {count} of {root}", 60)


def _news(shell: Shell, text: str, start: int) -> None:
    """Wait until the shell has said something since `start`; with news that come by themselves that may be before a prompt."""
    wait_until(lambda: shell.run("") and text in shell.terminal.text[start:], f"a notice with {text!r}")


@pytest.mark.case(71, 72)
def test_a_project_from_the_first_cd_to_the_last(shell: Shell, home: Home) -> None:
    acme = _acme(home)
    shell.start()
    before = {name: shell.exported().get(name) for name in _OURS}

    entered = shell.cd(str(acme))
    assert "envd: acme has .venv (Python 3." in entered.output
    assert "is not allowed yet: envd allow" in entered.output
    assert shell.exported()["PATH"] == before["PATH"]

    start = len(shell.terminal.text)
    assert "acme is allowed; packages are being synced" in shell.run("envd allow").output
    assert shell.value("VIRTUAL_ENV") == str(acme / ".venv")
    assert shell.prompt().startswith("(acme) ")
    _synced(home, acme, 1)
    _news(shell, "envd: acme synced in ", start)
    assert shell.run("python -c 'import flask'").status == 0

    start = len(shell.terminal.text)
    shell.run("echo six >> requirements.txt")
    _synced(home, acme, 2)
    _news(shell, "+six ", start)
    assert shell.run("python -c 'import six'").status == 0

    start = len(shell.terminal.text)
    shell.run("git checkout -q requirements.txt")
    _synced(home, acme, 3)
    _news(shell, "-six ", start)

    _push(home, "iniconfig")
    start = len(shell.terminal.text)
    shell.run("git pull -q")
    _synced(home, acme, 4)
    _news(shell, "+iniconfig ", start)
    assert home.syncs(acme) == 4

    assert "in sync" in shell.run("envd status").output
    assert f"this shell: {shell.name}, with the hook" in shell.run("envd doctor").output
    assert shell.exported().get("ENVD_HOOK") is None
    shell.cd("/")
    assert {name: shell.exported().get(name) for name in _OURS} == before
    assert not shell.prompt().startswith("(")


def test_init_is_in_force_at_the_next_prompt(shell: Shell, home: Home) -> None:
    root = home.path / "fresh"
    root.mkdir()
    (root / "requirements.txt").write_text("iniconfig\n")
    shell.start()
    shell.cd(str(root))
    made = shell.run("envd init")
    assert made.status == 0
    assert "fresh has .venv" in made.output
    assert shell.value("VIRTUAL_ENV") == str(root / ".venv")
    assert shell.run("python -c 'import iniconfig'").status == 0


@pytest.mark.case(74)
def test_a_dead_daemon_makes_no_difference_and_comes_back(shell: Shell, home: Home) -> None:
    root = home.allowed(home.project(requirements="iniconfig\n"))
    shell.start()
    # A shell starts one where something is allowed.
    wait_until(lambda: len(home.daemons()) == 1 and home.places.pid.exists(), "a daemon that can be stopped")
    assert home.envd("sync", str(root)).code == 0
    assert home.envd("daemon", "stop").code == 0
    shell.cd(str(root))
    assert shell.value("VIRTUAL_ENV") == str(root / ".venv")
    shell.cd("/")
    assert shell.value("VIRTUAL_ENV") is None
    assert home.daemons() == []
    # A prompt starts nothing; a new shell does.
    inner = shell.nest(type(shell))
    wait_until(lambda: len(home.daemons()) == 1, "a daemon")
    inner.leave(shell)


def test_deny_takes_it_out_of_the_shell(shell: Shell, home: Home) -> None:
    root = home.allowed(home.project())
    shell.start()
    home.envd("ask", str(root))
    shell.cd(str(root))
    assert shell.value("VIRTUAL_ENV") == str(root / ".venv")
    shell.run("envd deny")
    assert shell.value("VIRTUAL_ENV") is None


@pytest.mark.parametrize("word", ["status", "doctor"])
def test_an_environment_that_works_again_is_active_once_somebody_looked(shell: Shell, home: Home, word: str) -> None:
    root = home.project()
    python = home.lend_python(root)
    home.allowed(root)
    # A daemon would notice sooner or later: there is none, for its lock is taken.
    with locked(home.places.lock):
        shell.start()
        shell.cd(str(root))
        assert shell.value("VIRTUAL_ENV") == str(root / ".venv")
        away = python.rename(python.with_name("away"))
        assert "was made with a Python that is gone" in shell.run("").output
        assert shell.value("VIRTUAL_ENV") is None
        away.rename(python)
        said = shell.run(f"envd {word}").output
        assert ("active at the next prompt" if word == "status" else "the next prompt has it") in said
        assert shell.value("VIRTUAL_ENV") == str(root / ".venv")


# What takes the hook out of the work of a prompt, or puts something before it.
_GONE = {"bash": "PROMPT_COMMAND=", "zsh": "precmd_functions=()"}
_LATE = {"bash": 'PROMPT_COMMAND="true; $PROMPT_COMMAND"', "zsh": "precmd_functions=(true $precmd_functions)"}


def test_doctor_sees_what_has_become_of_the_hook(shell: Shell, home: Home) -> None:
    shell.start()
    assert f"✓ this shell: {shell.name}, with the hook\n" in shell.run("envd doctor").output
    if shell.name in _LATE:
        shell.run(_LATE[shell.name])
        assert "what runs before it sees each environment one prompt late" in shell.run("envd doctor").output
    home.configure('names = ["env"]\n')
    assert "with the hook of an earlier set-up" in shell.run("envd doctor").output
    if shell.name in _GONE:
        shell.run(_GONE[shell.name])
        assert "something has taken the hook out of it" in shell.run("envd doctor").output
