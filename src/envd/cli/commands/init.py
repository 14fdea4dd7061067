"""`envd init`."""

from __future__ import annotations

import argparse

from envd.adapters.venvs import Venv
from envd.cli.asking import asking
from envd.cli.place import named
from envd.cli.terminal import Progress, say
from envd.core.answer import SyncState
from envd.core.display import duration
from envd.core.notices import first_words
from envd.core.protocol import Verb
from envd.core.wish import BY_HAND
from envd.operations.context import Context, open_context
from envd.operations.create import Wish, create
from envd.operations.daemonlink import tell
from envd.operations.job import Outcome
from envd.operations.packages import compare_packages
from envd.operations.reasons import FITS, python_reasons
from envd.operations.survey import survey
from envd.operations.sync import sync

DESCRIPTION = (
    "Make the environment of the project in the current directory or in DIR, with uv where there is one, else with venv; allow the "
    "project and sync it."
)


_SHOWN = 8


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="the project (default: the current directory)")
    parser.add_argument("--python", default="", metavar="PYTHON", help="a version (3.12) or the path of an interpreter")
    parser.add_argument("--system-site-packages", action="store_true", help="let the environment see the base Python's packages")
    parser.add_argument("--prompt", default="", metavar="NAME", help="what the prompt shows instead of the project's name")
    extra = "install this requirements file too; may be repeated"
    parser.add_argument("-r", dest="manifests", action="append", default=[], metavar="FILE", help=extra)
    parser.add_argument("--clear", action="store_true", help="make an existing environment anew")


def run(arguments: argparse.Namespace) -> int:
    """Make the environment; the packages of requirements.txt follow at once."""
    context = open_context()
    directory = named(arguments.directory)
    wish = Wish(
        python=arguments.python,
        system_site_packages=arguments.system_site_packages,
        prompt=arguments.prompt,
        manifests=tuple(arguments.manifests),
        clear=arguments.clear,
    )
    venv = asking(context, directory, lambda: _create(context, directory, wish))
    found = survey(context, directory)
    label = found.label
    asked = "".join(f"; {reason.what}{_but(reason.why)}" for reason in python_reasons(found))
    say(f"{label} has {venv.name} (Python {venv.cfg.version}{asked}) and is allowed")
    for name in wish.manifests:
        say(f"installed what {name} asks for, this once")
    outcome = asking(context, directory, lambda: _sync(context, directory))
    if outcome.changes:
        say(f"{label} synced in {duration(outcome.seconds)}: {' '.join(first_words(outcome.changes, _SHOWN))}")
    unasked = compare_packages(context, found, venv).unasked if outcome.state is SyncState.UNMANAGED else ()
    if unasked:
        say(f"{label} has no manifest but groups, synced when they are asked for: {', '.join(unasked)} (envd sync --group NAME)")
    tell(context, Verb.CHECK, directory, 1.0)
    return 0


def _but(why: str) -> str:
    return "" if why == FITS else ", which this is not"


def _create(context: Context, directory: str, wish: Wish) -> Venv:
    with Progress("envd init") as progress:
        return create(context, directory, wish, progress)


def _sync(context: Context, directory: str) -> Outcome:
    with Progress("envd init") as progress:
        return sync(context, directory, "envd init", progress, wish=BY_HAND)
