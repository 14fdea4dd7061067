"""PROMPT_COMMAND of bash, in which envd stands first and last, in each of its forms."""

from __future__ import annotations

import pytest

from .conftest import Starter
from .driver import Bash
from .scenario import complaints
from .steps import Stage, allowed, cd, enter, is_active, nothing_is_active, prompt_is, run, said

STRINGS = [
    "theirs",
    "theirs;",
    "theirs; ",
    "theirs\n",
    " theirs ",
    "theirs # why",
    "theirs; :;",
    "theirs &&\n:",
    "if :; then theirs; fi",
]
DEFINE = "theirs() { theirs=$?; ran=$((ran + 1)); }; ran=0"
HOOK_AGAIN = '. "$HOME/../hook.bash"'


@pytest.fixture
def bash(on_stage: Starter) -> Stage:
    return on_stage(Bash)


def start(stage: Stage, before: str = "", after: str = "") -> None:
    allowed("p")(stage)
    stage.shell.write_rc(f"{DEFINE}\n{before}", after)
    stage.shell.start()


def quoted(text: str) -> str:
    return "$'" + text.replace("\n", "\\n") + "'"


@pytest.mark.parametrize("value", STRINGS, ids=repr)
@pytest.mark.parametrize("option", ["", "set -u"])
@pytest.mark.case(1, 16)
def test_a_string(value: str, option: str, bash: Stage) -> None:
    start(bash, f"{option}\nPROMPT_COMMAND={quoted(value)}")
    cd("p")(bash)
    bash.shell.run("(exit 7)")
    is_active("p")(bash)
    assert int(bash.shell.value("ran") or 0) > 3
    assert complaints(bash.shell.terminal.text) == []


@pytest.mark.parametrize("value", ["", "theirs", "theirs;", "theirs # why"], ids=repr)
@pytest.mark.case(1)
def test_the_status_is_seen_by_theirs(value: str, bash: Stage) -> None:
    start(bash, f"PROMPT_COMMAND={quoted(value)}", after="" if value else "PROMPT_COMMAND+=$'\\ntheirs'")
    cd("p")(bash)
    bash.shell.terminal.type("(exit 7)\rkept=$theirs\r")
    assert bash.shell.value("kept") == "7"


@pytest.mark.case(14)
def test_an_array(bash: Stage) -> None:
    start(bash, "PROMPT_COMMAND=(theirs 'more=1')")
    cd("p")(bash)
    is_active("p")(bash)
    assert bash.shell.value("more") == "1"
    bash.shell.run("count=${#PROMPT_COMMAND[@]}")
    assert bash.shell.value("count") == "3"


@pytest.mark.parametrize(
    "value",
    ["unset PROMPT_COMMAND", "PROMPT_COMMAND=theirs", "PROMPT_COMMAND=(theirs)", "PROMPT_COMMAND=(theirs :)", "PROMPT_COMMAND=()"],
)
@pytest.mark.case(19)
def test_loading_again_adds_nothing(value: str, bash: Stage) -> None:
    start(bash, value, after=f"once=${{PROMPT_COMMAND[*]}}; {HOOK_AGAIN}; twice=${{PROMPT_COMMAND[*]}}")
    assert bash.shell.value("once") == bash.shell.value("twice")
    cd("p")(bash)
    prompt_is("(p) ")(bash)


@pytest.mark.parametrize("value", ["unset PROMPT_COMMAND", "PROMPT_COMMAND=theirs", "PROMPT_COMMAND=''"])
@pytest.mark.case(15)
def test_no_array_is_made(value: str, bash: Stage) -> None:
    start(bash, value)
    bash.shell.run("[[ $(declare -p PROMPT_COMMAND) == 'declare -- '* ]]; same=$?")
    assert bash.shell.value("same") == "0"


@pytest.mark.parametrize(
    "value",
    [
        "unset PROMPT_COMMAND",
        "PROMPT_COMMAND=theirs",
        "PROMPT_COMMAND='a=1; '",
        "PROMPT_COMMAND=(theirs)",
        "PROMPT_COMMAND=(theirs : 'b=1')",
    ],
)
@pytest.mark.parametrize("option", ["", "set -u"])
@pytest.mark.case(82)
def test_unhook_gives_it_back(value: str, option: str, bash: Stage) -> None:
    start(bash, f"{option}\n{value}\nbefore=$(declare -p PROMPT_COMMAND 2>/dev/null)")
    for step in (
        cd("p"),
        run("envd unhook"),
        run('after=$(declare -p PROMPT_COMMAND 2>/dev/null); test "$before" = "$after"; same=$?'),
    ):
        step(bash)
    assert bash.shell.value("same") == "0"
    run("left=$(compgen -v __envd_; compgen -A function __envd_; compgen -A function envd; compgen -A function deactivate)")(bash)
    assert bash.shell.value("left") == ""
    assert complaints(bash.shell.terminal.text) == []


@pytest.mark.case(17)
def test_readonly(bash: Stage) -> None:
    start(bash, "PROMPT_COMMAND=theirs; readonly PROMPT_COMMAND")
    for step in (cd("p"), enter(2), nothing_is_active(), said("PROMPT_COMMAND is readonly: envd can do nothing in this shell")):
        step(bash)
    bash.shell.run("envd unhook")
    assert bash.shell.run("true").status == 0


@pytest.mark.case(18)
def test_exported_it_does_nothing_in_a_child(bash: Stage) -> None:
    start(bash, "export PROMPT_COMMAND=:")
    assert complaints(bash.shell.run("echo exit | /bin/bash --norc -i").output) == []


@pytest.mark.parametrize(
    "after",
    [
        'PROMPT_COMMAND+=";theirs"',
        'PROMPT_COMMAND="theirs; $PROMPT_COMMAND"',
        'PROMPT_COMMAND="$PROMPT_COMMAND; theirs"',
        'PROMPT_COMMAND=${PROMPT_COMMAND%;}; PROMPT_COMMAND="theirs;${PROMPT_COMMAND}"',
        "PROMPT_COMMAND+=(theirs)",
    ],
)
@pytest.mark.case(20)
def test_others_add_to_it(after: str, bash: Stage) -> None:
    start(bash, "PROMPT_COMMAND=:", after)
    for step in (cd("p"), is_active("p"), prompt_is("(p) "), cd("~"), nothing_is_active()):
        step(bash)
    assert int(bash.shell.value("ran") or 0) > 3
    assert complaints(bash.shell.terminal.text) == []


@pytest.mark.case(20, 21)
def test_a_theme_that_takes_it_over(bash: Stage) -> None:  # starship, VS Code and bash-preexec run the old one themselves
    start(
        bash,
        "PROMPT_COMMAND=theirs",
        'old=$PROMPT_COMMAND; outer() { eval "$old"; PS1="t @@> "; }; PROMPT_COMMAND=outer',
    )
    for step in (cd("p"), is_active("p"), cd("~"), nothing_is_active()):
        step(bash)
    assert complaints(bash.shell.terminal.text) == []
