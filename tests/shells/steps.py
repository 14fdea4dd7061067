"""The words in which scenarios are written. Each returns a step; a step does or checks one thing with a shell and its world."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from envd.core.answer import SyncState, Verdict

from .driver import PROMPT, Shell
from .world import PATH, World


@dataclass(frozen=True, slots=True)
class Stage:
    """What a step works on."""

    world: World
    shell: Shell


Step = Callable[[Stage], None]

# ---- the world --------------------------------------------------------------------------------------------------------------


def allowed(name: str, *, label: str = "", notice: str = "", text: str = "", state: SyncState = SyncState.IN_SYNC) -> Step:
    """Make a project and publish that it is active; again: publish anew."""

    def step(stage: Stage) -> None:
        if not (stage.world.at(name) / ".venv").exists():
            stage.world.project(name)
        stage.world.publish(stage.world.answer(name, Verdict.ACTIVE, label=label, notice=notice, text=text, state=state))

    return step


def blocked(name: str, notice: str = "", text: str = "", verdict: Verdict = Verdict.BLOCKED) -> Step:
    def step(stage: Stage) -> None:
        if not (stage.world.at(name) / ".venv").exists():
            stage.world.project(name)
        stage.world.publish(stage.world.answer(name, verdict, notice=notice, text=text))

    return step


def unanswered(name: str) -> Step:
    """Make a project that nobody has decided about, and that `envd ask` says nothing about either."""
    return lambda stage: _ignore(stage.world.project(name))


def allowed_when_asked(name: str, notice: str = "", text: str = "") -> Step:
    """Make a project whose answer is there when it was asked about or synced; again: a new answer from then on."""

    def step(stage: Stage) -> None:
        if not (stage.world.at(name) / ".venv").exists():
            stage.world.project(name)
        stage.world.publish_when_asked(stage.world.answer(name, Verdict.ACTIVE, notice=notice, text=text))

    return step


def blocked_when_asked(name: str, notice: str = "", text: str = "") -> Step:
    def step(stage: Stage) -> None:
        stage.world.project(name)
        stage.world.publish_when_asked(stage.world.answer(name, Verdict.BLOCKED, notice=notice, text=text))

    return step


def directory(name: str) -> Step:
    return lambda stage: stage.world.at(name).mkdir(parents=True, exist_ok=True)


def remove(name: str) -> Step:
    return lambda stage: shutil.rmtree(stage.world.at(name))


def file(name: str, text: str) -> Step:
    return lambda stage: _ignore(stage.world.script(stage.world.at(name), text))


def dangling(name: str) -> Step:
    """Have a project whose environment is a link that leads nowhere, with an answer that says so."""

    def step(stage: Stage) -> None:
        (stage.world.at(name) / ".venv").symlink_to("/nowhere")
        stage.world.publish(stage.world.answer(name, Verdict.BROKEN))

    return step


def link(name: str, target: str) -> Step:
    return lambda stage: stage.world.at(name).symlink_to(stage.world.at(target))


def world(change: Callable[[World], object]) -> Step:
    """Do something for which there is no word."""
    return lambda stage: _ignore(change(stage.world))


# ---- the shell --------------------------------------------------------------------------------------------------------------


def variable(name: str, value: str) -> Step:
    """Have the shell start with an environment variable."""
    return lambda stage: stage.world.extra.update({name: value})


def run(command: str) -> Step:
    return lambda stage: _ignore(stage.shell.run(command))


def enter(times: int = 1) -> Step:
    """Come to the next prompt, and until it is drawn: what a later step does to the world is not to come in its midst."""

    def step(stage: Stage) -> None:
        for _ in range(times):
            stage.shell.run("")
        stage.shell.terminal.come_to_rest()

    return step


def cd(name: str) -> Step:
    """Go to a directory below home, or to an absolute one; "~" is home."""
    return lambda stage: _ignore(stage.shell.cd(str(stage.world.home if name == "~" else stage.world.at(name))))


def typed(write: Callable[[Shell], str]) -> Step:
    """Type a command that is spelled by the shell's own words."""
    return lambda stage: _ignore(stage.shell.run(write(stage.shell)))


def export(name: str, value: str) -> Step:
    return typed(lambda shell: shell.export(name, value))


def assign(name: str, value: str) -> Step:
    return typed(lambda shell: shell.set(name, value))


def unset(name: str) -> Step:
    return typed(lambda shell: shell.unset(name))


def home_is(name: str) -> Step:
    return typed(lambda shell: shell.export("HOME", f"{shell.world.at(name)}"))


# ---- what is seen -----------------------------------------------------------------------------------------------------------


def is_active(name: str) -> Step:
    """The project's environment is in force, wholly and once."""

    def step(stage: Stage) -> None:
        venv = stage.world.at(name) / ".venv"
        seen = stage.shell.exported()
        assert seen.get("VIRTUAL_ENV") == str(venv)
        assert seen["VIRTUAL_ENV_PROMPT"] == Path(name).name
        assert seen["PATH"].split(":")[0] == f"{venv}/bin"
        assert [part for part in seen["PATH"].split(":") if part.endswith("/.venv/bin")] == [f"{venv}/bin"]

    return step


def nothing_is_active() -> Step:
    """No environment is in force and nothing of one is left."""

    def step(stage: Stage) -> None:
        seen = stage.shell.exported()
        assert "VIRTUAL_ENV" not in seen
        assert "VIRTUAL_ENV_PROMPT" not in seen
        assert "/.venv/bin" not in seen["PATH"]
        # What is off is so for scripts, too.
        assert not [name for name in seen if name.startswith("__envd_") and name not in ("__envd_off", "__envd_off_in")]

    return step


def path_is(value: str) -> Step:
    def step(stage: Stage) -> None:
        assert stage.shell.exported()["PATH"] == value

    return step


def path_is_venv_and(name: str, rest: str) -> Step:
    """PATH is the project's bin, then this."""

    def step(stage: Stage) -> None:
        assert stage.shell.exported()["PATH"] == f"{stage.world.at(name)}/.venv/bin:{rest}"

    return step


def path_is_untouched() -> Step:
    return path_is(PATH)


def the_record_is_small() -> Step:
    """All that children inherit of envd stays below a kilobyte, the long names of the test's directories not counted."""

    def step(stage: Stage) -> None:
        record = {name: value for name, value in stage.shell.exported().items() if name.startswith("__envd_")}
        assert record
        assert sum(len(name) + len(value.replace(str(stage.world.base), "")) for name, value in record.items()) < 1024

    return step


def is_exported(name: str, value: str) -> Step:
    def step(stage: Stage) -> None:
        assert stage.shell.exported().get(name) == value

    return step


def is_not_exported(name: str) -> Step:
    def step(stage: Stage) -> None:
        assert name not in stage.shell.exported()

    return step


def is_set(name: str, value: str) -> Step:
    def step(stage: Stage) -> None:
        assert stage.shell.value(name) == value

    return step


def is_unset(name: str) -> Step:
    def step(stage: Stage) -> None:
        assert stage.shell.value(name) is None

    return step


def asked(*names: str) -> Step:
    """`envd ask` ran for these, in this order, and for nothing else."""

    def step(stage: Stage) -> None:
        assert stage.world.asks() == [str(stage.world.at(name)) for name in names]

    return step


def said(text: str, times: int = 1) -> Step:
    def step(stage: Stage) -> None:
        assert stage.shell.terminal.text.count(f"envd: {text}\n") == times

    return step


def prompt_is(text: str) -> Step:
    """The prompt is this, followed by the user's own."""

    def step(stage: Stage) -> None:
        assert stage.shell.prompt() == f"{text}{PROMPT}"

    return step


def shows(text: str) -> Step:
    """This was on the terminal, the shell's prompts included."""

    def step(stage: Stage) -> None:
        assert text in stage.shell.terminal.text

    return step


def is_missing(name: str) -> Step:
    def step(stage: Stage) -> None:
        assert not stage.world.at(name).exists()

    return step


def shell_is_in(name: str) -> Step:
    """The daemon can read where this shell is; "" when in no project."""

    def step(stage: Stage) -> None:
        expected = str(stage.world.at(name)) if name else ""
        assert stage.world.registered(stage.shell.terminal.pid) == expected

    return step


def notes_are_quiet() -> Step:
    """Prompts at which nothing happens write nothing."""

    def step(stage: Stage) -> None:
        note = stage.world.shells / str(stage.shell.terminal.pid)
        before = note.read_bytes()
        enter(3)(stage)
        assert note.read_bytes() == before

    return step


def ends_with(name: str, status: int) -> Step:
    """Going there after a command that failed leaves that command's status for the next one to see."""

    def step(stage: Stage) -> None:
        cd(name)(stage)
        assert stage.shell.run(f"sh -c 'exit {status}'").status == status

    return step


def _ignore(_: object) -> None:
    pass
