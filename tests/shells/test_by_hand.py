"""Environments that somebody activates by hand, with the scripts of `python -m venv`, in every order."""

from __future__ import annotations

import venv
from collections.abc import Callable

import pytest

from .scenario import complaints
from .steps import Stage, Step, allowed, cd, enter, is_active, is_exported, nothing_is_active, path_is_untouched, prompt_is, run

OURS = "(p) "
THEIRS = "(.venv) "


def source(name: str) -> Step:
    """Activate the environment of a directory by hand."""
    return lambda stage: _run(stage, lambda: stage.shell.source(f"{stage.world.at(name)}/.venv/bin/{stage.shell.activate}"))


def by_hand(name: str) -> Step:
    """The environment activated by hand is in force, first on PATH."""

    def step(stage: Stage) -> None:
        seen = stage.shell.exported()
        assert seen["VIRTUAL_ENV"] == f"{stage.world.at(name)}/.venv"
        assert seen["PATH"].startswith(f"{seen['VIRTUAL_ENV']}/bin:")

    return step


def all_gone(stage: Stage) -> None:
    nothing_is_active()(stage)
    path_is_untouched()(stage)
    prompt_is("")(stage)


ORDERS: dict[str, tuple[Step, ...]] = {
    "theirs-is-left-alone": (source("x"), cd("p"), by_hand("x"), prompt_is(THEIRS), cd("~"), by_hand("x"), cd("/"), by_hand("x")),
    "theirs-and-deactivate": (source("x"), cd("p"), cd("~"), run("deactivate"), all_gone),
    "theirs-then-ours": (source("x"), cd("p"), run("deactivate"), is_active("p"), prompt_is(OURS), cd("~"), all_gone),
    "theirs-on-ours": (cd("p"), source("x"), by_hand("x"), prompt_is(THEIRS), cd("~"), by_hand("x"), cd("p"), by_hand("x")),
    "theirs-on-ours-and-deactivate": (
        cd("p"),
        source("x"),
        run("deactivate"),
        all_gone,
        cd("~"),
        all_gone,
        cd("p"),
        is_active("p"),
    ),
    "theirs-on-ours-deactivated-outside": (cd("p"), source("x"), cd("~"), run("deactivate"), all_gone),
    "theirs-on-ours-deactivated-elsewhere": (cd("p"), source("x"), cd("q"), run("deactivate"), is_active("q"), cd("~"), all_gone),
    "the-same-on-ours": (cd("p"), source("p"), by_hand("p"), prompt_is(THEIRS), enter(2), cd("~"), all_gone),
    "the-same-on-ours-then-another": (cd("p"), source("p"), cd("q"), is_active("q"), prompt_is("(q) "), cd("~"), all_gone),
    "the-same-on-ours-and-deactivate": (
        cd("p"),
        source("p"),
        run("deactivate"),
        all_gone,
        cd("~"),
        cd("p"),
        is_active("p"),
        prompt_is(OURS),
    ),
    "the-same-before-ours": (source("p"), cd("p"), prompt_is(THEIRS), cd("~"), by_hand("p"), run("deactivate"), all_gone),
    "the-same-before-ours-deactivated-inside": (source("p"), cd("p"), run("deactivate"), is_active("p"), cd("~"), all_gone),
    "one-after-the-other": (cd("p"), source("x"), source("p"), by_hand("p"), run("deactivate"), cd("~"), all_gone),
    "deactivated-then-theirs": (
        cd("p"),
        run("deactivate"),
        source("x"),
        by_hand("x"),
        run("deactivate"),
        all_gone,
        cd("~"),
        all_gone,
    ),
    "off-then-theirs": (cd("p"), run("envd off"), source("p"), by_hand("p"), run("deactivate"), all_gone),
}


@pytest.mark.parametrize("steps", ORDERS.values(), ids=ORDERS.keys())
@pytest.mark.parametrize("strict", ["", "nounset"])
@pytest.mark.case(52, 55)
def test_by_hand(steps: tuple[Step, ...], strict: str, stage: Stage) -> None:
    start(stage, _nounset(stage) if strict else "")
    for step in steps:
        step(stage)
    assert complaints(stage.shell.terminal.text) == []


@pytest.mark.case(43)
def test_pythonhome_comes_back(stage: Stage) -> None:
    stage.world.extra["PYTHONHOME"] = "/x"
    start(stage)
    for step in (cd("p"), source("p"), cd("~"), is_exported("PYTHONHOME", "/x")):
        step(stage)


def start(stage: Stage, before: str = "") -> None:
    """Start with allowed projects p and q, and a directory x, that have the real scripts."""
    for name in ("p", "q", "x"):
        venv.EnvBuilder(symlinks=True, with_pip=False).create(stage.world.at(name) / ".venv")
    allowed("p")(stage)
    allowed("q")(stage)
    stage.shell.write_rc(before)
    stage.shell.start()


def _nounset(stage: Stage) -> str:
    return {"bash": "set -u", "zsh": "setopt nounset", "pwsh": "Set-StrictMode -Version Latest"}.get(stage.shell.name, "")


def _run(stage: Stage, write: Callable[[], str]) -> None:
    stage.shell.run(write())
