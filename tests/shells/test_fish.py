"""What is fish's own: lists, events, and a prompt that is a function."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from tests.stage.waiting import wait_until

from .conftest import Starter, require
from .driver import PROMPT, Fish
from .scenario import complaints
from .steps import (
    Stage,
    allowed,
    asked,
    blocked,
    cd,
    enter,
    is_active,
    nothing_is_active,
    path_is_untouched,
    prompt_is,
    run,
    said,
    unanswered,
)
from .world import HOOKS

BUILTINS = ("cd", "contains", "printf", "functions", "type", "random")


@pytest.fixture
def fish(on_stage: Starter) -> Stage:
    return on_stage(Fish)


def start(stage: Stage, before: str = "", after: str = "") -> None:
    allowed("p")(stage)
    blocked("b", "n1", "b is not allowed")(stage)
    unanswered("u")(stage)
    stage.shell.write_rc(before, after)
    stage.shell.start()


def walk(stage: Stage) -> None:
    for step in (
        cd("p"),
        is_active("p"),
        prompt_is("(p) "),
        cd("b"),
        path_is_untouched(),
        said("b is not allowed"),
        cd("u"),
        enter(),
        asked("u"),
    ):
        step(stage)
    cd("/")(stage)
    nothing_is_active()(stage)
    path_is_untouched()(stage)
    prompt_is("")(stage)
    assert complaints(stage.shell.terminal.text) == []


@pytest.mark.case(2, 3)
def test_status_and_pipestatus_reach_the_users_prompt(fish: Stage) -> None:
    start(
        fish,
        before=f"function fish_prompt; set -l p $pipestatus; builtin printf '[%s|%s] {PROMPT}' $status (string join , $p); end",
    )
    cd("p")(fish)
    fish.shell.terminal.type("false | true | sh -c 'exit 7'\r")
    fish.shell.terminal.wait_for(r"\(p\) \[7\|1,0,7\]")


@pytest.mark.case(31)
def test_events_without_a_move_ask_nothing(fish: Stage) -> None:
    start(fish)
    run("for i in (seq 100); cd .; end")(fish)
    run(f"for i in (seq 20); cd {fish.world.at('u')}; cd {fish.world.home}; end")(fish)
    asked()(fish)


@pytest.mark.parametrize("edit", ["fish_add_path -gP {}", "set -gx fish_user_paths {} $fish_user_paths"])
@pytest.mark.case(46)
def test_paths_put_in_front_after_the_hook(edit: str, fish: Stage) -> None:
    front = fish.world.at("front")
    front.mkdir()
    allowed("p")(fish)
    fish.shell.write_rc(after=edit.format(front))
    fish.shell.start(directory="p")
    venv = f"{fish.world.at('p')}/.venv/bin"
    assert fish.shell.exported()["PATH"].split(":")[:2] == [venv, str(front)]


@pytest.mark.case(29, 30)
def test_a_command_substitution_is_silent(fish: Stage) -> None:
    start(fish)
    cd("p")(fish)
    fish.shell.run(f"set -g x (cd {fish.world.at('b')}; pwd; cd {fish.world.at('p')})")
    assert fish.shell.value("x") == str(fish.world.at("b"))
    said("b is not allowed", 0)(fish)
    is_active("p")(fish)


@pytest.mark.parametrize("name", BUILTINS)
@pytest.mark.case(12)
def test_functions_named_like_builtins(name: str, fish: Stage) -> None:
    kept = (
        "functions -c cd __kept_cd\nfunction cd; __kept_cd $argv; end"
        if name == "cd"
        else f"function {name}; builtin {name} $argv; end"
    )
    start(fish, before=kept)
    walk(fish)


@pytest.mark.parametrize("command", ["pushd p", "cd p; cd ..; prevd", "cd p; pushd /; popd"])
@pytest.mark.case(27)
def test_other_ways_of_going(command: str, fish: Stage) -> None:
    start(fish)
    run(command)(fish)
    is_active("p")(fish)


@pytest.mark.case(62)
def test_a_prompt_of_several_lines(fish: Stage) -> None:
    start(fish, before=f"function fish_prompt; echo; echo top; builtin printf %s '{PROMPT}'; end")
    cd("p")(fish)
    enter(2)(fish)
    is_active("p")(fish)
    assert complaints(fish.shell.terminal.text) == []


def test_a_prompt_that_is_erased(fish: Stage) -> None:
    start(fish)
    cd("p")(fish)
    run("functions -e fish_prompt")(fish)
    enter(3)(fish)
    cd("~")(fish)
    assert complaints(fish.shell.terminal.text) == []
    assert "call stack" not in fish.shell.terminal.text


def prompted_after(stage: Stage, line: str, pattern: str) -> bool:
    """Whether the prompt after a line, typed with nothing around it, is as it is to be."""
    seen = len(stage.shell.terminal.text)
    stage.shell.terminal.type(f"{line}\r")
    stage.shell.terminal.wait_for(f"{line}(?s:.*){PROMPT}", start=seen)
    return re.search(pattern, stage.shell.terminal.text[seen:]) is not None


@pytest.mark.case(62)
def test_programs_leave_the_wrapped_prompt(fish: Stage) -> None:
    start(fish)
    cd("p")(fish)
    assert prompted_after(fish, "env true", rf"\(p\) {PROMPT}")
    assert prompted_after(fish, "env false", rf"\(p\) {PROMPT}")
    assert prompted_after(fish, "", rf"\(p\) {PROMPT}")
    # The command sees what the user's own is.
    assert PROMPT in fish.shell.run("functions fish_prompt | cat").output
    assert prompted_after(fish, "env true", rf"\(p\) {PROMPT}")


@pytest.mark.case(62)
def test_a_prompt_that_is_replaced_while_a_program_runs(fish: Stage) -> None:
    start(fish)
    cd("p")(fish)
    run(
        f"function replacing --on-event fish_postexec; function fish_prompt; builtin printf 'new{PROMPT}'; end; "
        "functions -e replacing; end"
    )(fish)
    prompted_after(fish, "env true", PROMPT)
    assert prompted_after(fish, "env true", rf"\(p\) new{PROMPT}")
    cd("~")(fish)
    assert not prompted_after(fish, "env true", r"\(p\)")


@pytest.mark.case(62)
def test_a_prompt_that_was_interrupted_has_its_label_again(fish: Stage) -> None:
    begun = fish.world.at("begun")
    slow = f"function fish_prompt; set -q slow; and echo >{begun}; and sleep 30; builtin printf '{PROMPT}'; end"
    start(fish, before=f"{slow}; bind \\cb 'set -e slow; commandline -f repaint'")
    cd("p")(fish)
    terminal = fish.shell.terminal
    terminal.type("set -g slow 1\r")
    wait_until(begun.exists, "the prompt to begin")
    terminal.type("\x03")
    terminal.type("\x02")
    assert terminal.wait_for_line(PROMPT) == f"(p) {PROMPT}"


@pytest.mark.case(62)
def test_a_theme_that_defines_its_prompt_at_each_prompt(fish: Stage) -> None:
    start(fish, after=f"function theme --on-event fish_prompt; function fish_prompt; builtin printf '{PROMPT}'; end; end")
    cd("p")(fish)
    enter(5)(fish)
    run("functions --all --names | string match '__envd_fish_prompt*' | count >names")(fish)
    assert next(fish.world.base.rglob("names")).read_text() in ("0\n", "1\n")


@pytest.mark.case(62)
def test_news_wait_in_a_line_that_begins_with_fish(fish: Stage) -> None:
    start(fish)
    cd("p")(fish)
    allowed("p", notice="n1", text="synced")(fish)
    run("fish --no-config -c 'kill -URG '$fish_pid; functions --all --names >names")(fish)
    assert "__envd_fish_prompt" not in next(fish.world.base.rglob("names")).read_text().split()
    said("synced")(fish)


@pytest.mark.case(76)
def test_ctrl_c_ends_a_loop_around_the_command(fish: Stage) -> None:
    start(fish)
    terminal = fish.shell.terminal
    terminal.type("for i in 1 2 3; envd wait; echo next$i; end\r")
    terminal.wait_for(r"\nwaiting\n")
    terminal.type("\x03")
    terminal.wait_for_line(PROMPT)
    assert "\nnext" not in terminal.text
    assert terminal.text.count("\nwaiting\n") == 1


@pytest.mark.case(62)
def test_a_right_prompt_is_kept(fish: Stage) -> None:
    start(fish, before="function fish_right_prompt; echo RIGHT; end")
    cd("p")(fish)
    assert "RIGHT" in fish.shell.run("").output


@pytest.mark.case(82)
def test_unhook_leaves_no_trace(fish: Stage) -> None:
    start(fish)
    for step in (cd("p"), run("envd unhook"), run("set --names >names; functions --all --names | cat >>names")):
        step(fish)
    names = next(fish.world.base.rglob("names")).read_text().split()
    assert [name for name in names if "envd" in name or name == "deactivate"] == []
    prompt_is("")(fish)


@pytest.mark.parametrize("name", ["VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"])
@pytest.mark.case(41)
def test_universal_variables_are_left(name: str, fish: Stage) -> None:
    start(fish, before=f"set -U {name} ''")
    for step in (cd("p"), is_active("p"), cd("~")):
        step(fish)
    assert fish.shell.value(name) == ""


@pytest.mark.case(24)
def test_a_script_is_not_touched(fish: Stage) -> None:
    start(fish)
    result = subprocess.run(
        [*fish.shell.command()[:1], "-c", f"source {fish.world.base}/hook.fish; echo x"], cwd=fish.world.at("u"),
        env=fish.world.environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (result.stdout, result.stderr) == ("x\n", "")
    assert fish.world.calls() == []


def test_the_hook_parses() -> None:
    require(Fish)
    fish = shutil.which("fish")
    assert fish is not None
    subprocess.run([fish, "-n", str(HOOKS / "envd.fish")], check=True)
