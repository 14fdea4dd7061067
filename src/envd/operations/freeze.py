"""Freezing: what is installed, written down; and a package that was installed by hand, put into the manifest."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from envd.adapters import manifests
from envd.adapters.installers import choose_installer
from envd.adapters.manifests import Manifest
from envd.adapters.markers import marker_variables, needs_in
from envd.adapters.venvs import Venv, direct_origins, installed_dists
from envd.core.choosing import ManifestKind, way_to_add
from envd.core.errors import InstallFailed, ManifestError, UsageError
from envd.core.freezing import Pinned, direct_names, direct_source, with_dependency, with_line
from envd.core.order import Order
from envd.core.packages import TOOLING, Dist
from envd.core.requirements import normalized
from envd.operations.context import Context
from envd.operations.installing import Report, order_for, ready_to_sync
from envd.operations.naming import with_names
from envd.operations.survey import Survey, survey
from envd.operations.wishes import wishes_of
from envd.system.files import UnreadableFile, read_regular, replace_text
from envd.system.processes import run

_LIMIT = 1024 * 1024
_SELECTIVE = (ManifestKind.REQUIREMENTS, ManifestKind.PYPROJECT, ManifestKind.UV_LOCK)


@dataclass(frozen=True, slots=True)
class Form:
    """How what is installed is to be written: the packages that were asked for alone, with hashes, as pylock.toml."""

    only_direct: bool = False
    hashes: bool = False
    pylock: bool = False


def freeze(context: Context, walked: str, form: Form, report: Report) -> str:
    """Return what is installed in a project's environment, as text; raises EnvdError."""
    if form.pylock and form.only_direct:
        raise UsageError("a pylock.toml names every package", hint="envd freeze --format pylock")
    found = survey(context, walked)
    venv = ready_to_sync(found)
    pins = _pins(context, found, venv, only_direct=form.only_direct)
    lines = "".join(f"{pin.text}\n" for pin in pins)
    if not (form.hashes or form.pylock):
        return lines
    odd = next((pin for pin in pins if pin.direct), None)
    if odd is not None:
        hint = "envd freeze, without --format pylock" if form.pylock else "envd freeze, without --hashes"
        raise UsageError(f"{odd.name} came from {odd.direct}: it has no hash that an index knows", hint=hint)
    return _looked_up(context, found, venv, lines, form, report)


def _looked_up(context: Context, found: Survey, venv: Venv, lines: str, form: Form, report: Report) -> str:
    """Return the pins with the hashes that the indexes of the project and of its user have for them; raises CapabilityMissing."""
    installer = choose_installer(context.settings.installer).installer
    manifest = _manifest(context, found, venv)
    order, sources = Order(()), ""
    if manifest is not None:
        order = order_for(context, found, manifest)
        sources = "".join(f"{line}\n" for line in manifest.sources)
    context.places.prepare()
    with tempfile.TemporaryDirectory(dir=context.places.state) as directory:
        asked, written = Path(directory, "requirements.txt"), Path(directory, "pylock.toml" if form.pylock else "frozen.txt")
        asked.write_text(f"{sources}{lines}", encoding="utf-8")
        finished = run(installer.pin(venv.python, replace(order, files=(str(asked),)), written), found.root, report)
        if finished.code != 0:
            raise InstallFailed(f"hashes of {found.label}: {installer.reason(finished.output)}", hint="envd freeze, without hashes")
        text = installer.read_pins(written)
    missing = next((name for name in (line.partition("==")[0] for line in lines.splitlines()) if not _has_hash(text, name)), "")
    if missing:
        raise InstallFailed(f"the index has no hash of {missing}", hint="envd freeze, without hashes")
    return text


def _has_hash(text: str, name: str) -> bool:
    """Return whether the entry of a package holds a hash, in requirements and in a pylock.toml alike."""
    entry = re.search(rf'^(name = "{re.escape(name)}"|{re.escape(name)}==)(.*?)(?=^\S+==|^\[\[|\Z)', text, re.MULTILINE | re.DOTALL)
    return entry is not None and "sha256" in entry.group(2)


def _pins(context: Context, found: Survey, venv: Venv, *, only_direct: bool) -> list[Pinned]:
    dists = installed_dists(venv)
    try:
        manifest = _manifest(context, found, venv)
    except ManifestError:
        if only_direct:
            raise  # what was asked for stands in there
        manifest = None
    asked = {line.name for _, line in manifest.requirements if line.name} if manifest is not None else set()
    names = [name for name in sorted(dists) if name not in TOOLING or name in asked]
    if only_direct:
        # A lock names everything, and so says nothing of what was asked for.
        named = asked if manifest is not None and manifest.choice.kind in _SELECTIVE else ()
        direct = direct_names(dists, named, _needed(venv, dists))
        names = [name for name in names if name in direct]
    origins = direct_origins(venv)
    return [Pinned(name, dists[name].version, direct_source(origins.get(name, {}), str(found.root))) for name in names]


def _needed(venv: Venv, dists: dict[str, Dist]) -> set[str]:
    needs = needs_in(marker_variables(venv.python))
    return {item.name for name, dist in dists.items() for item in needs(dist, frozenset()) if item.name != name}


def _manifest(context: Context, found: Survey, venv: Venv) -> Manifest | None:
    manifest = manifests.load_manifest(found.root, wishes_of(context, found.root, found.record))
    return with_names(venv, manifest) if manifest is not None else None


def add(context: Context, walked: str, name: str) -> tuple[str, str]:
    """Put an installed package into the project's manifest; returns the line and the file. Raises EnvdError."""
    found = survey(context, walked)
    venv = ready_to_sync(found)
    dist = installed_dists(venv).get(normalized(name))
    if dist is None:
        raise UsageError(f"{name} is not installed in {venv.name} of {found.label}", hint="envd freeze lists what is")
    manifest = _manifest(context, found, venv)
    choice = manifest.choice if manifest is not None else None
    if manifest is not None and any(line.name == dist.name for _, line in manifest.requirements):
        raise UsageError(f"{manifest.choice.name} asks for {dist.name} already")
    if choice is not None and choice.kind not in (ManifestKind.REQUIREMENTS, ManifestKind.PYPROJECT):
        how = "made as a whole" if choice.kind is ManifestKind.PYLOCK else "written by its own tool"
        raise UsageError(f"{choice.name} is {how}", hint=way_to_add(choice, dist.name))
    hashed = [where for where, line in manifest.requirements if "--hash" in line.text] if manifest is not None else []
    if hashed:
        raise UsageError(
            f"{hashed[0]} has a hash, which every other package then needs too", hint="envd freeze --hashes -o FILE writes them all"
        )
    pin = Pinned(dist.name, dist.version, direct_source(direct_origins(venv).get(dist.name, {}), str(found.root)))
    if choice is not None and choice.kind is ManifestKind.PYPROJECT:
        return _add_dependency(found.root, pin)
    file = choice.name if choice is not None else "requirements.txt"
    path = found.root / file
    replace_text(path, with_line(_text(path), pin.text))
    return pin.text, file


def _add_dependency(root: Path, pin: Pinned) -> tuple[str, str]:
    requirement = pin.text if pin.direct else f"{pin.name}>={pin.version}"
    path = root / "pyproject.toml"
    text = with_dependency(_text(path), requirement)
    if not text or manifests.dependencies_in(text) != [*manifests.dependencies_in(_text(path)), requirement]:
        raise ManifestError(f"pyproject.toml: its dependencies cannot be added to by envd: add {requirement!r} yourself")
    replace_text(path, text)
    return requirement, path.name


def _text(path: Path) -> str:
    try:
        return read_regular(path, _LIMIT).decode("utf-8")
    except UnreadableFile as error:
        if path.exists() or path.is_symlink():
            raise ManifestError(f"{path.name} {error}") from None
        return ""
    except UnicodeDecodeError:
        raise ManifestError(f"{path.name} is not UTF-8 text") from None
