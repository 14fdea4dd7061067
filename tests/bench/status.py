"""What a command costs as a whole process: `envd status` and `envd ask` beside a bare Python, direnv and mise."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.home import ENVD, Home, TroubleError, print_machine, print_table, private_home, ratio, seconds_to_run
from tests.bench.rivals import envd, rivals

_RIVAL_ARGUMENTS = {"direnv": ("status",), "mise": ("--version",)}
_BARE = "python -I -S -c pass"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50, metavar="N", help="how often to run each command (50)")
    parser.add_argument("--mise", default="", metavar="PATH", help="the mise to measure (default: the one on PATH)")
    options = parser.parse_args()
    try:
        with private_home() as home:
            _report(home, options.runs, options.mise)
    except TroubleError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _report(home: Home, runs: int, mise: str) -> None:
    project = envd(home).project
    others, missing = rivals(home, mise)
    commands: dict[str, tuple[tuple[str, ...], Path]] = {
        _BARE: ((sys.executable, "-I", "-S", "-c", "pass"), project),
        "envd status": ((*ENVD, "status"), project),
        "envd status --short": ((*ENVD, "status", "--short"), project),
        "envd ask": ((*ENVD, "ask", "--", str(project)), project),
    }
    for tool in others:
        arguments = _RIVAL_ARGUMENTS[tool.name]
        commands[" ".join((tool.name, *arguments))] = ((*tool.program, *arguments), tool.project)
    taken = _taken(home, commands, runs)
    bare = taken[_BARE]
    rows = [[name, f"{value:.1f}", f"{value - bare:.1f}", ratio(value, bare)] for name, value in taken.items()]
    print_table(f"Whole processes, the daemon running: medians of {runs}", ["ms", "took", "over bare", ": bare"], rows)
    print_machine()
    for line in missing:
        print(line)


def _taken(home: Home, commands: Mapping[str, tuple[tuple[str, ...], Path]], runs: int) -> dict[str, float]:
    """Return the median milliseconds of each command; they take turns."""
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, (command, directory) in commands.items():
            taken[name].append(seconds_to_run(home, command, directory) * 1e3)
    return {name: median(samples) for name, samples in taken.items()}


if __name__ == "__main__":
    sys.exit(main())
