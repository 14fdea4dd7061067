"""What `envd doctor` looks at: each thing that has to be right for envd to work here, and the way to mend it where it is not."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import envd
from envd.adapters.installers import choose_installer
from envd.adapters.shells import SHELLS, Shell, mark_of
from envd.core.display import printable, with_tilde
from envd.core.errors import EnvdError, NoProject
from envd.core.logins import is_login
from envd.core.rivals import PROJECT_FILES, Rival, rivals_in_project, rivals_in_rc
from envd.operations.context import Context
from envd.operations.rcedits import RcEdit, evaluates, has_scripts, loads, login_gap, plan_edits
from envd.operations.report import ProjectReport, daemon_state, report_and_publish
from envd.operations.setup import hook_text, is_current, present_shells
from envd.operations.survey import find_root
from envd.system.files import UnreadableFile, read_regular

_LIMIT = 1 << 20
# What a hook tells of itself: its shell, its mark, and where it stands.
_TOLD = 3
_LAST = "move envd's block to the end of ~/{rc}, and open a new shell"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `mend` says what to do where it is not right, and a `remark` is no fault of anybody's."""

    text: str
    mend: str = ""
    remark: bool = False

    @property
    def is_problem(self) -> bool:
        """Return whether something has to be done."""
        return bool(self.mend) and not self.remark


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever asks: where they stand, their variables, the command line that envd was started from, and whether they type."""

    walked: str
    variables: Mapping[str, str]
    parent: Sequence[str]
    at_terminal: bool

    @property
    def told(self) -> list[str]:
        """What the hook has told of this shell: its name, its mark, and where it stands; [''] where there is none."""
        return self.variables.get("ENVD_HOOK", "").split(" ")

    def is_missed_login(self, shell: Shell) -> bool:
        """Return whether they type into a login shell that has no hook."""
        return self.at_terminal and self.told == [""] and is_login(self.parent, shell.program)


def examine(context: Context, trouble: str, asker: Asker) -> Iterator[Finding]:
    """Yield the findings, from the outside in: settings, state, shells, this shell, daemon, installer, the project here.

    `trouble` is what is wrong with the settings. Nothing is changed by looking, but for an answer that has become untrue.
    """
    yield _settings(context, trouble)
    yield _state(context)
    for shell in present_shells():
        yield from _shell(context, shell, asker)
    if asker.at_terminal:
        yield from _this_shell(context, asker)
    yield _daemon(context)
    yield _installer(context)
    yield from _project(context, asker.walked, asker.variables)


def _settings(context: Context, trouble: str) -> Finding:
    if trouble:
        path = with_tilde(str(context.places.settings), context.home)
        return Finding(printable(trouble), f"mend {path}: until then prompts and daemon go by the defaults")
    return Finding(f"envd {envd.__version__}")


def _state(context: Context) -> Finding:
    state = context.places.state
    shown = with_tilde(str(state), context.home)
    try:
        if state.exists():
            context.places.prepare()
        elif not os.access(next(directory for directory in state.parents if directory.exists()), os.W_OK):
            return Finding(f"{shown} cannot be made", "make its directory writable for you")
    except EnvdError as error:
        return Finding(printable(str(error)), error.hint or "make it writable for you")
    return Finding(f"state in {shown}")


def _shell(context: Context, shell: Shell, asker: Asker) -> Iterator[Finding]:
    edit = plan_edits(context, [shell], scripts=has_scripts(context))[0]
    text = edit.before or ""
    rc = with_tilde(str(edit.path), context.home)
    if evaluates(shell, text):
        yield Finding(f"{shell.name}: {rc} evaluates the hook")
    elif not loads(context, shell, text):
        yield _unloaded(context, shell, edit, asker)
    elif edit.changes or not is_current(context, shell):
        yield Finding(f"{shell.name}: its hook is from another envd or for other settings", "envd setup")
    else:
        yield Finding(f"{shell.name}: {rc} loads envd")
    gap = login_gap(context, shell)
    if gap is not None and (evaluates(shell, text) or loads(context, shell, text)):
        mend = f"put into ~/{gap.file}: {gap.line}"
        yield Finding(f"{shell.name}: {gap.text}", mend, remark=not asker.is_missed_login(shell))
    yield from _rivals(rc, rivals_in_rc(text))


def _unloaded(context: Context, shell: Shell, edit: RcEdit, asker: Asker) -> Finding:
    text = f"{shell.name}: {with_tilde(str(edit.path), context.home)} does not load envd"
    mend = f"envd setup {shell.name}"
    if asker.told[:2] == [shell.name, mark_of(hook_text(context, shell))]:
        return Finding(f"{text}; this shell has the hook all the same", f"where no file that it reads does: {mend}", remark=True)
    if edit.obstacle:
        text, mend = f"{text}, and {printable(edit.obstacle)}", f"{mend} --print, and put these lines there yourself"
    return Finding(text, mend, remark=Path(asker.variables.get("SHELL", "")).name != shell.program)


def _rivals(file: str, found: list[Rival]) -> Iterator[Finding]:
    for rival in found:
        yield Finding(f"{file}:{rival.line}: {rival.name} activates environments as well", rival.mend)


def _this_shell(context: Context, asker: Asker) -> Iterator[Finding]:
    variables = asker.variables
    yield _loaded(context, asker.told)
    if variables.get("ENVD_DISABLE"):
        yield Finding("ENVD_DISABLE is set in this shell", "unset ENVD_DISABLE")
    if variables.get("CONDA_DEFAULT_ENV") == "base":
        yield Finding(
            "conda's base is active; envd puts environments before it", "conda config --set auto_activate_base false", remark=True
        )
    if variables.get("TERM_PROGRAM") == "vscode":
        text = "VS Code may type its own activation into new terminals; envd takes it for its own"
        yield Finding(text, 'set "python.terminal.activateEnvironment": false', remark=True)


def _loaded(context: Context, told: list[str]) -> Finding:
    """Return what is to be said of the hook in this shell, by what it has told."""
    shell = SHELLS.get(told[0])
    if shell is None or len(told) != _TOLD:
        return Finding("this shell has no hook", "open a new shell")
    _, mark, order = told
    if order == "gone":
        return Finding(f"this shell: {shell.name}, and something has taken the hook out of it", _LAST.format(rc=shell.rc))
    if mark != mark_of(hook_text(context, shell)):
        return Finding(f"this shell: {shell.name}, with the hook of an earlier set-up", "open a new shell")
    if order == "late":
        text = f"this shell: {shell.name}, with the hook; what runs before it sees each environment one prompt late"
        return Finding(text, _LAST.format(rc=shell.rc), remark=True)
    return Finding(f"this shell: {shell.name}, with the hook")


def _daemon(context: Context) -> Finding:
    reply, problem = daemon_state(context)
    if reply is None:
        absent = "not running" in problem
        return Finding(printable(problem), "envd daemon start" if absent else "envd daemon restart", remark=absent)
    if reply.release != envd.__version__:
        return Finding(f"the daemon is envd {reply.release}", "envd daemon restart")
    return Finding(f"daemon: pid {reply.pid}")


def _installer(context: Context) -> Finding:
    try:
        choice = choose_installer(context.settings.installer)
    except EnvdError as error:
        return Finding(printable(str(error)), error.hint)
    return Finding(f"installer: {choice.installer.name} ({printable(choice.why)})")


def _project(context: Context, walked: str, variables: Mapping[str, str]) -> Iterator[Finding]:
    try:
        root = find_root(context, walked)
    except NoProject:
        return
    report = report_and_publish(context, root, variables, inside=True)
    label, venv = report.found.label, report.found.venv
    if not report.is_allowed:
        yield Finding(f"{label} is not allowed", "envd allow")
    elif venv is None:
        yield Finding(f"{label} has no environment", "envd init")
    elif report.is_broken:
        yield Finding(f"{label}: {venv.name} {printable(str(venv.diagnosis))}", venv.diagnosis.remedy)
    else:
        yield _in_force(report, str(venv.bin), variables)
        yield from (Finding(f"{label}: {printable(damaged)}, perhaps cut off", "envd sync --mend") for damaged in report.damaged)
    for name in PROJECT_FILES:
        try:
            text = read_regular(Path(root, name), _LIMIT).decode("utf-8", "replace")
        except UnreadableFile:
            continue
        yield from _rivals(name, rivals_in_project(name, text))


def _in_force(report: ProjectReport, bin_directory: str, variables: Mapping[str, str]) -> Finding:
    label, active = report.found.label, variables.get("VIRTUAL_ENV", "")
    if active and not report.in_force:
        return Finding(f"{printable(active)} is active, by hand or by another program: envd leaves it alone", "deactivate")
    if report.is_due:
        return Finding(
            f"{label} is not active here yet: what prompts went by was out of date", "the next prompt has it", remark=True
        )
    if not report.in_force:
        if report.is_broken:
            return Finding(f"{label} is not active here", report.found.venv.diagnosis.remedy if report.found.venv else "")
        return Finding(f"{label} is not active here", "envd on" if variables.get("ENVD_HOOK") else "open a new shell")
    entries = variables.get("PATH", "").split(os.pathsep)
    first = next((entry for entry in entries if os.access(Path(entry, "python"), os.X_OK)), "")
    if first == bin_directory:
        return Finding(f"{label} is active, its Python comes first on PATH")
    return Finding(f"{label} is active, and the Python that comes first on PATH is in {printable(first)}", "envd off; envd on")
