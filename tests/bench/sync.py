"""How long after saving requirements.txt the new package can be imported, beside the same installer called by hand."""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.home import Home, TroubleError, print_machine, print_table, private_home, ratio, wait_until

from envd.adapters.installers import Installer, choose_installer
from envd.core.errors import SettingsError
from envd.core.order import Order

_MANIFEST = "requirements.txt"
_POLL = 0.001
_PATIENCE = 120.0
# The watcher looks at least this often: the saves are spread over it, so that no moment between two looks is preferred.
_SPREAD = 1.0


@dataclass(slots=True)
class Taken:
    """The seconds of all runs: until importable with envd and with the installer alone, and of the installer's whole process."""

    envd: list[float] = field(default_factory=list)
    syncing: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    process: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trial:
    """Two projects alike: envd keeps the one in sync, the installer is called by hand in the other."""

    home: Home
    installer: Installer
    kept: Path
    other: Path
    base: str
    added: str

    def is_there(self, root: Path) -> bool:
        """Return whether the added package is installed."""
        return any(root.glob(f".venv/lib/python*/site-packages/{self.added.replace('-', '_')}-*.dist-info/RECORD"))

    def install(self) -> list[str]:
        """Return the command that envd would run, for the project where it does not."""
        return self.installer.install(self.other / ".venv/bin/python", Order((_MANIFEST,)))

    def uninstall(self) -> list[str]:
        """Return the command that takes the added package out again."""
        return self.installer.uninstall(self.other / ".venv/bin/python", [self.added])


def _save(root: Path, names: Sequence[str]) -> None:
    """Save a requirements.txt as editors do: written beside it, then renamed."""
    draft = root / f"{_MANIFEST}.draft"
    draft.write_text("".join(f"{name}\n" for name in names))
    draft.replace(root / _MANIFEST)


def main() -> int:
    """Measure and print."""
    options = _parser().parse_args()
    try:
        with private_home() as home:
            _report(home, options)
    except TroubleError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=f"{__doc__} Needs a package index, once.")
    parser.add_argument("--runs", type=int, default=10, metavar="N", help="how often to save (10)")
    parser.add_argument("--installer", action="append", choices=("uv", "pip"), help="measure with this one only")
    parser.add_argument("--base", default="idna", metavar="NAME", help="the package that is there before (idna)")
    parser.add_argument("--package", default="iniconfig", metavar="NAME", help="the package that is added (iniconfig)")
    return parser


def _report(home: Home, options: argparse.Namespace) -> None:
    rows, missing = [], []
    for name in options.installer or ("uv", "pip"):
        installer = _find(name)
        if installer is None:
            missing.append(f"{name} is left out: it is not here")
            continue
        trial = _prepare(home, installer, options.base, options.package)
        taken = Taken()
        for turn in range(options.runs):
            _run_kept(trial, taken, _SPREAD * turn / options.runs)
            _run_alone(trial, taken)
        rows.append(_row(name, taken))
    heads = ["s", "envd", "fastest–slowest", "of it syncing", "installer alone", "its whole process", "envd adds", "envd : alone"]
    title = f"From saving {_MANIFEST} to {options.package} being importable, from the cache: medians of {options.runs}"
    print_table(title, heads, rows)
    print_machine()
    for line in missing:
        print(line)


def _find(name: str) -> Installer | None:
    if name == "pip" and importlib.util.find_spec("pip") is None:
        return None
    try:
        return choose_installer(name).installer
    except SettingsError:
        return None


def _prepare(home: Home, installer: Installer, base: str, added: str) -> Trial:
    """Make both projects, the cache warm, a shell in the kept one, and the daemon quiet."""
    home.settings.parent.mkdir(parents=True, exist_ok=True)
    # With generations kept, the second round would find what the first one left, and no installer would run.
    home.settings.write_text(f'[sync]\ninstaller = "{installer.name}"\ngenerations = 0\n')
    kept, other = home.project(f"kept-by-envd-{installer.name}"), home.project(f"by-hand-{installer.name}")
    trial = Trial(home, installer, kept, other, base, added)
    _save(other, (base, added))
    home.run(trial.install(), other)
    home.run(trial.uninstall(), other)
    _save(kept, (base,))
    home.envd("allow", directory=kept)
    home.envd("sync", directory=kept)
    wait_until(home, kept, "in sync")
    home.stand_in(kept)
    time.sleep(2 * _SPREAD)
    return trial


def _run_kept(trial: Trial, taken: Taken, phase: float) -> None:
    time.sleep(phase)
    start = time.perf_counter()
    _save(trial.kept, (trial.base, trial.added))
    taken.envd.append(_until(lambda: trial.is_there(trial.kept), "envd did not install it") - start)
    wait_until(trial.home, trial.kept, "in sync")
    taken.syncing.append(trial.home.last_sync(trial.kept))
    _save(trial.kept, (trial.base,))
    _until(lambda: not trial.is_there(trial.kept), "envd did not remove it")
    wait_until(trial.home, trial.kept, "in sync")


def _run_alone(trial: Trial, taken: Taken) -> None:
    start = time.perf_counter()
    process = subprocess.Popen(
        trial.install(),
        cwd=trial.other,
        env=trial.home.variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with process:
        taken.alone.append(_until(lambda: trial.is_there(trial.other), f"{trial.installer.name} did not install it") - start)
    taken.process.append(time.perf_counter() - start)
    trial.home.run(trial.uninstall(), trial.other)


def _until(condition: Callable[[], bool], trouble: str) -> float:
    """Return when the condition came true, which is looked at every millisecond; raises TroubleError when it does not."""
    end = time.perf_counter() + _PATIENCE
    while not condition():
        if time.perf_counter() > end:
            raise TroubleError(f"{trouble} within {_PATIENCE:g} s")
        time.sleep(_POLL)
    return time.perf_counter()


def _row(name: str, taken: Taken) -> list[str]:
    envd, alone = median(taken.envd), median(taken.alone)
    span = f"{min(taken.envd):.2f}–{max(taken.envd):.2f}"
    others = (median(taken.syncing), alone, median(taken.process), envd - alone)
    return [name, f"{envd:.3f}", span, *(f"{number:.3f}" for number in others), ratio(envd, alone)]


if __name__ == "__main__":
    sys.exit(main())
