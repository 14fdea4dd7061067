"""requirements.txt as pip reads it: lines, continuations, comments, and what each line asks for."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from envd.core.display import redacted

_CONFLICT = re.compile(r"^(<{7}|={7}|>{7}|\|{7})(\s|$)")
_NAME = re.compile(r"^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*(?=$|[<>=!~;@,(\s])")
_COMMENT = re.compile(r"(^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
# pip's options in a requirements file, the short ones by their long names, and whether each takes a value.
_SHORT = {"-i": "--index-url", "-f": "--find-links", "-r": "--requirement", "-c": "--constraint", "-e": "--editable"}
_VALUED = (
    *("--index-url", "--pypi-url", "--extra-index-url", "--find-links", "--requirement", "--constraint", "--editable"),
    *("--no-binary", "--only-binary", "--trusted-host", "--use-feature", "--hash", "--config-settings", "--global-option"),
    *("--config-setting", "--install-option", "--build-option"),
)
_FLAGS = ("--no-index", "--prefer-binary", "--require-hashes", "--pre", "--no-build-isolation")
# What looks like a name and ends so is a file beside the requirements to pip and uv.
ARCHIVES = (".whl", ".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tar.lzma", ".tlz", ".tar.lz")


class Kind(Enum):
    """What a line of a requirements file is."""

    PACKAGE = "package"
    REQUIREMENTS = "requirements"
    CONSTRAINTS = "constraints"
    UNNAMED = "unnamed"
    OPTION = "option"


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line: its first line number from 1, what it is, and its value (requirement, file name or option).

    `folded` says that a backslash continues it elsewhere than before an option, which pip reads and uv reads otherwise or not.
    """

    number: int
    kind: Kind
    value: str
    name: str = ""
    extras: tuple[str, ...] = ()
    marker: str = ""
    text: str = field(default="", compare=False)
    folded: bool = field(default=False, compare=False)

    @property
    def is_for_pip_alone(self) -> bool:
        """Return whether uv cannot read it as it stands in its file: folded, or with a variable that is no part of a URL."""
        return self.folded or (self.kind is Kind.PACKAGE and "://" not in self.text and bool(variables_in(self.text)))

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """Return the options of the line in order, by their long names, each with its value."""
        return tuple(line_options(self.text))


def normalized(name: str) -> str:
    """Return a project name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def conflict_line(text: str) -> int | None:
    """Return the number of the first line that git left as a conflict marker."""
    for number, line in enumerate(text.splitlines(), 1):
        if _CONFLICT.match(line):
            return number
    return None


def parse_requirements(text: str) -> list[Line]:
    """Return the logical lines of a requirements file; `${VARIABLES}` stay as they are.

    The rules are pip's reference "Requirements File Format": a backslash continues a line, comments start at ` #`.
    """
    found = []
    for number, line, folded in _logical_lines(text):
        line = _COMMENT.sub("", line).strip()
        if line:
            found.append(replace(_classified(number, line), folded=folded))
    return found


def variables_in(line: str) -> list[str]:
    """Return the names of the ${VARIABLES} in a line."""
    return _VARIABLE.findall(line)


def deciding_variables(line: str) -> list[str]:
    """Return those of them that are no part of the credentials of a URL, nor of its query, where a token may be."""
    return variables_in(redacted(line))


def with_values(line: str, values: Mapping[str, str]) -> str:
    """Return a line with the values of its ${VARIABLES} in their places; one that has none stays as it is."""
    return _VARIABLE.sub(lambda found: values.get(found.group(1), found.group()), line)


def _logical_lines(text: str) -> list[tuple[int, str, bool]]:
    """Return the number of the first line of each, its text, and whether it is folded."""
    lines: list[tuple[int, str, bool]] = []
    start, parts, folded = 0, "", False
    for number, line in enumerate(text.splitlines(), 1):
        start = start or number
        folded = folded or (bool(parts.strip()) and bool(line.strip(" \t\\")) and not line.lstrip().startswith(("-", "#")))
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            # Behind a comment, pip goes on with the comment and uv with a line of its own.
            folded = folded or _COMMENT.search(line) is not None
            parts += line[:-1]
            continue
        # A comment ends the line that it interrupts, and stays one where nothing was between the backslash and it.
        lines.append((start, parts + (" " if _COMMENT.match(line) else "") + line, folded))
        start, parts, folded = 0, "", False
    return [*lines, (start, parts, folded)] if parts else lines


def _classified(number: int, line: str) -> Line:
    if line.startswith("-"):
        return _option(number, line)
    match = _NAME.match(line)
    if match is None or match.group(1).lower().endswith(ARCHIVES) or "://" in line.partition("@")[0].partition(";")[0]:
        return Line(number, Kind.UNNAMED, line, text=line)
    extras = tuple(part.strip() for part in (match.group(2) or "").split(",") if part.strip())
    # pip takes options of one requirement (--hash=…) behind it, on the same logical line.
    marker = re.split(r"\s--?[a-z]", line.partition(";")[2])[0].strip()
    return Line(number, Kind.PACKAGE, line, normalized(match.group(1)), extras, marker, text=line)


def _option(number: int, line: str) -> Line:
    found = line_options(line)
    # pip looks for them in this order, wherever in the line they stand.
    for option, kind in _KINDS.items():
        value = next((value for name, value in found if name == option), None)
        if value is not None:
            return Line(number, kind, line if kind is Kind.UNNAMED else value, text=line)
    return Line(number, Kind.OPTION, line, text=line)


_KINDS = {"--editable": Kind.UNNAMED, "--requirement": Kind.REQUIREMENTS, "--constraint": Kind.CONSTRAINTS}


def line_options(line: str) -> list[tuple[str, str]]:
    """Return the options in a line, by their long names, each with its value or an empty string.

    As pip's option parser reads them: any of them may follow another, and a name may be cut short while it is clear.
    """
    words = _words(line)
    found = []
    while words:
        word = words.pop(0)
        if not word.startswith("-") or word == "-":
            continue
        option, value = _split_option(word)
        if option in _VALUED and value is None:
            value = words.pop(0) if words else ""
        found.append((option, value or ""))
    return found


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:  # a quote without its end
        return line.split()


def _split_option(word: str) -> tuple[str, str | None]:
    if not word.startswith("--"):
        # uv takes `-r=FILE` too.
        return _SHORT.get(word[:2], word[:2]), word[2:].removeprefix("=") or None
    name, equals, value = word.partition("=")
    meant = [option for option in (*_VALUED, *_FLAGS) if option.startswith(name)]
    exact = name if name in meant else meant[0] if len(meant) == 1 else name
    return exact, value if equals else None
