"""Interactive shells that take the steps of a session one by one and say how long each one took."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.home import Home, TroubleError
from tests.bench.rivals import Tool

UNCHANGED, ENTERING, LEAVING, SWITCHING, DEEP = "unchanged", "entering", "leaving", "switching", "deep"
MOMENTS = {
    UNCHANGED: "unchanged prompt",
    ENTERING: "entering a known project",
    LEAVING: "leaving it",
    SWITCHING: "from one project straight to another",
    DEEP: "unchanged, ten levels deep, no project",
}
_LEVELS = 10

# Each prelude defines `step MOMENT [DIRECTORY]`, which goes there, does what this shell does at a prompt and says so before and
# after, and `where PLACE`, which says what environment is in force. What the shell runs at a prompt is up to the tool loaded.
_BASH = """
__bench_prompt() { local command; for command in "${PROMPT_COMMAND[@]}"; do eval "$command"; done; }
step() {
  local start end
  builtin printf 'begin %s\\n' "$1"
  [[ -n ${EPOCHREALTIME-} ]] || read -r start
  start=${EPOCHREALTIME-}
  [[ -z ${2-} ]] || cd "$2"
  __bench_prompt
  end=${EPOCHREALTIME-}
  builtin printf 'end %s %s %s\\n' "$1" "$start" "$end"
}
where() { builtin printf 'where %s %s\\n' "$1" "${VIRTUAL_ENV-}"; }
"""

_ZSH = """
zmodload zsh/datetime
__bench_prompt() { local name; for name in $precmd_functions; do $name; done; }
step() {
  local start end
  builtin printf 'begin %s\\n' "$1"
  start=$EPOCHREALTIME
  [[ -z ${2-} ]] || cd "$2"
  __bench_prompt
  end=$EPOCHREALTIME
  builtin printf 'end %s %s %s\\n' "$1" "$start" "$end"
}
where() { builtin printf 'where %s %s\\n' "$1" "${VIRTUAL_ENV-}"; }
"""

# fish (and bash before 5.0) has no clock that is fine enough: whoever reads the lines takes the time, from letting the step begin
# to hearing of its end. In fish, showing the prompt and hearing of the command are part of the step, for hooks wrap the one and
# listen to the other.
_FISH = """
function fish_prompt; builtin printf '> '; end
function __bench_prompt
    emit fish_prompt
    set -l shown (fish_prompt)
end
function step
    builtin printf 'begin %s\\n' $argv[1]
    read -l go
    if set -q argv[2]
        emit fish_preexec "cd $argv[2]"
        cd $argv[2]
    else
        emit fish_preexec 'git status'
    end
    __bench_prompt
    builtin printf 'end %s\\n' $argv[1]
end
function where; builtin printf 'where %s %s\\n' $argv[1] "$VIRTUAL_ENV"; end
"""


@dataclass(frozen=True, slots=True)
class Shell:
    """One shell: how it is started with nothing but a script of ours, and the functions that the script begins with."""

    name: str
    arguments: tuple[str, ...]
    prelude: str

    def command(self, script: Path) -> list[str]:
        """Return the command that runs a script in this shell as an interactive one."""
        return [shutil.which(self.name) or self.name, *self.arguments, str(script)]


SHELLS = (
    Shell("bash", ("--noprofile", "--norc", "-i"), _BASH),
    Shell("zsh", ("-f", "-i"), _ZSH),
    Shell("fish", ("--no-config", "-i"), _FISH),
)


@dataclass(frozen=True, slots=True)
class Session:
    """A tool loaded into a shell: two scripts, of which one only loads it and the other takes the steps `count` times."""

    shell: Shell
    tool: Tool
    only_loading: Path
    stepping: Path
    count: int


def prepare(home: Home, shell: Shell, tool: Tool, count: int) -> Session:
    """Write the scripts of a session."""
    stem = home.path / "sessions" / f"{shell.name}-{tool.name.replace(' ', '-')}"
    stem.parent.mkdir(exist_ok=True)
    load = tool.load(shell.name) + "\n"
    only_loading, stepping = stem.with_suffix(".load"), stem.with_suffix(".steps")
    only_loading.write_text(load)
    stepping.write_text(shell.prelude + load + "\n".join(_steps(home, tool, count)) + "\n")
    return Session(shell, tool, only_loading, stepping, count)


def _steps(home: Home, tool: Tool, count: int) -> Iterator[str]:
    project = tool.project
    deep = home.path.joinpath(*map(str, range(1, _LEVELS + 1)))
    deep.mkdir(parents=True, exist_ok=True)
    outside = home.path / "code"
    for place in (project, outside, project):
        yield f"step warm '{place}'"
    yield "where inside"
    yield from [f"step {UNCHANGED}"] * count
    yield from [f"step {LEAVING} '{outside}'", f"step {ENTERING} '{project}'"] * count
    yield f"step warm '{project}'"
    yield from [f"step {SWITCHING} '{tool.other}'", f"step {SWITCHING} '{project}'"] * -(-count // 2)
    yield f"step warm '{outside}'"
    yield "where outside"
    yield f"step warm '{deep}'"
    yield from [f"step {DEEP}"] * count


def measure(home: Home, session: Session) -> dict[str, list[float]]:
    """Return the microseconds that each step of a session took, by its moment; raises TroubleError when the tool does nothing."""
    found: dict[str, list[float]] = {moment: [] for moment in MOMENTS}
    begun = 0.0
    for at, line in timed_lines(home, session.shell.command(session.stepping)):
        word, _, rest = line.partition(" ")
        if word == "begin":
            begun = at
        elif word == "where":
            _check(session, *rest.split(" ", 1))
        elif word == "end":
            moment, *clock = rest.split()
            took = float(clock[1].replace(",", ".")) - float(clock[0].replace(",", ".")) if clock else at - begun
            found.setdefault(moment, []).append(took * 1e6)
    due = {moment: -(-session.count // 2) * 2 if moment == SWITCHING else session.count for moment in MOMENTS}
    if any(len(found[moment]) != due[moment] for moment in MOMENTS):
        raise TroubleError(f"{session.shell.name} with {session.tool.name} did not take its steps")
    return {moment: found[moment] for moment in MOMENTS}


def _check(session: Session, place: str, venv: str) -> None:
    """Raise TroubleError when the steps do not do what they are measured for."""
    wanted = str(session.tool.project / ".venv") if place == "inside" and session.tool.program else ""
    if venv != wanted:
        raise TroubleError(f"{session.shell.name} with {session.tool.name}: VIRTUAL_ENV {place} is {venv!r}, not {wanted!r}")


def timed_lines(home: Home, command: Sequence[str]) -> Iterator[tuple[float, str]]:
    """Run a command and yield its lines, each with the time at which it came; a line is sent back for each `begin`."""
    process = subprocess.Popen(
        command,
        cwd=home.path,
        env=home.variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        bufsize=0,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        rest = b""
        while chunk := process.stdout.read(65536):
            at = time.perf_counter()
            *lines, rest = (rest + chunk).split(b"\n")
            if lines and lines[-1].startswith(b"begin "):
                # A shell with a clock of its own does not read it, and may have ended.
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write(b"\n")
            for line in lines:
                yield at, line.decode("utf-8", "replace")
