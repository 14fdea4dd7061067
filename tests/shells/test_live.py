"""News that reaches a prompt without Enter: in zsh by a FIFO, in fish by a signal, in PowerShell when it is idle."""

from __future__ import annotations

import os
import random
import threading

import pytest

from envd.adapters.presence import hang_bells, ring_shells
from envd.core.answer import SyncState

from .conftest import Starter
from .driver import PROMPT, Fish, Pwsh, Shell, Zsh
from .scenario import complaints
from .steps import Stage, Step, allowed, blocked, cd, dangling, directory, enter, prompt_is, said

# PowerShell is idle only while nothing is typed.
KINDS = [pytest.param(Zsh, "echo half", id="zsh"), pytest.param(Fish, "echo half", id="fish"), pytest.param(Pwsh, "", id="pwsh")]
TYPING = KINDS[:2]
# What stands before a notice: PSReadLine clears the line of the prompt by writing spaces over it.
ABOVE = "[\n ]"


def begin(stage: Stage, *steps: Step, before: str = "") -> None:
    """Start a shell that the daemon has seen, and take it through the steps."""
    stage.world.extra["KEEP_READLINE"] = "1"
    stage.shell.write_rc(before=before)
    stage.shell.start()
    hang_bells(stage.world.shells)
    for step in (*steps, enter(2)):
        step(stage)


def ring(stage: Stage, name: str, change: Step | None = None) -> None:
    """Publish something and tell the shells, as the daemon does."""
    if change is not None:
        change(stage)
    ring_shells(stage.world.shells, str(stage.world.at(name)))


def typed(stage: Stage, line: str, prompt: str) -> None:
    stage.shell.terminal.type(line)
    stage.shell.terminal.wait_for_line(f"{prompt}{PROMPT}{line}")


@pytest.mark.parametrize(("kind", "line"), KINDS)
def test_a_changed_state_repaints_the_prompt(kind: type[Shell], line: str, on_stage: Starter) -> None:
    stage = on_stage(kind)
    begin(stage, allowed("p", state=SyncState.SYNCING), cd("p"))
    typed(stage, line, "(p syncing) ")
    ring(stage, "p", allowed("p"))
    stage.shell.terminal.wait_for_line(f"(p) {PROMPT}{line}")
    assert complaints(stage.shell.terminal.text) == []


def test_two_changes_at_once_end_with_the_second(on_stage: Starter) -> None:
    stage = on_stage(Fish)
    # News may come while a prompt is being drawn, which takes as long as git takes.
    begin(stage, allowed("p"), cd("p"), before=stage.shell.at_each_prompt("sleep 0.02"))
    draw = random.Random(4)  # moments, no secrets
    for number in range(30):
        ring(stage, "p", allowed("p", state=SyncState.SYNCING))
        threading.Event().wait(draw.uniform(0, 0.03))
        ring(stage, "p", allowed("p", notice=f"n{number}", text=f"synced {number}"))
        stage.shell.terminal.wait_for(rf"\nenvd: synced {number}\n")
        stage.shell.terminal.wait_for_line(f"(p) {PROMPT}")


@pytest.mark.parametrize(("kind", "line"), KINDS)
def test_news_is_said_and_the_prompt_stands_below_it(kind: type[Shell], line: str, on_stage: Starter) -> None:
    stage = on_stage(kind)
    begin(stage, allowed("p", state=SyncState.SYNCING), cd("p"))
    typed(stage, line, "(p syncing) ")
    ring(stage, "p", allowed("p", notice="n1", text="p synced"))
    stage.shell.terminal.wait_for(rf"{ABOVE}envd: p synced\n")
    stage.shell.terminal.wait_for_line(f"(p) {PROMPT}{line}")
    # What is below it is what was typed, not what was said.
    assert "envd: p synced" in stage.shell.terminal.above(1)
    enter(2)(stage)
    said("p synced")(stage)


@pytest.mark.parametrize(("kind", "line"), TYPING)
def test_the_line_that_was_being_typed_is_run_whole(kind: type[Shell], line: str, on_stage: Starter) -> None:
    stage = on_stage(kind)
    begin(stage, allowed("p"), cd("p"))
    typed(stage, line, "(p) ")
    ring(stage, "p", allowed("p", notice="n1", text="p synced"))
    stage.shell.terminal.wait_for(r"\nenvd: p synced\n")
    stage.shell.terminal.type("-and-whole\r")
    stage.shell.terminal.wait_for(r"\nhalf-and-whole\n")


@pytest.mark.parametrize(("kind", "line"), KINDS)
def test_what_is_no_longer_allowed_is_left(kind: type[Shell], line: str, on_stage: Starter) -> None:
    stage = on_stage(kind)
    begin(stage, allowed("p"), cd("p"))
    typed(stage, line, "(p) ")
    ring(stage, "p", blocked("p", "n1", "p was denied"))
    stage.shell.terminal.wait_for(rf"{ABOVE}envd: p was denied\n")
    stage.shell.terminal.wait_for_line(f"\0{PROMPT}{line}".strip("\0"))
    assert "(p)" not in stage.shell.terminal.line


@pytest.mark.parametrize(("kind", "line"), KINDS[1:])
def test_what_can_be_entered_now_is_entered(kind: type[Shell], line: str, on_stage: Starter) -> None:
    stage = on_stage(kind)
    begin(stage, directory("p"), dangling("p"), cd("p"))
    typed(stage, line, "")
    (stage.world.at("p") / ".venv").unlink()
    ring(stage, "p", allowed("p"))
    stage.shell.terminal.wait_for_line(f"(p) {PROMPT}{line}")
    assert complaints(stage.shell.terminal.text) == []


@pytest.mark.parametrize(("kind", "line"), TYPING)
def test_without_news_nothing_is_shown(kind: type[Shell], line: str, on_stage: Starter) -> None:
    stage = on_stage(kind)
    begin(stage, allowed("p"), cd("p"))
    typed(stage, line, "(p) ")
    shown = stage.shell.terminal.text
    ring(stage, "p")
    # Whatever it shows stands before what is typed now.
    typed_since = "-more"
    stage.shell.terminal.type(typed_since)
    stage.shell.terminal.wait_for_line(f"(p) {PROMPT}{line}{typed_since}")
    assert PROMPT not in stage.shell.terminal.text[len(shown) :]


@pytest.mark.parametrize("kind", [Zsh, Fish], ids=lambda kind: kind.name)
@pytest.mark.case(77)
def test_while_a_command_runs_it_waits(kind: type[Shell], on_stage: Starter) -> None:
    stage = on_stage(kind)
    begin(stage, allowed("p"), cd("p"))
    stage.shell.terminal.type("sh -c 'echo begun; exec cat'\r")
    stage.shell.terminal.wait_for(r"\nbegun\n")
    ring(stage, "p", allowed("p", notice="n1", text="p synced"))
    stage.shell.terminal.type("still\r")
    stage.shell.terminal.wait_for(r"\nstill\n")
    said("p synced", 0)(stage)
    stage.shell.terminal.type("\x04")
    enter()(stage)
    said("p synced")(stage)


@pytest.mark.parametrize("kind", [Zsh, Fish], ids=lambda kind: kind.name)
@pytest.mark.case(78)
def test_a_program_in_the_place_of_the_shell_is_not_disturbed(kind: type[Shell], on_stage: Starter) -> None:
    stage = on_stage(kind)
    begin(stage, allowed("p"), cd("p"))
    stage.shell.terminal.type("exec sh -c 'echo begun; exec cat'\r")
    stage.shell.terminal.wait_for(r"\nbegun\n")
    ring(stage, "p", allowed("p", label="acme"))
    stage.shell.terminal.type("still\r")
    stage.shell.terminal.wait_for(r"\nstill\n")


def test_programs_do_not_inherit_the_fifo(on_stage: Starter) -> None:
    stage = on_stage(Zsh)
    begin(stage, allowed("p"), cd("p"))
    bell = f"{stage.shell.terminal.pid}.fifo"
    opened = {os.readlink(entry.path) for entry in os.scandir(f"/proc/{stage.shell.terminal.pid}/fd")}
    assert str(stage.world.shells / bell) in opened
    assert bell not in stage.shell.run("/bin/ls -l /proc/self/fd").output


@pytest.mark.parametrize("kind", [Zsh, Fish], ids=lambda kind: kind.name)
def test_unhooked_it_hears_nothing(kind: type[Shell], on_stage: Starter) -> None:
    stage = on_stage(kind)
    begin(stage, allowed("p"), cd("p"))
    stage.shell.run("envd unhook")
    ring(stage, "p", allowed("p", notice="n1", text="p synced"))
    enter(2)(stage)
    prompt_is("")(stage)
    said("p synced", 0)(stage)
    assert complaints(stage.shell.terminal.text) == []
