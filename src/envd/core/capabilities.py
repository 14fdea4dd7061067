"""What an allowed project may additionally do, and which line of a manifest asks for what.

Wheels from the indexes that the user has anyway need nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from envd.core.display import redacted, shorten
from envd.core.requirements import ARCHIVES, Kind, Line


class Capability(Enum):
    """What the user may let a project do beyond installing wheels from the indexes that the user has anyway."""

    BUILD = "build"
    INDEX = "index"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Need:
    """A line that asks for a capability: where it is (file:line), and what of it does (credentials taken out)."""

    capability: Capability
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {_WHY[self.capability]}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands: its file and line as shown, the directory of that file, the project's root, and the user's indexes."""

    where: str
    directory: str
    root: str
    indexes: frozenset[str] = frozenset()


_WHY = {
    Capability.BUILD: "runs code while it is installed",
    Capability.INDEX: "is a source of packages that is not yours yet",
    Capability.LOCAL: "takes a file of this machine, not of an index",
}
PYPI = "https://pypi.org/simple"
_PYPI_FILES = "files.pythonhosted.org"
_WIDTH = 100
_URL = re.compile(r"^([a-z][a-z0-9+.-]*)://([^/?#]*)([^?#]*)", re.IGNORECASE)
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_EXTRAS = re.compile(r"\[[^\]]*\]$")


def missing(needs: Iterable[Need], granted: Iterable[Capability]) -> tuple[Need, ...]:
    """Return the needs that were not granted yet."""
    held = frozenset(granted)
    return tuple(need for need in needs if need.capability not in held)


def problem(needs: Iterable[Need]) -> str:
    """Return in one line what stops a sync: the first need, and how many more lines there are."""
    first, *rest = needs
    lines = {need.where for need in rest} - {first.where}
    more = f" (and {len(lines)} more line{'s' if len(lines) > 1 else ''})" if lines else ""
    return f"{first}{more}"


def remedy(needs: Iterable[Need]) -> str:
    """Return the command that grants what is needed."""
    return command(need.capability for need in needs)


def command(wanted: Iterable[Capability]) -> str:
    """Return the command that grants capabilities."""
    named = frozenset(wanted)
    return " ".join(("envd allow", *(f"--{capability.value}" for capability in Capability if capability in named)))


def index_identity(url: str) -> str:
    """Return what two spellings of one index share: no credentials, no slash at the end, scheme and host in small letters."""
    found = _URL.match(url.strip())
    return f"{found.group(1).lower()}://{host_of(url)}{found.group(3).rstrip('/')}" if found else url.strip()


def file_hosts(indexes: Iterable[str]) -> frozenset[str]:
    """Return the hosts that files of these indexes may come from."""
    hosts = {host_of(index) for index in indexes} - {""}
    return frozenset(hosts | {_PYPI_FILES} if host_of(PYPI) in hosts else hosts)


def host_of(url: str) -> str:
    """Return the host and port of a URL in small letters."""
    found = _URL.match(url.strip())
    return found.group(2).rpartition("@")[2].lower() if found else ""


def needs_of(line: Line, place: Place) -> tuple[Need, ...]:
    """Return the capabilities that a line of a requirements file asks for."""
    wanted: set[Capability] = set()
    for option, value in line.options:
        rule = _OPTIONS.get(option)
        wanted.update(rule(value, place) if rule is not None else ())
    target = _target(line)
    wanted.update(_of_target(target, place) if target else ())
    if line.kind in (Kind.REQUIREMENTS, Kind.CONSTRAINTS):
        wanted.update(_of_include(line, place))
    what = shorten(redacted(line.text), _WIDTH)
    return tuple(Need(capability, place.where, what) for capability in Capability if capability in wanted)


def needs_of_target(target: str, what: str, place: Place) -> tuple[Need, ...]:
    """Return the capabilities that installing from a URL or a path asks for; `what` is how the place is named."""
    wanted = frozenset(_of_target(target, place))
    return tuple(Need(capability, place.where, redacted(what)) for capability in Capability if capability in wanted)


def local_target(line: Line) -> str:
    """Return the path of the local project or wheel that a requirement is to be taken from, or an empty string."""
    return local_path(target_of(line))


def target_of(line: Line) -> str:
    """Return the URL or the path that a requirement is to be taken from, with its extras; an empty string for a name alone."""
    editable = next((value for option, value in line.options if option == "--editable"), "")
    return (_editable_target(editable) if editable else _target(line)).partition("#")[0]


def extras_of(line: Line) -> tuple[str, ...]:
    """Return the extras behind the path of a requirement that says no name, as in `-e .[dev]`."""
    found = _EXTRAS.search(target_of(line))
    return tuple(filter(None, (extra.strip() for extra in found.group().strip("[]").split(",")))) if found else ()


def local_path(target: str) -> str:
    """Return the path that a target is on this machine, an empty string for a URL that leads elsewhere."""
    if not _SCHEME.match(target):
        return _EXTRAS.sub("", target)
    return _EXTRAS.sub("", path_of(target)) if target.lower().startswith("file:") else ""


def _target(line: Line) -> str:
    """Return the URL or the path that a requirement is to be taken from, an empty string for a name alone."""
    if line.kind is Kind.PACKAGE:
        return re.split(r"\s+;|\s--?[a-z]", line.value.partition("@")[2])[0].strip() if _is_direct(line.value) else ""
    if line.kind is not Kind.UNNAMED or (line.options[:1] and line.options[0][0] in _INCLUDES):
        return ""
    if any(option == "--editable" for option, _ in line.options):
        return ""  # judged as an option
    target = re.split(r"\s+;|\s--?[a-z]", line.value)[0].strip()
    # What does not look like a path is no requirement at all: the installer says so.
    return target if "/" in target or target.startswith(".") or target.lower().endswith(ARCHIVES) else ""


def _is_direct(value: str) -> bool:
    return bool(re.match(r"^[A-Za-z0-9._-]+\s*(\[[^\]]*\])?\s*@", value))


def _of_target(target: str, place: Place) -> tuple[Capability, ...]:
    """Return what installing from a URL or a path asks for."""
    target = target.partition("#")[0]
    scheme = target.partition(":")[0].lower() if _SCHEME.match(target) else ""
    is_wheel = _EXTRAS.sub("", target.partition("?")[0]).lower().endswith(".whl")
    if scheme in ("http", "https"):
        if not is_wheel:
            return (Capability.BUILD,)
        return () if host_of(target) in file_hosts(place.indexes) and scheme == "https" else (Capability.INDEX,)
    if scheme not in ("", "file"):
        return (Capability.BUILD,)  # a repository: git+https, hg+ssh, ...
    path = _EXTRAS.sub("", path_of(target) if scheme else target)
    if is_wheel:
        return (Capability.LOCAL,)
    inside = _is_inside(path, place)
    return (Capability.BUILD,) if inside else (Capability.BUILD, Capability.LOCAL)


def path_of(url: str) -> str:
    """Return the path of a file URL, which may lack the slashes of a host (file:x.whl)."""
    found = _URL.match(url)
    return _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), found.group(3) if found else url.partition(":")[2])


def _of_editable(value: str, place: Place) -> tuple[Capability, ...]:
    return (Capability.BUILD, *_of_target(_editable_target(value), place))


def _editable_target(value: str) -> str:
    return value.partition("@")[2].strip() if _is_direct(value) and "://" not in value.partition("@")[0] else value


def _of_include(line: Line, place: Place) -> tuple[Capability, ...]:
    if "://" not in line.value:
        path = posixpath.normpath(posixpath.join(place.directory, line.value))
        return () if _is_inside(path, place) else (Capability.LOCAL,)
    # What is in there is not known before the installer reads it: it may be anything.
    return (Capability.INDEX, Capability.BUILD)


def _of_index(value: str, place: Place) -> tuple[Capability, ...]:
    return () if index_identity(value) in place.indexes else (Capability.INDEX,)


def _of_sources(_value: str, _place: Place) -> tuple[Capability, ...]:
    return (Capability.INDEX,)


def _of_building(_value: str, _place: Place) -> tuple[Capability, ...]:
    return (Capability.BUILD,)


def _of_no_binary(value: str, _place: Place) -> tuple[Capability, ...]:
    return () if value == ":none:" else (Capability.BUILD,)


def _of_only_binary(value: str, _place: Place) -> tuple[Capability, ...]:
    # It would take back the `--only-binary :all:` that envd gives.
    return (Capability.BUILD,) if ":none:" in value else ()


def _is_inside(path: str, place: Place) -> bool:
    """Return whether a path lies in the project, from the root as uv and from its own file as pip reads it."""
    ways = (posixpath.normpath(posixpath.join(start, path)) for start in (place.root, place.directory))
    return all(way == place.root or way.startswith(f"{place.root}/") for way in ways)


_INCLUDES = ("--requirement", "--constraint")
_OPTIONS: dict[str, Callable[[str, Place], tuple[Capability, ...]]] = {
    "--index-url": _of_index,
    "--pypi-url": _of_index,
    "--extra-index-url": _of_index,
    "--find-links": _of_sources,
    "--trusted-host": _of_sources,
    "--editable": _of_editable,
    "--no-binary": _of_no_binary,
    "--only-binary": _of_only_binary,
    "--global-option": _of_building,
    "--install-option": _of_building,
    "--build-option": _of_building,
}
