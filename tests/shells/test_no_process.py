"""No process starts on an unchanged prompt, on entering and on leaving: counted from outside."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .steps import Stage, allowed, blocked, cd, enter, is_active, nothing_is_active
from .world import NAMES

STARTS = re.compile(r"\b(?:clone3?|v?fork|execve)\((?!.*CLONE_THREAD)")
LOOKS = "stat,newfstatat,statx,access,faccessat,faccessat2"


# Stops only at what is asked for, where the kernel and strace (5.3) can: a shell that makes many other calls starts sooner.
QUICKLY = ("-f", "--seccomp-bpf")


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """Return a file to trace into; skips by name where nothing can be traced."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not on PATH")
    if subprocess.run([strace, "-o", "/dev/null", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("strace may not trace here")
    return tmp_path / "trace"


def start_traced(stage: Stage, trace: Path) -> None:
    strace = shutil.which("strace")
    assert strace is not None
    quickly = subprocess.run([strace, *QUICKLY, "-o", "/dev/null", "true"], capture_output=True, check=False).returncode == 0
    calls = f"trace=?clone,?clone3,?fork,?vfork,execve,?{LOOKS.replace(',', ',?')}"
    stage.shell.write_rc()
    stage.shell.start(wrapper=(strace, *(QUICKLY if quickly else ("-f",)), "-o", str(trace), "-e", calls))


def started_by(stage: Stage, trace: Path, *directories: str) -> list[str]:
    """Return the lines of the trace in which a process starts while the shell goes to these directories ("" for just a prompt)."""
    mark = f"/envd-mark-{len(trace.read_text())}"
    stage.shell.run(stage.shell.look_for(f"{mark}-begin"))
    for name in directories:
        (cd(name) if name else enter())(stage)
    stage.shell.run(stage.shell.look_for(f"{mark}-end"))
    between = trace.read_text().split(f"{mark}-begin", 1)[1].split(f"{mark}-end", 1)[0]
    return [line for line in between.splitlines() if STARTS.search(line)]


@pytest.mark.parametrize(
    "directories",
    [("", "", ""), ("p",), ("p", "", ""), ("p", "~"), ("p", "q", "~"), ("b",), ("b", "", "~"), ("p/a/b", "p")],
    ids=[
        "unchanged-outside",
        "entering",
        "unchanged-inside",
        "leaving",
        "from-one-to-another",
        "blocked",
        "leaving-blocked",
        "below",
    ],
)
@pytest.mark.parametrize("extra", [{}, {"PYTHONHOME": "/x", "VIRTUAL_ENV_PROMPT": "x"}], ids=["plain", "with-variables-to-hide"])
@pytest.mark.case(74)
def test_no_process(stage: Stage, trace: Path, directories: tuple[str, ...], extra: dict[str, str]) -> None:
    stage.world.extra.update(extra)
    allowed("p")(stage)
    allowed("q")(stage)
    blocked("b", "n1", "no")(stage)
    stage.world.at("p/a/b").mkdir(parents=True)
    start_traced(stage, trace)
    assert started_by(stage, trace, *directories) == []


@pytest.mark.case(67)
def test_nothing_above_home_is_looked_at(stage: Stage, trace: Path) -> None:
    stage.world.at("x/y").mkdir(parents=True)
    start_traced(stage, trace)
    cd("x/y")(stage)
    enter(2)(stage)
    looked = trace.read_text()
    assert f'"{stage.world.at("x")}/.venv' in looked
    assert [name for name in NAMES if f'"{stage.world.base}/{name}' in looked] == []


def test_the_count_sees_a_process(stage: Stage, trace: Path) -> None:
    stage.world.project("p")
    start_traced(stage, trace)
    assert len(started_by(stage, trace, "p")) >= 2


def test_entering_while_traced_enters(stage: Stage, trace: Path) -> None:
    allowed("p")(stage)
    start_traced(stage, trace)
    for step in (cd("p"), is_active("p"), cd("~")):
        step(stage)
    assert "VIRTUAL_ENV" not in stage.shell.exported()
    nothing_is_active()(stage)
