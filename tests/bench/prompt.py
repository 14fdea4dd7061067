"""What a hook costs at the prompt, beside an empty loop, direnv and mise: time, processes, and the start of a shell."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.home import Home, TroubleError, crowd, print_machine, print_table, private_home, ratio, seconds_to_run
from tests.bench.interactive import ENTERING, LEAVING, MOMENTS, SHELLS, UNCHANGED, Session, Shell, measure, prepare
from tests.bench.rivals import Tool, envd, nothing, rivals
from tests.bench.tracing import count_processes, find_strace

from envd.system.processes import find_program

_ROUNDS = 10
_TRACED = 4
_CROWD = 10_000
Samples = dict[tuple[str, str, str], list[float]]


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
    parser = argparse.ArgumentParser(description=__doc__)
    names = [shell.name for shell in SHELLS]
    parser.add_argument("--runs", type=int, default=200, metavar="N", help="how often envd and the empty loop take each step (200)")
    parser.add_argument("--rival-runs", type=int, default=40, metavar="N", help="how often the other tools take each step (40)")
    parser.add_argument("--mise", default="", metavar="PATH", help="the mise to measure (default: the one on PATH)")
    parser.add_argument("--shell", action="append", choices=names, help="measure in this shell only; may be repeated")
    return parser


def _report(home: Home, options: argparse.Namespace) -> None:
    others, missing = rivals(home, options.mise)
    empty, ours = nothing(home), envd(home)
    wanted = [shell for shell in SHELLS if shell.name in (options.shell or [shell.name])]
    shells = [shell for shell in wanted if find_program(shell.name, home.variables["PATH"])]
    missing += [f"{shell.name} is left out: it is not here" for shell in wanted if shell not in shells]
    runs = {tool.name: options.rival_runs if tool in others else options.runs for tool in (empty, ours, *others)}

    def sessions(count: Callable[[Tool], int]) -> list[list[Session]]:
        return [[prepare(home, shell, tool, count(tool)) for tool in (empty, ours, *others)] for shell in shells]

    _print_times(_taken(home, sessions(lambda tool: -(-runs[tool.name] // _ROUNDS))), shells, ours, others)
    _print_starts(home, sessions(lambda _: 1), min(runs.values()))
    _print_conditions(home, [prepare(home, shell, tool, options.runs // _ROUNDS) for shell in shells for tool in (empty, ours)])
    strace = find_strace()
    if strace:
        _print_processes(home, [row[1:] for row in sessions(lambda _: _TRACED)], strace)
    else:
        missing.append("the number of processes is left out: no strace here")
    print_machine()
    for line in missing:
        print(line)


def _taken(home: Home, sessions: Sequence[Sequence[Session]]) -> Samples:
    """Return the samples of all sessions, by shell, tool and moment: in rounds, each beginning with another tool."""
    taken: Samples = {}
    for turn in range(_ROUNDS):
        for row in sessions:
            first = turn % len(row)
            for session in (*row[first:], *row[:first]):
                for moment, samples in measure(home, session).items():
                    taken.setdefault((session.shell.name, session.tool.name, moment), []).extend(samples)
    return taken


def _print_times(taken: Samples, shells: Sequence[Shell], ours: Tool, others: Sequence[Tool]) -> None:
    names = [ours.name, *(tool.name for tool in others)]
    rows = []
    for shell in shells:
        for moment, text in MOMENTS.items():
            base = median(taken[shell.name, "empty loop", moment])
            added = [median(taken[shell.name, name, moment]) - base for name in names]
            ratios = [ratio(other, added[0]) for other in added[1:]]
            rows.append([f"{shell.name}: {text}", f"{base:.0f}", *(f"{value:.0f}" for value in added), *ratios])
    heads = ["µs", "empty loop", *(f"{name} adds" for name in names), *(f"{name} : {names[0]}" for name in names[1:])]
    print_table(f"At the prompt: medians of {_counts(taken, shells, names)}", heads, rows)


def _counts(taken: Samples, shells: Sequence[Shell], names: Sequence[str]) -> str:
    moment = next(iter(MOMENTS))
    return ", ".join(f"{len(taken[shells[0].name, name, moment])} ({name})" for name in names)


def _print_starts(home: Home, sessions: Sequence[Sequence[Session]], runs: int) -> None:
    rows = []
    for row in sessions:
        taken: dict[str, list[float]] = {session.tool.name: [] for session in row}
        for _ in range(runs):
            for session in row:
                taken[session.tool.name].append(seconds_to_run(home, session.shell.command(session.only_loading), home.path) * 1e3)
        base, *with_tool = map(median, taken.values())
        rows.append([row[0].shell.name, f"{base:.1f}", *(f"{value - base:.1f}" for value in with_tool)])
    heads = ["ms", "alone", *(f"{session.tool.name} adds" for session in sessions[0][1:])]
    print_table(f"Start of a shell: medians of {runs}", heads, rows)


def _print_conditions(home: Home, sessions: Sequence[Session]) -> None:
    """Print what envd costs as it is, among many known projects, and with its daemon stopped in the middle of what it does."""
    taken = {"as it is": _measured_all(home, sessions)}
    crowd(home, _CROWD)
    taken[f"{_CROWD:,} known projects"] = _measured_all(home, sessions)
    pid = home.daemon_pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        taken["its daemon stopped (SIGSTOP)"] = _measured_all(home, sessions)
    finally:
        os.kill(pid, signal.SIGCONT)
    moments = (UNCHANGED, ENTERING, LEAVING)
    rows = []
    for name in dict.fromkeys(session.shell.name for session in sessions):
        for condition, samples in taken.items():
            added = [median(samples[name, "envd", moment]) - median(samples[name, "empty loop", moment]) for moment in moments]
            rows.append([f"{name}: {condition}", *(f"{value:.0f}" for value in added)])
    print_table("envd in other conditions: medians", ["µs added", *(MOMENTS[moment] for moment in moments)], rows)


def _measured_all(home: Home, sessions: Sequence[Session]) -> Samples:
    taken: Samples = {}
    for _ in range(_ROUNDS):
        for session in sessions:
            for moment, samples in measure(home, session).items():
                taken.setdefault((session.shell.name, session.tool.name, moment), []).extend(samples)
    return taken


def _print_processes(home: Home, sessions: Sequence[Sequence[Session]], strace: str) -> None:
    rows = []
    for row in sessions:
        counts: list[Mapping[str, int]] = [count_processes(home, session, strace) for session in row]
        rows += [[f"{row[0].shell.name}: {text}", *(str(count[moment]) for count in counts)] for moment, text in MOMENTS.items()]
    heads = ["processes started", *(session.tool.name for session in sessions[0])]
    print_table(f"Counted by strace: the most in {_TRACED} steps", heads, rows)


if __name__ == "__main__":
    sys.exit(main())
