"""By choice (`shell.wrap_cd`), bash acts on the change of directory itself: `cd acme && pytest` runs in acme's environment."""

from __future__ import annotations

import re

import pytest

from .conftest import Starter
from .driver import Bash
from .scenario import complaints
from .steps import Stage, allowed, asked, blocked, cd, directory, enter, is_active, nothing_is_active, said, unanswered

SHOW = 'printf "<%s>\\n" "${VIRTUAL_ENV-}"'


@pytest.fixture
def bash(on_stage: Starter) -> Stage:
    return on_stage(Bash)


def start(stage: Stage, before: str = "", after: str = "") -> None:
    stage.world.switches = ("wrap_cd",)
    for step in (allowed("p"), allowed("q"), blocked("b", "n1", "b is not allowed"), unanswered("u"), directory("p/a")):
        step(stage)
    stage.shell.write_rc(before, after)
    stage.shell.start()


def shown(stage: Stage, name: str) -> str:
    return f"<{stage.world.at(name)}/.venv>\n" if name else "<>\n"


def shows(stage: Stage, line: str, text: str) -> bool:
    """Whether a line shows this; what is typed next may stand before it or behind it."""
    return re.search(rf"^{text}$", stage.shell.run(line).output, re.MULTILINE) is not None


@pytest.mark.parametrize(
    ("line", "found"),
    [
        pytest.param(f"cd ~/p && {SHOW}", "p", id="cd"),
        pytest.param(f"cd ~/p/a && {SHOW}", "p", id="below"),
        pytest.param(f"cd ~/p && cd ~/q && {SHOW}", "q", id="from one to another"),
        pytest.param(f"cd ~/p && cd / && {SHOW}", "", id="out again"),
        pytest.param(f"pushd ~/p >/dev/null && {SHOW}", "p", id="pushd"),
        pytest.param(f"cd ~/p && pushd / >/dev/null && popd >/dev/null && {SHOW}", "p", id="popd"),
        pytest.param(f"cd ~/p; cd /; cd - >/dev/null && {SHOW}", "p", id="cd -"),
        pytest.param(f"CDPATH=~; cd p >/dev/null && {SHOW}", "p", id="CDPATH"),
        pytest.param(f"cd ~/b && {SHOW}", "", id="blocked"),
        pytest.param(f"cd ~/u && {SHOW}", "", id="unknown"),
        pytest.param(f"(cd ~/p && {SHOW})", "", id="a subshell"),
        pytest.param(f"f() {{ cd ~/p && {SHOW}; }}; f", "", id="a function"),
        pytest.param(f"x=$(cd ~/p && {SHOW}); echo $x", "", id="a command substitution"),
    ],
)
@pytest.mark.case(25, 27)
def test_what_follows_on_the_line(line: str, found: str, bash: Stage) -> None:
    start(bash)
    bash.shell.terminal.type(f"{line}\r")
    bash.shell.terminal.wait_for(rf"\n{shown(bash, found)}")
    assert complaints(bash.shell.terminal.text) == []


def test_the_prompt_does_the_rest(bash: Stage) -> None:
    start(bash)
    for step in (cd("b"), said("b is not allowed"), cd("u"), enter(), asked("u"), cd("p"), is_active("p"), cd("/")):
        step(bash)
    nothing_is_active()(bash)


@pytest.mark.case(26)
def test_cd_does_what_it_did(bash: Stage) -> None:
    start(bash)
    assert bash.shell.run("cd ~/not-there").status == 1
    assert bash.shell.run("cd -- /").status == 0
    cd("p")(bash)
    assert bash.shell.value("OLDPWD") == "/"
    assert shows(bash, "cd -", "/")
    assert shows(bash, "cd /usr; echo $_", "/usr")
    assert bash.shell.run("pushd ~/not-there").status == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.case(26)
def test_a_cd_of_the_users_own_is_kept(when: str, bash: Stage) -> None:
    theirs = 'cd() { builtin cd "$@" && echo "went to $1"; }'
    start(bash, **{when: theirs})
    bash.shell.terminal.type(f"cd ~/p && {SHOW}\r")
    bash.shell.terminal.wait_for(rf"\nwent to {bash.world.at('p')}\n{shown(bash, 'p')}")
    bash.shell.run("envd unhook")
    assert "went to /\n" in bash.shell.run("cd /").output
    assert "__envd" not in bash.shell.run("declare -f cd").output


def test_unhooked_it_is_the_builtin_again(bash: Stage) -> None:
    start(bash)
    bash.shell.run("envd unhook")
    assert "cd is a shell builtin" in bash.shell.run("type cd").output


def test_it_takes_a_choice(on_stage: Starter) -> None:
    stage = on_stage(Bash)
    stage.shell.write_rc()
    stage.shell.start()
    assert "cd is a shell builtin" in stage.shell.run("type cd").output


@pytest.mark.parametrize("option", ["set -eu", "set -a", "set -x", "shopt -s extdebug", "set -o posix"])
def test_options(option: str, bash: Stage) -> None:
    start(bash, after=option)
    bash.shell.terminal.type(f"cd ~/p && {SHOW}\r")
    bash.shell.terminal.wait_for(rf"\n{shown(bash, 'p')}")
    assert complaints(bash.shell.terminal.text) == []
