"""What is zsh's own: options, hooks of its lists, and the change of directory itself."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from .conftest import Starter, require
from .driver import PROMPT, Zsh
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

OPTIONS = [
    "setopt nounset",
    "setopt ksh_arrays",
    "setopt sh_word_split",
    "setopt null_glob",
    "unsetopt nomatch",
    "setopt warn_create_global",
    "setopt warn_nested_var",
    "setopt err_return",
    "setopt no_clobber",
    "setopt all_export",
    "setopt prompt_subst",
    "setopt prompt_bang",
    "setopt glob_subst",
    "setopt ksh_glob",
    "setopt extended_glob",
    "setopt no_glob",
    "setopt posix_builtins",
    "setopt posix_identifiers",
    "setopt no_function_argzero",
    "setopt no_unset err_return",
    "setopt rc_expand_param",
    "setopt csh_null_glob",
    "setopt no_bare_glob_qual",
    "setopt ksh_typeset",
    "setopt typeset_silent",
    "setopt auto_pushd",
    "setopt chase_links",
    "setopt no_equals",
    "setopt no_hash_cmds",
    "setopt posix_aliases",
    "setopt local_options",
    "setopt interactive_comments",
    "setopt no_multibyte",
    "setopt c_bases",
    "setopt octal_zeroes",
    "setopt sh_nullcmd",
    "setopt csh_junkie_quotes",
    "setopt ignore_braces",
    "setopt no_short_loops",
    "setopt no_prompt_cr",
    "setopt ignore_close_braces",
    "typeset -U path",
    "IFS=/",
    "IFS=",
    "unset HOME",
    "emulate sh",
    "emulate ksh",
]
ALIASED = ("cd", "rm", "grep", "stat", "test", "printf", "print", "read", "export", "unset", "hash", "rehash", "deactivate", "envd")


@pytest.fixture
def zsh(on_stage: Starter) -> Stage:
    return on_stage(Zsh)


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


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("when", ["after", "typed"])
@pytest.mark.case(7, 10)
def test_options(option: str, when: str, zsh: Stage) -> None:
    start(zsh, after=option if when == "after" else "")
    if when == "typed":
        run(option)(zsh)
    walk(zsh)


@pytest.mark.parametrize("option", [option for option in OPTIONS if "csh_junkie" not in option and "ignore_" not in option])
@pytest.mark.case(10)
def test_options_while_loading(option: str, zsh: Stage) -> None:
    start(zsh, before=option)
    walk(zsh)


@pytest.mark.case(8)
def test_err_exit_does_not_end_the_shell(zsh: Stage) -> None:
    start(zsh, after="setopt err_exit")
    walk(zsh)


@pytest.mark.parametrize(
    "theme",
    [
        "precmd() { psvar=(); psvar[1]=x; }",
        "th() { psvar=(); }; precmd_functions=(th)",
        "th() { psvar=(); }; precmd_functions+=(th)",
    ],
    ids=["precmd", "before", "behind"],
)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.case(20, 56)
def test_a_theme_that_empties_psvar(theme: str, when: str, zsh: Stage) -> None:
    start(zsh, **{when: theme})
    cd("p")(zsh)
    enter(4)(zsh)
    prompt_is("(p) ")(zsh)


@pytest.mark.parametrize("name", ["precmd_functions", "chpwd_functions", "psvar"])
@pytest.mark.case(13)
def test_readonly_lists(name: str, zsh: Stage) -> None:
    start(zsh, after=f"readonly {name}")
    cd("p")(zsh)
    enter(4)(zsh)
    is_active("p")(zsh)
    assert complaints(zsh.shell.terminal.text) == []


@pytest.mark.case(12)
def test_aliases(zsh: Stage) -> None:
    start(zsh, "\n".join(f"alias {name}='echo aliased; {name}'" for name in ALIASED if name not in {"cd", "printf", "test"}))
    walk(zsh)


@pytest.mark.case(12)
def test_global_aliases(zsh: Stage) -> None:
    start(zsh, "alias -g G='| grep' L='| less'")
    walk(zsh)


@pytest.mark.case(9)
def test_set_x_does_not_flood(zsh: Stage) -> None:
    start(zsh)
    run("set -x")(zsh)
    assert len([line for line in zsh.shell.run("").output.splitlines() if line.startswith("+")]) <= 12


@pytest.mark.parametrize("lists", ["precmd_functions", "chpwd_functions"])
@pytest.mark.case(10, 19)
def test_other_hooks_are_intact(lists: str, zsh: Stage) -> None:
    start(zsh, f"mine() {{ ran=1; }}; {lists}=(mine)", after=f'once="${lists}"; . "$HOME/../hook.zsh"; twice="${lists}"')
    cd("p")(zsh)
    assert zsh.shell.value("ran") == "1"
    assert zsh.shell.value("once") == zsh.shell.value("twice")
    assert "mine" in (zsh.shell.value("once") or "").split()


@pytest.mark.case(29, 30)
def test_a_command_substitution_is_silent(zsh: Stage) -> None:
    start(zsh)
    cd("p")(zsh)
    zsh.shell.run(f"x=$(cd {zsh.world.at('u')}; pwd) y=$(cd {zsh.world.at('b')}; pwd)")
    assert zsh.shell.value("x") == str(zsh.world.at("u"))
    assert zsh.shell.value("y") == str(zsh.world.at("b"))
    asked()(zsh)
    said("b is not allowed", 0)(zsh)
    is_active("p")(zsh)


@pytest.mark.case(28)
def test_a_quiet_cd_is_caught_up_with(zsh: Stage) -> None:
    start(zsh)
    run(f"cd -q {zsh.world.at('p')}")(zsh)
    is_active("p")(zsh)


@pytest.mark.parametrize("command", ["setopt autocd; p/", "pushd p", "cd p; pushd /; popd"])
@pytest.mark.case(27)
def test_other_ways_of_going(command: str, zsh: Stage) -> None:
    start(zsh)
    run(command)(zsh)
    is_active("p")(zsh)


@pytest.mark.parametrize("signal", ["INT", "EXIT", "USR1", "DEBUG", "ZERR"])
@pytest.mark.case(5, 6)
def test_traps_are_kept(signal: str, zsh: Stage) -> None:
    start(zsh, before=f"trap 'seen=1' {signal}")
    cd("p")(zsh)
    # Not through a pipe: its end is a subshell, which has no trap of EXIT.
    zsh.shell.run("trap >$HOME/traps")
    assert f"trap -- 'seen=1 ' {signal}" in zsh.world.at("traps").read_text()


@pytest.mark.parametrize("name", ["VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME", "PATH"])
@pytest.mark.case(13)
def test_readonly_variables(name: str, zsh: Stage) -> None:
    start(zsh, after=f'typeset -r {name}="${{{name}-}}"')
    for step in (cd("p"), enter(3), cd("~"), enter(2), path_is_untouched()):
        step(zsh)
    assert len(complaints(zsh.shell.terminal.text)) <= 1


@pytest.mark.case(58)
def test_promptsubst_runs_no_name(zsh: Stage) -> None:
    for name in ("$(touch PWN)", "`touch PWN`", "%F{red}$(touch PWN)%n"):
        allowed(name)(zsh)
    zsh.shell.write_rc("setopt prompt_subst prompt_bang prompt_percent")
    zsh.shell.start()
    for name in ("$(touch PWN)", "`touch PWN`", "%F{red}$(touch PWN)%n"):
        cd(name)(zsh)
        enter()(zsh)
    assert not list(zsh.world.base.rglob("PWN"))


@pytest.mark.case(56)
def test_a_theme_that_builds_ps1_at_each_prompt(zsh: Stage) -> None:
    start(zsh, before=f"precmd() {{ PROMPT='%~ {PROMPT}'; }}")
    for step in (cd("p"), enter(3), prompt_is("(p) ~/p "), cd("/"), prompt_is("/ ")):
        step(zsh)


@pytest.mark.case(62)
def test_a_psvar_of_the_users_own(zsh: Stage) -> None:
    start(zsh, before=f"psvar=(a b); PS1='%1v%2v {PROMPT}'")
    for step in (cd("p"), prompt_is("(p) ab "), cd("~"), prompt_is("ab ")):
        step(zsh)


@pytest.mark.case(82)
def test_unhook_leaves_no_trace(zsh: Stage) -> None:
    start(
        zsh,
        before="seen() { print -rl -- ${(k)parameters} ${(k)functions} $precmd_functions $chpwd_functions $psvar; }; seen >before",
    )
    for step in (cd("p"), cd("~"), cd("p"), run("envd unhook"), run("seen >$HOME/after")):
        step(zsh)
    before, after = (set(zsh.world.at(name).read_text().split("\n")) for name in ("before", "after"))
    assert {line for line in after - before if "envd" in line or line == "deactivate"} == set()
    assert zsh.shell.value("PS1") == PROMPT


@pytest.mark.case(24)
def test_a_script_is_not_touched(zsh: Stage) -> None:
    start(zsh)
    (zsh.world.home / ".zshenv").write_text('. "$HOME/../hook.zsh"\n')
    result = subprocess.run(
        [*zsh.shell.command()[:1], "-c", "echo x"],
        cwd=zsh.world.at("u"),
        env=zsh.world.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (result.stdout, result.stderr) == ("x\n", "")
    assert zsh.world.calls() == []


def test_the_hook_parses() -> None:
    require(Zsh)
    zsh = shutil.which("zsh")
    assert zsh is not None
    subprocess.run([zsh, "-f", "-n", str(HOOKS / "envd.zsh")], check=True)
