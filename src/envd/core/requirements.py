"""requirements.txt as pip reads it: lines, continuations, comments, and what each line asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_CONFLICT = re.compile(r"^(<{7}|={7}|>{7}|\|{7})(\s|$)")
_NAME = re.compile(r"^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*(?=$|[<>=!~;@,(\s])")
_COMMENT = re.compile(r"(^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_INCLUDES = {"-r": "requirements", "--requirement": "requirements", "-c": "constraints", "--constraint": "constraints"}
_EDITABLE = ("-e", "--editable")
# What looks like a name and ends so is a file beside the requirements to pip and uv.
_ARCHIVES = (".whl", ".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tar.lzma", ".tlz", ".tar.lz")


class Kind(Enum):
    """What a line of a requirements file is."""

    PACKAGE = "package"
    REQUIREMENTS = "requirements"
    CONSTRAINTS = "constraints"
    UNNAMED = "unnamed"
    OPTION = "option"


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line: its first line number from 1, what it is, and its value (requirement, file name or option)."""

    number: int
    kind: Kind
    value: str
    name: str = ""
    extras: tuple[str, ...] = ()
    marker: str = ""


def normalized(name: str) -> str:
    """Return a project name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def conflict_line(text: str) -> int | None:
    """Return the number of the first line that git left as a conflict marker."""
    for number, line in enumerate(text.splitlines(), 1):
        if _CONFLICT.match(line):
            return number
    return None


def parse_requirements(text: str, variables: dict[str, str] | None = None) -> list[Line]:
    """Return the logical lines of a requirements file; `${VAR}` is replaced where `variables` has it, as pip does.

    The rules are pip's reference "Requirements File Format": a backslash continues a line, comments start at ` #`.
    """
    found = []
    for number, line in _logical_lines(text):
        line = _COMMENT.sub("", line).strip()
        line = _VARIABLE.sub(lambda match: (variables or {}).get(match.group(1)) or match.group(), line)
        if line:
            found.append(_classified(number, line))
    return found


def _logical_lines(text: str) -> list[tuple[int, str]]:
    lines: list[tuple[int, str]] = []
    start, parts = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        start = start or number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            parts += line[:-1]
            continue
        # A comment ends the line that it interrupts, and stays one where nothing was between the backslash and it.
        lines.append((start, parts + (" " if _COMMENT.match(line) else "") + line))
        start, parts = 0, ""
    return [*lines, (start, parts)] if parts else lines


def _classified(number: int, line: str) -> Line:
    if line.startswith("-"):
        return _option(number, line)
    match = _NAME.match(line)
    if match is None or match.group(1).lower().endswith(_ARCHIVES) or "://" in line.partition("@")[0].partition(";")[0]:
        return Line(number, Kind.UNNAMED, line)
    extras = tuple(part.strip() for part in (match.group(2) or "").split(",") if part.strip())
    # pip takes options of one requirement (--hash=…) behind it, on the same logical line.
    marker = re.split(r"\s--?[a-z]", line.partition(";")[2])[0].strip()
    return Line(number, Kind.PACKAGE, line, normalized(match.group(1)), extras, marker)


def _option(number: int, line: str) -> Line:
    option, value = _split_option(line)
    if option in _INCLUDES:
        return Line(number, Kind(_INCLUDES[option]), value)
    return Line(number, Kind.UNNAMED if option in _EDITABLE else Kind.OPTION, line)


def _split_option(line: str) -> tuple[str, str]:
    if line.startswith("--"):
        option, _, value = re.sub(r"^(--[a-z-]+)[=\s]\s*", r"\1\0", line).partition("\0")
    else:
        option, value = line[:2], line[2:].lstrip(" =")
    return option, value.strip().strip("\"'")
