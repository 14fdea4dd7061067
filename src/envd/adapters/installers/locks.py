"""The tools that keep locks of their own: each installs from its lock into the environment that it is told, and removes nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from envd.adapters.installers.usersettings import settings_words, user_words
from envd.adapters.installers.uv import Uv
from envd.core.order import Order, references
from envd.core.packages import Changes
from envd.core.requirements import normalized


class Base(Protocol):
    """The installer that does what a lock's own tool is not asked for."""

    def seed(self, python: Path) -> list[str]:
        """Return the command that installs pip."""

    def reinstall(self, python: Path, order: Order, versions: Mapping[str, str]) -> list[str]:
        """Return the command that installs packages once more."""

    def uninstall(self, python: Path, names: Sequence[str]) -> list[str]:
        """Return the command that removes packages."""

    def pin(self, python: Path, order: Order, written: Path) -> list[str]:
        """Return the command that looks up pinned packages."""

    def read_pins(self, written: Path) -> str:
        """Return what that command wrote."""


class UvSync(Uv):
    """`uv sync` for uv.lock; everything else as with uv."""

    def install(self, python: Path, order: Order) -> list[str]:
        """Return `uv sync --frozen --inexact`: the lock is not rewritten, and what it does not name stays.

        `--python` names the environment's own, for uv makes an environment anew that has another one.
        """
        return [*references(order), *self._sync(python), *self._wishes(order)]

    def preview(self, python: Path, order: Order) -> list[str]:
        """Return `uv sync --dry-run`."""
        return [*references(order), *self._sync(python), "--dry-run", *self._wishes(order)]

    def _sync(self, python: Path) -> list[str]:
        variables = [*user_words(os.environ), f"UV_PROJECT_ENVIRONMENT={python.parent.parent}"]
        options = ["--frozen", "--inexact", "--python", str(python)]
        return [*variables, str(self.program), "--no-progress", *settings_words(os.environ), "sync", *options]

    def _wishes(self, order: Order) -> list[str]:
        words = [] if order.build else ["--no-build"]
        words += [word for name in order.groups for word in ("--group", name)]
        words += [word for name in order.extras for word in ("--extra", name)]
        return [*words, *(["--offline"] if order.offline else [])]


class LockTool:
    """What poetry, pdm and pipenv share: they install, and the installer that there is anyway does the rest."""

    name = ""
    knows_offline = False
    foresees = True
    announced: re.Pattern[str]

    def __init__(self, program: Path, base: Base) -> None:
        self.program = program
        self.base = base

    def seed(self, python: Path) -> list[str]:
        """Return the other installer's command."""
        return self.base.seed(python)

    def reinstall(self, python: Path, order: Order, versions: Mapping[str, str]) -> list[str]:
        """Return the other installer's command."""
        return self.base.reinstall(python, order, versions)

    def uninstall(self, python: Path, names: Sequence[str]) -> list[str]:
        """Return the other installer's command."""
        return self.base.uninstall(python, names)

    def pin(self, python: Path, order: Order, written: Path) -> list[str]:
        """Return the other installer's command."""
        return self.base.pin(python, order, written)

    def read_pins(self, written: Path) -> str:
        """Return what the other installer wrote."""
        return self.base.read_pins(written)

    def read_preview(self, output: str, installed: dict[str, str]) -> Changes:
        """Return the packages that the tool says it would install or update."""
        found = {normalized(name): version for name, version in self.announced.findall(output)}
        return Changes(
            added={name: version for name, version in found.items() if name not in installed},
            changed={
                name: (installed[name], version) for name, version in found.items() if installed.get(name, version) != version
            },
        )

    def reason(self, output: str) -> str:
        """Return the last line that says something."""
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        return next((line for line in reversed(lines) if "rror" in line), lines[-1] if lines else f"{self.name} said nothing")

    def diagnose(self, python: Path, order: Order, output: str) -> list[str]:
        """Return nothing."""
        return []

    def unbuilt(self, output: str) -> str:
        """Return the package of whose files none is a wheel."""
        found = _NO_WHEEL.search(output)
        # poetry says so, too, of a package that its index does not have at all.
        return normalized(found.group(1)) if found and "0 candidate(s)" not in output else ""

    def _variables(self, python: Path, order: Order, only_binary: str) -> list[str]:
        """Return what tells the tool that this environment is the active one, and to build nothing."""
        own = [f"VIRTUAL_ENV={python.parent.parent}", *([] if order.build else [f"{only_binary}=:all:"])]
        return [*references(order), *own]


_NO_WHEEL = re.compile(
    r"(?:Unable to find installation candidates for|No matching distribution found for|find a usable artifact for) "
    r"([A-Za-z0-9._-]*[A-Za-z0-9])"
)


class Poetry(LockTool):
    """`poetry install` from poetry.lock."""

    name = "poetry"
    announced = re.compile(r"- (?:Installing|Updating) ([A-Za-z0-9._-]+) \((?:[^)]* -> )?([^ )]+)\)(?!.*Skipped)")

    def install(self, python: Path, order: Order) -> list[str]:
        """Return `poetry install`, which does not change the lock; without leave to build, without the project itself."""
        groups = ["--with", ",".join(order.groups)] if order.groups else []
        extras = [word for name in order.extras for word in ("--extras", name)]
        variables = self._variables(python, order, "POETRY_INSTALLER_ONLY_BINARY")
        own = [] if order.build else ["--no-root"]
        return [
            *variables,
            "POETRY_VIRTUALENVS_CREATE=false",
            str(self.program),
            "install",
            "--no-interaction",
            *own,
            *groups,
            *extras,
        ]

    def preview(self, python: Path, order: Order) -> list[str]:
        """Return `poetry install --dry-run`."""
        return [*self.install(python, order), "--dry-run"]


class Pdm(LockTool):
    """`pdm sync` from pdm.lock."""

    name = "pdm"
    announced = re.compile(r"- (?:Install|Update) ([A-Za-z0-9._-]+) (?:[^ ]+ -> )?([^ \n]+)")

    def install(self, python: Path, order: Order) -> list[str]:
        """Return `pdm sync`, which does not change the lock; without leave to build, without the project itself."""
        groups = [word for name in (*order.groups, *order.extras) for word in ("--group", name)]
        variables = [*self._variables(python, order, "PDM_ONLY_BINARY"), "PDM_IGNORE_SAVED_PYTHON=1", "PDM_CHECK_UPDATE=0"]
        own = [] if order.build else ["--no-self"]
        return [*variables, str(self.program), "sync", *own, *groups]

    def preview(self, python: Path, order: Order) -> list[str]:
        """Return `pdm sync --dry-run`."""
        return [*self.install(python, order), "--dry-run"]


class Pipenv(LockTool):
    """`pipenv sync` from Pipfile.lock."""

    name = "pipenv"
    foresees = False
    announced = re.compile(r"(?!)")

    def install(self, python: Path, order: Order) -> list[str]:
        """Return `pipenv sync`, which does not change the lock."""
        variables = [*self._variables(python, order, "PIP_ONLY_BINARY"), "PIPENV_NOSPIN=1", "PIPENV_VERBOSITY=-1"]
        return [*variables, str(self.program), "sync", *(["--dev"] if "dev" in order.groups else [])]

    def preview(self, python: Path, order: Order) -> list[str]:
        """Return nothing: pipenv has no dry run, what it would do is read from its lock."""
        return []
