"""`envd status`."""

from __future__ import annotations

import argparse
import json
import os
import time
from typing import Any

from envd.adapters.manifests import Manifest
from envd.cli.place import named
from envd.cli.terminal import NO_BREAK, paint, rows, say, tell
from envd.core.answer import SyncState
from envd.core.choosing import way_to_add
from envd.core.display import ago, duration, printable, with_tilde
from envd.core.errors import DONE, NoProject, NotAllowed, OutOfSync
from envd.core.notices import STANDING, first_words
from envd.core.records import Way
from envd.core.trust import Trust
from envd.operations.context import Context, open_context
from envd.operations.daemonlink import revive
from envd.operations.reasons import FITS, missed_groups, python_reasons
from envd.operations.remaining import still_kept
from envd.operations.report import ProjectReport, daemon_state, refuse_abandoned, refuse_damaged, refuse_unasked, report_and_publish
from envd.operations.survey import broken, find_root

DESCRIPTION = "Show the environment of the project here, its packages, the newest sync and the daemon."
JSON_VERSION = 1
_NAMES = len("environment")
_MOST_CHANGES = 8
_MOST_CONFLICTS = 3
_COLOURS = {
    SyncState.IN_SYNC: "green",
    SyncState.STALE: "yellow",
    SyncState.SYNCING: "yellow",
    SyncState.PAUSED: "yellow",
    SyncState.FAILED: "red",
    SyncState.UNMANAGED: "",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="the project (default: the project here)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="write JSON")
    form.add_argument("--short", action="store_true", help="write one line a project")
    parser.add_argument("--all", action="store_true", help="show every project that was allowed or denied")
    parser.add_argument("--check", action="store_true", help="exit 4 when not allowed, 5 when out of sync, 6 when broken")


def run(arguments: argparse.Namespace) -> int:
    """Show the reports, then check them if asked to."""
    context = open_context()
    revived = revive(context)
    here = not arguments.all and arguments.directory is None
    reports = [report_and_publish(context, walked, os.environ, inside=here) for walked in _wanted(context, arguments)]
    if arguments.json:
        say(json.dumps(_document(context, reports), indent=2))
    elif arguments.short:
        for report in reports:
            say(_short(report))
    else:
        _show(context, reports, revived=revived)
    return _checked(reports) if arguments.check else DONE


def _wanted(context: Context, arguments: argparse.Namespace) -> list[str]:
    if not arguments.all:
        return [find_root(context, named(arguments.directory))]
    # What a trusted root or a worktree allows has no word of the user's, and a seal.
    sealed = {record.root for record in context.store.projects() if record.seal is not None}
    known = {record.root for record in context.store.trusted()} | sealed
    gone = sorted(root for root in known if not os.path.isdir(root))
    if gone:
        tell(f"gone: {', '.join(with_tilde(root, context.home) for root in gone)}")
    return sorted(known - set(gone))


def _checked(reports: list[ProjectReport]) -> int:
    for report in reports:
        label = report.found.label
        if report.found.trust.trust is not Trust.ALLOWED:
            raise NotAllowed(f"{label} is not allowed", hint="envd allow")
        if report.found.venv is None:
            raise NoProject(f"{label} has no environment", hint="envd init")
        if report.is_broken:
            raise broken(label, report.found.venv)
        refuse_damaged(report)
        refuse_abandoned(report)
        refuse_unasked(report)
        if not report.is_settled:
            raise OutOfSync(f"packages of {label} {STANDING[report.packages.state]}", hint="envd sync")
    return DONE


# -- for people


def _show(context: Context, reports: list[ProjectReport], *, revived: bool) -> None:
    for number, report in enumerate(reports):
        if number:
            say()
        say(f"{paint(report.found.label, 'bold')}  {paint(with_tilde(report.found.walked, context.home), 'dim')}")
        for line in rows(_facts(report), _NAMES):
            say(line)
    if not reports:
        say("no project was allowed yet: envd allow")
    daemon = ("had ended without a word, and is being started again", "yellow") if revived else _daemon(context)
    for line in rows([("daemon", *daemon)], _NAMES):
        say(line)


def _facts(report: ProjectReport) -> list[tuple[str, str, str]]:
    facts = [("environment", *_environment(report)), ("trust", *_trust(report))]
    if not report.is_allowed or report.found.venv is None or report.is_broken:
        return facts
    facts.append(("packages", *_packages(report)))
    if report.packages.manifest is not None:
        facts.append(("manifest", *_manifest(report.packages.manifest)))
        missed = missed_groups(report.found.record, report.packages.manifest)
        facts.extend(("", f"has no group {name}, which was asked for by hand", "yellow") for name in missed)
    if report.counts.extras:
        facts.append(("extra", *_extras(report.counts.extras, report.packages.manifest)))
    unfit = [reason for reason in python_reasons(report.found) if reason.why != FITS]
    facts.extend(("python", f"{reason.what}, {reason.why}: envd init --clear", "yellow") for reason in unfit)
    synced = report.found.record.synced
    if synced is not None:
        by = "" if synced.way is Way.KEPT else f", {synced.installer}"
        words = " ".join(word.replace(" ", NO_BREAK) for word in first_words(synced.changes, _MOST_CHANGES)) or "nothing to change"
        facts.append(("last sync", f"{ago(time.time() - synced.at)}, {duration(synced.seconds)}{by}: {words}", ""))
        facts.extend(("", printable(f"but {conflict}"), "yellow") for conflict in synced.conflicts[:_MOST_CONFLICTS])
    elif report.found.record.undone:
        facts.append(("last sync", "undone: as it was before the first", ""))
    kept = still_kept(report.found)
    if synced is not None and kept:
        copied = f", {synced.copied} files copied for want of hard links" if synced.copied else ""
        facts.append(("before it", f"{len(kept)} kept: envd undo · {synced.way.value}{copied}", ""))
    if report.damaged:
        more = f" and {len(report.damaged) - 1} more" if len(report.damaged) > 1 else ""
        facts.append(("damaged", f"{printable(report.damaged[0])}{more}: envd sync --mend", "red"))
    return facts


def _environment(report: ProjectReport) -> tuple[str, str]:
    venv = report.found.venv
    if venv is None:
        return f"none: envd init makes one{f' · that of {report.instead} is active here' if report.instead else ''}", "yellow"
    if report.is_broken:
        return f"{venv.name} {printable(str(venv.diagnosis))}: {venv.diagnosis.remedy}", "red"
    if report.in_force:
        return f"{venv.name} · Python {venv.cfg.version} · active here", "green"
    if report.is_due:
        return f"{venv.name} · Python {venv.cfg.version} · active at the next prompt", "green"
    off = " · not active here: envd doctor" if report.is_missed else ""
    return f"{venv.name} · Python {venv.cfg.version}{off}", "yellow" if off else ""


def _trust(report: ProjectReport) -> tuple[str, str]:
    trust = report.found.trust
    if trust.trust is Trust.ALLOWED:
        may = f" · may use {', '.join(capability.value for capability in trust.capabilities)}" if trust.capabilities else ""
        return f"allowed ({printable(trust.source)}){may}", ""
    if trust.trust is Trust.DENIED:
        return "denied (envd allow allows it)", "red"
    if trust.refusal:
        return f"refused: {printable(trust.refusal)}: {printable(trust.remedy)}", "red"
    return f"not allowed{', ' + trust.source if trust.source else ''}: envd allow", "yellow"


def _extras(extras: tuple[str, ...], manifest: Manifest | None) -> tuple[str, str]:
    shown = ", ".join(name.replace(" ", NO_BREAK) for name in extras[:_MOST_CHANGES])
    more = f" and {len(extras) - _MOST_CHANGES} more" if len(extras) > _MOST_CHANGES else ""
    how = f": {way_to_add(manifest.choice, 'NAME')} puts one into the manifest" if manifest is not None else ""
    return f"{printable(shown)}{more} · put there by hand, and left alone{how}", ""


def _manifest(manifest: Manifest) -> tuple[str, str]:
    with_groups = f" with {', '.join(manifest.groups.taken)}" if manifest.groups.taken else ""
    return printable(f"{manifest.choice.name}{with_groups} · {manifest.choice.why} (envd why)"), ""


def _packages(report: ProjectReport) -> tuple[str, str]:
    state = report.packages.state
    if state is SyncState.UNMANAGED:
        unasked = ", ".join(report.packages.unasked)
        return (f"no manifest but groups: envd sync --group NAME, of {unasked}", "yellow") if unasked else ("no manifest", "")
    parts = [state.value]
    if report.packages.problem:
        remedy = f": {report.packages.remedy}" if report.packages.remedy else ""
        parts.append(printable(f"{report.packages.problem}{remedy}"))
    if state is SyncState.IN_SYNC:
        parts.append(f"{report.counts.wanted} package{'' if report.counts.wanted == 1 else 's'}")
    if report.counts.extra:
        parts.append(f"{report.counts.extra} extra")
    if state is SyncState.STALE:
        parts.append("envd sync")
    return " · ".join(parts), _COLOURS[state]


def _daemon(context: Context) -> tuple[str, str]:
    reply, problem = daemon_state(context)
    if reply is None:
        return "not running: envd daemon start" if "not running" in problem else problem, "yellow"
    count = len(reply.projects)
    return f"running · pid {reply.pid} · {count} active project{'' if count == 1 else 's'}", ""


def _short(report: ProjectReport) -> str:
    venv = report.found.venv
    if report.found.trust.trust is not Trust.ALLOWED:
        return f"{report.found.label}: {'denied' if report.found.trust.trust is Trust.DENIED else 'not allowed'}"
    if venv is None or report.is_broken:
        return f"{report.found.label}: {'broken' if venv else 'no environment'}"
    return f"{report.found.label}: {venv.name} Python {venv.cfg.version}, {report.packages.state.value}"


# -- for programs


def _document(context: Context, reports: list[ProjectReport]) -> dict[str, Any]:
    reply, problem = daemon_state(context)
    daemon = {"running": reply is not None, "pid": reply.pid if reply else None, "problem": problem or None}
    return {"version": JSON_VERSION, "daemon": daemon, "projects": [_object(report) for report in reports]}


def _manifest_object(manifest: Manifest | None) -> dict[str, Any] | None:
    if manifest is None:
        return None
    choice = manifest.choice
    return {"file": choice.name, "kind": choice.kind.value, "why": choice.why, "groups": list(manifest.groups.taken)}


def _object(report: ProjectReport) -> dict[str, Any]:
    found, venv, synced = report.found, report.found.venv, report.found.record.synced
    return {
        "root": found.walked,
        "label": found.label,
        "trust": {
            "state": found.trust.trust.value,
            "source": found.trust.source or None,
            "refusal": found.trust.refusal or None,
            "capabilities": [capability.value for capability in found.trust.capabilities],
        },
        "environment": venv
        and {
            "name": venv.name,
            "path": str(venv.path),
            "python": venv.cfg.version,
            "health": "well" if not report.is_broken else str(venv.diagnosis),
            "active": report.in_force,
        },
        "manifest": _manifest_object(report.packages.manifest),
        "packages": {
            "state": report.packages.state.value,
            "problem": report.packages.problem or None,
            "wanted": report.counts.wanted,
            "extra": report.counts.extra,
            "damaged": list(report.damaged),
            "extras": [name.partition(" ")[0] for name in report.counts.extras],
        },
        "last_sync": synced
        and {
            "at": synced.at,
            "seconds": synced.seconds,
            "installer": synced.installer,
            "added": dict(synced.changes.added),
            "removed": dict(synced.changes.removed),
            "changed": {name: list(versions) for name, versions in synced.changes.changed.items()},
            "way": synced.way.value,
            "copied": synced.copied,
            "conflicts": list(synced.conflicts),
        },
        "generations": [kept.number for kept in found.record.generations],
    }
