"""Beside what else a user has in a shell: handlers of signals, what builds on the prompt, and a key that interrupts."""

from __future__ import annotations

import pytest

from .conftest import Starter
from .driver import PROMPT, Bash, Fish, Pwsh, Shell, Zsh
from .scenario import complaints
from .steps import Stage, allowed, cd, enter, is_active, nothing_is_active, path_is_untouched, prompt_is, run, unanswered


def begin(stage: Stage, before: str = "", after: str = "") -> None:
    allowed("p")(stage)
    stage.shell.write_rc(before, after)
    stage.shell.start()


@pytest.mark.parametrize("signal", ["INT", "USR1", "URG", "WINCH"])
@pytest.mark.case(5, 6, shell="fish")
def test_a_handler_in_fish_is_kept(signal: str, on_stage: Starter) -> None:
    stage = on_stage(Fish)
    begin(stage, before=f"set -g seen 0; function mine --on-signal {signal}; set -g seen 1; end")
    cd("p")(stage)
    stage.shell.run(f"kill -{signal} $fish_pid")
    enter()(stage)
    assert stage.shell.value("seen") == "1"
    is_active("p")(stage)


@pytest.mark.case(6, shell="pwsh")
def test_a_subscriber_in_powershell_is_kept(on_stage: Starter) -> None:
    stage = on_stage(Pwsh)
    begin(stage, before="$null = Register-EngineEvent PowerShell.OnIdle -Action { $global:seen = 1 }")
    cd("p")(stage)
    stage.shell.run("envd unhook")
    stage.shell.run("$count = @(Get-EventSubscriber).Count")
    assert stage.shell.value("count") == "1"


@pytest.mark.case(2, shell="zsh")
def test_the_last_argument_is_kept_in_zsh(on_stage: Starter) -> None:
    stage = on_stage(Zsh)
    begin(stage)
    cd("p")(stage)
    stage.shell.terminal.type("echo a b\rkept=$_\r")
    assert stage.shell.value("kept") == "b"


@pytest.mark.case(2, shell="zsh")
def test_the_statuses_of_a_pipe_are_kept_in_zsh(on_stage: Starter) -> None:
    stage = on_stage(Zsh)
    begin(stage)
    cd("p")(stage)
    stage.shell.terminal.type('(exit 3) | true | (exit 7)\rkept="$pipestatus"\r')
    assert stage.shell.value("kept") == "3 0 7"


# How editors and themes build on a prompt that is there.
BUILT_ON = {
    Zsh: """built() { [[ -n $prior ]] && return; prior=$PS1 PS1=V$PS1; }; unbuilt() { PS1=$prior prior=; }
precmd_functions+=(built) preexec_functions+=(unbuilt)""",
    Fish: "functions -c fish_prompt built; function fish_prompt; printf V; built; end",
    Pwsh: "$built = $function:prompt; function prompt { 'V' + (& $global:built) }",
}


@pytest.mark.parametrize("kind", BUILT_ON, ids=lambda kind: kind.name)
@pytest.mark.parametrize("when", ["after", "typed"])
@pytest.mark.case(20, 21)
def test_a_prompt_that_somebody_builds_on(kind: type[Shell], when: str, on_stage: Starter) -> None:
    stage = on_stage(kind)
    begin(stage, after=BUILT_ON[kind] if when == "after" else "")
    cd("p")(stage)
    if when == "typed":
        stage.shell.run_file(BUILT_ON[kind])
    enter(3)(stage)
    shown = stage.shell.prompt()
    assert (shown.count("(p) "), shown.count("V"), shown.endswith(PROMPT)) == (1, 1, True)
    is_active("p")(stage)
    cd("~")(stage)
    enter(2)(stage)
    prompt_is("V")(stage)
    nothing_is_active()(stage)


@pytest.mark.case(20, 56, shell="pwsh")
def test_a_prompt_made_anew_in_powershell_is_wrapped_on_the_way(on_stage: Starter) -> None:
    stage = on_stage(Pwsh)
    begin(stage)
    cd("p")(stage)
    run(f"function prompt {{ 'new {PROMPT}' }}")(stage)
    for step in (cd("~"), cd("p"), prompt_is("(p) new "), cd("~"), prompt_is("new ")):
        step(stage)


@pytest.mark.case(59, shell="zsh")
def test_without_promptpercent_zsh_shows_no_reference(on_stage: Starter) -> None:
    stage = on_stage(Zsh)
    begin(stage)
    for step in (
        cd("p"), prompt_is("(p) "), run("unsetopt prompt_percent"), is_active("p"), prompt_is(""),
        run("setopt prompt_percent"), prompt_is("(p) "),
    ):  # fmt: skip
        step(stage)


@pytest.mark.case(62, shell="bash")
def test_colours_of_a_prompt_are_kept(on_stage: Starter) -> None:
    stage = on_stage(Bash)
    prompt = r"\[\e[31m\]x\[\e[0m\] @@> "
    begin(stage, before=f"PS1='{prompt}'")
    cd("p")(stage)
    prompt_is("(p) x ")(stage)
    # A line that is longer than the screen is wide wraps where readline thinks it does: counted in what is shown.
    stage.shell.terminal.type("true " + "a" * 300 + "\x01\x0b")
    stage.shell.terminal.wait_for_line("(p) x @@> ")
    run("envd unhook")(stage)
    assert stage.shell.value("PS1") == prompt


@pytest.mark.case(76)
def test_ctrl_c_while_it_asks(stage: Stage) -> None:
    stage.world.script(stage.world.python, "#!/bin/sh\necho as''king >&2\nexec /bin/sleep 1000\n")
    unanswered("u")(stage)
    begin(stage)
    stage.shell.terminal.type(f"cd {stage.world.at('u')}\r")
    stage.shell.terminal.wait_for("asking\n")
    stage.shell.terminal.type("\x03")
    # It is not asked about again, what was is as it was, and the shell goes on.
    enter(2)(stage)
    assert stage.shell.terminal.text.count("asking\n") == 1
    nothing_is_active()(stage)
    path_is_untouched()(stage)
    for step in (cd("p"), is_active("p"), prompt_is("(p) "), cd("~"), nothing_is_active()):
        step(stage)
    assert complaints(stage.shell.terminal.text) == []
