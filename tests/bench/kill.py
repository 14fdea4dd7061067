"""What is left of an environment when an upgrade of 70 packages is killed at a random moment, beside uv and pip in place.

Counts environments that are neither as before nor as asked: right after the kill, and for good, after the same command once more.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psutil
from tests.bench.home import print_machine, print_table
from tests.stage.home import ENVD, Home
from tests.stage.index import Index

from envd.adapters.generations import shelf_for
from envd.adapters.installers import choose_installer
from envd.core.order import Order

PACKAGES = 70
_MODULES = 8
_BEFORE, _ASKED, _NEITHER = "as before", "as asked", "neither"
# Run by the environment's own Python: every package in one version, every file that RECORD lists there and of that version.
_LOOK = """
import importlib.metadata as m, os, sys
count, versions, wrong = 0, set(), ""
for dist in m.distributions():
    try:
        name = dist.metadata["Name"] or ""
        if not name.startswith("pack"):
            continue
        count += 1
        versions.add(dist.version)
        for file in dist.files:
            text = open(dist.locate_file(file), "rb").read()
            if str(file).endswith(".py") and dist.version.encode() not in text:
                wrong = str(file)
    except Exception as error:
        wrong = repr(error)
print(versions.pop() if count == COUNT and len(versions) == 1 and not wrong else "neither")
"""


@dataclass(slots=True)
class Tally:
    """What became of the environments of one contestant."""

    name: str
    after: Counter[str] = field(default_factory=Counter)
    for_good: int = 0
    litter: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Field:
    """One project with many packages in an index of its own: `fresh` brings its environment back to version 1.0."""

    home: Home
    index: Index
    root: Path
    installer: str
    draw: random.Random
    packages: int = PACKAGES

    def ask(self, version: str, remark: object = "") -> None:
        """Write a requirements.txt that asks for all packages in one version; a remark makes it one that was never seen."""
        lines = [f"pack{number:02d}=={version}" for number in range(self.packages)]
        (self.root / "requirements.txt").write_text("\n".join([*lines, f"# {remark}", ""]))

    def found(self) -> str:
        """Return the version that all packages have, or `neither`."""
        command = [str(self.root / ".venv/bin/python"), "-I", "-c", _LOOK.replace("COUNT", str(self.packages))]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError:
            return _NEITHER
        return ran.stdout.strip() or _NEITHER

    def command(self) -> list[str]:
        """Return what the installer is called with when it works in place."""
        return choose_installer(self.installer).installer.install(self.root / ".venv/bin/python", Order(("requirements.txt",)))

    def litter(self) -> list[str]:
        """Return what lies about that is neither the environment nor a kept generation, but for what is just being removed."""
        beside = [path.name for path in self.root.iterdir() if path.name not in (".venv", "requirements.txt")]
        hold = shelf_for(self.root / ".venv", str(self.root)).directory
        inside = [path.name for path in hold.iterdir()] if hold.is_dir() else []
        return beside + [name for name in inside if not name.isdigit() and not name.startswith("gone-")]


@contextlib.contextmanager
def field_for(installer: str, base: Path, draw: random.Random, packages: int = PACKAGES) -> Iterator[Field]:
    """Have a project in sync at version 1.0, allowed, without a daemon, the wheels of both versions in the cache."""
    base.mkdir()
    home = Home(base, base / "caches")
    saved = dict(os.environ)
    with Index() as index:
        # The moments are to fall into the installation, not into waiting for pages.
        index.max_age = 36000
        for number in range(packages):
            for version in ("1.0", "2.0"):
                name = f"pack{number:02d}"
                more = {f"{name}_parts/m{module}.py": f"version = {version!r}\n" * 40 for module in range(_MODULES)}
                index.add_with(name, version, more)
        home.variables.update(index.variables())
        home.configure(f'[sync]\nautomatic = false\ninstaller = "{installer}"\n')
        os.environ.clear()
        os.environ.update(home.variables)
        try:
            here = Field(home, index, home.allowed(home.project()), installer, draw, packages)
            for version in ("2.0", "1.0"):
                here.ask(version, "to begin with")
                ran = home.envd("sync", cwd=here.root, deadline=600)
                assert ran.code == 0, ran.err
            yield here
        finally:
            home.end()
            os.environ.clear()
            os.environ.update(saved)


def _start(here: Field, command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=here.root,
        env=here.home.variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _kill_all(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with all that it started, at one instant as far as that goes."""
    with contextlib.suppress(psutil.Error):
        family = [*psutil.Process(process.pid).children(recursive=True)]
        for one in (psutil.Process(process.pid), *family):
            with contextlib.suppress(psutil.Error):
                one.send_signal(signal.SIGSTOP)
        for one in (psutil.Process(process.pid), *family):
            with contextlib.suppress(psutil.Error):
                one.kill()
        psutil.wait_procs(family, timeout=20)
    process.wait()


def _classified(found: str, before: str, asked: str) -> str:
    return {before: _BEFORE, asked: _ASKED}.get(found, _NEITHER)


def trials_with_envd(here: Field, trials: int) -> Tally:
    """Kill `envd sync` again and again; after each kill the next sync has to finish or clean up."""
    tally = Tally("envd")
    command = [*ENVD, "sync"]
    before, asked = "1.0", "2.0"
    here.ask(asked, "for the time it takes")
    span = tally.seconds = _timed(here, command)
    before, asked = asked, before
    for number in range(trials):
        here.ask(asked, number)
        process = _start(here, command)
        _wait(process, here.draw.uniform(0, 1.05 * span))
        _kill_all(process)
        left = _classified(here.found(), before, asked)
        tally.after[left] += 1
        start = time.monotonic()
        ran = here.home.envd("sync", cwd=here.root, deadline=600)
        # The moments fall into the whole of a sync on a machine that does more besides, too.
        span = time.monotonic() - start if left == _BEFORE else span
        tally.for_good += ran.code != 0 or here.found() != asked
        tally.litter += bool(here.litter())
        before, asked = asked, before
    return tally


def trials_in_place(here: Field, trials: int) -> Tally:
    """Kill the installer itself in a copy of the environment that is made anew for each kill."""
    tally = Tally(f"{here.installer} in place")
    here.ask("1.0", "to begin with")
    assert here.home.envd("sync", cwd=here.root, deadline=600).code == 0
    shutil.rmtree(here.root / ".venv/.envd", ignore_errors=True)
    pristine = here.root.parent / "pristine"
    shutil.rmtree(pristine, ignore_errors=True)
    shutil.copytree(here.root / ".venv", pristine, symlinks=True)
    here.ask("2.0")
    tally.seconds = _timed(here, here.command())
    for _ in range(trials):
        _restore(here, pristine)
        process = _start(here, here.command())
        _wait(process, here.draw.uniform(0, 1.05 * tally.seconds))
        _kill_all(process)
        tally.after[_classified(here.found(), "1.0", "2.0")] += 1
        here.home.run(here.command(), here.root, deadline=600)
        tally.for_good += here.found() != "2.0"
    _restore(here, pristine)
    return tally


def _restore(here: Field, pristine: Path) -> None:
    shutil.rmtree(here.root / ".venv")
    shutil.copytree(pristine, here.root / ".venv", symlinks=True)


def _timed(here: Field, command: Sequence[str]) -> float:
    start = time.monotonic()
    assert _start(here, command).wait() == 0
    return time.monotonic() - start


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def trials_without_network(here: Field, trials: int, run: Callable[[Field], object]) -> Tally:
    """Have the index fall silent after a random number of wheels, and nothing in the cache."""
    tally = Tally("envd" if run is with_envd else f"{here.installer} in place")
    for number in range(trials):
        cache = here.home.base / f"empty-{number}"
        here.home.variables.update(UV_CACHE_DIR=str(cache), PIP_CACHE_DIR=str(cache))
        here.index.left = here.draw.randrange(here.packages)
        here.ask("2.0", f"without network {number}")
        run(here)
        here.index.left = None
        tally.after[_classified(here.found(), "1.0", "2.0")] += 1
        tally.litter += bool(here.litter())
        shutil.rmtree(cache, ignore_errors=True)
    return tally


def trials_on_a_full_disk(here: Field, trials: int, run: Callable[[Field], object], pristine: Path) -> Tally:
    """Have the file system of the environment full after a random number of bytes; needs one of its own, which root can mount."""
    tally = Tally("envd" if run is with_envd else f"{here.installer} in place")
    for number in range(trials):
        with _small_disk(here, pristine, here.draw.randrange(0, 3_000_000)):
            here.ask("2.0", f"full {number}")
            run(here)
            tally.after[_classified(here.found(), "1.0", "2.0")] += 1
            tally.litter += bool(here.litter())
    return tally


@contextlib.contextmanager
def _small_disk(here: Field, pristine: Path, room: int) -> Iterator[None]:
    """Mount a file system that holds the environment and `room` bytes more at the project's environment directory's parent."""
    disk = here.root.parent / "disk"
    disk.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m", "tmpfs", disk], check=True)
    try:
        shutil.copytree(pristine, disk / "venv", symlinks=True)
        shutil.rmtree(here.root / ".venv")
        (here.root / ".venv").symlink_to(disk / "venv")
        used = shutil.disk_usage(disk).used
        subprocess.run(["mount", "-o", f"remount,size={used + room}", disk], check=True)
        yield
    finally:
        if (here.root / ".venv").is_symlink():
            (here.root / ".venv").unlink()
            shutil.copytree(pristine, here.root / ".venv", symlinks=True)
        subprocess.run(["umount", disk], check=True)


def with_envd(here: Field) -> None:
    """Sync with envd, however that ends."""
    here.home.envd("sync", cwd=here.root, deadline=600)


def in_place(here: Field) -> None:
    """Call the installer itself, however that ends."""
    here.home.run(here.command(), here.root, deadline=600)


def can_mount() -> bool:
    """Return whether this user can have a file system of its own."""
    with tempfile.TemporaryDirectory() as place:
        if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", place], capture_output=True, check=False).returncode:
            return False
        subprocess.run(["umount", place], check=True)
        return True


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=200, metavar="N", help="how often to kill envd (200)")
    parser.add_argument("--others", type=int, default=40, metavar="N", help="how often to kill the installer in place (40)")
    parser.add_argument("--faults", type=int, default=10, metavar="N", help="how often without network, and on a full disk (10)")
    parser.add_argument("--installer", action="append", choices=("uv", "pip"), help="with this one only")
    parser.add_argument("--seed", type=int, default=1, help="what the moments are drawn from (1)")
    options = parser.parse_args()
    wrong = 0
    for installer in options.installer or ("uv", "pip"):
        draw = random.Random(options.seed)  # moments, no secrets
        with (
            tempfile.TemporaryDirectory(prefix="envd-kill-", ignore_cleanup_errors=True) as base,
            field_for(installer, Path(base).resolve() / "user", draw) as here,
        ):
            wrong += _contest(here, options)
    print_machine()
    return 1 if wrong else 0


def _contest(here: Field, options: argparse.Namespace) -> int:
    """Run all trials with one installer, print, and return how often envd left what it must not."""
    killed = [trials_with_envd(here, options.trials), trials_in_place(here, options.others)]
    _print(f"Killed at random moments, {here.installer}, {PACKAGES} packages", killed)
    pristine = here.root.parent / "pristine"
    faults = {"The network falls silent": trials_without_network}
    tallies = []
    for title, trial in faults.items():
        tallies = [trial(here, options.faults, with_envd)]
        here.home.envd("forget", cwd=here.root)
        tallies.append(trial(here, options.faults, in_place))
        _print(f"{title}, {here.installer}", tallies)
        _restore(here, pristine)
        here.home.allowed(here.root)
    full = []
    if can_mount():
        full = [trials_on_a_full_disk(here, options.faults, run, pristine) for run in (with_envd, in_place)]
        _print(f"The disk is full, {here.installer}", full)
    else:
        print("a full disk is left out: nothing can be mounted here")
    envd = [killed[0], *tallies[:1], *full[:1]]
    return sum(tally.after[_NEITHER] + tally.for_good + tally.litter for tally in envd)


def _print(title: str, tallies: Sequence[Tally]) -> None:
    heads = ["", "trials", _BEFORE, _ASKED, _NEITHER, "for good", "litter", "s undisturbed"]
    rows = []
    for tally in tallies:
        counts = [tally.after[kind] for kind in (_BEFORE, _ASKED, _NEITHER)]
        rows.append([tally.name, *map(str, (tally.after.total(), *counts, tally.for_good, tally.litter)), f"{tally.seconds:.1f}"])
    print_table(title, heads, rows)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
