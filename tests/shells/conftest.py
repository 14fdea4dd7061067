"""Fixtures of the shell tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

pytest.register_assert_rewrite(f"{__package__}.steps", f"{__package__}.scenario")

from .driver import SHELLS, Pwsh, Shell  # noqa: E402
from .steps import Stage  # noqa: E402
from .world import World  # noqa: E402

Starter = Callable[[type[Shell]], Stage]


def require(shell: type[Shell]) -> None:
    """Skip by name on a machine without the shell; fail where all are promised. No package registry has PowerShell."""
    if shell.path() is not None:
        return
    if os.environ.get("CI") and shell is not Pwsh:
        pytest.fail(f"{shell.name} is not on PATH")
    pytest.skip(f"{shell.name} is not on PATH")


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    # A short name, and none in which a test's own name could be taken for something that a shell said.
    return World(tmp_path_factory.mktemp("w"))


@pytest.fixture
def on_stage(world: World) -> Iterator[Starter]:
    """Make a stage for a shell, which is ended with the test."""
    shells: list[Shell] = []

    def make(kind: type[Shell]) -> Stage:
        require(kind)
        shells.append(kind(world))
        return Stage(world, shells[-1])

    yield make
    for shell in shells:
        shell.close()


@pytest.fixture(params=SHELLS, ids=lambda kind: kind.name)
def stage(request: pytest.FixtureRequest, on_stage: Starter) -> Stage:
    """A stage for each of the shells, not started yet."""
    return on_stage(request.param)
