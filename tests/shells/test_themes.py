"""Real prompt themes, where they are installed: the environment is shown once, by them or by the hook, and gone afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Starter
from .driver import Bash, Shell, Zsh
from .scenario import complaints
from .steps import allowed, cd, enter, nothing_is_active

LIQUIDPROMPT = "/usr/share/liquidprompt/liquidprompt"
POWERLEVEL = "/usr/share/powerlevel9k/powerlevel9k.zsh-theme"
_WITHOUT_RIGHT = "POWERLEVEL9K_RIGHT_PROMPT_ELEMENTS=()"
THEMES = [
    pytest.param(Bash, LIQUIDPROMPT, "", "[.venv]", id="liquidprompt-in-bash"),
    pytest.param(Bash, LIQUIDPROMPT, "LP_ENABLE_VIRTUALENV=0", "(acme)", id="liquidprompt-without-it-in-bash"),
    pytest.param(Zsh, LIQUIDPROMPT, "", "[.venv]", id="liquidprompt-in-zsh"),
    pytest.param(
        Zsh, POWERLEVEL, f"POWERLEVEL9K_LEFT_PROMPT_ELEMENTS=(virtualenv dir); {_WITHOUT_RIGHT}", " .venv ", id="powerlevel"
    ),
    pytest.param(
        Zsh, POWERLEVEL, f"POWERLEVEL9K_LEFT_PROMPT_ELEMENTS=(dir); {_WITHOUT_RIGHT}", "(acme)", id="powerlevel-without-it"
    ),
]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("kind", "theme", "settings", "label"), THEMES)
@pytest.mark.case(22, 56, 57)
def test_the_environment_is_shown_once(
    kind: type[Shell], theme: str, settings: str, label: str, when: str, on_stage: Starter
) -> None:
    if not Path(theme).exists():
        pytest.skip(f"needs {theme}")
    stage = on_stage(kind)
    stage.world.extra["TERM"] = "xterm-256color"
    allowed("p", label="acme")(stage)
    stage.shell.write_rc(**{when: f"{settings}\nsource {theme}"})
    stage.shell.start()
    cd("p")(stage)
    enter(3)(stage)
    start = len(stage.shell.terminal.text)
    stage.shell.run("true")
    prompts = stage.shell.terminal.text[start:]
    assert [shown for shown in ("(acme)", "[.venv]", " .venv ") if shown in prompts] == [label]
    cd("~")(stage)
    nothing_is_active()(stage)
    start = len(stage.shell.terminal.text)
    stage.shell.run("true")
    assert label not in stage.shell.terminal.text[start:]
    assert complaints(stage.shell.terminal.text) == []
