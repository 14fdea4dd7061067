"""What shells run without a prompt, with the hook for scripts: environments are in force, and nothing else is different."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from envd.core.answer import Verdict

from .conftest import require
from .driver import Bash, Fish, Shell, Zsh
from .world import PATH, World

KINDS = (Bash, Zsh, Fish)
# The hook's text reaches a script as the real one does: by BASH_ENV, .zshenv and conf.d.
_PLACES = {"bash": "scripts.bash", "zsh": ".zshenv", "fish": ".config/fish/conf.d/envd.fish"}


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest, world: World) -> type[Shell]:
    shell: type[Shell] = request.param
    require(shell)
    world.project("p")
    world.publish(world.answer("p", Verdict.ACTIVE))
    place = world.home / _PLACES[shell.name]
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(world.bake(shell(world), f"envd-scripts.{shell.suffix}"), place)
    world.extra.update({"BASH_ENV": str(place)} if shell is Bash else {})
    return shell


def run(world: World, kind: type[Shell], place: str, program: str, **variables: str) -> subprocess.CompletedProcess[str]:
    shell = kind.path()
    assert shell is not None
    return subprocess.run(
        [shell, "-c", program],
        cwd=world.at(place),
        env={**world.environment(), "PWD": str(world.at(place)), **variables},
        text=True,
        capture_output=True,
        check=False,
    )


def variables(world: World, kind: type[Shell], place: str, before: str = "", **given: str) -> Mapping[str, str]:
    """Return what a program has that a script starts."""
    done = run(world, kind, place, f"{before}\n/usr/bin/env -0", **given)
    assert done.stderr == ""
    return dict(pair.split("=", 1) for pair in done.stdout.split("\0") if "=" in pair)


def is_in_force(seen: Mapping[str, str], root: Path) -> bool:
    return seen.get("VIRTUAL_ENV") == f"{root}/.venv" and seen["PATH"] == f"{root}/.venv/bin:{PATH}" and "PYTHONHOME" not in seen


def test_a_script_runs_in_the_environment_of_its_directory(world: World, kind: type[Shell]) -> None:
    (world.at("p") / "a").mkdir()
    for place in ("p", "p/a"):
        seen = variables(world, kind, place, PYTHONHOME="/x")
        assert is_in_force(seen, world.at("p"))
        assert seen["VIRTUAL_ENV_PROMPT"] == "p"
        assert seen["__envd_old_home"] == "x/x"


def test_elsewhere_nothing_is_different(world: World, kind: type[Shell]) -> None:
    seen = variables(world, kind, "", PYTHONHOME="/x")
    assert (seen["PATH"], seen["PYTHONHOME"]) == (PATH, "/x")
    assert not [name for name in seen if name.startswith(("__envd_", "VIRTUAL_ENV"))]


def test_it_says_nothing_and_keeps_the_status(world: World, kind: type[Shell]) -> None:
    done = run(world, kind, "p", "exit 7")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 7)


BLOCKERS = {
    "blocked": lambda world: world.publish(world.answer("p", Verdict.BLOCKED)),
    "broken": lambda world: world.publish(world.answer("p", Verdict.BROKEN)),
    "another seal": lambda world: world.seal("p", "0"),
    "no answer": lambda world: world.withdraw("p"),
    "no python": lambda world: (world.at("p") / ".venv/bin/python").unlink(),
    "no venv": lambda world: shutil.rmtree(world.at("p") / ".venv"),
    "half an answer": lambda world: os.truncate(f"{world.answers}{world.at('p')}/.envd-answer", 40),
}


@pytest.mark.parametrize("change", BLOCKERS.values(), ids=BLOCKERS)
def test_what_is_not_active_is_not_on_path(world: World, kind: type[Shell], change: object) -> None:
    assert callable(change)
    change(world)
    assert variables(world, kind, "p")["PATH"] == PATH
    assert world.calls() == []


def test_what_is_nearer_and_not_answered_for_hides_what_is_above(world: World, kind: type[Shell]) -> None:
    world.project("p/q")
    assert variables(world, kind, "p/q")["PATH"] == PATH


@pytest.mark.parametrize("variable", ["ENVD_DISABLE", "__envd_off"])
def test_off_is_off(world: World, kind: type[Shell], variable: str) -> None:
    assert variables(world, kind, "p", **{variable: "1"})["PATH"] == PATH


def test_what_was_deactivated_stays_so(world: World, kind: type[Shell]) -> None:
    assert variables(world, kind, "p", __envd_off_in=str(world.at("p")))["PATH"] == PATH


def test_what_was_activated_by_hand_is_left_alone(world: World, kind: type[Shell]) -> None:
    seen = variables(world, kind, "p", VIRTUAL_ENV="/mine", PATH=f"/mine/bin:{PATH}")
    assert (seen["VIRTUAL_ENV"], seen["PATH"]) == ("/mine", f"/mine/bin:{PATH}")


def test_what_is_in_force_already_is_not_put_in_again(world: World, kind: type[Shell]) -> None:
    venv = world.at("p") / ".venv"
    given = {"VIRTUAL_ENV": str(venv), "__envd_venv": str(venv), "__envd_bin": f"{venv}/bin", "PATH": f"/mine:{venv}/bin:{PATH}"}
    assert variables(world, kind, "p", **given)["PATH"] == given["PATH"]


def test_that_of_another_project_makes_way(world: World, kind: type[Shell]) -> None:
    world.project("q")
    world.publish(world.answer("q", Verdict.ACTIVE))
    venv = world.at("q") / ".venv"
    given = {
        "VIRTUAL_ENV": str(venv), "__envd_venv": str(venv), "__envd_bin": f"{venv}/bin", "PATH": f"{venv}/bin:{PATH}",
        "__envd_old_label": "xmine",
    }  # fmt: skip
    seen = variables(world, kind, "p", **given)
    assert is_in_force(seen, world.at("p"))
    assert seen["__envd_old_label"] == "xmine"


@pytest.mark.parametrize("name", ["a b", "a'b", 'a"b', "$(touch PWN)", "a%b", "`touch PWN`", "a\nb", "*", "-n", "é"])
def test_names_are_data(world: World, kind: type[Shell], name: str) -> None:
    world.project(name)
    world.publish(world.answer(name, Verdict.ACTIVE))
    assert is_in_force(variables(world, kind, name), world.at(name))
    assert not list(world.base.rglob("PWN"))


def test_an_interactive_shell_is_left_to_its_hook(world: World, kind: type[Shell]) -> None:
    shell = kind.path()
    assert shell is not None
    command = [shell, *(["--norc"] if kind is Bash else []), "-i", "-c", "/usr/bin/env -0"]
    done = subprocess.run(
        command, cwd=world.at("p"), env={**world.environment(), "PWD": str(world.at("p"))}, text=True, capture_output=True,
        stdin=subprocess.DEVNULL, start_new_session=True, check=True,
    )  # fmt: skip
    assert f"PATH={PATH}" in done.stdout.split("\0")


OPTIONS: list[tuple[type[Shell], str]] = [(Bash, flag) for flag in ("-e", "-u", "-eu", "-x", "-f", "-a", "-T", "-E")]
OPTIONS += [(Zsh, flag) for flag in ("-e", "-u", "-eu", "-x")]


@pytest.mark.parametrize(("shell", "flag"), OPTIONS, ids=lambda value: value if isinstance(value, str) else value.name)
def test_options_of_scripts(shell: type[Shell], flag: str, world: World) -> None:
    require(shell)
    world.project("p")
    world.publish(world.answer("p", Verdict.ACTIVE))
    place = world.home / _PLACES[shell.name]
    shutil.copy(world.bake(shell(world), f"envd-scripts.{shell.suffix}"), place)
    path = shell.path()
    assert path is not None
    done = subprocess.run(
        [path, flag, "-c", 'printf "%s\\n" "$VIRTUAL_ENV"'],
        cwd=world.at("p"),
        env={**world.environment(), "BASH_ENV": str(place), "PWD": str(world.at("p"))},
        text=True,
        capture_output=True,
        check=True,
    )
    assert done.stdout == f"{world.at('p')}/.venv\n"
    # Of a script that is traced, its own commands are.
    assert [line for line in done.stderr.splitlines() if "__envd_script" in line and "-c" not in line] == []


def test_nothing_stays_defined(world: World, kind: type[Shell]) -> None:
    listing = {
        "bash": "compgen -v __envd_; compgen -A function __envd_",
        "zsh": "print -l ${(Mk)parameters:#__envd_*} ${(Mk)functions:#__envd_*}",
        "fish": "set --names | string match '__envd_*'; functions --all --names | string match '__envd_*'",
    }
    record = {
        "__envd_venv",
        "__envd_bin",
        "__envd_label",
        "__envd_project",
        "__envd_old_venv",
        "__envd_old_label",
        "__envd_old_home",
    }
    assert set(run(world, kind, "p", listing[kind.name]).stdout.split()) - record == set()
    assert set(run(world, kind, "", listing[kind.name]).stdout.split()) == set()


def test_no_process_is_started(world: World, kind: type[Shell]) -> None:
    if shutil.which("strace") is None:
        pytest.skip("needs strace")
    trace = world.base / "trace"
    shell = kind.path()
    assert shell is not None
    subprocess.run(
        ["strace", "-f", "-qq", "-e", "trace=process", "-o", str(trace), shell, "-c", "true"],
        cwd=world.at("p"), env={**world.environment(), "PWD": str(world.at("p"))}, check=True, capture_output=True,
    )  # fmt: skip
    calls = trace.read_text()
    assert calls.count("execve(") == 1
    assert "fork(" not in calls
    assert "SIGCHLD" not in calls
