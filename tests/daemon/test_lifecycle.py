"""A daemon of one user from its start to its end: exactly one, private, and gone when it is told to be."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import sys
import time
from pathlib import Path

import psutil
import pytest
from tests.stage.home import Home
from tests.stage.waiting import wait_until

from envd import __version__
from envd.core.protocol import Verb


def test_twenty_starts_at_once_make_exactly_one_daemon(home: Home) -> None:
    starts = [home.begin("daemon", "start") for _ in range(20)]
    said = [start.communicate(timeout=60)[0].decode() for start in starts]
    assert [start.returncode for start in starts] == [0] * 20, said
    wait_until(lambda: len(home.daemons()) == 1, "one daemon is left")
    reply = home.ping()
    assert reply is not None
    assert home.daemons() == [reply.pid]
    assert all(f"pid {reply.pid}," in line for line in said)


def test_status_file_says_pid_release_and_start(home: Home) -> None:
    pid = home.start_daemon()
    fields = json.loads(home.places.status.read_text())
    assert fields == {"pid": pid, "release": __version__, "started": pytest.approx(time.time(), abs=60)}
    assert fields["started"] == pytest.approx(psutil.Process(pid).create_time(), abs=10)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        pytest.param("", 0o700, id="state"),
        pytest.param("run", 0o700, id="runtime"),
        pytest.param("run/shells", 0o700, id="shells"),
        pytest.param("answers", 0o700, id="answers"),
        pytest.param("run/socket", 0o600, id="socket"),
        pytest.param("run/lock", 0o600, id="lock"),
        pytest.param("run/status.json", 0o600, id="status"),
        pytest.param("daemon.log", 0o600, id="log"),
    ],
)
def test_what_the_daemon_makes_is_private(home: Home, name: str, mode: int) -> None:
    before = os.umask(0)
    try:
        home.start_daemon()
    finally:
        os.umask(before)
    assert stat.S_IMODE((home.places.state / name).stat().st_mode) == mode


def test_ping_tells_who_it_is(home: Home) -> None:
    pid = home.start_daemon()
    reply = home.ping()
    assert reply is not None
    assert (reply.pid, reply.release, reply.projects, reply.error) == (pid, __version__, (), "")


def test_ask_publishes_an_answer(home: Home) -> None:
    root = home.project()
    home.start_daemon()
    reply = home.ask(Verb.ASK, str(root))
    assert reply is not None
    assert reply.error == ""
    answer = home.answer(root)
    assert answer is not None
    assert answer.verdict.value == "blocked"


def test_ask_about_a_directory_that_is_gone_is_refused_with_the_reason(home: Home) -> None:
    home.start_daemon()
    reply = home.ask(Verb.ASK, str(home.path / "gone"))
    assert reply is not None
    assert reply.error.endswith("gone is not a directory")


@pytest.mark.parametrize("verb", [Verb.ASK, Verb.CHECK], ids=str)
def test_a_relative_path_is_refused(home: Home, verb: Verb) -> None:
    home.start_daemon()
    reply = home.ask(verb, "acme")
    assert reply is not None
    assert reply.error == "not an absolute path: 'acme'"


def test_stop_leaves_neither_process_nor_socket_nor_status(home: Home) -> None:
    pid = home.start_daemon()
    ran = home.envd("daemon", "stop")
    assert (ran.code, ran.out) == (0, "the daemon has stopped: nothing is synced until a new shell starts it again\n")
    assert pid not in home.daemons()
    assert not home.places.socket.exists()
    assert not home.places.status.exists()


def test_sigterm_stops_it_as_stop_does(home: Home) -> None:
    pid = home.start_daemon()
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: pid not in home.daemons(), "the process is gone")
    assert not home.places.socket.exists()


def test_sighup_of_a_closing_terminal_does_not_end_it(home: Home) -> None:
    pid = home.start_daemon()
    os.kill(pid, signal.SIGHUP)
    reply = home.ping()
    assert reply is not None
    assert reply.pid == pid


def test_ten_times_start_and_stop(home: Home) -> None:
    for _ in range(10):
        home.start_daemon()
        assert home.envd("daemon", "stop").code == 0
        assert not home.daemons()


def test_restart_is_another_process(home: Home) -> None:
    before = home.start_daemon()
    assert home.envd("daemon", "restart").code == 0
    reply = home.ping()
    assert reply is not None
    assert reply.pid != before


def test_a_second_run_refuses(home: Home) -> None:
    home.start_daemon()
    ran = home.envd("daemon", "run")
    assert (ran.code, ran.err) == (7, "envd: a daemon runs already\n  hint: envd daemon status\n")


@pytest.mark.case(75)
def test_killed_it_is_started_again_by_the_next_ask(home: Home) -> None:
    root = home.allowed(home.project())
    before = home.start_daemon()
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: not home.daemons(), "the process is gone")
    assert home.envd("ask", str(root)).code == 0
    after = wait_until(home.ping, "a new daemon answers")
    assert after.pid != before
    assert home.daemons() == [after.pid]


def test_asking_about_an_unknown_project_starts_no_daemon(home: Home) -> None:
    assert home.envd("ask", str(home.project())).code == 0
    assert home.daemons() == []


@pytest.mark.case(75)
def test_stopped_by_a_signal_it_makes_the_cli_give_up_with_a_reason(home: Home) -> None:
    pid = home.start_daemon()
    os.kill(pid, signal.SIGSTOP)
    begun = time.monotonic()
    ran = home.envd("daemon", "status")
    assert time.monotonic() - begun < 5
    assert (ran.code, ran.err) == (7, "envd: the daemon does not answer within 1 s\n  hint: envd daemon restart\n")


def test_stop_ends_even_a_daemon_that_hangs(home: Home) -> None:
    pid = home.start_daemon()
    os.kill(pid, signal.SIGSTOP)
    assert home.envd("daemon", "stop").code == 0
    wait_until(lambda: pid not in home.daemons(), "the process is gone")


@pytest.mark.case(74)
def test_a_prompt_that_asks_is_answered_without_the_daemon_that_hangs(home: Home) -> None:
    root = home.project()
    pid = home.start_daemon()
    os.kill(pid, signal.SIGSTOP)
    begun = time.monotonic()
    assert home.envd("ask", str(root)).code == 0
    assert time.monotonic() - begun < 4
    assert home.answer(root) is not None


@pytest.mark.case(74)
def test_allow_does_not_wait_long_for_a_daemon_that_hangs(home: Home) -> None:
    root = home.project()
    pid = home.start_daemon()
    os.kill(pid, signal.SIGSTOP)
    begun = time.monotonic()
    assert home.envd("allow", cwd=root).code == 0
    assert time.monotonic() - begun < 5


def test_a_stale_socket_is_replaced(home: Home) -> None:
    home.places.prepare()
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(home.places.socket))
    home.start_daemon()
    assert len(home.daemons()) == 1


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_what_is_no_socket_is_not_removed_for_one(home: Home, kind: str) -> None:
    home.places.prepare()
    if kind == "file":
        home.places.socket.write_text("mine")
    else:
        home.places.socket.mkdir()
    ran = home.envd("daemon", "run", deadline=20)
    assert ran.code == 1
    assert f"{home.places.socket} is in the way of the daemon's socket" in ran.err
    assert f"hint: rm -r {home.places.socket}" in ran.err
    assert home.places.socket.is_dir() if kind == "directory" else home.places.socket.read_text() == "mine"


def test_a_deep_home_still_has_a_socket(home: Home) -> None:
    deep = home.path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    home.variables["XDG_STATE_HOME"] = str(deep)
    ran = home.envd("daemon", "start")
    assert ran.code == 0, ran.err
    assert (deep / "envd/run/socket").is_socket()
    assert home.envd("daemon", "stop").code == 0


def test_an_older_daemon_leaves_its_successors_socket(home: Home) -> None:
    pid = home.start_daemon()
    home.places.socket.unlink()
    with socket.socket(socket.AF_UNIX) as successor:
        successor.bind(str(home.places.socket))
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: pid not in home.daemons(), "the older one is gone")
        assert home.places.socket.is_socket()


def test_a_wrong_configuration_is_logged_and_the_defaults_hold(home: Home) -> None:
    home.configure("names = 7\n")
    with home.begin("daemon", "run") as process:
        wait_until(home.ping, "the daemon answers")
        assert "names must be a list" in home.places.log.read_text()
        process.terminate()
        process.communicate(timeout=20)
        assert process.returncode == 0


def test_the_daemon_runs_on_the_interpreter_that_started_it(home: Home) -> None:
    pid = home.start_daemon()
    assert Path(psutil.Process(pid).cmdline()[0]) == Path(sys.executable)


def test_one_that_ended_without_a_word_is_started_again_and_one_that_was_stopped_is_not(home: Home) -> None:
    root = home.allowed(home.project())
    os.kill(home.start_daemon(), signal.SIGKILL)
    wait_until(lambda: not home.daemons(), "the process is gone")
    assert "had ended without a word, and is being started again" in home.envd("status", cwd=root).out
    wait_until(home.ping, "a new daemon answers")
    assert home.envd("daemon", "stop").code == 0
    assert "daemon       not running: envd daemon start" in home.envd("status", cwd=root).out
    assert home.daemons() == []
