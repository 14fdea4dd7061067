"""Beside direnv, which writes back the PATH that it found: what is in force is on it, and what was left is not."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace

import pytest

from .conftest import Starter
from .driver import Bash, Fish, Shell, Zsh
from .scenario import complaints
from .steps import Stage, Step, allowed, cd, directory, enter, is_active, nothing_is_active, path_is_untouched, run, typed
from .world import PATH

HOOKS = {
    Bash: 'eval "$(direnv hook bash)"',
    Zsh: 'eval "$(direnv hook zsh)"',
    Fish: "direnv hook fish | source",
}


def with_envrc(name: str) -> Step:
    """Have a directory whose .envrc, allowed, puts its bin on PATH."""

    def step(stage: Stage) -> None:
        file = stage.world.script(stage.world.at(name) / ".envrc", "PATH_add bin\n")
        environment = stage.world.environment()
        subprocess.run([shutil.which("direnv") or "", "allow", str(file)], env=environment, capture_output=True, check=True)

    return step


def path_is_of(name: str, *environments: str) -> Step:
    """PATH is the bin that .envrc puts there and those of the environments, in any order, then what it was before."""

    def step(stage: Stage) -> None:
        seen = stage.shell.exported()["PATH"]
        expected = {f"{stage.world.at(name)}/bin", *(f"{stage.world.at(one)}/.venv/bin" for one in environments)}
        assert seen.endswith(f":{PATH}")
        assert sorted(seen.removesuffix(f":{PATH}").split(":")) == sorted(expected)

    return step


WAYS: dict[str, tuple[Step, ...]] = {
    "out": (cd("d"), enter(2), cd("x"), nothing_is_active(), path_is_untouched(), enter(3), path_is_untouched()),
    "out-at-once": (cd("d"), cd("x"), path_is_untouched()),
    "twice": (cd("d"), cd("x"), cd("d"), path_is_of("d", "d"), enter(4), cd("x"), path_is_untouched()),
    "to-another": (cd("d"), enter(2), cd("q"), is_active("q"), enter(3), is_active("q"), cd("x"), path_is_untouched()),
    "to-one-of-both": (cd("d"), enter(2), cd("e"), path_is_of("e", "e"), enter(3), cd("d"), path_is_of("d", "d"), cd("x"),
                       nothing_is_active(), path_is_untouched()),
    "from-theirs-to-ours": (cd("t"), enter(2), cd("q"), is_active("q"), cd("t"), path_is_of("t"), cd("x"), path_is_untouched()),
    "by-way-of-a-nested-one": (cd("d"), enter(2), cd("d/n"), enter(4), cd("x"), nothing_is_active(), path_is_untouched()),
    "deactivated": (cd("d"), run("deactivate"), enter(4), path_is_of("d"), cd("x"), nothing_is_active(), path_is_untouched()),
    "off": (cd("d"), run("envd off"), enter(4), path_is_of("d"), cd("x"), nothing_is_active(), path_is_untouched()),
    "in-a-line": (run("cd d; cd ../x; cd ../d; cd ../q"), is_active("q"), run("cd ../d; cd ../x"),
                  path_is_untouched()),
    "unhooked": (cd("d"), run("envd unhook"), path_is_of("d")),
    "reloaded": (cd("d"), enter(4), with_envrc("d"), run("touch .envrc"), enter(2), path_is_of("d", "d"), cd("x"),
                 nothing_is_active(), path_is_untouched()),
}  # fmt: skip


def begin(stage: Stage, when: str) -> Stage:
    """Start with environments in d, d/n, e and q, and with an .envrc in d, e and t; direnv is loaded before or after envd."""
    if shutil.which("direnv") is None:
        pytest.skip("direnv is not on PATH")
    for name in ("d", "d/n", "e", "q"):
        allowed(name)(stage)
    for name in ("d", "e", "t"):
        with_envrc(name)(stage)
    directory("x")(stage)
    stage.world.extra["DIRENV_LOG_FORMAT"] = ""
    stage.shell.write_rc(**{when: HOOKS[type(stage.shell)]})
    stage.shell.start()
    return stage


@pytest.mark.parametrize("steps", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", HOOKS, ids=lambda kind: kind.name)
@pytest.mark.case(34, 35)
def test_beside_direnv(kind: type[Shell], when: str, steps: tuple[Step, ...], on_stage: Starter) -> None:
    stage = begin(on_stage(kind), when)
    for step in steps:
        step(stage)
    assert complaints(stage.shell.terminal.text) == []


@pytest.mark.parametrize("kind", HOOKS, ids=lambda kind: kind.name)
@pytest.mark.case(35)
def test_what_the_user_had_on_path_stays_beside_direnv(kind: type[Shell], on_stage: Starter) -> None:
    stage = begin(on_stage(kind), "before")
    own = f"{stage.world.at('d')}/.venv/bin"
    for step in (typed(lambda shell: shell.prepend(own)), cd("d"), enter(4), cd("x"), enter(2)):
        step(stage)
    assert stage.shell.exported()["PATH"].endswith(f"{own}:{PATH}")


@pytest.mark.parametrize("kind", HOOKS, ids=lambda kind: kind.name)
@pytest.mark.case(39)
def test_a_shell_in_a_shell_beside_direnv(kind: type[Shell], on_stage: Starter) -> None:
    stage = begin(on_stage(kind), "before")
    cd("d")(stage)
    inner = replace(stage, shell=stage.shell.nest(kind))
    for step in (path_is_of("d", "d"), cd("x"), nothing_is_active(), path_is_untouched(), cd("d"), path_is_of("d", "d")):
        step(inner)
    assert complaints(inner.shell.terminal.text) == []
