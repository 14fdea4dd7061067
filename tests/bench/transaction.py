"""What it costs that a sync is all or nothing: beside the installer in place, undo, a branch and back, and the disk taken."""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.home import Home, print_machine, print_table, private_home, ratio, seconds_to_run
from tests.bench.kill import PACKAGES, Field, field_for
from tests.stage.home import ENVD

from envd.adapters.generations import SKIPPED
from envd.adapters.installers import choose_installer
from envd.core.order import Order
from envd.system import trees

_LARGE = ("jupyterlab", "pandas", "scikit-learn", "matplotlib")
_PINS = ("iniconfig==2.0.0", "iniconfig==2.1.0")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=f"{__doc__} The large environment needs a package index, once.")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="how often each (5)")
    parser.add_argument("--installer", action="append", choices=("uv", "pip"), help="with this one only")
    parser.add_argument("--large", nargs="*", default=_LARGE, metavar="NAME", help=f"what the large environment holds ({_LARGE})")
    options = parser.parse_args()
    for installer in options.installer or ("uv", "pip"):
        with (
            tempfile.TemporaryDirectory(prefix="envd-bench-", ignore_cleanup_errors=True) as base,
            field_for(installer, Path(base).resolve() / "user", random.Random(1)) as here,  # no secrets
        ):
            _print_packages(here, options.runs)
    if options.large:
        with private_home() as home:
            _print_large(home, options.runs, options.large)
    print_machine()
    return 0


def _print_packages(here: Field, runs: int) -> None:
    """Print what 70 packages take: upgraded, installed, back on a branch, undone."""

    def seconds(command: Sequence[str]) -> float:
        start = time.perf_counter()
        subprocess.run(command, cwd=here.root, env=here.home.variables, capture_output=True, check=True)
        return time.perf_counter() - start

    upgraded, alone, back, undone = [], [], [], []
    for turn in range(runs):
        for version in ("2.0", "1.0"):
            here.ask(version, turn)
            upgraded.append(seconds((*ENVD, "sync")))
        here.ask("2.0", turn)
        back.append(seconds((*ENVD, "sync")))
        undone.append(seconds((*ENVD, "undo")))
        here.ask("1.0", f"{turn} again")
        seconds((*ENVD, "sync"))
        for version in ("2.0", "1.0"):
            here.ask(version)
            alone.append(seconds(here.command()))
    first = [_first(here, seconds, with_envd=True) for _ in range(runs)]
    first_alone = [_first(here, seconds, with_envd=False) for _ in range(runs)]
    rows = [
        _row(f"{PACKAGES} packages upgraded", upgraded, alone),
        _row(f"{PACKAGES} packages installed first", first, first_alone),
        _row("back to what a branch had before", back, alone),
        _row("envd undo", undone, []),
    ]
    print_table(
        f"{here.installer}, from the cache: whole processes, medians of {runs}", ["s", "envd", here.installer, "ratio"], rows
    )


def _first(here: Field, seconds: Callable[[Sequence[str]], float], *, with_envd: bool) -> float:
    shutil.rmtree(here.root / ".venv")
    here.home.make_venv(here.root / ".venv")
    here.ask("1.0", "first")
    here.home.envd("ask", str(here.root))
    return seconds((*ENVD, "sync") if with_envd else here.command())


def _print_large(home: Home, runs: int, names: Sequence[str]) -> None:
    """Print what one small pin takes in a large environment, and what the generations that it leaves take on disk."""
    root = home.project("large")
    home.settings.parent.mkdir(parents=True, exist_ok=True)
    home.settings.write_text('[sync]\nautomatic = false\ninstaller = "uv"\n')
    manifest, installer = root / "requirements.txt", choose_installer("uv").installer
    install = installer.install(root / ".venv/bin/python", Order((manifest.name,)))
    for pin in _PINS:
        manifest.write_text("\n".join([*names, pin, ""]))
        home.run(install, root)
    home.envd("allow", directory=root)
    home.envd("sync", directory=root)
    files = sum(1 for _ in trees.files_in(root / ".venv", SKIPPED))
    megabytes = trees.bytes_beside([root / ".venv"], root / "nowhere") / 1e6
    clones, alone, synced = [], [], []
    for turn in range(2 * runs):
        start = time.perf_counter()
        trees.clone(root / ".venv", root / "clone", SKIPPED)
        clones.append(time.perf_counter() - start)
        shutil.rmtree(root / "clone")
        manifest.write_text("\n".join([*names, _PINS[turn % 2], f"# {turn}", ""]))
        synced.append(seconds_to_run(home, (*ENVD, "sync"), root))
    kept = [path for path in (root / ".venv/.envd").glob("*/*") if path.name.isdigit()]
    beside = trees.bytes_beside(kept, root / ".venv", SKIPPED) / 1e6
    for turn in range(2 * runs):
        manifest.write_text("\n".join([*names, _PINS[turn % 2], ""]))
        alone.append(seconds_to_run(home, install, root))
    title = f"One small pin changed among {files} files ({megabytes:.0f} MB), from the cache: medians of {2 * runs}"
    row = ["", *(f"{median(them):.2f}" for them in (synced, alone, clones))]
    left = median(synced) - median(alone) - median(clones)
    print_table(title, ["s", "envd sync", "uv in place", "clone alone", "envd - uv - clone"], [[*row, f"{left:.2f}"]])
    print(f"\n{len(kept)} generations kept beside it take {beside:.1f} MB")


def _row(name: str, envd: list[float], alone: list[float]) -> list[str]:
    other = median(alone) if alone else 0.0
    return [name, f"{median(envd):.2f}", f"{other:.2f}" if alone else "–", ratio(median(envd), other) if alone else "–"]


if __name__ == "__main__":
    sys.exit(main())
