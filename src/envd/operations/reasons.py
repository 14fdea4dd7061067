"""Why things are as they are for a project: what was decided, and what decided it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from envd.adapters import manifests
from envd.adapters.installers import choose_for
from envd.adapters.manifests import Manifest
from envd.core.choosing import WITH_OWN_GROUPS, Choice, ManifestKind
from envd.core.display import printable
from envd.core.errors import ManifestError, SettingsError
from envd.core.pythons import allows, matches_pin
from envd.core.records import ProjectRecord
from envd.core.trust import Trust
from envd.operations.context import Context
from envd.operations.survey import Survey, survey
from envd.operations.wishes import wishes_of
from envd.system.files import UnreadableFile, read_regular

FITS = "fits"


@dataclass(frozen=True, slots=True)
class Reason:
    """One decision: of what, what it came to, and why."""

    of: str
    what: str
    why: str = ""


def reasons(context: Context, walked: str) -> list[Reason]:
    """Return the reasons for a project, in the order in which they are decided."""
    found = survey(context, walked)
    return [*_environment(context, found), _trust(found), *_packages(context, found), *python_reasons(found)]


def _environment(context: Context, found: Survey) -> Iterator[Reason]:
    if found.venv is None:
        yield Reason("environment", "none", f"none of {', '.join(context.settings.names)} is an environment here")
    else:
        yield Reason("environment", found.venv.name, f"the first of {', '.join(context.settings.names)} that is one")


def _trust(found: Survey) -> Reason:
    trust = found.trust
    may = f", and may use {', '.join(held.value for held in trust.capabilities)}" if trust.capabilities else ""
    words = {Trust.ALLOWED: f"by {trust.source}{may}", Trust.DENIED: trust.source, Trust.UNKNOWN: trust.refusal or trust.source}
    return Reason("trust", "not allowed" if trust.trust is Trust.UNKNOWN else trust.trust.value, words[trust.trust] or "envd allow")


def _packages(context: Context, found: Survey) -> Iterator[Reason]:
    wishes = wishes_of(context, found.root, found.record)
    try:
        choice = manifests.find_manifest(found.root, wishes)
        manifest = manifests.load_manifest(found.root, wishes)
    except ManifestError as error:
        yield Reason("manifest", "none that can be used", str(error))
        return
    yield from _choice(choice, manifest)
    if manifest is None:
        unasked = manifests.offered_groups(found.root, wishes).offered
        if unasked:
            yield Reason("groups", "none is asked for", f"there {_are(unasked)}: envd sync --group NAME")
        return
    taken = manifest.groups.taken
    spare = [name for name in manifest.groups.offered if name not in wishes.groups]
    if manifest.groups.offered:
        there = f"there {_are(spare)}: envd sync --group NAME" if spare else "all that there are"
        own = "what its tool takes by itself" if manifest.choice.kind in WITH_OWN_GROUPS else "none"
        yield Reason("groups", ", ".join(taken) or own, there)
    for name in missed_groups(found.record, manifest):
        yield Reason("groups", f"{name} was asked for by hand", f"{manifest.choice.name} has no such group")
    for where, key in manifests.unknown_settings(found.root):
        yield Reason("not", where, f"tool.envd has no key {printable(key)!r}, only manifest and groups")
    itself = manifests.own_package(found.root) if manifest.choice.kind is ManifestKind.PYPROJECT else ""
    if itself:
        yield Reason("project", f"{itself} itself is not installed", "a requirements.txt with -e . has it")
    for need in manifest.needs:
        state = "allowed" if need.capability in found.trust.capabilities else f"envd allow --{need.capability.value}"
        yield Reason(f"needs {need.capability.value}", str(need), state)
    try:
        chosen = choose_for(context.settings.installer, manifest.choice.kind)
    except SettingsError as error:
        yield Reason("installer", "none", str(error))
        return
    yield Reason("installer", chosen.installer.name, chosen.why)


def _are(names: Sequence[str]) -> str:
    return f"{'is' if len(names) == 1 else 'are'} {', '.join(names)}"


def missed_groups(record: ProjectRecord, manifest: Manifest) -> list[str]:
    """Return the groups that were asked for by hand and that the manifest which decides now does not have."""
    return [name for name in record.groups if name not in manifest.groups.offered]


def _choice(choice: Choice, manifest: Manifest | None) -> Iterator[Reason]:
    if manifest is None:
        yield Reason("manifest", "none", "there is no requirements.txt, no lock, and no pyproject.toml that declares dependencies")
    else:
        yield Reason("manifest", manifest.choice.name, manifest.choice.why)
        for file in manifest.files:
            if file.path != manifest.choice.name:
                yield Reason("decides too", file.path)
    for name, why in choice.passed:
        yield Reason("not", name, why)


def python_reasons(found: Survey) -> list[Reason]:
    """Return what the project asks of Python, and whether its environment has that."""
    reasons = []
    pin = python_pin(found.root)
    if pin and found.venv is not None:
        fits = FITS if matches_pin(pin, found.venv.cfg.version) else f"{found.venv.name} has {found.venv.cfg.version}"
        reasons.append(Reason("python", f".python-version says {pin}", fits))
    asked, where = _asked(found)
    if asked and found.venv is not None:
        fits = FITS if allows(asked, found.venv.cfg.version) else f"{found.venv.name} has {found.venv.cfg.version}"
        reasons.append(Reason("python", f"{where} says {asked}", fits))
    return reasons


def python_pin(root: Path) -> str:
    """Return what .python-version says, or an empty string."""
    try:
        text = read_regular(root / ".python-version", 4096).decode("utf-8", "replace")
    except UnreadableFile:
        return ""
    lines = (line.strip() for line in text.splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")


def _asked(found: Survey) -> tuple[str, str]:
    try:
        return manifests.asked_python(found.root)
    except ManifestError:
        return "", ""
