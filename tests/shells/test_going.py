"""Ways of going from one directory to another, and what `cd` must go on doing."""

from __future__ import annotations

import pytest

from .conftest import Starter
from .driver import Bash, Fish, Pwsh, Shell, Zsh
from .scenario import complaints
from .steps import Stage, allowed, asked, blocked, cd, is_active, nothing_is_active, path_is_untouched, said, unanswered


def start(stage: Stage, before: str = "", after: str = "") -> None:
    allowed("p")(stage)
    blocked("b", "n1", "b is not allowed")(stage)
    unanswered("u")(stage)
    stage.shell.write_rc(before, after)
    stage.shell.start()


def rows(table: dict[type[Shell], tuple[str, ...]]) -> list[object]:
    return [pytest.param(kind, line, id=f"{kind.name}-{line}") for kind, lines in table.items() for line in lines]


WAYS: dict[type[Shell], tuple[str, ...]] = {
    Bash: (
        "shopt -s autocd; eval p/", "pushd p", "cd p; pushd /; popd", "cd p; cd /; cd ~-", "cd p; cd /; cd -", "cd -- p",
        "CDPATH=~; cd /; cd p",
    ),
    Zsh: ("setopt autopushd; cd p; cd /; popd", "cd p; cd /; cd ~-", "cd p; cd /; cd -", "cd -- p", "CDPATH=~; cd /; cd p"),
    Fish: ("cd p; cd /; cd -", "cd -- p", "set -g CDPATH ~; cd /; cd p"),
    Pwsh: ("Push-Location p", "cd p; Push-Location /; Pop-Location", "cd p; cd /; cd -", "Set-Location -LiteralPath p"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "line"), rows(WAYS))
@pytest.mark.case(26, 27)
def test_however_one_goes(kind: type[Shell], line: str, on_stage: Starter) -> None:
    stage = on_stage(kind)
    start(stage)
    stage.shell.run(line)
    is_active("p")(stage)
    assert complaints(stage.shell.terminal.text) == []


@pytest.mark.case(27, shell="fish")
def test_alt_left_goes_and_repaints(on_stage: Starter) -> None:
    stage = on_stage(Fish)
    start(stage)
    for name in ("p", "/"):
        cd(name)(stage)
    stage.shell.prompt()
    stage.shell.terminal.type("\x1b[1;3D")
    stage.shell.terminal.wait_for_line("(p) @@> ")
    is_active("p")(stage)


@pytest.mark.case(26)
def test_a_cd_that_fails_fails(stage: Stage) -> None:
    start(stage)
    cd("p")(stage)
    assert stage.shell.run("cd ~/not-there").status != 0
    is_active("p")(stage)


@pytest.mark.parametrize("kind", [Bash, Zsh], ids=lambda kind: kind.name)
@pytest.mark.case(26)
def test_the_directory_before_is_kept(kind: type[Shell], on_stage: Starter) -> None:
    stage = on_stage(kind)
    start(stage)
    cd("p")(stage)
    cd("b")(stage)
    assert stage.shell.value("OLDPWD") == str(stage.world.at("p"))


# A cd of the user's own, as theirs may have from any plugin.
THEIRS = {
    Bash: 'cd() { builtin cd "$@" && echo MINE; }',
    Zsh: 'cd() { builtin cd "$@" && echo MINE; }',
    Fish: "functions -c cd their_cd; function cd; their_cd $argv; and echo MINE; end",
    Pwsh: "Remove-Alias cd -Force; function cd($d) { Set-Location $d; 'MINE' }",
}


@pytest.mark.parametrize("kind", THEIRS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.case(12, 26)
def test_a_cd_of_the_users_own(kind: type[Shell], when: str, on_stage: Starter) -> None:
    stage = on_stage(kind)
    start(stage, **{when: THEIRS[kind]})
    assert "\nMINE\n" in stage.shell.run(f"cd {stage.shell.quote(str(stage.world.at('p')))}").output
    is_active("p")(stage)


LOOPS = {
    Bash: "for i in 1 2 3 4 5 6 7 8; do cd ~/u; cd ~/b; cd ~; done",
    Zsh: "for i in {1..20}; do cd ~/u; cd ~/b; cd ~; cd .; done",
    Fish: "for i in (seq 20); cd ~/u; cd ~/b; cd ~; end",
    Pwsh: "foreach ($i in 1..20) { cd ~/u; cd ~/b; cd ~ }",
}


@pytest.mark.parametrize("kind", LOOPS, ids=lambda kind: kind.name)
@pytest.mark.case(31)
def test_a_loop_asks_nothing(kind: type[Shell], on_stage: Starter) -> None:
    stage = on_stage(kind)
    stage.world.switches = ("wrap_cd",)
    start(stage)
    stage.shell.run(LOOPS[kind])
    asked()(stage)
    nothing_is_active()(stage)


# What a variable gets that is given the output of a walk.
WALKS = {
    Bash: "x=$(cd ~/u; cd ~/b; pwd); y=$(cd ~/p; cd ~; (cd ~/u; echo only))",
    Zsh: "x=$(cd ~/u; cd ~/b; pwd) y=$(cd ~/p; cd ~; (cd ~/u; echo only))",
    Fish: "set -g x (cd ~/u; cd ~/b; pwd); set -g y (cd ~/p; cd ~; echo only); cd ~",
    Pwsh: "$x = & { cd ~/u; cd ~/b; (Get-Location).Path }; $y = & { cd ~/p; cd ~; 'only' }",
}


@pytest.mark.parametrize("kind", WALKS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("switch", ["", "wrap_cd"])
@pytest.mark.case(29, 30)
def test_nothing_is_said_on_the_way(kind: type[Shell], switch: str, on_stage: Starter) -> None:
    stage = on_stage(kind)
    stage.world.switches = (switch,)
    start(stage)
    stage.shell.run(WALKS[kind])
    assert stage.shell.value("x") == str(stage.world.at("b"))
    assert stage.shell.value("y") == "only"
    asked()(stage)
    said("b is not allowed", 0)(stage)
    nothing_is_active()(stage)
    path_is_untouched()(stage)
