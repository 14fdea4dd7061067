"""Which packages requirements lead to in a given environment; packaging reads them, the environment's Python says what it is."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion

from envd.core.errors import BrokenVenv
from envd.core.packages import Asked, Dist
from envd.core.requirements import Line, normalized
from envd.system.processes import run

# The variables of PEP 508, as the interpreter that will import the packages sees them.
_QUESTION = """
import json, os, platform, sys
v = sys.implementation.version
kind = v.releaselevel
full = '%d.%d.%d' % v[:3] + ('' if kind == 'final' else kind[0] + str(v.serial))
print(json.dumps({
    'implementation_name': sys.implementation.name, 'implementation_version': full, 'os_name': os.name,
    'platform_machine': platform.machine(), 'platform_release': platform.release(), 'platform_system': platform.system(),
    'platform_version': platform.version(), 'python_full_version': platform.python_version(),
    'platform_python_implementation': platform.python_implementation(),
    'python_version': '.'.join(platform.python_version_tuple()[:2]), 'sys_platform': sys.platform}))
"""

Variables = dict[str, str]
_NAME = re.compile(r"^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")


def marker_variables(python: Path) -> Variables:
    """Return PEP 508's variables of an interpreter, started without site; raises BrokenVenv when it does not run."""
    finished = run([str(python), "-I", "-S", "-c", _QUESTION], Path("/"))
    try:
        variables: Variables = json.loads(finished.output)
    except ValueError:
        said = (finished.output.strip() or f"exit code {finished.code}").splitlines()[-1]
        raise BrokenVenv(f"{python} does not run: {said}", hint="envd init --clear") from None
    return variables


def asked_by(lines: Iterable[Line], variables: Variables) -> list[Asked]:
    """Return what the named lines of a manifest ask for in this environment."""
    return [Asked(line.name, frozenset(line.extras)) for line in lines if _applies(line.marker, variables)]


def fits_any(environments: Iterable[str], variables: Variables) -> bool:
    """Return whether an interpreter is one of those that a lock was made for; where none is named, all are (PEP 751)."""
    markers = list(environments)
    return not markers or any(_applies(marker, variables) for marker in markers)


def _applies(marker: str, variables: Variables) -> bool:
    try:
        return not marker or _holds(Marker(marker), {**variables, "extra": ""})
    except ValueError:
        return True  # the installer has the last word on a line that packaging cannot read


def _holds(marker: Marker, variables: Variables) -> bool:
    try:
        return marker.evaluate(variables)
    except ValueError:
        return True  # a comparison that means nothing: what may be needed is not removed


@functools.lru_cache(maxsize=4096)
def parsed(text: str) -> Requirement:
    """Return a requirement; raises InvalidRequirement. Remembered until `parsed.cache_clear()`: one sync asks thrice for each."""
    return Requirement(text)


def needs_in(variables: Variables) -> Callable[[Dist, frozenset[str]], Iterable[Asked]]:
    """Return the function that reads what an installed package itself asks for, with some of its extras."""

    def needs(dist: Dist, extras: frozenset[str]) -> Iterable[Asked]:
        for text in dist.requires:
            try:
                requirement = parsed(text)
            except InvalidRequirement:
                # Written in the manner of before PEP 508: what may be needed is not removed.
                yield from (Asked(normalized(name)) for name in _NAME.findall(text))
                continue
            marker = requirement.marker
            contexts = ({**variables, "extra": extra} for extra in ("", *extras))
            if marker is None or any(_holds(marker, context) for context in contexts):
                yield Asked(normalized(requirement.name), frozenset(requirement.extras))

    return needs


def conflicts(dists: Mapping[str, Dist], variables: Variables) -> list[str]:
    """Return what `pip check` would say: a line for each need of an installed package that is not met, without extras."""
    found = []
    for dist in sorted(dists.values(), key=lambda dist: dist.name):
        for text in dist.requires:
            line = _unmet(text, dists, variables)
            if line:
                found.append(f"{dist.name} {dist.version} needs {line}")
    return found


def _unmet(text: str, dists: Mapping[str, Dist], variables: Variables) -> str:
    try:
        requirement = parsed(text)
    except InvalidRequirement:
        return ""
    if requirement.marker is not None and not _holds(requirement.marker, {**variables, "extra": ""}):
        return ""
    name = normalized(requirement.name)
    if name not in dists:
        return f"{name}, which is not installed"
    try:
        met = requirement.specifier.contains(dists[name].version, prereleases=True)
    except InvalidVersion:
        return ""
    return "" if met else f"{name}{requirement.specifier}, and {name} {dists[name].version} is installed"
