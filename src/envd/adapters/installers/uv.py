"""uv pip: resolves and installs into the environment whose interpreter it is given."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from envd.core.packages import Changes
from envd.core.requirements import normalized

_ANNOUNCED = re.compile(r"^ ([+~-]) ([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
_CONCLUSION = re.compile(r",? (and|so)? ?we can conclude that your requirements are unsatisfiable\.?$")
_NOT_FOUND = re.compile(r"^Because (\S+) was not found in the package registry and you require \1$")
_FRAME = re.compile(r"^[\s×├╰─▶│]+")
_CAUSE = re.compile(r"^(?:cause|Caused by): *")


class Uv:
    """uv, called by its absolute path and told the absolute path of the Python to work on."""

    name = "uv"

    def __init__(self, program: Path) -> None:
        self.program = program

    def install(self, python: Path, manifest: str) -> list[str]:
        """Return `uv pip install -r`: never `uv pip sync`, which takes an incomplete list for a complete one."""
        return [*self._pip("install", python), "-r", manifest]

    def seed(self, python: Path) -> list[str]:
        """Return `uv pip install pip`; `uv venv --seed` would bring wheel and setuptools too for the older Pythons."""
        return [*self._pip("install", python), "pip"]

    def reinstall(self, python: Path, manifest: str, versions: Mapping[str, str]) -> list[str]:
        """Return `uv pip install --reinstall-package`, with the indexes that the manifest names."""
        pins = [f"{name}=={version}" for name, version in versions.items()]
        again = [word for name in versions for word in ("--reinstall-package", name)]
        return [*self._pip("install", python), "--no-deps", *again, "-r", manifest, *pins]

    def uninstall(self, python: Path, names: Sequence[str]) -> list[str]:
        """Return `uv pip uninstall`."""
        return [*self._pip("uninstall", python), *names]

    def preview(self, python: Path, manifest: str) -> list[str]:
        """Return `uv pip install --dry-run`."""
        return [*self._pip("install", python), "--dry-run", "-r", manifest]

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

    def reason(self, output: str) -> str:
        """Return uv's explanation: the first cause below its headline, and the last one where that goes deeper.

        The headline takes the first one's place where it alone names the package. uv draws causes as a tree (`╰─▶`) or
        begins their lines with `Caused by:` or, since 0.13, `cause:`; long ones are wrapped.
        """
        headline, causes = "", list[str]()
        for line in output.splitlines():
            text = _FRAME.sub("", line).strip()
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
        return f"{first} ({causes[-1]})" if len(causes) > 1 else first

    def _pip(self, verb: str, python: Path) -> list[str]:
        return [str(self.program), "--no-progress", "pip", verb, "--python", str(python)]
