"""What is PowerShell's own: strict mode, providers, and a prompt that is a function."""

from __future__ import annotations

import subprocess

import pytest

from .conftest import Starter
from .driver import PROMPT, Pwsh
from .scenario import complaints
from .steps import Stage, allowed, cd, enter, is_active, nothing_is_active, prompt_is, run

pytestmark = pytest.mark.case(61)


@pytest.fixture
def pwsh(on_stage: Starter) -> Stage:
    return on_stage(Pwsh)


def start(stage: Stage, before: str = "", after: str = "") -> None:
    allowed("p")(stage)
    stage.shell.write_rc(before, after)
    stage.shell.start()


@pytest.mark.parametrize(
    "setting",
    [
        "Set-StrictMode -Version Latest",
        "$ErrorActionPreference = 'Stop'",
        "$WhatIfPreference = $true",
        "$ConfirmPreference = 'Low'",
    ],
)
@pytest.mark.case(7, 8, 10)
def test_settings(setting: str, pwsh: Stage) -> None:
    start(pwsh, before=setting)
    for step in (cd("p"), is_active("p"), prompt_is("(p) "), cd("~"), nothing_is_active()):
        step(pwsh)
    assert complaints(pwsh.shell.terminal.text) == []


@pytest.mark.case(12)
def test_cd_may_be_another_command(pwsh: Stage) -> None:
    start(pwsh, before="Set-Alias cd Push-Location -Option AllScope -Force")
    for step in (run("cd ~/p"), is_active("p"), run("Pop-Location"), nothing_is_active()):
        step(pwsh)
    assert complaints(pwsh.shell.terminal.text) == []


@pytest.mark.parametrize("variable", ["STARSHIP_SHELL", "POSH_SHELL"])
@pytest.mark.parametrize(("shell", "label"), [("bash", "(p) "), ("powershell", ""), ("pwsh", "")])
def test_a_theme_that_shows_the_environment_is_that_of_this_shell(variable: str, shell: str, label: str, pwsh: Stage) -> None:
    start(pwsh, before=pwsh.shell.export(variable, shell))
    for step in (cd("p"), is_active("p"), prompt_is(label)):
        step(pwsh)


def test_another_provider(pwsh: Stage) -> None:
    start(pwsh)
    for step in (cd("p"), run("cd Env:"), enter(2), run("cd /"), nothing_is_active()):
        step(pwsh)


@pytest.mark.case(24)
def test_a_script_is_not_touched(pwsh: Stage) -> None:
    start(pwsh)
    pwsh.world.project("u")
    program = f". {pwsh.shell.quote(str(pwsh.world.base / 'hook.ps1'))}; 'x'"
    result = subprocess.run(
        [*pwsh.shell.command()[:1], "-NoLogo", "-NoProfile", "-Command", program], cwd=pwsh.world.at("u"),
        env=pwsh.world.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (result.stdout, result.stderr) == ("x\n", "")
    assert pwsh.world.calls() == []


@pytest.mark.case(4)
def test_the_last_exit_code(pwsh: Stage) -> None:
    start(pwsh)
    cd("p")(pwsh)
    pwsh.shell.run("sh -c 'exit 7'")
    assert pwsh.shell.value("LASTEXITCODE") == "7"


def test_the_prompt_that_was_there(pwsh: Stage) -> None:
    start(pwsh, before=f"function prompt {{ 'theirs {PROMPT}' }}")
    for step in (cd("p"), prompt_is("(p) theirs "), run("envd unhook"), prompt_is("theirs ")):
        step(pwsh)
