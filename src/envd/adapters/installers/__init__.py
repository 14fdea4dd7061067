"""Installers: a table of them, what each must be able to say, and the choice of one with the reason for it."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

from envd.core.choosing import ManifestKind
from envd.core.errors import SettingsError
from envd.core.order import Order
from envd.core.packages import Changes
from envd.system.processes import find_program


class Installer(Protocol):
    """What envd asks of an installer: the commands to run, and the meaning of their output. It runs nothing itself."""

    name: str
    knows_offline: bool
    foresees: bool

    def install(self, python: Path, order: Order) -> list[str]:
        """Return the command that installs what is ordered."""

    def seed(self, python: Path) -> list[str]:
        """Return the command that installs pip itself into an environment that was made without it."""

    def reinstall(self, python: Path, order: Order, versions: Mapping[str, str]) -> list[str]:
        """Return the command that installs these packages once more in these versions, over what is there of them."""

    def uninstall(self, python: Path, names: Sequence[str]) -> list[str]:
        """Return the command that removes packages."""

    def preview(self, python: Path, order: Order) -> list[str]:
        """Return the command that only says what `install` would do."""

    def read_preview(self, output: str, installed: dict[str, str]) -> Changes:
        """Return what the output of `preview` announces."""

    def pin(self, python: Path, order: Order, written: Path) -> list[str]:
        """Return the command that looks up pinned packages and writes what their index says of them, hashes included, to a file.

        `written` ends in pylock.toml where a lock is wanted (PEP 751).
        """

    def read_pins(self, written: Path) -> str:
        """Return what that command wrote, as the text that was wanted."""

    def reason(self, output: str) -> str:
        """Return in one line why a command failed."""

    def diagnose(self, python: Path, order: Order, output: str) -> list[str]:
        """Return a command that tells what the output of a failed `install` does not, nothing where that says all."""

    def unbuilt(self, output: str) -> str:
        """Return the package that would have to be built, where that it may not is what made a command fail, else ''."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An installer and why it was taken, for status and log."""

    installer: Installer
    why: str


_USUAL_DIRECTORIES = ("~/.local/bin", "~/.cargo/bin", "/usr/local/bin", "/opt/homebrew/bin")
_TABLE = {"uv": "envd.adapters.installers.uv:Uv", "pip": "envd.adapters.installers.pip:Pip"}
_LOCK_TOOLS = {
    ManifestKind.UV_LOCK: ("uv", "envd.adapters.installers.locks:UvSync"),
    ManifestKind.POETRY_LOCK: ("poetry", "envd.adapters.installers.locks:Poetry"),
    ManifestKind.PDM_LOCK: ("pdm", "envd.adapters.installers.locks:Pdm"),
    ManifestKind.PIPENV_LOCK: ("pipenv", "envd.adapters.installers.locks:Pipenv"),
}


def choose_installer(wanted: str) -> Choice:
    """Return uv where there is one, else pip; raises SettingsError when the one that is set is not here."""
    uv = find_tool("uv")
    if wanted == "uv" and uv is None:
        raise SettingsError("sync.installer is uv, and there is no uv here", hint="pip install 'envd-shell[uv]'")
    if uv is None and importlib.util.find_spec("pip") is None:
        raise SettingsError("there is no uv here, and envd's own environment has no pip", hint="put uv on your PATH")
    if uv is None or wanted == "pip":
        why = "sync.installer is pip" if wanted == "pip" else "there is no uv"
        return Choice(_load("pip", Path(sys.executable)), why)
    return Choice(_load("uv", uv), f"{uv} is there")


def choose_for(wanted: str, kind: ManifestKind) -> Choice:
    """Return the installer for a kind of manifest: the lock's own tool, else the usual one; raises SettingsError."""
    usual = choose_installer(wanted)
    if kind not in _LOCK_TOOLS:
        return usual
    name, target = _LOCK_TOOLS[kind]
    program = find_tool(name)
    if program is None:
        raise SettingsError(f"there is no {name} here any more")
    why = f"{program} keeps the lock"
    if name == "uv":
        return Choice(_made(target, program), why)
    return Choice(_made(target, program, usual.installer), why)


def tools_here(wanted: str, names: Collection[str]) -> frozenset[str]:
    """Return those of the named tools that may install from their locks: the ones that are here, without uv where pip is set."""
    return frozenset(name for name in names if (name != "uv" or wanted != "pip") and find_tool(name) is not None)


def find_tool(name: str) -> Path | None:
    """Return a program that installs packages, wherever it usually is; nothing in any project is looked at."""
    # envd's own comes first: it was installed with envd.
    own = Path(sys.prefix, "bin", name)
    # A daemon that cron or a desktop started knows little of PATH.
    usual = os.pathsep.join(os.path.expanduser(directory) for directory in _USUAL_DIRECTORIES)
    return own if own.exists() else find_program(name, os.environ.get("PATH", os.defpath)) or find_program(name, usual)


def _load(name: str, program: Path) -> Installer:
    return _made(_TABLE[name], program)


def _made(target: str, *given: object) -> Installer:
    module, _, attribute = target.partition(":")
    installer: Installer = getattr(import_module(module), attribute)(*given)
    return installer
