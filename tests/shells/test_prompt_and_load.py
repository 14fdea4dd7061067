"""What themes see, and what happens while the rc files are still running."""

from __future__ import annotations

import os
import subprocess

import pytest
from tests.stage.waiting import stays, wait_until

from envd.core.answer import SyncState, Verdict

from .steps import (
    Stage,
    allowed,
    allowed_when_asked,
    blocked,
    cd,
    enter,
    is_active,
    path_is_untouched,
    prompt_is,
    run,
    said,
    unanswered,
)

FAKE_GIT = '#!/bin/sh\n: >"$HOME/PWN"\n'


def start_with_git_theme(stage: Stage) -> None:
    """Have each prompt run git, as most themes do; the repository brings one of its own."""
    stage.world.script(stage.world.at("bin/git"), '#!/bin/sh\n: >"$HOME/mine"\n')
    stage.world.extra["PATH"] = f"{stage.world.at('bin')}:/usr/bin:/bin"
    stage.shell.write_rc(before=stage.shell.at_each_prompt("git rev-parse"))
    stage.shell.start()


@pytest.mark.case(71)
def test_a_blocked_projects_git_does_not_run(stage: Stage) -> None:
    stage.world.script(stage.world.at("p/.venv/bin/git"), FAKE_GIT)
    blocked("p")(stage)
    start_with_git_theme(stage)
    cd("p")(stage)
    enter(2)(stage)
    assert stage.world.at("mine").exists()
    assert not stage.world.at("PWN").exists()


@pytest.mark.case(71)
def test_an_unknown_projects_git_does_not_run(stage: Stage) -> None:
    unanswered("p")(stage)
    stage.world.script(stage.world.at("p/.venv/bin/git"), FAKE_GIT)
    start_with_git_theme(stage)
    cd("p")(stage)
    enter(2)(stage)
    assert not stage.world.at("PWN").exists()


@pytest.mark.case(22)
def test_a_theme_sees_the_environment_at_once(stage: Stage) -> None:
    allowed("p")(stage)
    stage.world.script(stage.world.at("theme"), '#!/bin/sh\necho "$VIRTUAL_ENV_PROMPT" >>"$HOME/seen"\n')
    stage.shell.write_rc(before=stage.shell.at_each_prompt(str(stage.world.at("theme"))))
    stage.shell.start()
    stage.world.at("seen").unlink()
    cd("p")(stage)
    seen = stage.world.at("seen").read_text().split("\n")[:-1]
    # The first of them may be the prompt at which cd was typed.
    assert "p" in seen
    assert "" not in seen[seen.index("p") :]


def test_news_that_came_after_what_a_command_said_itself_is_told(stage: Stage) -> None:
    allowed("p")(stage)
    stage.shell.write_rc()
    stage.shell.start()
    cd("p")(stage)
    allowed_when_asked("p", "n1", "synced")(stage)
    failed = stage.world.answer("p", Verdict.ACTIVE, notice="n2", text="not synced", state=SyncState.FAILED)
    program = stage.world.at("pull")
    stage.world.publish_by(program, failed)
    run(f"envd sync; {program}")(stage)
    enter()(stage)
    said("synced", 0)(stage)
    said("not synced")(stage)
    prompt_is("(p failed) ")(stage)


@pytest.mark.case(23)
def test_loading_says_nothing(stage: Stage) -> None:
    blocked("p", "n1", "p is not allowed")(stage)
    stage.shell.write_rc(after="echo LOADED")
    stage.shell.start(directory="p")
    stage.shell.run("")
    said("p is not allowed")(stage)
    text = stage.shell.terminal.text
    assert text.index("LOADED") < text.index("p is not allowed")


def test_loading_asks_nothing(stage: Stage) -> None:
    unanswered("p")(stage)
    stage.shell.write_rc(after=f"cp {stage.world.base}/calls {stage.world.base}/calls-at-load")
    stage.shell.start(directory="p")
    assert (stage.world.base / "calls-at-load").read_text() == ""
    assert stage.world.asks() == [str(stage.world.at("p"))]


def test_in_force_for_the_rest_of_the_rc_file(stage: Stage) -> None:
    allowed("p")(stage)
    stage.shell.write_rc(after=f"{stage.world.dump} {stage.world.base}/at-load")
    stage.shell.start(directory="p")
    assert f"VIRTUAL_ENV={stage.world.at('p')}/.venv\0" in (stage.world.base / "at-load").read_text()


@pytest.mark.case(79)
def test_a_hook_without_constants_is_inert(stage: Stage) -> None:
    stage.world.project("p")
    stage.shell.write_rc()
    stage.world.unbake(stage.shell)
    stage.shell.start(directory="p")
    cd("~")(stage)
    cd("p")(stage)
    path_is_untouched()(stage)
    assert stage.world.calls() == []


@pytest.mark.case(51)
def test_answers_of_another_owner_are_not_believed(stage: Stage) -> None:
    stage.world.give_away_answers()
    allowed("p")(stage)
    stage.shell.write_rc()
    stage.shell.start(directory="p")
    path_is_untouched()(stage)
    assert stage.world.calls() == []


@pytest.mark.case(25)
def test_the_variables_of_the_user_are_in_force_on_one_line(stage: Stage) -> None:
    allowed("p")(stage)
    stage.shell.write_rc()
    stage.shell.start()
    stage.shell.run(f"cd {stage.world.at('p')} && {stage.world.dump} {stage.world.base}/same-line")
    seen = (stage.world.base / "same-line").read_text()
    # bash has no notion of a change of directory: there the prompt is the moment.
    assert (f"VIRTUAL_ENV={stage.world.at('p')}/.venv" in seen) == (stage.shell.name != "bash")
    is_active("p")(stage)


def start_with_something_allowed(stage: Stage, pid: int | None = None) -> None:
    """Start a shell of a user who allowed a project, with the number that the daemon is said to have."""
    (stage.world.answers.parent / "trust").mkdir()
    if pid is not None:
        (stage.world.shells.parent / "pid").write_text(f"{pid}\n")
    stage.shell.write_rc()
    stage.shell.start()


def test_a_new_shell_wakes_a_daemon_that_is_gone(stage: Stage) -> None:
    start_with_something_allowed(stage, pid=999_999_999)
    wait_until(stage.world.calls, "envd is called")
    enter(3)(stage)
    assert stage.world.calls() == [["-I", "-m", "envd", "daemon", "start"]]


def test_a_number_that_another_program_has_now_is_no_daemon(stage: Stage) -> None:
    start_with_something_allowed(stage, pid=os.getpid())
    wait_until(stage.world.calls, "envd is called")
    assert stage.world.calls() == [["-I", "-m", "envd", "daemon", "start"]]


def test_a_daemon_that_lives_is_left_alone(stage: Stage) -> None:
    with subprocess.Popen([str(stage.world.python), "60"], executable="/bin/sleep") as daemon:
        start_with_something_allowed(stage, pid=daemon.pid)
        stays(lambda: stage.world.calls() == [], "nothing is called", 0.5)
        daemon.terminate()


def test_where_nothing_was_allowed_no_daemon_is_wanted(stage: Stage) -> None:
    stage.shell.write_rc()
    stage.shell.start()
    enter()(stage)
    assert stage.world.calls() == []
