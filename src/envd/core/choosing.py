"""Which file decides what a project's packages are: one pure function that also says why, and why not the others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class ManifestKind(Enum):
    """The kinds of manifests, by what reads them."""

    NONE = "none"
    UV_LOCK = "uv lock"
    POETRY_LOCK = "poetry lock"
    PDM_LOCK = "pdm lock"
    PIPENV_LOCK = "pipenv lock"
    PYLOCK = "pylock"
    REQUIREMENTS = "requirements"
    PYPROJECT = "pyproject"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user wishes: the groups besides what a manifest asks for by itself, and the tools that may be used."""

    groups: tuple[str, ...] = ()
    tools: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the choice rests on: the names of files in the root, whether pyproject.toml declares packages, and the tools here.

    `named` is the file that `[tool.envd] manifest` names.
    """

    files: frozenset[str]
    declares: bool = False
    tools: frozenset[str] = frozenset()
    named: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The file that decides, and why; `passed` are the others, each with why not. `problem` says why there is none."""

    kind: ManifestKind
    name: str = ""
    why: str = ""
    passed: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    remedy: str = ""


_OWN_WAYS = {
    ManifestKind.UV_LOCK: "uv add",
    ManifestKind.POETRY_LOCK: "poetry add",
    ManifestKind.PDM_LOCK: "pdm add",
    ManifestKind.PIPENV_LOCK: "pipenv install",
}
# What these take by themselves is theirs to say.
WITH_OWN_GROUPS = (ManifestKind.UV_LOCK, ManifestKind.POETRY_LOCK, ManifestKind.PDM_LOCK)


def way_to_add(choice: Choice, name: str) -> str:
    """Return the command that puts an installed package into the manifest."""
    if choice.kind is ManifestKind.PYLOCK:
        return f"envd freeze --format pylock -o {choice.name}"
    return f"{_OWN_WAYS.get(choice.kind, 'envd freeze --add')} {name}"


@dataclass(frozen=True, slots=True)
class _Candidate:
    name: str
    kind: ManifestKind
    tool: str = ""
    why: str = ""


# A lock before what it was made from, and the tool that keeps a lock before those who only export one.
_CANDIDATES = (
    _Candidate("uv.lock", ManifestKind.UV_LOCK, "uv", "it locks every package, and uv is here to read it"),
    _Candidate("poetry.lock", ManifestKind.POETRY_LOCK, "poetry", "it locks every package, and poetry is here to read it"),
    _Candidate("pdm.lock", ManifestKind.PDM_LOCK, "pdm", "it locks every package, and pdm is here to read it"),
    _Candidate("Pipfile.lock", ManifestKind.PIPENV_LOCK, "pipenv", "it locks every package, and pipenv is here to read it"),
    _Candidate("pylock.toml", ManifestKind.PYLOCK, "", "it locks every package (PEP 751)"),
    _Candidate("requirements.txt", ManifestKind.REQUIREMENTS, "", "there is no lock that could be used"),
    _Candidate(
        "pyproject.toml", ManifestKind.PYPROJECT, "", "it declares dependencies, and there is no lock and no requirements.txt"
    ),
)
# What says what a lock was made from: without it the tool has no project.
_BESIDE = {
    ManifestKind.UV_LOCK: "pyproject.toml",
    ManifestKind.POETRY_LOCK: "pyproject.toml",
    ManifestKind.PDM_LOCK: "pyproject.toml",
    ManifestKind.PIPENV_LOCK: "Pipfile",
}
_ALONE = "the only manifest here"
_CONDA = ("environment.yml", "environment.yaml")
_CONDAS = "it is conda's; envd does not install from it"
_REMEDIES = {
    _CONDAS: "write what pip installs into a requirements.txt, then: envd sync",
    **{f"there is no {name} beside it": f"bring {name} back, then: envd sync" for name in ("pyproject.toml", "Pipfile")},
}
# pylock.NAME.toml beside pylock.toml: PEP 751, File Name.
_BY_NAME = (
    (re.compile(r".*\.(txt|in)"), ManifestKind.REQUIREMENTS),
    (re.compile(r"(.*/)?pylock(\.[^./]+)?\.toml"), ManifestKind.PYLOCK),
)
TOOLS = {candidate.name: candidate.tool for candidate in _CANDIDATES if candidate.tool}
NAMES = (*(candidate.name for candidate in _CANDIDATES), *_CONDA, "Pipfile", ".python-version")


def choose_manifest(facts: Facts) -> Choice:
    """Return the file that decides: the one that the project names, else the first candidate that can be used."""
    if facts.named:
        return _named(facts)
    passed: list[tuple[str, str]] = []
    chosen: _Candidate | None = None
    for candidate in _CANDIDATES:
        if candidate.name not in facts.files:
            continue
        obstacle = _obstacle(candidate, facts)
        if chosen is not None:
            passed.append((candidate.name, f"{chosen.name} comes first"))
        elif obstacle:
            passed.append((candidate.name, obstacle))
        else:
            chosen = candidate
    passed.extend((name, _CONDAS) for name in _CONDA if name in facts.files)
    if chosen is not None:
        return Choice(chosen.kind, chosen.name, chosen.why if passed else _ALONE, tuple(passed))
    # A pyproject.toml that only configures tools is nothing to speak of.
    name, why = next(((name, why) for name, why in passed if name != "pyproject.toml"), ("", ""))
    remedy = _REMEDIES.get(why, f"put {TOOLS[name]} on your PATH, then: envd sync" if name in TOOLS else "")
    return Choice(ManifestKind.NONE, name, passed=tuple(passed), problem=f"{name}: {why}" if name else "", remedy=remedy)


def _obstacle(candidate: _Candidate, facts: Facts) -> str:
    beside = _BESIDE.get(candidate.kind, "")
    if beside and beside not in facts.files:
        return f"there is no {beside} beside it"
    if candidate.tool and candidate.tool not in facts.tools:
        return f"it needs {candidate.tool}, which is not here"
    if candidate.kind is ManifestKind.PYPROJECT and not facts.declares:
        return "it declares no dependencies"
    return ""


def _named(facts: Facts) -> Choice:
    why = "tool.envd.manifest in pyproject.toml names it"
    candidate = next((candidate for candidate in _CANDIDATES if candidate.name == facts.named), None)
    if candidate is None:
        kind = next((kind for pattern, kind in _BY_NAME if pattern.fullmatch(facts.named)), ManifestKind.NONE)
        problem = "" if kind is not ManifestKind.NONE else f"{why}, and envd does not know that kind of file"
        return Choice(kind, facts.named, why, problem=f"{facts.named}: {problem}" if problem else "")
    obstacle = _obstacle(candidate, facts)
    if obstacle:
        return Choice(ManifestKind.NONE, candidate.name, problem=f"{candidate.name}: {why}, but {obstacle}")
    return Choice(candidate.kind, candidate.name, why)
