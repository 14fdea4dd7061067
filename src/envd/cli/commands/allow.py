"""`envd allow`."""

from __future__ import annotations

import argparse

from envd.cli.asking import granted
from envd.cli.place import named
from envd.cli.terminal import say
from envd.core.answer import SyncState
from envd.core.capabilities import Capability, problem, remedy
from envd.core.display import printable
from envd.core.protocol import Verb
from envd.core.pyvenv import Health
from envd.operations.consent import allow, find_target
from envd.operations.context import open_context
from envd.operations.daemonlink import tell
from envd.operations.packages import unmet
from envd.operations.survey import survey

DESCRIPTION = (
    "Allow a project: its environment is activated when you are in it, and its packages are kept in sync with its manifest, "
    "with wheels of the indexes that you use anyway. What goes beyond that needs a word of its own, which is remembered until "
    "`envd deny` or `envd forget`. Name the environment itself (envd allow DIR/.venv) to allow one that git tracks."
)
_CAPABILITIES = {
    Capability.BUILD: "let it run code while packages are installed: for sources, repositories, local and editable projects",
    Capability.INDEX: "let it take packages from the indexes, links and hosts that its manifests name",
    Capability.LOCAL: "let it use wheels that are files, and manifests and projects outside its directory",
}
_TELL_SECONDS = 1.0
_PACKAGES = {
    SyncState.STALE: "packages are being synced",
    SyncState.SYNCING: "packages are being synced",
    SyncState.IN_SYNC: "packages in sync",
    SyncState.UNMANAGED: "there is no manifest to sync with",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="the project, or its environment (default: the project here)")

    for capability, text in _CAPABILITIES.items():
        parser.add_argument(f"--{capability.value}", action="append_const", dest="capabilities", const=capability, help=text)


def run(arguments: argparse.Namespace) -> int:
    """Allow the project and have it synced."""
    context = open_context()
    target = find_target(context, named(arguments.directory))
    found = allow(context, target, arguments.capabilities or ())
    needs = unmet(context, target.walked)
    if needs and granted(context, target.walked, needs):
        found, needs = survey(context, target.walked), ()
    tell(context, Verb.CHECK, target.walked, _TELL_SECONDS)
    if found.venv is None:
        say(f"{found.label} is allowed; it has no environment yet: envd init")
    elif found.venv.diagnosis.health is not Health.WELL:
        say(f"{found.label} is allowed; its {found.venv.name} {found.venv.diagnosis}: {found.venv.diagnosis.remedy}")
    elif needs:
        say(f"{found.label} is allowed; its packages are held back: {printable(problem(needs))}: {remedy(needs)}")
    elif not context.settings.automatic and found.record.state is SyncState.STALE:
        say(f"{found.label} is allowed; sync.automatic is off: envd sync")
    else:
        # Of what went wrong all is said here: the hook takes it as told.
        wrong = found.record.notice.text.removeprefix(f"{found.label} ") or "packages are not in sync: envd status"
        say(f"{found.label} is allowed; {_PACKAGES.get(found.record.state, wrong)}")
    return 0
