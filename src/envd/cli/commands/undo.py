"""`envd undo`."""

from __future__ import annotations

import argparse

from envd.cli.place import here
from envd.cli.terminal import Progress, paint, say
from envd.core.errors import DONE
from envd.operations.context import open_context
from envd.operations.daemonlink import revive
from envd.operations.kept import prune_later
from envd.operations.survey import find_root, survey
from envd.operations.undo import undo

DESCRIPTION = (
    "Bring back the environment of the project here as it was before the newest sync, or before sync N of envd log. What "
    "requirements.txt asks for now is then left alone until it changes or you sync it yourself. Undo once more to take it back."
)
_COLOURS = {"+": "green", "-": "red", "~": "yellow"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("number", nargs="?", type=_number, metavar="N", help="which sync, as envd log numbers them")


def _number(word: str) -> int:
    if not word.isdecimal() or not int(word):
        raise argparse.ArgumentTypeError(f"{word} is no number of a sync: envd log has them")
    return int(word)


def run(arguments: argparse.Namespace) -> int:
    """Undo and show what changed."""
    context = open_context()
    revive(context)
    walked = find_root(context, here())
    label = survey(context, walked).label
    with Progress(f"undoing in {label}") as progress:
        undone = undo(context, walked, arguments.number or 0, progress)
    prune_later(context, walked)
    changes, mine = undone.changes, undone.by_hand
    say(f"{label} is as it was before" if changes else f"{label} is as it was before: the same packages")
    for word in changes.words():
        say(f"  {paint(word, _COLOURS[word[0]])}")
    if mine:
        more = f" and {len(mine) - 1} more" if len(mine) > 1 else ""
        say(f"not of envd's making: {mine[0]}{more}; envd undo once more brings them back")
    return DONE
