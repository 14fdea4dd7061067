"""`envd sync`."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from envd.cli.asking import asking
from envd.cli.place import named
from envd.cli.terminal import Progress, paint, say, tell
from envd.core.answer import SyncState
from envd.core.display import duration, printable
from envd.core.errors import DONE, EnvdError, InstallFailed, OutOfSync, UsageError
from envd.core.notices import STANDING
from envd.core.packages import Changes
from envd.core.wish import Wish
from envd.operations.check import ailments
from envd.operations.context import Context, open_context
from envd.operations.daemonlink import revive
from envd.operations.groups import regrouped
from envd.operations.installing import Report, ready_to_sync, unreadable
from envd.operations.job import Outcome
from envd.operations.kept import prune_later
from envd.operations.leaving import extras
from envd.operations.packages import compare_packages
from envd.operations.planning import plan
from envd.operations.report import ProjectReport, refuse_abandoned, refuse_damaged, refuse_unasked, report_project
from envd.operations.survey import find_root, survey
from envd.operations.sync import sync

DESCRIPTION = (
    "Make the packages of the project here match its manifest now, also where the daemon holds back. Only wheels of "
    "the indexes that you use anyway are installed; what asks for more is named, and asked about at a terminal."
)
JSON_VERSION = 1
Watch = Callable[[str], Progress]
_COLOURS = {"+": "green", "-": "red", "~": "yellow"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="the project (default: the project here)")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    choice.add_argument("--check", action="store_true", help="change nothing; exit 5 when out of sync")
    parser.add_argument("--exact", action="store_true", help="remove what no manifest asks for, after showing it")
    parser.add_argument("--mend", action="store_true", help="install damaged packages anew")
    parser.add_argument("--wait", action="store_true", help="wait until programs that run from the environment have ended")
    parser.add_argument("--yes", action="store_true", help="do not ask before --exact removes something")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("-q", "--quiet", action="store_true", help="say nothing but what went wrong")
    form.add_argument("--json", action="store_true", help="write JSON")
    group = "sync this group too, from now on: a requirements file, an extra, a dependency group; may be repeated"
    parser.add_argument("--group", dest="groups", action="append", default=[], metavar="NAME", help=group)
    ungroup = "do not sync this group any more; may be repeated"
    parser.add_argument("--no-group", dest="no_groups", action="append", default=[], metavar="NAME", help=ungroup)


@dataclass(frozen=True, slots=True)
class _Result:
    """What is to be told of a sync, a plan or a check."""

    label: str
    state: SyncState
    lines: tuple[str, ...]
    changes: Changes = field(default_factory=Changes)
    seconds: float = 0.0
    mended: tuple[str, ...] = ()


def run(arguments: argparse.Namespace) -> int:
    """Sync, plan or check, and tell what came of it."""
    if not arguments.json:
        return _run(arguments)
    try:
        return _run(arguments)
    except EnvdError as error:
        say(json.dumps(_failed(error), indent=2))
        raise


def _run(arguments: argparse.Namespace) -> int:
    context = open_context()
    revive(context)
    walked = find_root(context, named(arguments.directory))
    regroups = arguments.groups or arguments.no_groups
    only_looks = arguments.check or arguments.dry_run
    if regroups and only_looks:
        raise UsageError("groups are remembered when they are synced", hint="envd sync --group NAME, without --check and --dry-run")
    watch = _Quiet if arguments.quiet else Progress
    wish = Wish(True, arguments.exact, arguments.mend, arguments.wait)
    act = partial(_check if arguments.check else _plan if arguments.dry_run else _sync, wish=wish)
    with regrouped(context, walked, arguments.groups, arguments.no_groups) if regroups else contextlib.nullcontext() as take_back:
        if arguments.exact and not only_looks and not _agreed(context, walked, asked=not arguments.yes):
            if take_back is not None:
                take_back()
            tell("nothing was changed")
            return DONE
        result = act(context, walked, watch)
    if act.func is _sync and result.state is SyncState.UNMANAGED and not regroups:
        report = report_project(context, walked)
        refuse_abandoned(report)
        refuse_unasked(report)
    if arguments.json:
        say(json.dumps(_document(result), indent=2))
    elif not arguments.quiet:
        for line in (*result.lines, *_shown(result.changes), *(f"  mended {name}" for name in result.mended)):
            say(line)
    return DONE


def _agreed(context: Context, walked: str, *, asked: bool) -> bool:
    """Show what `--exact` removes, and ask when something is."""
    leaving = Changes(removed=_extras(context, walked))
    if not leaving:
        return True
    for line in (f"no manifest of {survey(context, walked).label} asks for:", *_shown(leaving)):
        tell(line)
    if not asked:
        return True
    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked here", hint="envd sync --exact --yes")
    try:
        return input("remove all this? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _extras(context: Context, walked: str) -> dict[str, str]:
    """Return what `--exact` removes, with versions."""
    found = survey(context, walked)
    venv = ready_to_sync(found)
    manifest = compare_packages(context, found, venv).manifest
    return extras(venv, manifest) if manifest is not None else {}


def _document(result: _Result) -> dict[str, object]:
    changes = result.changes
    return {
        "version": JSON_VERSION,
        "label": result.label,
        "state": result.state.value,
        "seconds": round(result.seconds, 3),
        "added": dict(changes.added),
        "removed": dict(changes.removed),
        "changed": {name: list(versions) for name, versions in changes.changed.items()},
        "mended": list(result.mended),
    }


def _failed(error: EnvdError) -> dict[str, object]:
    return {"version": JSON_VERSION, "error": {"message": str(error), "hint": error.hint, "exit_code": error.exit_code}}


class _Quiet(Progress):
    """Progress that nobody is shown."""

    def __init__(self, title: str) -> None:
        super().__init__(title, live=False)


def _check(context: Context, walked: str, watch: Watch, *, wish: Wish) -> _Result:
    report = report_project(context, walked)
    ready_to_sync(report.found)
    label, state = report.found.label, report.packages.state
    refuse_damaged(report)
    unasked = ", ".join(_extras(context, walked)) if wish.exact else ""
    if unasked:
        raise OutOfSync(f"no manifest of {label} asks for {unasked}", hint="envd sync --exact")
    with watch(f"checking {label}") as progress:
        # Another tool may have made it so, as in a fresh checkout of CI, or since a sync failed.
        if _is_so(context, walked, report, progress):
            state = SyncState.IN_SYNC
    if state not in (SyncState.IN_SYNC, SyncState.UNMANAGED):
        problem = f": {report.packages.problem}" if report.packages.problem else ""
        unusable = report.packages.manifest is None
        hint = unreadable(report.packages).hint if unusable else report.packages.remedy or "envd sync"
        raise OutOfSync(f"packages of {label} {STANDING[state]}{printable(problem)}", hint=hint)
    refuse_abandoned(report)
    refuse_unasked(report)
    return _Result(label, state, (f"{label} is {_settled(state)}",))


def _is_so(context: Context, walked: str, report: ProjectReport, progress: Report) -> bool:
    """Return whether nothing would change for a manifest that no sync has succeeded for."""
    packages, failure = report.packages, report.found.record.failure
    if packages.state is SyncState.STALE:
        return not plan(context, walked, progress).changes
    if packages.state is not SyncState.FAILED or failure is None or failure.reason != packages.problem:
        return False
    with contextlib.suppress(InstallFailed):
        return not plan(context, walked, progress).changes
    return False


def _plan(context: Context, walked: str, watch: Watch, *, wish: Wish) -> _Result:
    report = report_project(context, walked)
    label = report.found.label
    with watch(f"planning {label}") as progress:
        planned = plan(context, walked, progress)
    changes = planned.changes
    if wish.exact:
        changes = replace(changes, removed={**changes.removed, **_extras(context, walked)})
    damaged = [f"would be mended: {printable(one)}" for one in report.damaged] if wish.mend else []
    held = [f"held back: {printable(planned.problem)}"] if planned.problem else []
    if not changes:
        stale = planned.state is SyncState.STALE or damaged
        said = f"{label}: nothing would change" if stale else f"{label} is {_settled(planned.state)}"
    else:
        packages = "1 package" if changes.count == 1 else f"{changes.count} packages"
        said = f"{label} would change {packages} ({planned.installer}):"
    return _Result(label, planned.state, (*held, *damaged, said), changes)


def _sync(context: Context, walked: str, watch: Watch, *, wish: Wish) -> _Result:
    label = survey(context, walked).label

    def act() -> Outcome:
        with watch(f"syncing {label}") as progress:
            return sync(context, walked, "envd sync", progress, wish=wish)

    try:
        outcome = asking(context, walked, act)
    except InstallFailed as error:
        error.consequence = f"{label} is not synced"
        raise
    prune_later(context, walked)
    done = outcome.changes or outcome.mended
    said = f"{label} synced in {duration(outcome.seconds)}" if done else f"{label} is {_settled(outcome.state)}"
    still = [f"damaged: {printable(one)}: envd sync --mend" for one in ailments(ready_to_sync(survey(context, walked)))]
    return _Result(label, outcome.state, (said, *still), outcome.changes, outcome.seconds, outcome.mended)


def _settled(state: SyncState) -> str:
    return "without a manifest: nothing to sync" if state is SyncState.UNMANAGED else state.value


def _shown(changes: Changes) -> list[str]:
    return [f"  {paint(word, _COLOURS[word[0]])}" for word in changes.words()]
