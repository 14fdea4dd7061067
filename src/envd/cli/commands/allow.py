"""`envd allow`."""

from __future__ import annotations

import argparse

from envd.cli.place import named
from envd.cli.terminal import say
from envd.core.answer import SyncState
from envd.core.protocol import Verb
from envd.core.pyvenv import Health
from envd.operations.consent import allow, find_target
from envd.operations.context import open_context
from envd.operations.daemonlink import tell

DESCRIPTION = (
    "Allow a project: its environment is activated when you are in it, and its packages are kept in sync with requirements.txt, "
    "which runs the installer and what packages run while they are installed. Name the environment itself (envd allow DIR/.venv) "
    "to allow one that git tracks."
)
_TELL_SECONDS = 1.0
_PACKAGES = {
    SyncState.STALE: "packages are being synced",
    SyncState.SYNCING: "packages are being synced",
    SyncState.IN_SYNC: "packages in sync",
    SyncState.UNMANAGED: "there is no requirements.txt to sync with",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="the project, or its environment (default: the project here)")


def run(arguments: argparse.Namespace) -> int:
    """Allow the project and have it synced."""
    context = open_context()
    target = find_target(context, named(arguments.directory))
    found = allow(context, target)
    tell(context, Verb.CHECK, target.walked, _TELL_SECONDS)
    if found.venv is None:
        say(f"{found.label} is allowed; it has no environment yet: envd init")
    elif found.venv.diagnosis.health is not Health.WELL:
        say(f"{found.label} is allowed; its {found.venv.name} {found.venv.diagnosis}: {found.venv.diagnosis.remedy}")
    elif not context.settings.automatic and found.record.state is SyncState.STALE:
        say(f"{found.label} is allowed; sync.automatic is off: envd sync")
    else:
        say(f"{found.label} is allowed; {_PACKAGES.get(found.record.state, 'packages are not in sync: envd status')}")
    return 0
