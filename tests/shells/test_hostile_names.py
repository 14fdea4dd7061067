"""Names are data: whatever a directory is called, it is shown and never run."""

from __future__ import annotations

import pytest

from .driver import PROMPT
from .scenario import complaints
from .steps import Stage, allowed, blocked, cd, nothing_is_active, path_is_untouched

NAMES = {
    "command-substitution": "$(touch PWN)",
    "backticks": "`touch PWN`",
    "escaped-substitution": "\\$(touch PWN)",
    "separators": "a;touch PWN;&|b",
    "variable": "${HOME}$PWD",
    "percent": "100%n%m%(?.a.b)",
    "percent-colour": "%F{red}%B$",
    "history": "a!!b!c",
    "newline": "a\ntouch PWN\nb",
    "single-quote": "it's",
    "double-quote": 'a"b',
    "backslash": "a\\b\\\\w\\u\\$",
    "unicode": "ünï-名前",
    "spaces": " a  b ",
    "glob": "*?[a-z]{x,y}",
    "dash": "-rf",
    "tilde-and-hash": "~root#=x",
}


@pytest.fixture(autouse=True)
def _leave_out_what_cannot_be_entered(stage: Stage, name: str) -> None:
    if stage.shell.name == "pwsh" and "\\" in name:
        pytest.skip("PowerShell takes a backslash in a path for a slash")


def printable(name: str) -> str:
    """Return the label as it is published: a control character is written out."""
    return name.replace("\n", "\\n")


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
@pytest.mark.case(58, 66)
def test_a_hostile_name_is_entered_and_left(name: str, stage: Stage) -> None:
    allowed(name, label=printable(name))(stage)
    stage.shell.write_rc()
    stage.shell.start()
    cd(name)(stage)
    venv = f"{stage.world.at(name)}/.venv"
    assert stage.shell.prompt() == f"({printable(name)}) {PROMPT}"
    assert stage.shell.value("VIRTUAL_ENV") == venv
    assert stage.shell.exported()["PATH"].startswith(f"{venv}/bin:/")
    cd("~")(stage)
    nothing_is_active()(stage)
    path_is_untouched()(stage)
    assert nothing_ran(stage)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
@pytest.mark.case(58, 66)
def test_a_hostile_name_is_told_about(name: str, stage: Stage) -> None:
    text = f"{printable(name)} is not allowed"
    blocked(name, "n1", text)(stage)
    stage.shell.write_rc()
    stage.shell.start()
    cd(name)(stage)
    assert stage.shell.terminal.text.count(f"envd: {text}\n") == 1
    assert nothing_ran(stage)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
@pytest.mark.case(58, 66)
def test_a_hostile_name_is_asked_about(name: str, stage: Stage) -> None:
    stage.world.project(name)
    stage.shell.write_rc()
    stage.shell.start()
    cd(name)(stage)
    assert stage.world.asks() == [str(stage.world.at(name))]
    assert nothing_ran(stage)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
@pytest.mark.case(66)
def test_a_hostile_home_is_baked_in(name: str, stage: Stage) -> None:
    stage.world.move_state(f"s/{name}")
    allowed("p")(stage)
    stage.shell.write_rc()
    stage.shell.start(directory="p")
    assert stage.shell.value("VIRTUAL_ENV") == f"{stage.world.at('p')}/.venv"
    assert nothing_ran(stage)


def nothing_ran(stage: Stage) -> bool:
    return not list(stage.world.base.rglob("PWN")) and complaints(stage.shell.terminal.text) == []
