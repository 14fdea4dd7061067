"""Shells in shells: any of them takes over what another has entered, from the exported record alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from .conftest import Starter, require
from .driver import SHELLS, Pwsh, Shell
from .scenario import complaints
from .steps import Stage, allowed, cd, is_active, is_exported, nothing_is_active, path_is_untouched, prompt_is, shell_is_in
from .world import PATH

PAIRS = [pytest.param(outer, inner, id=f"{inner.name}-in-{outer.name}") for outer in SHELLS for inner in SHELLS]


class Nest:
    """A shell in `p` and one started from it; the outer one is active in `p`."""

    def __init__(self, on_stage: Starter, outer: type[Shell], inner: type[Shell]) -> None:
        require(inner)
        self.kind = inner
        self.outer = on_stage(outer)
        self.outer.world.extra["PYTHONHOME"] = "/x"
        for name in ("p", "q"):
            allowed(name)(self.outer)
        self.outer.shell.write_rc()
        self.outer.shell.start()
        cd("p")(self.outer)

    def start(self, before: str = "", prefix: str = "") -> Stage:
        """Start the inner shell; `before` stands in its rc file before the hook."""
        self.kind(self.outer.world).write_rc(before)
        return replace(self.outer, shell=self.outer.shell.nest(self.kind, prefix))


@pytest.fixture
def nest(on_stage: Starter, outer: type[Shell], inner: type[Shell]) -> Nest:
    return Nest(on_stage, outer, inner)


@pytest.mark.parametrize(("outer", "inner"), PAIRS)
class TestPairs:
    def test_takes_over(self, nest: Nest) -> None:
        stage = nest.start()
        is_active("p")(stage)
        prompt_is("(p) ")(stage)
        assert complaints(stage.shell.terminal.text) == []

    @pytest.mark.case(39)
    def test_leaves_what_another_entered(self, nest: Nest) -> None:
        stage = nest.start()
        cd("~")(stage)
        nothing_is_active()(stage)
        path_is_untouched()(stage)
        is_exported("PYTHONHOME", "/x")(stage)

    @pytest.mark.case(37)
    def test_starts_in_another_project(self, nest: Nest) -> None:
        stage = nest.start(before=f"cd {nest.outer.world.at('q')}")
        is_active("q")(stage)
        cd("~")(stage)
        path_is_untouched()(stage)

    @pytest.mark.case(37)
    def test_starts_outside(self, nest: Nest) -> None:
        stage = nest.start(before="cd /")
        nothing_is_active()(stage)
        is_exported("PYTHONHOME", "/x")(stage)

    def test_the_outer_one_stays_as_it_was(self, nest: Nest) -> None:
        stage = nest.start()
        cd("q")(stage)
        stage.shell.leave(nest.outer.shell)
        is_active("p")(nest.outer)
        prompt_is("(p) ")(nest.outer)

    @pytest.mark.case(54)
    def test_deactivate(self, nest: Nest) -> None:
        stage = nest.start()
        stage.shell.run("deactivate")
        nothing_is_active()(stage)
        path_is_untouched()(stage)

    @pytest.mark.case(38)
    def test_in_the_place_of_the_other(self, nest: Nest) -> None:
        if nest.outer.shell.name == Pwsh.name:
            pytest.skip("PowerShell has no exec")
        stage = nest.start(prefix="exec ")
        is_active("p")(stage)
        shell_is_in("p")(stage)
        cd("~")(stage)
        nothing_is_active()(stage)
        path_is_untouched()(stage)
        stage.shell.run("")
        shell_is_in("")(stage)

    @pytest.mark.case(36)
    def test_rc_files_that_reorder_path(self, nest: Nest) -> None:
        shell = nest.kind(nest.outer.world)
        moved = f"{PATH}:{nest.outer.world.at('p')}/.venv/bin"
        stage = nest.start(before=shell.path_is(moved))
        is_active("p")(stage)
        cd("~")(stage)
        path_is_untouched()(stage)

    @pytest.mark.case(36)
    def test_rc_files_that_set_path_anew(self, nest: Nest) -> None:
        shell = nest.kind(nest.outer.world)
        stage = nest.start(before=shell.path_is("/usr/bin:/bin"))
        is_active("p")(stage)
        cd("~")(stage)
        assert stage.shell.exported()["PATH"] == "/usr/bin:/bin"

    @pytest.mark.case(35, 39)
    def test_started_by_uv_run(self, nest: Nest) -> None:
        if nest.outer.shell.name == Pwsh.name:
            pytest.skip("PowerShell gives a variable to one command by way of its own environment")
        # What `uv run` does to the variables of what it starts.
        bin_directory = nest.outer.world.at("p") / ".venv/bin"
        stage = nest.start(prefix=f'env UV_RUN_RECURSION_DEPTH=1 "PATH={bin_directory}:$(printenv PATH)" ')
        is_active("p")(stage)
        cd("~")(stage)
        nothing_is_active()(stage)
        path_is_untouched()(stage)

    @pytest.mark.case(81)
    def test_disabled_inside(self, nest: Nest) -> None:
        nest.outer.shell.run(nest.outer.shell.export("ENVD_DISABLE", "1"))
        stage = nest.start()
        nothing_is_active()(stage)
        path_is_untouched()(stage)
