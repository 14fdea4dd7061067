"""By choice (`shell.wait`), a command that is typed while packages are being synced waits for them."""

from __future__ import annotations

import pytest

from envd.core.answer import SyncState

from .conftest import Starter
from .driver import Bash, Fish, Shell, Zsh
from .scenario import complaints
from .steps import Stage, allowed, cd, enter

BY_PREEXEC = (Zsh, Fish)


def waits(stage: Stage) -> list[str]:
    return [call[-1] for call in stage.world.calls() if call[3] == "wait"]


def begin(stage: Stage, *switches: str) -> None:
    stage.world.switches = switches
    allowed("p", state=SyncState.SYNCING)(stage)
    allowed("q")(stage)
    stage.shell.write_rc()
    stage.shell.start()
    enter()(stage)


@pytest.fixture(params=BY_PREEXEC, ids=lambda kind: kind.name)
def waiting(request: pytest.FixtureRequest, on_stage: Starter) -> Stage:
    """A shell in a project that is being synced, in which a command has been typed."""
    kind: type[Shell] = request.param
    stage = on_stage(kind)
    begin(stage, "wait")
    stage.shell.terminal.type(f"cd {stage.world.at('p')}\r")
    stage.shell.terminal.wait_for_line("(p syncing) @@> ")
    stage.shell.terminal.type("echo r''an\r")
    stage.shell.terminal.wait_for(r"\nwaiting\n")
    return stage


def test_a_command_runs_when_the_sync_is_done(waiting: Stage) -> None:
    assert "\nran\n" not in waiting.shell.terminal.text
    waiting.world.end_of_wait()
    waiting.shell.terminal.wait_for(r"\nran\n")
    assert waits(waiting) == [str(waiting.world.at("p"))]
    assert complaints(waiting.shell.terminal.text) == []


@pytest.mark.case(76)
def test_ctrl_c_goes_on_at_once(waiting: Stage) -> None:
    waiting.shell.terminal.type("\x03")
    waiting.shell.terminal.wait_for(r"(\n|\^C)ran\n")
    assert waits(waiting) == [str(waiting.world.at("p"))]


@pytest.mark.parametrize("kind", BY_PREEXEC, ids=lambda kind: kind.name)
def test_without_a_sync_nothing_waits(kind: type[Shell], on_stage: Starter) -> None:
    stage = on_stage(kind)
    begin(stage, "wait")
    for place in ("q", "~"):
        cd(place)(stage)
        enter(2)(stage)
    assert stage.world.calls() == []


@pytest.mark.parametrize("kind", [Bash, *BY_PREEXEC], ids=lambda kind: kind.name)
def test_unless_chosen_nothing_waits(kind: type[Shell], on_stage: Starter) -> None:
    stage = on_stage(kind)
    begin(stage)
    cd("p")(stage)
    enter(2)(stage)
    assert stage.world.calls() == []


@pytest.mark.parametrize("kind", BY_PREEXEC, ids=lambda kind: kind.name)
def test_envd_itself_does_not_wait(kind: type[Shell], on_stage: Starter) -> None:
    stage = on_stage(kind)
    begin(stage, "wait")
    stage.shell.terminal.type(f"cd {stage.world.at('p')}\r")
    stage.shell.terminal.wait_for_line("(p syncing) @@> ")
    stage.shell.terminal.type("envd status\r")
    stage.shell.terminal.wait_for_line("(p syncing) @@> ")
    assert waits(stage) == []


@pytest.mark.parametrize("key", ["", "\x03"], ids=["done", "ctrl-c"])
@pytest.mark.case(76, shell="bash")
def test_in_bash_what_follows_cd_waits(key: str, on_stage: Starter) -> None:
    stage = on_stage(Bash)
    begin(stage, "wrap_cd", "wait")
    stage.shell.terminal.type(f"cd {stage.world.at('p')} && echo r''an\r")
    stage.shell.terminal.wait_for(r"\nwaiting\n")
    assert "\nran\n" not in stage.shell.terminal.text
    if key:
        stage.shell.terminal.type(key)
    else:
        stage.world.end_of_wait()
    stage.shell.terminal.wait_for(r"(\n|\^C)ran\n")
    assert waits(stage) == [str(stage.world.at("p"))]
