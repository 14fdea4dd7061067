"""What stands around a shell under test: a private home, projects, the answers published for them, and a stand-in for envd."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from envd.adapters.shells import SHELLS
from envd.core.answer import ANSWER_NAME, SEAL_PREFIX, STAMP_PREFIX, Answer, SyncState, Verdict, encode_answer, stamp_target

if TYPE_CHECKING:
    from .driver import Shell

HOOKS = Path(__file__).resolve().parents[2] / "shell"
PATH = "/usr/local/bin:/usr/bin:/bin"
NAMES = (".venv", "venv")
_BEGIN, _END = "# envd: constants\n", "# envd: end of constants\n"

# Records each call (arguments ended by NUL, calls by SOH); asked about a directory, or syncing one, it publishes what the test has
# laid down for it.
_STAND_IN = """#!/bin/sh
printf '%s\\0' "$@" >>'{calls}'
printf '\\1' >>'{calls}'
case $4 in
  ask) root=$6 ;;
  sync | allow | undo) root=$PWD ;;
  wait) exec '{python}' -I '{waiter}' ;;
  *) exit ;;
esac
if [ -f '{pending}'"$root/.envd-answer" ]; then
  /bin/mkdir -p '{answers}'"$root" && /bin/rm -f '{answers}'"$root"/.envd-answer-*
  /bin/mv '{pending}'"$root"/.envd-answer* '{answers}'"$root"
fi
"""


_WAITER = """import pathlib, sys, time
try:
    print("waiting", flush=True)
    while not pathlib.Path({go!r}).exists():
        time.sleep(0.02)
except KeyboardInterrupt:
    sys.exit(130)
"""


class World:
    """The files of one test. Everything lies under `base`; nothing of the developer's is read."""

    def __init__(self, base: Path) -> None:
        self.base = Path(os.path.realpath(base))
        self.home = self.base / "h"
        self.answers = self.base / "s" / "answers"
        self.shells = self.base / "r"
        self.python = self.base / "python"
        self.dump = self.base / "dump"
        self._pending = self.base / "pending"
        self._calls = self.base / "calls"
        self._count = 0
        for directory in (self.home, self.answers, self.shells, self._pending):
            directory.mkdir(parents=True, mode=0o700)
        self._calls.touch()
        waiter = self.script(self.base / "waiter.py", _WAITER.format(go=str(self._pending / "go")))
        program = _STAND_IN.format(
            calls=self._calls, pending=self._pending, answers=self.answers, python=sys.executable, waiter=waiter
        )
        self.script(self.python, program)
        self.script(self.dump, '#!/bin/sh\nexec /usr/bin/env -0 >"$1"\n')
        (self.home / ".inputrc").write_text("set enable-bracketed-paste off\nset bell-style none\n")
        # Where these are missing, fish starts Python in the background to make completions of all manual pages.
        for name in (".data", ".cache"):
            (self.home / name / "fish" / "generated_completions").mkdir(parents=True)
        # Variables that a scenario adds to what the shell is started with.
        self.extra: dict[str, str] = {}
        # The switches of the settings that are on.
        self.switches: tuple[str, ...] = ()

    def environment(self) -> dict[str, str]:
        """Return the whole environment in which the shell starts."""
        home = str(self.home)
        return {
            "HOME": home,
            "ZDOTDIR": home,
            "XDG_CONFIG_HOME": f"{home}/.config",
            "XDG_DATA_HOME": f"{home}/.data",
            "XDG_STATE_HOME": f"{home}/.state",
            "XDG_CACHE_HOME": f"{home}/.cache",
            "XDG_RUNTIME_DIR": f"{home}/.run",
            "INPUTRC": f"{home}/.inputrc",
            "PATH": PATH,
            "TERM": "xterm",
            "LANG": "C.UTF-8",
            "POWERSHELL_TELEMETRY_OPTOUT": "1",
            "POWERSHELL_UPDATECHECK": "Off",
            # Without these some installations of .NET do not start.
            **{name: value for name, value in os.environ.items() if name.startswith("DOTNET_")},
            **self.extra,
        }

    def move_state(self, name: str) -> None:
        """Have the answers below another directory, before anything was published."""
        self.answers = self.base / name / "answers"
        self.answers.mkdir(parents=True, mode=0o700)

    def bake(self, shell: Shell, name: str = "") -> Path:
        """Write the hook (or another file of its kind) with this world's constants and return where."""
        text = (HOOKS / (name or f"envd.{shell.suffix}")).read_text()
        head, rest = text.split(_BEGIN)
        middle, tail = rest.split(_END)
        known = [name for name in SHELLS[shell.name].switches if f"__envd_{name}" in middle]
        constants = (
            shell.assign("__envd_answers", str(self.answers)),
            shell.assign("__envd_shells", str(self.shells)),
            shell.assign("__envd_python", str(self.python)),
            shell.assign("__envd_names", *NAMES),
            *(shell.assign(f"__envd_{name}", "1" * (name in self.switches)) for name in known),
            *([shell.assign("__envd_mark", "a1b2")] if "__envd_mark" in middle else ()),
        )
        hook = self.base / f"hook.{shell.suffix}"
        hook.write_text(head + _BEGIN + "\n".join(constants) + "\n" + _END + tail)
        return hook

    def unbake(self, shell: Shell) -> None:
        """Put the hook there as it stands in the source tree."""
        (self.base / f"hook.{shell.suffix}").write_text((HOOKS / f"envd.{shell.suffix}").read_text())

    def give_away_answers(self) -> None:
        """Have the answers belong to somebody else; skips for all but root, who alone can do that."""
        if os.geteuid() != 0:
            pytest.skip("only root can give a directory away")
        os.chown(self.answers, 12345, -1)

    def scratch(self, name: str) -> Path:
        """Return a new file name, so that noclobber does not matter."""
        self._count += 1
        return self.base / f"{self._count}-{name}"

    def script(self, file: Path, text: str) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)
        return file

    def at(self, name: str) -> Path:
        """Return the directory that a scenario calls `name`: below home, unless absolute."""
        return self.home / name

    def project(self, name: str) -> Path:
        """Make a project with an environment and return its root."""
        root = self.at(name)
        self.make_venv(root / ".venv")
        return root

    def make_venv(self, venv: Path) -> None:
        (venv / "bin").mkdir(parents=True, exist_ok=True)
        (venv / "pyvenv.cfg").write_text("home = /usr/bin\n")
        (venv / "bin" / "python").symlink_to(sys.executable)

    def answer(
        self,
        name: str,
        verdict: Verdict,
        *,
        label: str = "",
        notice: str = "",
        text: str = "",
        state: SyncState = SyncState.IN_SYNC,
    ) -> Answer:
        """Return an answer for a project, with a seal that is put into its environment."""
        self._count += 1
        root = self.at(name)
        venv = root / ".venv"
        seal = f"seal-{self._count}" if (venv / "pyvenv.cfg").exists() and verdict is Verdict.ACTIVE else ""
        if seal:
            self.seal(name, seal)
        return Answer(
            verdict=verdict, root=str(root), stamp=str(self._count), seal=seal, venv=str(venv), bin=str(venv / "bin"),
            label=label or root.name, state=state, notice=notice, text=text,
        )  # fmt: skip

    def seal(self, name: str, seal: str = "") -> None:
        """Put a seal into a project's environment in the place of the one there, or take that out."""
        venv = self.at(name) / ".venv"
        for old in venv.glob(f"{SEAL_PREFIX}*"):
            old.rmdir()
        if seal:
            (venv / f"{SEAL_PREFIX}{seal}").mkdir()

    def publish(self, answer: Answer) -> None:
        self._write(self.answers, answer)

    def publish_when_asked(self, answer: Answer) -> None:
        self._write(self._pending, answer)

    def publish_by(self, program: Path, answer: Answer) -> None:
        """Have a program that the shell can run publish an answer."""
        later = self.base / "later"
        self._write(later, answer)
        there, here = f"{later}{answer.root}", f"{self.answers}{answer.root}"
        self.script(program, f"#!/bin/sh\nrm -f '{here}'/.envd-answer-*\nmv '{there}'/.envd-answer* '{here}'\n")

    def withdraw(self, name: str) -> None:
        directory = Path(f"{self.answers}{self.at(name)}")
        _remove_stamps(directory)
        (directory / ANSWER_NAME).unlink()

    def end_of_wait(self) -> None:
        """Have what waits go on."""
        (self._pending / "go").touch()

    def calls(self) -> list[list[str]]:
        """Return the arguments of each call of the stand-in so far."""
        calls = self._calls.read_bytes().decode("utf-8", "surrogateescape").split("\1")
        return [call.split("\0")[:-1] for call in calls if call]

    def asks(self) -> list[str]:
        """Return the directories asked about so far, in order."""
        calls = self.calls()
        assert all(call[:-1] == ["-I", "-m", "envd", "ask", "--"] for call in calls), calls
        return [call[-1] for call in calls]

    def registered(self, pid: int) -> str:
        """Return what the shell with this number has said about where it is."""
        file = self.shells / str(pid)
        if not file.exists():
            return ""
        *records, unfinished = file.read_text().split("\0")
        assert unfinished == ""
        return records[-1]

    def _write(self, tree: Path, answer: Answer) -> None:
        file = Path(f"{tree}{answer.root}", ANSWER_NAME)
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name("draft")
        draft.write_bytes(encode_answer(answer))
        _remove_stamps(file.parent)
        draft.replace(file)
        if answer.verdict is Verdict.ACTIVE:
            file.with_name(STAMP_PREFIX + answer.stamp).symlink_to(stamp_target(answer))


def _remove_stamps(directory: Path) -> None:
    for stamp in directory.glob(f"{STAMP_PREFIX}*"):
        stamp.unlink()
