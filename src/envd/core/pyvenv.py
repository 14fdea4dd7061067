"""pyvenv.cfg (PEP 405) and what an environment's own files say of its health, without starting its Python."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_MINOR = re.compile(r"(?:python|pypy)(\d+\.\d+)")


@dataclass(frozen=True, slots=True)
class PyvenvCfg:
    """What the file says; empty strings where it says nothing."""

    home: str = ""
    version: str = ""
    prompt: str = ""
    system_site_packages: bool = False

    @property
    def minor(self) -> str:
        """Return `3.12` of `3.12.5`."""
        return ".".join(self.version.split(".")[:2])


def parse_pyvenv_cfg(text: str) -> PyvenvCfg:
    """Return what a pyvenv.cfg says: `key = value` lines, keys in any case, as the site module reads it.

    venv writes `version`, uv and virtualenv `version_info`; venv quotes `prompt` as Python does.
    """
    values: dict[str, str] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals:
            values.setdefault(key.strip().lower(), value.strip())
    prompt = values.get("prompt", "")
    if len(prompt) > 1 and prompt[0] == prompt[-1] and prompt[0] in "'\"":
        prompt = prompt[1:-1]
    version = re.match(r"\d+(\.\d+)*", values.get("version") or values.get("version_info") or "")
    return PyvenvCfg(
        home=values.get("home", ""),
        version=version.group() if version else "",
        prompt=prompt,
        system_site_packages=values.get("include-system-site-packages", "").lower() == "true",
    )


class Health(Enum):
    """What ails an environment; the value is what is said of it."""

    WELL = "works"
    NO_TARGET = "is a file that does not name an environment"
    NO_CFG = "has no pyvenv.cfg"
    NO_HOME = "has a pyvenv.cfg that names no base Python"
    NO_PYTHON = "has no Python in it"
    BASE_GONE = "was made with a Python that is gone"
    MINOR_CHANGED = "was made for another Python than the one it now leads to"
    MOVED = "was moved here from somewhere else"
    UNSEALED = "cannot take envd's seal"
    COLON = "cannot be put on PATH, its path holds a colon"


_REMEDIES = {Health.COLON: "rename the directory", Health.UNSEALED: "make it writable, then: envd allow"}


@dataclass(frozen=True, slots=True)
class VenvState:
    """What was found of one environment; `interpreter` is where its python link ends ('' when dangling)."""

    path: str
    cfg: PyvenvCfg | None
    has_python: bool
    interpreter: str
    home_exists: bool
    moved_from: str = ""
    is_redirect: bool = False


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The health, with the detail that makes it findable."""

    health: Health
    detail: str = ""

    @property
    def remedy(self) -> str:
        """Return the way to mend it."""
        return _REMEDIES.get(self.health, "envd init --clear")

    def __str__(self) -> str:
        return f"{self.health.value} ({self.detail})" if self.detail else self.health.value


def diagnose(state: VenvState) -> Diagnosis:
    """Return the first thing that is wrong with an environment, the most fundamental first."""
    cfg = state.cfg
    if state.is_redirect and cfg is None:
        return Diagnosis(Health.NO_TARGET)
    if cfg is None:
        return Diagnosis(Health.NO_CFG)
    if not cfg.home:
        return Diagnosis(Health.NO_HOME)
    if not state.interpreter:
        return Diagnosis(Health.BASE_GONE, cfg.home) if state.has_python else Diagnosis(Health.NO_PYTHON)
    if not state.home_exists:
        return Diagnosis(Health.BASE_GONE, cfg.home)
    now = _MINOR.match(state.interpreter.rpartition("/")[2])
    if now and cfg.minor and now.group(1) != cfg.minor:
        return Diagnosis(Health.MINOR_CHANGED, f"{cfg.minor}, now {now.group(1)}")
    if state.moved_from:
        return Diagnosis(Health.MOVED, state.moved_from)
    if ":" in state.path:
        return Diagnosis(Health.COLON)
    return Diagnosis(Health.WELL)
