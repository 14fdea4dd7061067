"""pip, envd's own, working on another environment with `--python`: the project needs no pip in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from envd.core.choosing import ManifestKind
from envd.core.display import redacted
from envd.core.errors import ManifestError
from envd.core.order import Order, references
from envd.core.packages import Changes, compare
from envd.core.pythons import allows
from envd.core.requirements import normalized

_PASSED_OVER = re.compile(r"No sources permitted for ([A-Za-z0-9._-]+): \S*-([^/\s-]+?)\.(?:tar\.\w+|tgz|zip)(?=[#\s])")
_UNSATISFIED = re.compile(r"Could not find a version that satisfies the requirement (.+?) \(from ")
_NAME = re.compile(r"^[A-Za-z0-9._-]+\s*(?:\[[^\]]*\])?")
_MISSING = re.compile(r"No matching distribution found for ([A-Za-z0-9._-]*[A-Za-z0-9])")


class Pip:
    """The pip of the interpreter that envd itself runs on (pip 22.3 and later know `--python`)."""

    name = "pip"
    knows_offline = False
    foresees = True

    def __init__(self, program: Path) -> None:
        self.program = program

    def install(self, python: Path, order: Order) -> list[str]:
        """Return `pip install -r`."""
        return [*references(order), *self._pip(python), "install", "--progress-bar", "off", *_options(order)]

    def seed(self, python: Path) -> list[str]:
        """Return `pip install pip`."""
        return [*self._pip(python), "install", "pip"]

    def reinstall(self, python: Path, order: Order, versions: Mapping[str, str]) -> list[str]:
        """Return `pip install --force-reinstall`: without the manifest and the indexes in it, for that would be all of it."""
        pins = [f"{name}=={version}" for name, version in versions.items()]
        words = [] if order.build else ["--only-binary", ":all:"]
        return [*self._pip(python), "install", "--progress-bar", "off", "--no-deps", "--force-reinstall", *words, *pins]

    def uninstall(self, python: Path, names: Sequence[str]) -> list[str]:
        """Return `pip uninstall`."""
        return [*self._pip(python), "uninstall", "--yes", *names]

    def preview(self, python: Path, order: Order) -> list[str]:
        """Return `pip install --dry-run` with its report (PEP 658 metadata where the index has it) on standard output."""
        return [*references(order), *self._pip(python), "install", "--quiet", "--dry-run", "--report", "-", *_options(order)]

    def read_preview(self, output: str, installed: dict[str, str]) -> Changes:
        """Return what pip's installation report lists, against what is installed."""
        start = output.find("{")
        try:
            report, _ = json.JSONDecoder().raw_decode(output[start:])
            wanted = {normalized(item["metadata"]["name"]): item["metadata"]["version"] for item in report["install"]}
        except (ValueError, KeyError, TypeError):
            return Changes()
        return compare({name: version for name, version in installed.items() if name in wanted}, wanted)

    def pin(self, python: Path, order: Order, written: Path) -> list[str]:
        """Return a dry run of the same pins with pip's report of them."""
        dry = ["--quiet", "--dry-run", "--ignore-installed", "--no-deps", "--only-binary", ":all:", "--report", str(written)]
        return [*references(order), *self._pip(python), "install", *dry, *(word for name in order.files for word in ("-r", name))]

    def read_pins(self, written: Path) -> str:
        """Return pip's report as requirements with hashes, or as pylock.toml."""
        report = json.loads(written.read_text("utf-8"))
        items = sorted(report["install"], key=lambda item: normalized(item["metadata"]["name"]))
        line = _as_package if written.name == "pylock.toml" else _as_requirement
        head = 'lock-version = "1.0"\ncreated-by = "envd"\n' if written.name == "pylock.toml" else ""
        return head + "".join(map(line, items))

    def reason(self, output: str) -> str:
        """Return pip's first error, the later ones repeat it with less in it; for a failed build with its last words."""
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
        builds = [line.removeprefix("×").strip() for line in lines if line.startswith("×")]
        if builds and "[end of output]" in lines:
            return f"{builds[0].rstrip('.')}: {lines[lines.index('[end of output]') - 1]}"
        return next(iter(errors + builds + lines[-1:]), "pip said nothing")

    def diagnose(self, python: Path, order: Order, output: str) -> list[str]:
        """Return a dry run that says of every file why it is passed over; with wheels only, that runs no code either."""
        return (
            []
            if order.build or not _MISSING.search(output)
            else [*references(order), *self._pip(python), "install", "-vv", "--dry-run", *_options(order)]
        )

    def unbuilt(self, output: str) -> str:
        """Return the package that pip found no distribution of while it passed over one to build that would have been right."""
        asked = next(iter(_UNSATISFIED.findall(output)), "")
        specifiers = _NAME.sub("", asked).partition(";")[0].strip(" ()")
        passed = {normalized(name) for name, version in _PASSED_OVER.findall(output) if allows(specifiers, version)}
        return next((name for name in map(normalized, _MISSING.findall(output)) if name in passed), "")

    def _pip(self, python: Path) -> list[str]:
        return [str(self.program), "-I", "-m", "pip", "--disable-pip-version-check", "--no-input", "--python", str(python)]


def _options(order: Order) -> list[str]:
    if order.kind is ManifestKind.PYLOCK and not order.complete:
        raise ManifestError(
            f"{order.files[0]}: pip cannot install from it: not every package has a hash and comes from an index of yours",
            hint="put uv on your PATH, then: envd sync",
        )
    # Without it pip builds what has no wheel, also in a dry run (pip #1884).
    words = [*([] if order.build else ["--only-binary", ":all:"]), *(["--no-deps"] if order.complete else [])]
    return words + [word for name in order.files for word in ("-r", name)]


def _as_requirement(item: dict[str, Any]) -> str:
    hashes = "".join(f" \\\n    --hash={name}:{value}" for name, value in _hashes(item).items())
    return f"{normalized(item['metadata']['name'])}=={item['metadata']['version']}{hashes}\n"


def _as_package(item: dict[str, Any]) -> str:
    url = redacted(item["download_info"]["url"]).replace("***@", "")
    hashes = ", ".join(f"{name} = {json.dumps(value)}" for name, value in _hashes(item).items())
    name, version = json.dumps(normalized(item["metadata"]["name"])), json.dumps(item["metadata"]["version"])
    wheel = f"{{ url = {json.dumps(url)}, hashes = {{ {hashes} }} }}"
    return f"\n[[packages]]\nname = {name}\nversion = {version}\nwheels = [{wheel}]\n"


def _hashes(item: dict[str, Any]) -> dict[str, str]:
    hashes: dict[str, str] = item["download_info"].get("archive_info", {}).get("hashes", {})
    return hashes
