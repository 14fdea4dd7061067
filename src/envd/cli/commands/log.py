"""`envd log`."""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import asdict

from envd.cli.place import named
from envd.cli.terminal import paint, say
from envd.core.display import ago, duration, printable
from envd.core.errors import UsageError
from envd.core.records import Entry
from envd.operations.context import open_context
from envd.operations.remaining import still_kept
from envd.operations.survey import find_root, survey

DESCRIPTION = "Show what the syncs of the project here ran and what the installer printed, the newest last."
JSON_VERSION = 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="the project (default: the project here)")
    parser.add_argument("-n", type=int, default=5, metavar="COUNT", help="how many syncs to show (default: 5)")
    parser.add_argument("--json", action="store_true", help="write JSON")


def run(arguments: argparse.Namespace) -> int:
    """Show the log."""
    context = open_context()
    number = arguments.directory
    if number is not None and number.isdecimal() and not os.path.isdir(named(number)):
        raise UsageError(f"{number} is not a directory", hint=f"the newest {number}: envd log -n {number}")
    found = survey(context, find_root(context, named(arguments.directory)))
    entries = context.store.entries(str(found.root))[-max(arguments.n, 1) :]
    if arguments.json:
        say(json.dumps({"version": JSON_VERSION, "entries": [asdict(entry) for entry in entries]}, indent=2))
        return 0
    if not entries:
        say(f"{found.label} has not been synced yet")
    kept = {generation.number for generation in still_kept(found)}
    for entry in entries:
        _show(entry, f" · undo it with: envd undo {entry.number}" if entry.number in kept else "")
    return 0


def _show(entry: Entry, undo: str) -> None:
    mark = paint("✓", "green") if entry.ok else paint("✗", "red")
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.at))
    number = f" #{entry.number}" if entry.number else ""
    say(f"{mark}{number} {when} ({ago(time.time() - entry.at)}) by {entry.trigger}, {duration(entry.seconds)}{undo}")
    say(f"  {printable(entry.summary)}")
    for planned in entry.plan:
        say(f"  {printable(planned.word)}  {paint(printable(planned.reason), 'dim')}")
    for command in entry.commands:
        say(paint(f"  $ {printable(command)}", "dim"))
    for line in entry.output.splitlines():
        say(f"    {printable(line)}")
