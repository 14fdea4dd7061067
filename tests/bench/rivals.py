"""The tools that are measured side by side: how each is set up in a project of its own and loaded into a shell."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.home import ENVD, Home

from envd.adapters.shells import SHELLS
from envd.system.processes import find_program

_EVALUATED = {"bash": 'eval "$({})"', "zsh": 'eval "$({})"', "fish": "{} | source"}


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: two projects, which activate an environment, and the line that loads it into a shell. `program` starts it."""

    name: str
    program: tuple[str, ...]
    project: Path
    other: Path
    load: Callable[[str], str]


def nothing(home: Home) -> Tool:
    """Return the empty loop: the same shell and the same steps, with no tool loaded."""
    return Tool("empty loop", (), home.project("nothing"), home.project("nothing-2"), lambda _shell: "")


def envd(home: Home) -> Tool:
    """Return envd, its project allowed and its daemon running, its hook sourced from a file as `envd setup` has it."""
    project, other = home.project("envd"), home.project("envd-2")
    for root in (project, other):
        home.envd("allow", directory=root)

    def load(name: str) -> str:
        shell = SHELLS[name]
        hook = home.path / "hooks" / shell.hook
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(home.envd("hook", name))
        return shell.load(shell.quote(str(hook)))

    return Tool("envd", ENVD, project, other, load)


def direnv(home: Home, program: Path) -> Tool:
    """Return direnv with an .envrc that activates the environment, allowed."""
    project, other = home.project("direnv"), home.project("direnv-2")
    for root in (project, other):
        (root / ".envrc").write_text("PATH_add .venv/bin\nexport VIRTUAL_ENV=$PWD/.venv\n")
        home.run((str(program), "allow", str(root)))
    return Tool("direnv", (str(program),), project, other, _evaluating(f"{program} hook"))


def mise(home: Home, program: Path) -> Tool:
    """Return mise with a mise.toml that activates the environment, trusted."""
    project, other = home.project("mise"), home.project("mise-2")
    for root in (project, other):
        (root / "mise.toml").write_text('[env]\n_.python.venv = ".venv"\n')
        home.run((str(program), "trust", str(root / "mise.toml")))
    return Tool("mise", (str(program),), project, other, _evaluating(f"{program} activate"))


def _evaluating(command: str) -> Callable[[str], str]:
    return lambda shell: _EVALUATED[shell].format(f"{command} {shell}")


def rivals(home: Home, mise_path: str) -> tuple[list[Tool], list[str]]:
    """Return the rivals that are on this machine, and a line on each one that is left out."""
    tools, missing = [], []
    for name, given, prepare in (("direnv", "", direnv), ("mise", mise_path, mise)):
        program = Path(given).absolute() if given else find_program(name, os.environ.get("PATH", os.defpath))
        if program is not None and program.is_file():
            tools.append(prepare(home, program))
        else:
            missing.append(f"{name} is left out: no {program or name} here")
    return tools, missing
