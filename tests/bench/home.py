"""The private home in which a benchmark runs, and the table that it prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envd.core.answer import ANSWER_NAME, Answer, SyncState, Verdict, encode_answer
from envd.system.processes import scrubbed_variables

# envd as the hooks call it: whatever stands first on PATH, and nothing of the current directory.
ENVD = (sys.executable, "-I", "-m", "envd")
_STEP = 0.02
_PATIENCE = 120.0


class TroubleError(Exception):
    """What keeps a benchmark from measuring, in words for whoever runs it."""


@dataclass(frozen=True, slots=True)
class Home:
    """A home directory that nobody else uses, with an envd of its own; nothing of the real one is read or written."""

    path: Path
    variables: dict[str, str]
    runtime: Path
    settings: Path

    def run(self, command: Sequence[str], directory: Path | None = None) -> str:
        """Run a command to its end and return its standard output; raises TroubleError when it fails."""
        done = subprocess.run(
            command,
            cwd=directory or self.path,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise TroubleError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr.strip()}")
        return done.stdout

    def envd(self, *arguments: str, directory: Path | None = None) -> str:
        """Run envd and return its standard output."""
        return self.run((*ENVD, *arguments), directory)

    def project(self, name: str) -> Path:
        """Make a project with an environment (without pip) and return its root."""
        root = self.path / "code" / name
        root.mkdir(parents=True)
        self.run((sys.executable, "-I", "-m", "venv", "--without-pip", str(root / ".venv")))
        return root

    def state(self, root: Path) -> str:
        """Return how the packages of an allowed project stand, as `envd status` has it."""
        return str(self._report(root)["packages"]["state"])

    def last_sync(self, root: Path) -> float:
        """Return the seconds that the newest sync of a project took, as envd has it."""
        return float(self._report(root)["last_sync"]["seconds"])

    def _report(self, root: Path) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.envd("status", "--json", directory=root))["projects"][0]
        return report

    def daemon_pid(self) -> int:
        """Return the pid of this home's daemon, having started it if need be."""
        self.envd("daemon", "start")
        return int(json.loads((self.runtime / "status.json").read_text())["pid"])

    def stand_in(self, root: Path) -> None:
        """Say, as a hook does, that a living shell (this very process) is in a project."""
        (self.runtime / "shells" / str(os.getpid())).write_text(f"{root}\0")


@contextmanager
def private_home() -> Iterator[Home]:
    """Make a home under the temporary directory; at the end its daemon is stopped and all of it is removed."""
    with tempfile.TemporaryDirectory(prefix="envd-bench-", ignore_cleanup_errors=True) as base:
        path = Path(base).resolve() / "home"
        path.mkdir(mode=0o700)
        home = _settle(path)
        try:
            yield home
        finally:
            home.envd("daemon", "stop")


def _settle(path: Path) -> Home:
    """Return the home at `path`, with the places that an envd started there finds for itself."""
    variables = _variables(path)
    script = (
        "from envd.system.places import find_places as find; places = find(); print(places.runtime, places.settings, sep='\\n')"
    )
    found = subprocess.run((sys.executable, "-I", "-c", script), env=variables, capture_output=True, text=True, check=True)
    runtime, settings = map(Path, found.stdout.splitlines())
    return Home(path, variables, runtime, settings)


def _variables(home: Path) -> dict[str, str]:
    """Return the variables of a fresh login in `home`; how the user reaches a package index is kept."""
    kept = {name: value for name, value in scrubbed_variables(os.environ).items() if not name.startswith(("XDG_", "LC_"))}
    for name, path in (("PIP_CONFIG_FILE", ".config/pip/pip.conf"), ("UV_CONFIG_FILE", ".config/uv/uv.toml")):
        if (Path.home() / path).exists():
            kept.setdefault(name, str(Path.home() / path))
    own = {"HOME": home, "ZDOTDIR": home, "UV_CACHE_DIR": home / ".cache/uv", "PIP_CACHE_DIR": home / ".cache/pip"}
    # In this locale the shells' clocks have a decimal point.
    return {**kept, **{name: str(path) for name, path in own.items()}, "LC_ALL": "C.UTF-8", "TERM": "xterm"}


def crowd(home: Home, count: int) -> None:
    """Publish answers for `count` more projects beside those that there are."""
    answers = home.runtime.parent / "answers"
    for number in range(count):
        root = f"{home.path}/code/many-{number}"
        directory = Path(f"{answers}{root}")
        directory.mkdir(parents=True)
        answer = Answer(Verdict.ACTIVE, root, str(number), "0", f"{root}/.venv", f"{root}/.venv/bin", "many", SyncState.IN_SYNC)
        (directory / ANSWER_NAME).write_bytes(encode_answer(answer))


def wait_until(home: Home, root: Path, state: str) -> None:
    """Wait until the packages of a project are in `state`; raises TroubleError when they do not come to it."""
    end = time.monotonic() + _PATIENCE
    while (found := home.state(root)) != state:
        if time.monotonic() > end:
            raise TroubleError(f"{root.name} is {found}, not {state}\n{home.envd('log', directory=root)}")
        time.sleep(_STEP)


def seconds_to_run(home: Home, command: Sequence[str], directory: Path) -> float:
    """Return how long a process takes from its start to its end, its output thrown away."""
    start = time.perf_counter()
    subprocess.run(
        command,
        cwd=directory,
        env=home.variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        check=True,
    )
    return time.perf_counter() - start


def install_stub(venv: Path, name: str) -> None:
    """Put an empty package into an environment as an installer would: a dist-info with what is looked at in it."""
    packages = next(venv.glob("lib/python*/site-packages"))
    info = packages / f"{name.replace('-', '_')}-1.dist-info"
    info.mkdir()
    texts = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n",
        "INSTALLER": "envd-bench\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: envd-bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    for file, text in texts.items():
        (info / file).write_text(text)
    (info / "RECORD").write_text("".join(f"{info.name}/{file},,\n" for file in (*texts, "RECORD")))


def print_table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table in Markdown, its first column to the left and the others to the right."""
    table = [list(heads), *map(list, rows)]
    widths = [max(3, *(len(row[column]) for row in table)) for column in range(len(heads))]
    print(f"\n{title}\n")
    for number, row in enumerate(table):
        print("| " + " | ".join(_aligned(row, widths)) + " |")
        if number == 0:
            print("|" + "|".join([f"{'-' * (widths[0] + 2)}", *(f"{'-' * (width + 1)}:" for width in widths[1:])]) + "|")


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]


def ratio(value: float, other: float) -> str:
    """Return how many times `other` goes into `value`, or a dash where that says nothing."""
    return f"{value / other:.{0 if value >= 20 * other else 1}f}×" if value > 0 and other > 0 else "–"


def print_machine() -> None:
    """Print what the numbers depend on: they are to be compared within one table, not between machines."""
    load = os.getloadavg()[0]
    print(f"\n{os.cpu_count()} cores, load {load:.1f}, {sys.platform}, Python {sys.version.split()[0]}. Compare within a table.")
