"""Making an environment: with uv, else with venv of the Python asked for; the one before stays until the new one works."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from envd.adapters import generations
from envd.adapters.installers import choose_installer
from envd.adapters.installers.uv import Uv
from envd.adapters.manifests import load_file, load_manifest
from envd.adapters.venvs import Venv, find_venv
from envd.core.errors import InstallFailed, ManifestError, NotAllowed, StateError, UsageError
from envd.core.order import references_to
from envd.core.pythons import allows, release
from envd.core.pyvenv import Health
from envd.core.records import ProjectRecord
from envd.core.trust import Trust
from envd.operations.consent import Target, allow
from envd.operations.context import Context
from envd.operations.installing import Attempt, Report, order_for, refuse_what_is_missing, why_failed
from envd.operations.kept import prune_later
from envd.operations.publish import publish
from envd.operations.reasons import python_pin
from envd.operations.survey import Survey, survey
from envd.operations.wishes import wishes_of
from envd.system.locks import locked
from envd.system.processes import Finished, find_program, run

# By which a shell says what `python` is in it, where that is a stand-in that a version manager has put on PATH.
_MANAGERS = ("PYENV_VERSION", "ASDF_PYTHON_VERSION", "ASDF_DATA_DIR", "MISE_PYTHON_VERSION")
_MINORS = tuple(f"3.{minor}" for minor in range(20, 7, -1))


@dataclass(frozen=True, slots=True)
class Wish:
    """What the new environment is to be: `python` a version or a path ('' for the usual one), `manifests` to install at once.

    `asked` is what the project itself says of Python: a version or specifiers.
    """

    python: str = ""
    system_site_packages: bool = False
    prompt: str = ""
    manifests: tuple[str, ...] = ()
    clear: bool = False
    asked: str = ""


def create(context: Context, directory: str, wish: Wish, report: Report) -> Venv:
    """Make the environment of the project in `directory`, allow the project, and install the manifests of the wish.

    Raises EnvdError when there is one already, the Python is not found or an installer fails; then all is as before.
    """
    path = _place(context, directory, wish)
    wish = replace(_as_before(path, wish), asked=_asked_python(context, directory))
    _check_manifests(survey(context, directory), wish.manifests)
    context.places.prepare()
    # The daemon must not sync what is only half made.
    with locked(context.store.sync_lock(os.path.realpath(directory))):
        venv = _create(context, path, wish, report)
    # What was published while that lock was held says that packages are being synced.
    publish(context, directory)
    return venv


def _create(context: Context, path: Path, wish: Wish, report: Report) -> Venv:
    directory = str(path.parent)
    aside = _set_aside(path)
    try:
        _make(context, path, wish, report)
        venv = find_venv(Path(directory), (path.name,))
        if venv is None or venv.diagnosis.health is not Health.WELL:
            raise StateError(f"the new {path.name} {venv.diagnosis if venv else 'is not there'}")
        _install(context, Path(directory), venv, wish, report)
        # Last, for nothing after it can fail: the environment that would come back was perhaps never allowed.
        allow(context, Target(directory, path.name))
        context.store.update(os.path.realpath(directory), _begun_anew)
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        if aside is not None:
            os.replace(aside, path)
        raise
    if aside is not None:
        _discard(context, aside, venv)
    return venv


def _begun_anew(record: ProjectRecord) -> ProjectRecord:
    """Return the record of a project whose environment nothing was synced into yet; the numbers in its log go on."""
    return replace(record, synced=None, failure=None, generations=(), undone="", undone_to="")


def _discard(context: Context, path: Path, venv: Venv) -> None:
    """Remove what was an environment: a directory, or a link to one or a file that names one, which is left alone."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    # A large one takes seconds, in which nothing may be left lying about: it goes where a process of its own removes it.
    try:
        generations.take_in(generations.shelf_for(venv.path, str(path.parent)), path)
    except (OSError, StateError):
        shutil.rmtree(path, ignore_errors=True)
    prune_later(context, str(path.parent))


def _place(context: Context, directory: str, wish: Wish) -> Path:
    """Return where the environment goes; raises UsageError when something is there that is to stay."""
    if not os.path.isdir(directory):
        raise UsageError(f"{directory} is not a directory")
    if ":" in directory:
        raise UsageError(f"{directory} holds a colon: an environment in it could not be put on PATH", hint="rename the directory")
    found = survey(context, directory)
    if found.trust.trust is Trust.DENIED:
        raise NotAllowed(f"{found.label} is denied", hint="envd allow")
    if found.trust.refusal:
        raise NotAllowed(f"{found.label} cannot be allowed: {found.trust.refusal}", hint=f"{found.trust.remedy}, then: envd init")
    path = Path(directory, found.venv.name if found.venv is not None else context.settings.names[0])
    if os.path.lexists(path) and not wish.clear:
        what = f"{path.name} (Python {found.venv.cfg.version})" if found.venv and found.venv.cfg.version else path.name
        raise UsageError(f"{found.label} has {what} already", hint="make it anew: envd init --clear")
    return path


def _as_before(path: Path, wish: Wish) -> Wish:
    """Return the wish with what the environment that it replaces was made with, where it says nothing else."""
    old = find_venv(path.parent, (path.name,))
    if old is None:
        return wish
    shared = wish.system_site_packages or old.cfg.system_site_packages
    return replace(wish, prompt=wish.prompt or old.cfg.prompt, system_site_packages=shared)


def _check_manifests(found: Survey, names: Sequence[str]) -> None:
    """Raise UsageError for a manifest that cannot be read, CapabilityMissing for one that asks for more than wheels."""
    for name in names:
        try:
            manifest = load_file(found.root, name)
        except ManifestError as error:
            raise UsageError(str(error)) from None
        refuse_what_is_missing(found, manifest)


def _set_aside(path: Path) -> Path | None:
    if not os.path.lexists(path):
        return None
    aside = path.with_name(f"{path.name}.before-{secrets.token_hex(4)}")
    try:
        os.replace(path, aside)
    except OSError as error:
        raise StateError(f"{path} cannot be moved aside: {error.strerror}") from None
    return aside


def _make(context: Context, path: Path, wish: Wish, report: Report) -> None:
    failures = []
    for command in _commands(context, path, wish):
        report(f"making {path.name}")
        finished = run(command, path.parent)
        if finished.code == 0:
            finished = _seeded(context, path)
        if finished.code == 0:
            return
        shutil.rmtree(path, ignore_errors=True)
        failures.append(_said(finished.output))
    asked = f" (the project asks for Python {wish.asked})" if wish.asked and not wish.python else ""
    why = f"{path.name} could not be made: {failures[0]}{asked}"
    raise InstallFailed(why, hint="envd init --python PATH names the Python to use")


def _seeded(context: Context, path: Path) -> Finished:
    """Put pip into a new environment that has none: typed without one there, `pip` would be the global one."""
    if any(path.glob("lib/*/site-packages/pip-*.dist-info")):
        return Finished(0, "")
    installer = choose_installer(context.settings.installer).installer
    return run(installer.seed(path / "bin" / "python"), path.parent)


def _said(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return Uv(Path("uv")).reason(output) if any("error:" in line or "×" in line for line in lines) else " ".join(lines[-1:])


def _commands(context: Context, path: Path, wish: Wish) -> list[list[str]]:
    """Return the commands to try in turn: uv, which has pip from the index, and venv, which has it bundled."""
    options = ["--system-site-packages"] if wish.system_site_packages else []
    prompt = ["--prompt", wish.prompt] if wish.prompt else []
    commands = []
    installer = choose_installer(context.settings.installer).installer
    if isinstance(installer, Uv):
        wanted = wish.python or wish.asked
        python = ["--python", wanted] if wanted else []
        commands.append([str(installer.program), "venv", "--quiet", *python, *options, *prompt, str(path)])
    interpreter = _interpreter(wish.python) if wish.python or not wish.asked else _fitting(wish.asked)
    if interpreter:
        commands.append([interpreter, "-I", "-m", "venv", *options, *prompt, str(path)])
    if not commands:
        raise UsageError(
            f"there is no Python {wish.python or wish.asked} on PATH", hint="envd init --python PATH names the interpreter itself"
        )
    return [[*references_to(name for name in _MANAGERS if name in os.environ), *command] for command in commands]


def _asked_python(context: Context, directory: str) -> str:
    """Return the Python that the project asks for: its .python-version, else what its manifest says."""
    found = survey(context, directory)
    pin = python_pin(found.root)
    if release(pin):
        return pin
    try:
        manifest = load_manifest(found.root, wishes_of(context, found.root, found.record))
    except ManifestError:
        return ""
    return manifest.requires_python[0] if manifest is not None else ""


def _fitting(asked: str) -> str:
    """Return the newest interpreter on PATH that fits a version or specifiers, the usual one first; '' without one."""
    path = os.environ.get("PATH", os.defpath)
    if release(asked):
        found = find_program(f"python{asked}", path) or find_program(f"python{'.'.join(asked.split('.')[:2])}", path)
        return str(found) if found else ""
    for minor in _MINORS:
        found = find_program(f"python{minor}", path)
        # Whether its micro version fits is seen when the environment is synced.
        if found is not None and (allows(asked, f"{minor}.99") or allows(asked, f"{minor}.0")):
            return str(found)
    return ""


def _interpreter(wanted: str) -> str:
    """Return the interpreter that `--python` means to venv, or an empty string; without a wish, the one on PATH."""
    path = os.environ.get("PATH", os.defpath)
    if os.sep in wanted:
        return os.path.abspath(wanted) if os.access(wanted, os.X_OK) else ""
    if wanted:
        found = find_program(wanted if wanted.startswith("python") else f"python{wanted}", path)
        return str(found) if found else ""
    found = find_program("python3", path)
    return str(found) if found else getattr(sys, "_base_executable", sys.executable)


def _install(context: Context, root: Path, venv: Venv, wish: Wish, report: Report) -> None:
    installer = choose_installer(context.settings.installer).installer
    found = survey(context, str(root))
    for name in wish.manifests:
        report(f"installing {name}")
        manifest = load_file(found.root, name)
        order = order_for(context, found, manifest)
        finished = run(installer.install(venv.python, order), root, report)
        if finished.code != 0:
            attempt = Attempt(installer, venv.python, order, lambda command: run(command, root))
            raise why_failed(attempt, manifest, finished.output)
