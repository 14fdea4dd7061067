"""pip, envd's own, working on another environment with `--python`: the project needs no pip in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from envd.core.packages import Changes, compare
from envd.core.requirements import normalized


class Pip:
    """The pip of the interpreter that envd itself runs on (pip 22.3 and later know `--python`)."""

    name = "pip"

    def __init__(self, program: Path) -> None:
        self.program = program

    def install(self, python: Path, manifest: str) -> list[str]:
        """Return `pip install -r`."""
        return [*self._pip(python), "install", "--progress-bar", "off", "-r", manifest]

    def seed(self, python: Path) -> list[str]:
        """Return `pip install pip`."""
        return [*self._pip(python), "install", "pip"]

    def reinstall(self, python: Path, manifest: str, versions: Mapping[str, str]) -> list[str]:
        """Return `pip install --force-reinstall`: without the manifest and the indexes in it, for that would be all of it."""
        pins = [f"{name}=={version}" for name, version in versions.items()]
        return [*self._pip(python), "install", "--progress-bar", "off", "--no-deps", "--force-reinstall", *pins]

    def uninstall(self, python: Path, names: Sequence[str]) -> list[str]:
        """Return `pip uninstall`."""
        return [*self._pip(python), "uninstall", "--yes", *names]

    def preview(self, python: Path, manifest: str) -> list[str]:
        """Return `pip install --dry-run` with its report (PEP 658 metadata where the index has it) on standard output."""
        return [*self._pip(python), "install", "--quiet", "--dry-run", "--report", "-", "-r", manifest]

    def read_preview(self, output: str, installed: dict[str, str]) -> Changes:
        """Return what pip's installation report lists, against what is installed."""
        start = output.find("{")
        try:
            report, _ = json.JSONDecoder().raw_decode(output[start:])
            wanted = {normalized(item["metadata"]["name"]): item["metadata"]["version"] for item in report["install"]}
        except (ValueError, KeyError, TypeError):
            return Changes()
        return compare({name: version for name, version in installed.items() if name in wanted}, wanted)

    def reason(self, output: str) -> str:
        """Return pip's first error, the later ones repeat it with less in it; for a failed build with its last words."""
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
        builds = [line.removeprefix("×").strip() for line in lines if line.startswith("×")]
        if builds and "[end of output]" in lines:
            return f"{builds[0].rstrip('.')}: {lines[lines.index('[end of output]') - 1]}"
        return next(iter(errors + builds + lines[-1:]), "pip said nothing")

    def _pip(self, python: Path) -> list[str]:
        return [str(self.program), "-I", "-m", "pip", "--disable-pip-version-check", "--no-input", "--python", str(python)]
