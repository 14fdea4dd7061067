"""uv pip: resolves and installs into the environment whose interpreter it is given."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from envd.adapters.installers.usersettings import settings_words, user_words
from envd.core.choosing import ManifestKind
from envd.core.order import Order, references
from envd.core.packages import Changes
from envd.core.requirements import normalized

_ANNOUNCED = re.compile(r"^ ([+~-]) ([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
_CONCLUSION = re.compile(r",? (and|so)? ?we can conclude that your requirements are unsatisfiable\.?$")
_ANSWER = re.compile(r"Querying Python at .*\n\s*\[stderr\]\s*(\S.*)")
_NOT_FOUND = re.compile(r"^Because (\S+) was not found in the package registry and you require \1$")
# Its last words, where an index said that it would not tell: without them the package seems not to exist.
_DENIED = re.compile(r"^hint: (An index .*\b(?:401|403)\b [A-Z][a-z]+\)?)", re.MULTILINE)
_FRAME = re.compile(r"^[\s×├╰─▶│]+")
_UNBUILT = (
    re.compile(r"`([A-Za-z0-9._-]+)[^`]*` because building from source is disabled"),
    re.compile(r"[Bb]uilding source distributions for `([A-Za-z0-9._-]+)[^`]*` is disabled"),
    re.compile(r"`([A-Za-z0-9._-]+)[^`]*` can't be installed because it is marked as `--no-build`"),
)
_STREAM = re.compile(r"\[std(?:out|err)\]")
_CAUSE = re.compile(r"^(?:cause|Caused by): *")


class Uv:
    """uv, called by its absolute path and told the absolute path of the Python to work on."""

    name = "uv"
    knows_offline = True
    foresees = True

    def __init__(self, program: Path) -> None:
        self.program = program

    def install(self, python: Path, order: Order) -> list[str]:
        """Return `uv pip install -r`: never `uv pip sync`, which takes an incomplete list for a complete one."""
        return [*_words(order), *self._pip("install", python), *_options(order)]

    def seed(self, python: Path) -> list[str]:
        """Return `uv pip install pip`; `uv venv --seed` would bring wheel and setuptools too for the older Pythons."""
        return [*user_words(os.environ), *self._pip("install", python), "pip"]

    def reinstall(self, python: Path, order: Order, versions: Mapping[str, str]) -> list[str]:
        """Return `uv pip install --reinstall-package`, with the indexes that requirements files name."""
        pins = [f"{name}=={version}" for name, version in versions.items()]
        again = [word for name in versions for word in ("--reinstall-package", name)]
        plain = order if order.kind is ManifestKind.REQUIREMENTS else Order((), build=order.build)
        words = _options(replace(plain, complete=True, offline=False))
        return [*_words(plain), *self._pip("install", python), *again, *words, *pins]

    def uninstall(self, python: Path, names: Sequence[str]) -> list[str]:
        """Return `uv pip uninstall`."""
        return [*self._pip("uninstall", python), *names]

    def preview(self, python: Path, order: Order) -> list[str]:
        """Return `uv pip install --dry-run`."""
        return [*_words(order), *self._pip("install", python), "--dry-run", *_options(order)]

    def read_preview(self, output: str, installed: dict[str, str]) -> Changes:
        """Return the packages in uv's `+ name==version` lines; a `-` and a `+` of one name are a change."""
        found: dict[str, dict[str, str]] = {"+": {}, "-": {}, "~": {}}
        for sign, name, version in _ANNOUNCED.findall(output):
            found[sign][normalized(name)] = version
        added, removed = found["+"], found["-"]
        both = added.keys() & removed.keys()
        return Changes(
            added={name: version for name, version in added.items() if name not in both},
            removed={name: version for name, version in removed.items() if name not in both},
            changed={name: (removed[name], added[name]) for name in sorted(both)},
        )

    def pin(self, python: Path, order: Order, written: Path) -> list[str]:
        """Return `uv pip compile` of what is pinned already: nothing is resolved anew."""
        form = ["--format", "pylock.toml"] if written.name == "pylock.toml" else ["--generate-hashes"]
        quiet = ["--quiet", "--no-deps", "--no-header", "--no-annotate"]
        return [*_words(order), *self._pip("compile", python), *quiet, *form, "--output-file", str(written), *order.files]

    def read_pins(self, written: Path) -> str:
        """Return what uv wrote."""
        return written.read_text("utf-8")

    def reason(self, output: str) -> str:
        """Return uv's explanation: the first cause below its headline, and the last one where that goes deeper.

        The headline takes the first one's place where it alone names the package. uv draws causes as a tree (`╰─▶`) or
        begins their lines with `Caused by:` or, since 0.13, `cause:`; long ones are wrapped. What a program that it asked
        said itself (`[stderr]`), as pyenv's python does, is all there is to say.
        """
        asked = _ANSWER.search(output)
        if asked:
            return asked.group(1).strip()
        headline, causes = "", list[str]()
        for line in _without_tracebacks(output):
            text = _FRAME.sub("", line).strip()
            if text and not text.strip("^~ "):
                continue  # points at the line above
            if line.startswith("error:") or line.lstrip().startswith("×"):
                headline, causes = text.removeprefix("error:").strip(), []
            elif text.startswith("hint:"):
                break
            elif "─▶" in line or _CAUSE.match(text):
                causes.append(_CAUSE.sub("", text))
            elif causes and text:
                causes[-1] += f" {text}"
        if not causes or ("`" in headline and "`" not in causes[0]):
            causes.insert(0, headline or "uv said nothing")
        first = _NOT_FOUND.sub(r"\1 was not found in the package registry", _CONCLUSION.sub("", causes[0]))
        if first != causes[0]:
            first = first.removeprefix("Because ")  # of what is left it is no reason
        denied = _DENIED.search(output)
        more = [denied.group(1)] if denied else causes[1:][-1:]
        return f"{first} ({more[0]})" if more else first

    def diagnose(self, python: Path, order: Order, output: str) -> list[str]:
        """Return nothing: uv says all at once."""
        return []

    def unbuilt(self, output: str) -> str:
        """Return the package in uv's hint that building is disabled, or in what `uv sync` says of one without a wheel."""
        said = " ".join(output.split())
        return next((normalized(name) for pattern in _UNBUILT for name in pattern.findall(said)), "")

    def _pip(self, verb: str, python: Path) -> list[str]:
        return [str(self.program), "--no-progress", *settings_words(os.environ), "pip", verb, "--python", str(python)]


def _without_tracebacks(output: str) -> Iterator[str]:
    """Yield the lines of what uv says, and of what a build printed the last one of its last stream, with the stream's name."""
    held: list[str] = []
    for line in output.splitlines():
        if _STREAM.fullmatch(line.strip()):
            held = [line, ""]
        elif not held or line.startswith("hint:"):
            yield from (*held, line)
            held = []
        elif line.strip():
            held[1] = f"  {line.strip()}"  # set in: what begins so is no line of uv's own
    yield from held


def _words(order: Order) -> list[str]:
    return [*user_words(os.environ, indexes=not order.names_index), *references(order)]


def _options(order: Order) -> list[str]:
    words = [*([] if order.build else ["--no-build"]), *(["--no-deps"] if order.complete else [])]
    if order.kind is ManifestKind.PYLOCK and not order.complete:
        words += [word for name in order.groups for word in ("--group", name)]
        words += [word for name in order.extras for word in ("--extra", name)]
    return [*words, *(word for name in order.files for word in ("-r", name)), *(["--offline"] if order.offline else [])]
