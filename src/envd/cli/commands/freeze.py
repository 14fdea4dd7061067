"""`envd freeze`."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from envd.cli.place import named
from envd.cli.terminal import Progress, say
from envd.core.display import with_tilde
from envd.core.errors import DONE, UsageError
from envd.operations.context import Context, open_context
from envd.operations.freeze import Form, add, freeze
from envd.operations.survey import find_root
from envd.system.files import is_stream, replace_text, write_stream

# The names that PEP 751 has for locks.
_PYLOCK = re.compile(r"pylock\.(?:[^.]+\.)?toml")
DESCRIPTION = (
    "Write down what is installed in the environment of the project here, as a requirements file or as pylock.toml; or put a "
    "package that was installed by hand into the manifest."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="the project (default: the project here)")
    parser.add_argument("-o", dest="output", metavar="FILE", help="write to this file (default, and -: standard output)")
    parser.add_argument("--only-direct", action="store_true", help="leave out what is only there because another package needs it")
    parser.add_argument("--hashes", action="store_true", help="with the hashes that the index has")
    form = "requirements, or pylock for pylock.toml (PEP 751), which has hashes (default: what the name of FILE says)"
    parser.add_argument("--format", choices=("requirements", "pylock"), help=form)
    addition = "put this installed package into the manifest instead; may be repeated"
    parser.add_argument("--add", action="append", default=[], metavar="NAME", help=addition)


def run(arguments: argparse.Namespace) -> int:
    """Write what is installed, or add to the manifest."""
    context = open_context()
    walked = find_root(context, named(arguments.directory))
    if arguments.add:
        return _add(context, walked, arguments)
    is_lock = _PYLOCK.fullmatch(Path(arguments.output or "").name) is not None
    if is_lock and arguments.format == "requirements":
        raise UsageError(f"{arguments.output} is the name of a lock, not of requirements", hint="envd freeze -o FILE.txt")
    form = Form(arguments.only_direct, arguments.hashes, is_lock or arguments.format == "pylock")
    with Progress("envd freeze") as progress:
        text = freeze(context, walked, form, progress)
    if arguments.output in (None, "-"):
        sys.stdout.write(text)
        return DONE
    path = Path(named(arguments.output))
    if is_stream(path):
        write_stream(path, text)
        return DONE
    did = "replaced" if path.exists() else "wrote"
    replace_text(path, text)
    say(f"{did} {with_tilde(str(path), context.home)}")
    return DONE


def _add(context: Context, walked: str, arguments: argparse.Namespace) -> int:
    if arguments.output or arguments.only_direct or arguments.hashes or arguments.format:
        raise UsageError("--add adds to the manifest, and takes no other option", hint="envd freeze --add NAME")
    for name in arguments.add:
        line, file = add(context, walked, name)
        say(f"{file} has {line} now")
    return DONE
