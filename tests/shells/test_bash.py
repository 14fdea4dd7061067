"""What is bash's own: options, traps, aliases, readonly variables and the prompt."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from .conftest import Starter
from .driver import PROMPT, Bash
from .scenario import complaints
from .steps import (
    Stage,
    allowed,
    asked,
    blocked,
    cd,
    enter,
    is_active,
    is_exported,
    nothing_is_active,
    path_is_untouched,
    prompt_is,
    run,
    said,
    unanswered,
)
from .world import HOOKS

OPTIONS = [
    "set -u",
    "set -e",
    "set -eu",
    "set -f",
    "set -C",
    "set -a",
    "set -E",
    "set -T",
    "set -ET",
    "set -o posix",
    "set +h",
    "set +h -e",
    "set -P",
    "set -b",
    "set +B",
    "set +H",
    "set -o vi",
    "set -o pipefail",
    "shopt -s nocasematch",
    "shopt -s extglob",
    "shopt -s nullglob",
    "shopt -s failglob",
    "shopt -s dotglob",
    "shopt -s xpg_echo",
    "shopt -s extdebug",
    "shopt -s autocd",
    "shopt -s inherit_errexit",
    "shopt -s localvar_unset",
    "IFS=/",
    "IFS=",
    "unset IFS",
    "IFS=abcdefghijklmnopqrstuvwxyz_",
    "GLOBIGNORE=*",
    "unset HOME",
    "TMOUT=100",
    "POSIXLY_CORRECT=1",
]
ALIASED = (
    "cd",
    "rm",
    "grep",
    "stat",
    "test",
    "printf",
    "read",
    "export",
    "unset",
    "hash",
    "set",
    "local",
    "deactivate",
    "envd",
    "builtin",
)


@pytest.fixture
def bash(on_stage: Starter) -> Stage:
    return on_stage(Bash)


def start(stage: Stage, before: str = "", after: str = "") -> None:
    """Start with an allowed p, a blocked b and an unknown u."""
    allowed("p")(stage)
    blocked("b", "n1", "b is not allowed")(stage)
    unanswered("u")(stage)
    stage.shell.write_rc(before, after)
    stage.shell.start()


def walk(stage: Stage) -> None:
    """Enter and leave each kind of project; checks what is seen on the way, and that the shell never complained."""
    for step in (
        cd("p"),
        is_active("p"),
        prompt_is("(p) "),
        cd("b"),
        path_is_untouched(),
        said("b is not allowed"),
        cd("u"),
        asked("u"),
    ):
        step(stage)
    cd("/")(stage)
    nothing_is_active()(stage)
    path_is_untouched()(stage)
    prompt_is("")(stage)
    assert complaints(stage.shell.terminal.text) == []


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("when", ["before", "after", "typed"])
@pytest.mark.case(7, 8, 10)
def test_options(option: str, when: str, bash: Stage) -> None:
    start(bash, option if when == "before" else "", option if when == "after" else "")
    if when == "typed":
        run(option)(bash)
    walk(bash)


@pytest.mark.parametrize("names", [ALIASED, ("deactivate",), ("envd",)], ids=["all", "deactivate", "envd"])
@pytest.mark.case(12)
def test_aliases(names: tuple[str, ...], bash: Stage) -> None:
    lines = "\n".join(f"alias {name}='echo aliased; {name}'" for name in names if name not in {"local", "builtin"})
    start(bash, f"{lines}\nunalias cd 2>/dev/null")
    walk(bash)


@pytest.mark.parametrize("name", ["test", "printf", "read", "export", "unset", "hash", "cd"])
@pytest.mark.case(12, 26)
def test_functions_named_like_builtins(name: str, bash: Stage) -> None:
    start(bash, after=f'{name}() {{ builtin {name} "$@"; }}')
    walk(bash)


@pytest.mark.case(9)
def test_set_x_does_not_flood(bash: Stage) -> None:
    start(bash)
    run("set -x")(bash)
    traced = {line.lstrip("+ ") for line in bash.shell.run("").output.splitlines() if line.startswith("+")}
    assert {line for line in traced if "mark" not in line} <= {
        "__envd_hookx 0",
        "__envd_lastx 0",
        "__envd_shielded __envd_hook 0",
        "__envd_shielded __envd_last 0",
        "return",
        "return 0",
        ":",
    }
    assert bash.shell.run("case $- in *x*) :;; *) false;; esac").status == 0


@pytest.mark.case(8)
def test_set_e_does_not_end_the_shell(bash: Stage) -> None:
    start(bash, after="set -e")
    run("! true")(bash)
    walk(bash)


@pytest.mark.parametrize("signal", ["INT", "EXIT", "USR1", "DEBUG", "ERR", "RETURN"])
@pytest.mark.case(5, 6)
def test_traps_are_kept(signal: str, bash: Stage) -> None:
    start(bash, before=f"trap 'seen=1' {signal}")
    cd("p")(bash)
    assert bash.shell.run(f"trap -p {signal} | grep -q seen=1").status == 0


@pytest.mark.case(6)
def test_the_hook_sets_off_no_trap_of_err(bash: Stage) -> None:
    start(bash, after='count=0; trap "count=\\$((count + 1))" ERR')
    cd("p")(bash)
    bash.shell.run("(exit 3)")
    assert bash.shell.value("count") == "1"


@pytest.mark.case(2)
def test_the_last_argument_is_kept(bash: Stage) -> None:
    start(bash)
    bash.shell.terminal.type("echo a b\rkept=$_\r")
    assert bash.shell.value("kept") == "b"


@pytest.mark.case(2)
def test_pipestatus_is_kept(bash: Stage) -> None:
    start(bash)
    bash.shell.terminal.type("false | true\rkept=${PIPESTATUS[*]}\r")
    assert bash.shell.value("kept") == "1 0"


@pytest.mark.parametrize("name", ["VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME", "PATH"])
@pytest.mark.case(13)
def test_readonly_variables(name: str, bash: Stage) -> None:
    start(bash, after=f'readonly {name}="${{{name}-}}"')
    for step in (cd("p"), enter(3), path_is_untouched(), prompt_is(""), cd("~"), enter(2)):
        step(bash)
    if name != "VIRTUAL_ENV":
        said(f"{name} is readonly in this shell: nothing is activated here")(bash)
    assert not [line for line in complaints(bash.shell.terminal.text) if not line.startswith("envd: ")]


@pytest.mark.parametrize(
    "name", ["want", "where", "dir", "home", "name", "code", "head", "rest", "kept", "venv", "segment", "options"]
)
@pytest.mark.case(11, 13)
def test_readonly_variables_of_everyday_names(name: str, bash: Stage) -> None:
    start(bash, before=f"readonly {name}=1")
    walk(bash)


@pytest.mark.case(11, shell="bash")
def test_locals_have_names_of_their_own() -> None:
    found = re.findall(r"\blocal ([^;\n]+)", (HOOKS / "envd.bash").read_text())
    names = re.findall(r"(?:^| )([A-Za-z_]+)(?==| |$)", " ".join(line for line in found if not line.startswith('"$1"')))
    assert names
    assert [name for name in names if not name.startswith("__envd_") and name != "IFS"] == []


def test_directories_that_differ_in_case(bash: Stage) -> None:
    for step in (allowed("p"), allowed("P")):
        step(bash)
    start(bash, after="shopt -s nocasematch")
    for step in (cd("p"), enter(4), is_active("p"), cd("P"), is_active("P")):
        step(bash)


@pytest.mark.case(13)
def test_readonly_while_active(bash: Stage) -> None:
    start(bash)
    for step in (cd("p"), run("declare -r VIRTUAL_ENV PATH PYTHONHOME"), cd("~"), enter(2), prompt_is("")):
        step(bash)
    assert complaints(bash.shell.terminal.text) == []


@pytest.mark.case(13)
def test_readonly_ps1(bash: Stage) -> None:
    start(bash, before="readonly PS1")
    for step in (cd("p"), is_active("p"), prompt_is(""), cd("~"), nothing_is_active()):
        step(bash)
    assert complaints(bash.shell.terminal.text) == []


@pytest.mark.parametrize(
    "wrecked", ["PWD=foo", "PWD=", "unset PWD", "PWD=//", "unset HOME", "HOME=/", "HOME=", "unset PS1", "unset PATH"]
)
@pytest.mark.parametrize("option", ["", "set -u"], ids=["", "nounset"])
def test_wrecked_variables(wrecked: str, option: str, bash: Stage) -> None:
    start(bash, before=option)
    bash.shell.run(f"{wrecked}; :")
    enter(2)(bash)
    assert complaints(bash.shell.terminal.text) == []


@pytest.mark.case(59)
def test_promptvars_off(bash: Stage) -> None:
    start(bash, before="shopt -u promptvars")
    walk(bash)


@pytest.mark.case(59)
def test_promptvars_switched(bash: Stage) -> None:
    start(bash)
    for step in (
        cd("p"),
        run("shopt -u promptvars"),
        prompt_is("(p) "),
        enter(3),
        prompt_is("(p) "),
        run("shopt -s promptvars"),
        prompt_is("(p) "),
    ):
        step(bash)


@pytest.mark.parametrize("name", ["$(touch PWN)", "`touch PWN`", "\\$(touch PWN)"])
@pytest.mark.parametrize(
    "again", ["shopt -s promptvars", "set -o posix", 'PS1="x $PS1"; shopt -s promptvars', 'PS1="$PS1$PS1"; shopt -s promptvars']
)
@pytest.mark.case(58, 59)
def test_a_label_in_ps1_is_harmless(name: str, again: str, bash: Stage) -> None:
    allowed(name)(bash)
    bash.shell.write_rc("shopt -u promptvars")
    bash.shell.start()
    for step in (cd(name), enter(), run(again), enter(), run("shopt -s promptvars"), enter()):
        step(bash)
    assert not list(bash.world.base.rglob("PWN"))


@pytest.mark.parametrize("variable", ["STARSHIP_SHELL", "POSH_SHELL"])
@pytest.mark.case(57)
def test_themes_that_show_the_environment_themselves(variable: str, bash: Stage) -> None:
    start(bash, before=f"{variable}=bash")
    for step in (cd("p"), is_active("p"), prompt_is("")):
        step(bash)


@pytest.mark.case(56)
def test_a_theme_that_builds_ps1_at_each_prompt(bash: Stage) -> None:
    start(bash, before=f"PROMPT_COMMAND='PS1=\"\\w {PROMPT}\"'")
    for step in (cd("p"), enter(5), prompt_is("(p) ~/p "), cd("/"), prompt_is("/ ")):
        step(bash)


@pytest.mark.parametrize(
    "appended",
    [
        "PROMPT_COMMAND=\"$PROMPT_COMMAND; PS1='new @@> '\"",
        "PROMPT_COMMAND+=$'\\n'\"PS1='new @@> '\"",
        "PROMPT_COMMAND+=(\"PS1='new @@> '\")",
    ],
    ids=["string", "lines", "array"],
)
@pytest.mark.case(56)
def test_a_theme_that_was_put_behind_it(appended: str, bash: Stage) -> None:
    start(bash, after=appended)
    cd("p")(bash)
    enter(3)(bash)
    assert bash.shell.prompt() == "(p) new @@> "
    cd("/")(bash)
    assert bash.shell.prompt() == "new @@> "


@pytest.mark.case(59)
def test_promptvars_switched_while_another_option_changes(bash: Stage) -> None:
    start(bash)
    cd("p")(bash)
    enter(4)(bash)
    run("shopt -u promptvars; shopt -s histverify")(bash)
    prompt_is("(p) ")(bash)


# What bash-preexec does, in short: a trap of DEBUG tells the first command after a prompt from all others.
PREEXEC = """
bash_preexec_imported=defined precmd_functions=() preexec_functions=() pre_on=''
__bp_precmd_invoke_cmd() {
  local status=$? name
  pre_on=''
  for name in "${precmd_functions[@]}"; do sh -c "exit $status"; "$name"; done
}
__bp_interactive_mode() { pre_on=on; }
__bp_debug() {
  local name
  [[ -n $pre_on ]] || return 0
  pre_on=''
  while IFS= read -r name; do [[ $name != "$BASH_COMMAND" ]] || return 0; done <<<"$PROMPT_COMMAND"
  for name in "${preexec_functions[@]}"; do "$name" "$BASH_COMMAND"; done
}
PROMPT_COMMAND=$'__bp_precmd_invoke_cmd\\n'${PROMPT_COMMAND:+$PROMPT_COMMAND$'\\n'}__bp_interactive_mode
trap __bp_debug DEBUG
preexec_functions+=(show); show() { printf '<pre %s>\\n' "$1"; }
"""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.case(20)
def test_bash_preexec(when: str, bash: Stage) -> None:
    start(bash, **{when: PREEXEC})
    cd("p")(bash)
    enter(4)(bash)
    is_active("p")(bash)
    prompt_is("(p) ")(bash)
    shown = bash.shell.run("true").output
    assert shown.count("<pre true>") == 1
    assert "__envd" not in shown
    assert "<pre" not in bash.shell.run("").output.partition("mark")[0]
    bash.shell.run("envd unhook")
    assert "<pre true>" in bash.shell.run("true").output
    assert complaints(bash.shell.terminal.text) == []


@pytest.mark.case(82)
def test_ps1_is_as_before_when_left(bash: Stage) -> None:
    start(bash)
    for step in (cd("p"), cd("~"), run("envd unhook")):
        step(bash)
    assert bash.shell.value("PS1") == PROMPT


@pytest.mark.case(26)
def test_a_cd_of_the_users_own(bash: Stage) -> None:
    start(bash, after='cd() { builtin cd "$@" && echo MINE; }')
    assert "MINE" in bash.shell.cd(str(bash.world.at("p"))).output
    is_active("p")(bash)


@pytest.mark.parametrize("flags", ["", "-u", "-e", "-eu"])
@pytest.mark.case(24)
def test_a_script_is_not_touched(flags: str, bash: Stage) -> None:
    start(bash)
    program = 'echo x; test -z "${VIRTUAL_ENV-}"; echo $?'
    result = subprocess.run(
        [*bash.shell.command()[:1], *([flags] if flags else []), "-c", program],
        cwd=bash.world.at("p"),
        text=True,
        check=True,
        env={**bash.world.environment(), "BASH_ENV": str(bash.world.base / "hook.bash")},
        capture_output=True,
    )
    assert (result.stdout, result.stderr) == ("x\n0\n", "")
    assert bash.world.calls() == []


@pytest.mark.case(11)
def test_no_variable_is_left_by_the_hook_but_its_own(bash: Stage) -> None:
    start(bash, before="names() { { compgen -v; compgen -A function; } | sort -u; }; names >before")
    for step in (cd("p"), cd("~"), run("names >after")):
        step(bash)
    before, after = (set(bash.world.at(name).read_text().split()) for name in ("before", "after"))
    assert {name for name in after - before if not name.startswith(("__envd_", "BASH", "PIPESTATUS", "_", "COMP_"))} <= {
        "envd",
        "PROMPT_COMMAND",
        "OLDPWD",
        "HISTCMD",
        "HISTSIZE",
        "HISTFILESIZE",
        "COLUMNS",
        "LINES",
    }


def test_the_program_is_called_for_all_else(bash: Stage) -> None:
    start(bash)
    run("envd status 'a b' -- '*'")(bash)
    assert bash.world.calls() == [["-I", "-m", "envd", "status", "a b", "--", "*"]]


@pytest.mark.case(60)
def test_the_record_is_not_the_prompts(bash: Stage) -> None:
    start(bash, before="export PS1")
    cd("p")(bash)
    is_exported("PS1", "${__envd_prompt-}" + PROMPT)(bash)


def test_the_hook_passes_shellcheck() -> None:
    shellcheck = shutil.which("shellcheck")
    if shellcheck is None:
        pytest.skip("shellcheck is not on PATH")
    result = subprocess.run([shellcheck, str(HOOKS / "envd.bash")], capture_output=True, text=True, check=False)
    assert result.stdout == ""


@pytest.mark.case(83, shell="bash")
def test_the_hook_is_bash_3() -> None:
    text = (HOOKS / "envd.bash").read_text()
    # What stands behind a question for the version is read by every bash, and run by those that know it.
    text = re.sub(r"^if \(\( BASH_VERSINFO.*?^(else|fi)$", "", text, flags=re.DOTALL | re.MULTILINE)
    code = "\n".join(line.split("# ")[0] for line in text.splitlines())
    newer = [
        "[[ -v",
        "declare -A",
        "declare -g",
        "local -n",
        "@a}",
        "@Q}",
        "{fd}<",
        "EPOCH",
        "BASHPID",
        "mapfile",
        "readarray",
        "^^}",
        ",,}",
        "|&",
        "&>>",
    ]
    assert [word for word in newer if word in code] == []
