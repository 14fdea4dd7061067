"""What is installed, written down as a manifest; and a manifest with one requirement more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from envd.core.capabilities import path_of
from envd.core.display import redacted
from envd.core.packages import Dist

# What ends a path in a requirements file, or is a variable in it.
_UNFIT = re.compile(r"[\s#$;'\"\\\[]")


@dataclass(frozen=True, slots=True)
class Pinned:
    """One installed package as a requirement: `text` is its line, `direct` where it came from when that was no index (PEP 610)."""

    name: str
    version: str
    direct: str = ""

    @property
    def text(self) -> str:
        """Return its line in a requirements file."""
        if self.direct.startswith("-e "):
            return self.direct
        return f"{self.name} @ {self.direct}" if self.direct else f"{self.name}=={self.version}"


def direct_source(origin: Mapping[str, object], root: str = "") -> str:
    """Return where a package was installed from by its direct_url.json (PEP 610), credentials taken out; '' for what is none.

    An editable project in `root` is named from there, for the next machine has it elsewhere.
    """
    url = origin.get("url")
    if not isinstance(url, str) or not url.isprintable():
        return ""
    url = redacted(url).replace("***@", "")
    vcs = origin.get("vcs_info")
    if isinstance(vcs, Mapping):
        return f"{vcs.get('vcs', 'git')}+{url}@{vcs.get('commit_id', '')}"
    directory = origin.get("dir_info")
    editable = isinstance(directory, Mapping) and directory.get("editable") is True
    return f"-e {_from_root(url, root)}" if editable else url


def _from_root(url: str, root: str) -> str:
    path = path_of(url)
    if not path.isprintable() or _UNFIT.search(path):
        return url  # where it is escaped, and stays one word of one line
    return f".{path[len(root) :]}" if root and (path == root or path.startswith(f"{root}/")) else path


def direct_names(installed: Mapping[str, Dist], asked: Iterable[str], needed: Iterable[str]) -> list[str]:
    """Return the installed packages that a manifest names or that no other package asks for, in the order of their names."""
    named, others = set(asked), set(needed)
    return sorted(name for name in installed if name in named or name not in others)


def with_line(text: str, line: str) -> str:
    """Return a requirements file with one more line, in the manner of its line ends; a backslash at its end continues nothing."""
    end = "\r\n" if "\r\n" in text else "\n"
    joint = end if text and not text.endswith("\n") else ""
    if text.rstrip("\r\n").endswith("\\"):
        joint += end
    return f"{text}{joint}{line}{end}"


_OPENING = re.compile(r"^dependencies\s*=\s*\[", re.MULTILINE)
_PROJECT = re.compile(r"^\[project\]\s*$", re.MULTILINE)


def with_dependency(text: str, requirement: str) -> str:
    """Return a pyproject.toml whose project.dependencies hold one more; '' where that list is not to be found as text.

    The caller has to look whether the result says what it should: this knows lines, not TOML.
    """
    project = _PROJECT.search(text)
    opening = _OPENING.search(text, project.end()) if project else None
    end = _closing(text, opening.end()) if opening else -1
    if opening is None or end < 0:
        return ""
    inside = text[opening.end() : end]
    if "\n" not in inside:
        joint = ", " if inside.strip() else ""
        return f'{text[: opening.end()]}{inside.rstrip().rstrip(",")}{joint}"{requirement}"{text[end:]}'
    indent = next((line[: len(line) - len(line.lstrip())] for line in inside.splitlines()[1:] if line.strip()), "    ")
    body = inside.rstrip()
    comma = "" if body.endswith((",", "[")) or not body.strip() or "#" in body.splitlines()[-1] else ","
    return f'{text[: opening.end()]}{body}{comma}\n{indent}"{requirement}",\n{text[end:]}'


def _closing(text: str, start: int) -> int:
    """Return where the list that begins at `start` ends: strings and comments in it may hold brackets."""
    quote, depth, at = "", 0, start
    while at < len(text):
        letter = text[at]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == "#":
            at = text.find("\n", at)
            if at < 0:
                return -1
        elif letter == "[":
            depth += 1
        elif letter == "]":
            if not depth:
                return at
            depth -= 1
        at += 1
    return -1
