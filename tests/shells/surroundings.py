"""What every shell must do, written once: answers that come late, what others have put on PATH, and prompts of other shapes."""

from __future__ import annotations

from dataclasses import replace

from envd.core.answer import Verdict

from .driver import PROMPT, Shell
from .scenario import scenario
from .steps import (
    Step,
    allowed,
    asked,
    cd,
    directory,
    enter,
    export,
    is_active,
    is_exported,
    link,
    nothing_is_active,
    path_is,
    path_is_untouched,
    path_is_venv_and,
    prompt_is,
    said,
    shows,
    typed,
    unanswered,
    unset,
    variable,
    world,
)  # fmt: skip
from .world import PATH, World

_CONDA = (variable("PATH", f"/conda/bin:{PATH}"), variable("CONDA_PREFIX", "/conda"), variable("CONDA_SHLVL", "1"))


def _conda_deactivate(shell: Shell) -> str:
    """Take conda's directory out of PATH, as `conda deactivate` does, wherever it stands."""
    return shell.path_is(f"{shell.world.at('p')}/.venv/bin:{PATH}")


def _broken(name: str, text: str) -> Step:
    """Make a project whose environment works, and publish that it cannot be entered all the same."""

    def step(world: World) -> None:
        world.project(name)
        world.publish(replace(world.answer(name, Verdict.ACTIVE, notice="n1", text=text), verdict=Verdict.BROKEN, bin=""))

    return world(step)


SURROUNDINGS = (
    scenario("an-answer-that-comes-too-late", unanswered("p"), allowed("q"), cd("p"), cd("q"), allowed("p"), enter(2),
             is_active("q"), prompt_is("(q) "), asked("p"), cases=(77,)),
    scenario("an-answer-that-comes-too-late-outside", unanswered("p"), cd("p"), cd("~"), allowed("p", notice="n1", text="synced"),
             enter(2), nothing_is_active(), path_is_untouched(), said("synced", 0), cases=(77,)),
    scenario("a-colon-in-the-path", _broken("a:b", "a:b cannot be on PATH"), cd("a:b"), enter(2),
             nothing_is_active(), path_is_untouched(), said("a:b cannot be on PATH"), asked(), cases=(45,)),
    scenario("conda-below", cd("p"), is_active("p"), path_is_venv_and("p", f"/conda/bin:{PATH}"), is_exported("CONDA_PREFIX",
             "/conda"), cd("~"), nothing_is_active(), path_is(f"/conda/bin:{PATH}"), prepare=(allowed("p"), *_CONDA), cases=(49,)),
    scenario("conda-deactivated-inside", cd("p"), typed(_conda_deactivate), unset("CONDA_PREFIX"), enter(), is_active("p"),
             cd("~"), nothing_is_active(), path_is_untouched(), prepare=(allowed("p"), *_CONDA), cases=(49,)),
    scenario("conda-activated-inside", allowed("p"), cd("p"), typed(lambda s: s.prepend("/conda/bin")),
             export("CONDA_PREFIX", "/conda"), enter(), cd("~"),
             nothing_is_active(), path_is(f"/conda/bin:{PATH}"), is_exported("CONDA_PREFIX", "/conda"), cases=(34, 49)),
    scenario("a-prompt-of-two-lines", allowed("p"), cd("p"), enter(2), is_active("p"), prompt_is(""), shows("(p) top\n"), cd("~"),
             prompt_is(""), before=lambda s: s.prompt_is(f"top\n{PROMPT}"), cases=(62,)),
    scenario("a-wide-label", allowed("p", label="名前"), cd("p"), enter(2), prompt_is("(名前) "), cases=(62,)),
    scenario("nothing-stands-on-path-twice", allowed("p"), directory("p/a"), cd("p"), cd("p/a"), enter(3), cd("p"), enter(3),
             path_is_venv_and("p", PATH), cases=(35, 84)),
    scenario("the-path-of-the-environment-is-as-walked", directory("real"), link("l", "real"), allowed("l"), cd("l"),
             is_active("l"), cd("~"), nothing_is_active(), cases=(65, 84)),
)  # fmt: skip
