"""From a directory to its manifest: the facts for the choice, the groups that there are, and the reading of what was chosen."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from envd.adapters.manifests.credentials import credential_variables
from envd.adapters.manifests.locks import read_lock
from envd.adapters.manifests.model import Groups, Manifest
from envd.adapters.manifests.pylock import declared_in
from envd.adapters.manifests.pyproject import NAME as PYPROJECT
from envd.adapters.manifests.pyproject import Pyproject, declared_lines, own_settings, read_pyproject
from envd.adapters.manifests.requirements import Closure
from envd.adapters.manifests.uvtables import index_lines, refuse_what_only_uv_has
from envd.core.capabilities import Capability, Need, Place, local_target, needs_of
from envd.core.choosing import NAMES, Choice, Facts, ManifestKind, Wishes, choose_manifest
from envd.core.display import printable
from envd.core.errors import ManifestError
from envd.core.fingerprint import ManifestFile
from envd.core.requirements import Kind, normalized, parse_requirements

_GROUP_DIRECTORY = "requirements"
_MOST_GROUPS = 100


def find_manifest(root: Path, wishes: Wishes) -> Choice:
    """Return which file decides about the packages of a project, and why; raises ManifestError for a broken pyproject.toml."""
    return _choose(root, wishes, read_pyproject(root))


def has_manifest(root: Path, wishes: Wishes) -> bool:
    """Return whether there is something in a directory that decides about packages, be it broken."""
    try:
        choice = find_manifest(root, wishes)
    except ManifestError:
        return True
    return choice.kind is not ManifestKind.NONE or bool(choice.problem) or bool(_group_files(root))


def load_manifest(root: Path, wishes: Wishes) -> Manifest | None:
    """Return the manifest of a project with everything that decides in it, or None where there is none.

    Raises ManifestError naming file and line for what cannot be read or used, ManifestUnfinished for conflict markers.
    """
    pyproject = read_pyproject(root)
    choice = _choose(root, wishes, pyproject)
    groups = _groups(root, choice, pyproject, _wished(wishes, pyproject))
    if choice.problem and not groups.files:
        raise ManifestError(choice.problem, hint=choice.remedy)
    _refuse_unknown_groups(root, pyproject, groups)
    if choice.kind is ManifestKind.NONE and not groups.files:
        return None
    return _LOADERS.get(choice.kind, _load_lock)(Closure(root), choice, groups, pyproject)


def offered_groups(root: Path, wishes: Wishes) -> Groups:
    """Return the groups that a project has for the manifest that decides; raises ManifestError for a broken pyproject.toml."""
    pyproject = read_pyproject(root)
    return _groups(root, _choose(root, wishes, pyproject), pyproject, ())


def asked_python(root: Path) -> tuple[str, str]:
    """Return what pyproject.toml says of Python, and where; raises ManifestError for a broken one."""
    return _asked(read_pyproject(root))


def _asked(pyproject: Pyproject) -> tuple[str, str]:
    asked = pyproject.requires_python
    return (asked, pyproject.where(asked)) if asked else ("", "")


def unknown_settings(root: Path) -> list[tuple[str, str]]:
    """Return the keys of [tool.envd] that mean nothing, each with its place; raises ManifestError."""
    pyproject = read_pyproject(root)
    return [(pyproject.where(key), key) for key in own_settings(pyproject).unknown]


def own_package(root: Path) -> str:
    """Return the name of the package that the project itself is, '' for one that is none; raises ManifestError."""
    pyproject = read_pyproject(root)
    name = pyproject.project.get("name")
    return name if isinstance(name, str) and "build-system" in pyproject.document else ""


def load_file(root: Path, name: str) -> Manifest:
    """Return one requirements file that was named by hand, wherever it lies; raises ManifestError."""
    closure = Closure(root)
    closure.load(Path(os.path.normpath(root / name)))
    return _manifest(closure, Choice(ManifestKind.REQUIREMENTS, name, "it was named"), Groups(), Pyproject())


def manifest_paths(root: Path, wishes: Wishes) -> frozenset[Path]:
    """Return the files that decide about a project's packages or would if they were there, those that cannot be read included."""
    closure = Closure(root)
    with contextlib.suppress(ManifestError):
        pyproject = read_pyproject(root)
        choice = _choose(root, wishes, pyproject)
        groups = _groups(root, choice, pyproject, _wished(wishes, pyproject))
        if choice.kind is not ManifestKind.NONE or groups.files:
            _LOADERS.get(choice.kind, _load_lock)(closure, choice, groups, pyproject)
    return frozenset({root / name for name in NAMES} | {root / name for name in _group_files(root).values()} | closure.seen)


def _choose(root: Path, wishes: Wishes, pyproject: Pyproject) -> Choice:
    files = frozenset(name for name in NAMES if os.path.lexists(root / name))
    named = own_settings(pyproject).manifest
    # An empty list is all that a project without any dependency can say; beside files of groups it says less than they do.
    declares = pyproject.declares or (pyproject.lists_dependencies and not _group_files(root))
    return choose_manifest(Facts(files, declares, wishes.tools, named))


def _wished(wishes: Wishes, pyproject: Pyproject) -> tuple[str, ...]:
    return tuple(dict.fromkeys(normalized(name) for name in (*wishes.groups, *own_settings(pyproject).groups)))


# -- groups


def _group_files(root: Path) -> dict[str, str]:
    """Return the requirements files that are groups, by their names: requirements-dev.txt and requirements/dev.txt are dev."""
    found: dict[str, str] = {}
    for directory in (_GROUP_DIRECTORY, ""):
        for file in _names_in(root / directory)[:_MOST_GROUPS]:
            name = _group_name(file, inside=bool(directory))
            if name:
                found[normalized(name)] = os.path.join(directory, file)
    return found


def _names_in(directory: Path) -> list[str]:
    try:
        return sorted(name for name in os.listdir(directory) if name.endswith(".txt") and name.isprintable())
    except OSError:
        return []


def _group_name(file: str, *, inside: bool) -> str:
    stem = file.removesuffix(".txt")
    for joint in "-_.":
        if stem.startswith(f"requirements{joint}"):
            return stem.removeprefix(f"requirements{joint}")
        if stem.endswith(f"{joint}requirements"):
            return stem.removesuffix(f"{joint}requirements")
    return stem if inside and stem != "requirements" else ""


def _groups(root: Path, choice: Choice, pyproject: Pyproject, wished: tuple[str, ...]) -> Groups:
    """Return what the wished groups are for the manifest that was chosen; one that there is not is passed over here."""
    files = _group_files(root) if choice.kind in (ManifestKind.REQUIREMENTS, ManifestKind.NONE) else {}
    groups, extras = _declared_groups(root, choice, pyproject)
    defaults = declared_in(root / choice.name).defaults if choice.kind is ManifestKind.PYLOCK else ()
    wished = tuple(dict.fromkeys((*defaults, *wished)))
    return Groups(
        files=tuple(files[name] for name in wished if name in files),
        groups=tuple(name for name in wished if name in groups),
        extras=tuple(name for name in wished if name in extras and name not in groups),
        offered=tuple(sorted({*files, *groups, *extras})),
        defaults=defaults,
    )


def _refuse_unknown_groups(root: Path, pyproject: Pyproject, groups: Groups) -> None:
    """Raise ManifestError for a group that the project asks for and has for no manifest; a user's settings are for all projects."""
    own = own_settings(pyproject).groups
    known = {*groups.offered, *pyproject.groups, *pyproject.extras, *_group_files(root)} if own else set()
    for name in own:
        if normalized(name) not in known:
            there = f"there are {', '.join(groups.offered)}" if groups.offered else "there are none"
            raise ManifestError(f"{pyproject.where(name)}: tool.envd.groups asks for {printable(name)!r}, and {there}")


def _declared_groups(root: Path, choice: Choice, pyproject: Pyproject) -> tuple[list[str], list[str]]:
    """Return the groups and the extras that the manifest which was chosen can be asked for."""
    if choice.kind in (ManifestKind.REQUIREMENTS, ManifestKind.NONE):
        return [], []
    if choice.kind is ManifestKind.PYLOCK:
        declared = declared_in(root / choice.name)
        return list(dict.fromkeys((*declared.groups, *declared.defaults))), list(declared.extras)
    return [*pyproject.groups, *_tool_groups(choice.kind, pyproject)], list(pyproject.extras)


def _tool_groups(kind: ManifestKind, pyproject: Pyproject) -> Iterator[str]:
    """Yield the groups that a lock's own tool knows in its own tables."""
    if kind is ManifestKind.POETRY_LOCK:
        yield from map(normalized, dict(pyproject.tool("poetry").get("group", {})))
    if kind is ManifestKind.PDM_LOCK:
        yield from map(normalized, dict(pyproject.tool("pdm").get("dev-dependencies", {})))
    if kind is ManifestKind.PIPENV_LOCK:
        yield "dev"


# -- reading


def _load_requirements(closure: Closure, choice: Choice, groups: Groups, pyproject: Pyproject) -> Manifest:
    named = own_settings(pyproject).manifest
    if named and not os.path.lexists(closure.root / named):
        closure.seen.add(Path(os.path.normpath(closure.root / named)))
        raise ManifestError(f"{pyproject.where(named)}: tool.envd.manifest names {printable(named)}, which does not exist")
    files = (choice.name, *groups.files) if choice.kind is ManifestKind.REQUIREMENTS else groups.files
    for name in files:
        path = Path(os.path.normpath(closure.root / name))
        if closure.root not in path.parents:
            # [tool.envd] names it, which whoever commits may write.
            where = pyproject.where(name)
            closure.needs.append(Need(Capability.LOCAL, where, f"the manifest {name}"))
        closure.load(path)
    first = Choice(ManifestKind.REQUIREMENTS, files[0], "its group was asked for", choice.passed)
    return _manifest(closure, choice if choice.name == files[0] else first, groups, pyproject)


def _load_pyproject(closure: Closure, choice: Choice, groups: Groups, pyproject: Pyproject) -> Manifest:
    lines = declared_lines(pyproject, groups.extras, groups.groups)
    refuse_what_only_uv_has(pyproject, lines)
    indexes = list(index_lines(pyproject))
    for where, line in (*((where, line) for where, line, _ in indexes), *lines):
        closure.needs.extend(needs_of(line, Place(where, str(closure.root), str(closure.root), closure.indexes)))
    for _, line in lines:
        closure.look_at_local(local_target(line), closure.root)
    closure.requirements.extend(lines)
    texts = (*(text for _, _, text in indexes), *(line.text for _, line in lines))
    derived = "".join(f"{text}\n" for text in texts) if lines else ""
    closure.sources.extend(text for _, _, text in indexes)
    return _manifest(closure, choice, groups, pyproject, derived=derived)


def _load_lock(closure: Closure, choice: Choice, groups: Groups, pyproject: Pyproject) -> Manifest:
    lock = read_lock(closure, closure.root / choice.name, choice.kind, pyproject, groups)
    closure.needs.extend(lock.needs)
    unasked = _default_groups(pyproject) if choice.kind is ManifestKind.UV_LOCK else []
    closure.requirements.extend(lock.asked((*unasked, *groups.groups), groups.extras))
    if choice.kind is ManifestKind.UV_LOCK:
        with contextlib.suppress(ManifestError):  # what uv alone has is uv's
            closure.sources.extend(text for _, _, text in index_lines(pyproject))
    if choice.kind in _IS_NO_PACKAGE and not _IS_NO_PACKAGE[choice.kind](pyproject):
        name = str(pyproject.project.get("name") or pyproject.tool("poetry").get("name") or "")
        where = pyproject.where(name or "name")
        closure.needs.append(Need(Capability.BUILD, where, "the project itself"))
        closure.requirements.extend((where, line) for line in parse_requirements(name) if line.kind is Kind.PACKAGE)
    python = (lock.requires_python, choice.name) if lock.requires_python else ("", "")
    manifest = _manifest(closure, choice, groups, pyproject, derived=lock.derived, python=python)
    return replace(manifest, environments=lock.environments)


def _manifest(
    closure: Closure, choice: Choice, groups: Groups, pyproject: Pyproject, *, derived: str = "", python: tuple[str, str] = ("", "")
) -> Manifest:
    files = list(closure.files)
    if choice.kind is not ManifestKind.REQUIREMENTS and pyproject.document:
        files.append(ManifestFile(PYPROJECT, pyproject.deciding))
    asked = _asked(pyproject)
    return Manifest(
        root=closure.root,
        files=tuple(files),
        requirements=tuple(closure.requirements),
        needs=tuple(closure.needs),
        variables=tuple(closure.variables),
        choice=choice,
        groups=groups,
        derived=derived,
        requires_python=asked if asked[0] else python,
        constraints=tuple(closure.constraints),
        flat=() if closure.is_plain else tuple(closure.leaves),
        sources=tuple(closure.sources),
        credentials=credential_variables(choice.kind, pyproject),
        deciding=frozenset(closure.deciding),
    )


def _default_groups(pyproject: Pyproject) -> list[str]:
    """Return the groups that uv syncs unasked (tool.uv.default-groups)."""
    named = pyproject.tool("uv").get("default-groups", ["dev"])
    if named == "all":
        return list(pyproject.groups)
    return [normalized(name) for name in named if isinstance(name, str)] if isinstance(named, list) else []


# Whether pyproject.toml says that its own project is none to install, for the locks that do not say it.
_IS_NO_PACKAGE: dict[ManifestKind, Callable[[Pyproject], bool]] = {
    ManifestKind.POETRY_LOCK: lambda pyproject: pyproject.tool("poetry").get("package-mode") is False,
    ManifestKind.PDM_LOCK: lambda pyproject: (
        pyproject.tool("pdm").get("distribution") is not True and "build-system" not in pyproject.document
    ),
}
_LOADERS: dict[ManifestKind, Callable[[Closure, Choice, Groups, Pyproject], Manifest]] = {
    ManifestKind.REQUIREMENTS: _load_requirements,
    ManifestKind.NONE: _load_requirements,
    ManifestKind.PYPROJECT: _load_pyproject,
}
