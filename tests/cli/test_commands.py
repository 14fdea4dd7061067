"""Every command as it is typed, with what it says and its exit code."""

from __future__ import annotations

import pytest
from tests.cli.transcript import play
from tests.stage.home import Home, snapshot
from tests.stage.index import Index

from envd.cli.commands import COMMANDS

MANUAL = "[sync]\nautomatic = false\n"


def test_from_unknown_to_in_sync(home: Home, index: Index) -> None:
    home.configure(MANUAL)
    play(
        home,
        """
        $ envd status --short
        acme: not allowed
        $ envd sync
        envd: acme is not allowed
          hint: envd allow
        [4]
        $ envd allow
        acme is allowed; sync.automatic is off: envd sync
        $ envd status --short
        acme: .venv Python 3, stale
        $ envd sync --dry-run
        acme would change 3 packages (uv):
          +demo 1.0
          +leaf 1.0
          +needy 1.0
        $ envd sync
        acme synced in 0.1 s
          +demo 1.0
          +needy 1.0
          +leaf 1.0
        $ envd sync
        acme is in sync
        $ envd sync --check
        acme is in sync
        $ envd sync --dry-run
        acme is in sync
        $ envd status --check --short
        acme: .venv Python 3, in sync
        $ envd status
        acme  ~/acme
          environment  .venv · Python 3 · not active here: envd doctor
          trust        allowed (envd allow)
          packages     in sync · 3 packages
          manifest     requirements.txt · the only manifest here (envd why)
          last sync    just now, 0.1 s, uv: +demo 1.0 +needy 1.0 +leaf 1.0
          before it    1 kept: envd undo · exchanged in one system call
          daemon       running · pid 7 · 0 active projects
        """,
        home.project(requirements="demo==1.0\nneedy\n"),
    )


def test_a_change_is_planned_and_made(home: Home, index: Index) -> None:
    home.configure(MANUAL)
    root = home.allowed(home.project(requirements="demo==1.0\nneedy\n"))
    assert home.envd("sync", cwd=root).code == 0
    play(
        home,
        """
        $ echo demo==1.1 >requirements.txt
        $ envd sync --dry-run
        acme would change 3 packages (uv):
          ~demo 1.0→1.1
          -needy 1.0
          -leaf 1.0
        $ envd sync
        acme synced in 0.1 s
          ~demo 1.0→1.1
          -needy 1.0
          -leaf 1.0
        $ : >requirements.txt
        $ envd sync --dry-run
        held back: requirements.txt asks for nothing any more; its packages stay: envd sync removes them
        acme would change 1 package (uv):
          -demo 1.1
        $ envd sync
        acme synced in 0.1 s
          -demo 1.1
        """,
        root,
    )


def test_log_shows_what_ran_and_what_it_printed(home: Home, index: Index) -> None:
    home.configure('[sync]\nautomatic = false\ninstaller = "uv"\n')
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    play(home, "$ envd log\nacme has not been synced yet", root)
    home.envd("sync", cwd=root)
    said = home.envd("log", cwd=root).out
    assert "by envd sync, " in said
    assert "  acme synced in " in said
    assert f"uv --no-progress --no-config pip install --python {root}/.venv/.envd/" in said
    assert "/next/bin/python --no-build -r requirements.txt" in said
    assert "  +demo 1.0  requirements.txt:1" in said
    assert "     + demo==1.0" in said
    fields = home.envd("log", "--json", "-n", "1", cwd=root).fields()
    assert fields["version"] == 1
    play(home, "$ envd log 3\nenvd: 3 is not a directory\n  hint: the newest 3: envd log -n 3\n[2]", root)
    assert set(fields["entries"][0]) == {"at", "trigger", "commands", "seconds", "ok", "summary", "output", "number", "plan"}


def test_deny_and_what_it_leads_to(home: Home) -> None:
    play(
        home,
        """
        $ envd deny
        acme is denied
        $ envd status
        acme  ~/acme
          environment  .venv · Python 3
          trust        denied (envd allow allows it)
          daemon       not running: envd daemon start
        $ envd status --short
        acme: denied
        $ envd sync
        envd: acme is not allowed
          hint: envd allow
        [4]
        $ envd sync --dry-run
        envd: acme is not allowed
          hint: envd allow
        [4]
        """,
        home.project(requirements="demo\n"),
    )


def test_a_project_is_named_from_elsewhere(home: Home) -> None:
    home.configure(MANUAL)
    home.project()
    elsewhere = home.path / "elsewhere"
    elsewhere.mkdir()
    play(
        home,
        """
        $ envd allow ../acme
        acme is allowed; there is no manifest to sync with
        $ envd status --short ~/acme
        acme: .venv Python 3, unmanaged
        $ envd deny ../acme/.venv
        acme is denied
        $ envd status --all --short
        acme: denied
        """,
        elsewhere,
    )


def test_allowed_while_something_is_in_the_way(home: Home) -> None:
    play(
        home,
        """
        $ envd allow
        acme is allowed; paused: requirements.txt:2 holds a conflict marker of git
        """,
        home.project(requirements="demo\n<<<<<<< HEAD\n"),
    )


def test_without_a_project(home: Home) -> None:
    empty = home.path / "empty"
    empty.mkdir()
    nothing = "envd: no project in HOME/empty or above it\n  hint: make an environment here: envd init\n[3]\n"
    commands = ("status", "status --json", "status --check", "allow", "deny", "sync", "sync --check", "log")
    play(home, "".join(f"$ envd {words}\n{nothing}" for words in commands), empty)


def test_all_without_any_project(home: Home) -> None:
    play(
        home,
        """
        $ envd status --all --short
        $ envd status --all
        no project was allowed yet: envd allow
          daemon       not running: envd daemon start
        """,
        home.path,
    )


def test_all_names_projects_that_are_gone(home: Home) -> None:
    home.allowed(home.project("kept"))
    home.allowed(home.project("lost"))
    play(
        home,
        """
        $ rm -r lost
        $ envd status --all --short
        envd: gone: ~/lost
        kept: .venv Python 3, unmanaged
        """,
        home.path,
    )


def test_init(home: Home, index: Index) -> None:
    index.add("pip", "99.0")
    play(
        home,
        """
        $ envd init
        acme has .venv (Python 3) and is allowed
        $ envd init
        envd: acme has .venv (Python 3) already
          hint: make it anew: envd init --clear
        [2]
        $ envd init --clear --prompt rocket
        rocket has .venv (Python 3) and is allowed
        $ envd init gone
        envd: HOME/acme/gone is not a directory
        [2]
        """,
        home.project(venv=False),
    )


def test_daemon(home: Home) -> None:
    play(
        home,
        """
        $ envd daemon status
        envd: the daemon is not running
          hint: envd daemon start
        [7]
        $ envd daemon stop
        the daemon was not running
        $ envd daemon start
        the daemon runs: pid 7, envd 0.1.0, started just now
        $ envd daemon start
        the daemon runs: pid 7, envd 0.1.0, started just now
        $ envd daemon status
        the daemon runs: pid 7, envd 0.1.0, started just now
          watches  nothing
          memory   20 MB
          log      ~/.local/state/envd/daemon.log
        $ envd daemon run
        envd: a daemon runs already
          hint: envd daemon status
        [7]
        $ envd daemon restart
        the daemon runs: pid 7, envd 0.1.0, started just now
        $ envd daemon stop
        the daemon has stopped: nothing is synced until a new shell starts it again
        """,
        home.path,
    )


def test_what_there_is_not(home: Home) -> None:
    play(
        home,
        """
        $ envd frobnicate
        envd: there is no command 'frobnicate'
          hint: envd help
        [2]
        $ envd stauts
        envd: there is no command 'stauts'
          hint: did you mean: envd status
        [2]
        $ envd help stauts
        envd: there is no command 'stauts'
          hint: did you mean: envd status
        [2]
        $ envd hook tcsh
        envd: no hook for 'tcsh'
          hint: there is one for bash, zsh, fish, pwsh
        [2]
        $ envd setup tcsh --yes
        envd: no hook for 'tcsh'
          hint: there is one for bash, zsh, fish, pwsh
        [2]
        $ envd daemon
        envd: the following arguments are required: ACTION
          hint: envd daemon --help
        [2]
        $ envd --version
        envd 0.1.0
        """,
        home.path,
    )


@pytest.mark.parametrize(
    "words",
    [
        "--frob",
        "status --frob",
        "status a b",
        "status --json --short",
        "daemon fly",
        "daemon start now",
        "init --python",
        "log -n many",
        "ask",
        "hook",
        "hook bash zsh",
        "sync --dry-run --check",
        "off now",
        "",
    ],
)
def test_wrong_usage_is_one_error_with_a_hint(home: Home, words: str) -> None:
    ran = home.envd(*(words.split() or ["", "x"]))
    assert ran.code == 2
    assert ran.out == ""
    first, hint = ran.err.splitlines()
    assert first.startswith("envd: ")
    assert hint.startswith("  hint: ")


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_every_command_has_help(home: Home, command: str) -> None:
    ran = home.envd(command, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"usage: envd {command}")
    assert home.envd("help", command).out == ran.out


def test_help_names_every_command_and_every_exit_code(home: Home) -> None:
    said = home.envd("help").out
    assert all(f"\n    {command.name}" in said for command in COMMANDS if command.help)
    assert all(f"\n  {code}  " in said for code in range(8))


@pytest.mark.parametrize("word", ["off", "on", "unhook"])
def test_words_of_the_hook_say_that_there_is_none(home: Home, word: str) -> None:
    ran = home.envd(word)
    assert ran.code == 2
    assert ran.err.endswith("this one has not\n  hint: envd doctor\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "pwsh", "powershell"])
def test_hook_has_this_users_constants(home: Home, shell: str) -> None:
    ran = home.envd("hook", shell)
    assert ran.code == 0
    assert f"'{home.places.answers}'" in ran.out
    assert f"'{home.places.shells}'" in ran.out


def test_a_reader_that_goes_away_is_no_error(home: Home) -> None:
    root = home.allowed(home.project())
    ran = home.run(["sh", "-c", "envd help | true; envd status | true; envd hook bash | head -1 >/dev/null"], root)
    assert (ran.code, ran.err) == (0, "")


def test_ask_brings_nothing_back_once_envd_was_removed(home: Home) -> None:
    root = home.project()
    before = snapshot(home.path)
    ran = home.envd("ask", "--", str(root))
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert snapshot(home.path) == before


def test_ask_with_a_relative_path_means_the_directory(home: Home) -> None:
    root = home.project()
    home.places.prepare()
    assert home.envd("ask", ".", cwd=root).code == 0
    assert home.answer(root) is not None
    assert sorted(path.name for path in home.places.state.iterdir() if path.name.startswith("answers")) == ["answers"]


def test_a_link_is_shown_as_it_was_walked(home: Home) -> None:
    home.allowed(home.project())
    (home.path / "link").symlink_to(home.path / "acme")
    play(
        home,
        """
        $ envd status
        acme  ~/link
          environment  .venv · Python 3 · not active here: envd doctor
          trust        allowed (envd allow)
          packages     no manifest
          daemon       not running: envd daemon start
        """,
        home.path / "link",
    )
