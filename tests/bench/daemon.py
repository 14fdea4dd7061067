"""What the daemon costs while nothing happens: memory and wake-ups, with no project active and with one (Linux)."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.home import Home, TroubleError, install_stub, print_machine, print_table, private_home, wait_until

_SETTLING_SECONDS = 5.0
_PACKAGE = "envd-bench-stub"


@dataclass(frozen=True, slots=True)
class Window:
    """One look at a process over some seconds; memory in MB at its end."""

    rss: float
    pss: float
    threads: int
    wakeups: int
    seconds: float


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, metavar="S", help="how long to look each time (30)")
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="how often to look (1)")
    options = parser.parse_args()
    try:
        with private_home() as home:
            _report(home, options.runs, options.seconds)
    except (TroubleError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _report(home: Home, runs: int, seconds: float) -> None:
    project = _synced_project(home)
    # A new one: nothing is left in its memory of the project that it had to look at.
    home.envd("daemon", "stop")
    process = Path("/proc", str(home.daemon_pid()))
    idle = _windows(process, runs, seconds)
    home.stand_in(project)
    active = _windows(process, runs, seconds)
    heads = ["", "RSS MB", "PSS MB", "threads", "wake-ups", "a second"]
    print_table(f"The daemon over {seconds:g} s: medians of {runs}", heads, [_row("no project", idle), _row("one active", active)])
    print_machine()


def _synced_project(home: Home) -> Path:
    """Return an allowed project whose one package is there already, so that no index is needed."""
    project = home.project("quiet")
    install_stub(project / ".venv", _PACKAGE)
    (project / "requirements.txt").write_text(f"{_PACKAGE}\n")
    home.envd("allow", directory=project)
    home.envd("sync", directory=project)
    wait_until(home, project, "in sync")
    return project


def _windows(process: Path, runs: int, seconds: float) -> list[Window]:
    time.sleep(_SETTLING_SECONDS)
    return [_look(process, seconds) for _ in range(runs)]


def _look(process: Path, seconds: float) -> Window:
    before, start = _switches(process), time.monotonic()
    time.sleep(seconds)
    after, took = _switches(process), time.monotonic() - start
    # A thread that began meanwhile counts from its beginning; one that ended is lost, with at most what it did before.
    wakeups = sum(count - before.get(thread, 0) for thread, count in after.items())
    memory = _fields(process / "smaps_rollup")
    return Window(memory["Rss"] / 1024, memory["Pss"] / 1024, len(after), wakeups, took)


def _switches(process: Path) -> dict[str, int]:
    """Return the context switches of each thread: every one of them is a return from waiting, or from being preempted."""
    found = {thread.name: _fields(thread / "status") for thread in (process / "task").iterdir()}
    return {name: fields["voluntary_ctxt_switches"] + fields["nonvoluntary_ctxt_switches"] for name, fields in found.items()}


def _fields(path: Path) -> dict[str, int]:
    pairs = (line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)
    return {name: int(value.split()[0]) for name, value in pairs if value.split() and value.split()[0].isdigit()}


def _row(name: str, windows: list[Window]) -> list[str]:
    numbers = (
        f"{median(window.rss for window in windows):.1f}",
        f"{median(window.pss for window in windows):.1f}",
        f"{median(window.threads for window in windows):.0f}",
        f"{median(window.wakeups for window in windows):.0f}",
        f"{median(window.wakeups / window.seconds for window in windows):.2f}",
    )
    return [name, *numbers]


if __name__ == "__main__":
    sys.exit(main())
