"""The shells, each as a real interactive one: what they share, and the few words in which they differ."""

from __future__ import annotations

import re
import shlex
import shutil
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from .terminal import Terminal
from .world import World

PROMPT = "@@> "


@dataclass(frozen=True, slots=True)
class Result:
    """What a command showed (its own echo and the prompts included) and its status as the next command saw it."""

    output: str
    status: int


class Shell(ABC):
    """An interactive shell that has loaded the hook from its rc file."""

    name: ClassVar[str]
    suffix: ClassVar[str]
    # What stands before the quoted path of a program that is to be run.
    calling: ClassVar[str] = ""
    # Whether it takes from the terminal what was typed for the program that it starts, or for the shell around it (.NET does).
    reads_ahead: ClassVar[bool] = False
    # Defines `mark N`, which shows <mark N STATUS>, and `peek NAME FILE`, which writes u (unset) or s and the value.
    tools: ClassVar[str]

    def __init__(self, world: World, terminal: Terminal | None = None) -> None:
        self.world = world
        self._terminal = terminal
        self._count = 0

    # ---- in which they differ

    @property
    @abstractmethod
    def rc_file(self) -> str:
        """The rc file, relative to home."""

    @abstractmethod
    def arguments(self) -> Sequence[str]:
        """The arguments for an interactive start with nothing but our rc file."""

    @abstractmethod
    def quote(self, text: str) -> str: ...

    @abstractmethod
    def prompt_is(self, text: str) -> str: ...

    def set(self, name: str, value: str) -> str:
        return f"{name}={self.quote(value)}"

    def export(self, name: str, value: str) -> str:
        return f"export {name}={self.quote(value)}"

    def unset(self, name: str) -> str:
        return f"unset {name}"

    def prepend(self, directory: str) -> str:
        return f"PATH={self.quote(directory)}:$PATH"

    def path_is(self, entries: str) -> str:
        return self.export("PATH", entries)

    def source(self, file: str) -> str:
        return f". {self.quote(file)}"

    def look_for(self, file: str) -> str:
        """A command that looks whether a file is there, by a builtin."""
        return f"test -e {self.quote(file)}"

    @property
    def going(self) -> str:
        """The words that go to whatever directory follows."""
        return "cd"

    @property
    def activate(self) -> str:
        """The name of the script that activates a venv by hand."""
        return "activate"

    @abstractmethod
    def at_each_prompt(self, command: str) -> str:
        """A line for the rc file that has a command run at each prompt, as themes do."""

    def assign(self, name: str, *values: str) -> str:
        """One line of the constants; several values make a list."""
        quoted = " ".join(self.quote(value) for value in values)
        return f"{name}=({quoted})" if len(values) > 1 else f"{name}={quoted}"

    # ---- what they share

    @property
    def terminal(self) -> Terminal:
        assert self._terminal is not None, "the shell was not started"
        return self._terminal

    @classmethod
    def path(cls) -> str | None:
        return shutil.which(cls.name)

    def command(self) -> list[str]:
        path = self.path()
        assert path is not None, f"{self.name} is not there"
        return [path, *self.arguments()]

    def write_rc(self, before: str = "", after: str = "") -> None:
        """Write the hook and an rc file that loads it, with lines before and after."""
        hook = self.world.bake(self)
        lines = (self.prompt_is(PROMPT), self.tools, before, self.source(str(hook)), after)
        file = self.world.home / self.rc_file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(lines) + "\n")

    def start(self, wrapper: Sequence[str] = (), directory: str = "") -> None:
        """Start on a terminal of its own, in a directory below home."""
        home = self.world.home
        self._terminal = Terminal([*wrapper, *self.command()], self.world.environment(), home / directory)
        self.run("")

    def close(self) -> None:
        if self._terminal is not None:
            self._terminal.close()

    def nest(self, inner: type[Shell], prefix: str = "") -> Shell:
        """Start another shell inside this one (with the prefix "exec ": in its place)."""
        shell = inner(self.world, self.terminal)
        if not (self.world.home / shell.rc_file).exists():
            shell.write_rc()
        self._hand_over(prefix + self.calling + " ".join(self.quote(part) for part in shell.command()))
        shell._count = self._count + 100
        shell.run("")
        return shell

    def leave(self, outer: Shell) -> None:
        """End this shell and wait for the one around it."""
        self._hand_over("exit")
        outer._count = self._count + 100
        outer.run("")

    def _hand_over(self, command: str) -> None:
        """Type a command after which another shell reads what is typed."""
        if not self.reads_ahead:
            self.terminal.type(f"{command}\r")
            return
        self.prompt()
        start = len(self.terminal.text)
        self.terminal.type(f"{command}\r")
        self.terminal.wait_for(re.escape(PROMPT), start)

    def run(self, command: str) -> Result:
        """Type a command (an empty one for just a prompt); return what was shown until the prompt after it."""
        self._count += 1
        start = len(self.terminal.text)
        self.terminal.type(f"{command}\rmark {self._count}\r")
        found = self.terminal.wait_for(rf"<mark {self._count} (\d+)>", start)
        return Result(self.terminal.text[start : found.start()], int(found[1]))

    def run_file(self, text: str) -> Result:
        """Run text that cannot be typed (names with newlines) from a file, in this very shell."""
        file = self.world.scratch(f"typed.{self.suffix}")
        file.write_bytes(text.encode("utf-8", "surrogateescape") + b"\n")
        return self.run(self.source(str(file)))

    def cd(self, directory: str) -> Result:
        command = f"{self.going} {self.quote(directory)}"
        # Only ASCII is typed: before .NET 9 PowerShell takes a letter of several bytes apart when it asks where the cursor is.
        return self.run(command) if re.fullmatch(r"[\w/.~' -]+", command, re.ASCII) else self.run_file(command)

    def value(self, name: str) -> str | None:
        """Return a variable's value, exported or not; None when it is not set."""
        file = self.world.scratch("value")
        self.run(f"peek {name} {self.quote(str(file))}")
        kept = file.read_bytes().decode("utf-8", "surrogateescape")
        return kept[1:] if kept.startswith("s") else None

    def exported(self) -> dict[str, str]:
        """Return the environment that a program started here gets."""
        return self._environment_by(str(self.world.dump))

    def _environment_by(self, command: str) -> dict[str, str]:
        file = self.world.scratch("environment")
        self.run(f"{command} {self.quote(str(file))}")
        pairs = file.read_bytes().decode("utf-8", "surrogateescape").split("\0")
        return dict(pair.split("=", 1) for pair in pairs if "=" in pair)

    def prompt(self) -> str:
        """Return the prompt as the screen shows it."""
        self.run("")
        return self.terminal.wait_for_line(PROMPT)


_POSIX_TOOLS = """
mark() { builtin printf '<%s %s %s>\\n' mark "$1" "$?"; }
peek() { if eval "test -n \\"\\${$1+set}\\""; then eval "builtin printf 's%s' \\"\\$$1\\""; else builtin printf u; fi >|"$2"; }
"""


class Bash(Shell):
    name = "bash"
    suffix = "bash"
    tools = "unset -f command_not_found_handle; unset PROMPT_COMMAND; HISTFILE=''" + _POSIX_TOOLS
    rc_file = ".bashrc"

    def arguments(self) -> Sequence[str]:
        return ("--noprofile", "--rcfile", str(self.world.home / self.rc_file), "-i")

    def quote(self, text: str) -> str:
        return shlex.quote(text)

    def prompt_is(self, text: str) -> str:
        return f"PS1={self.quote(text)}"

    def at_each_prompt(self, command: str) -> str:
        return f"PROMPT_COMMAND={self.quote(command)}"


class Zsh(Shell):
    name = "zsh"
    suffix = "zsh"
    tools = "HISTFILE=''" + _POSIX_TOOLS
    rc_file = ".zshrc"

    def arguments(self) -> Sequence[str]:
        return ("-o", "no_global_rcs", "-i")

    def quote(self, text: str) -> str:
        return shlex.quote(text)

    def prompt_is(self, text: str) -> str:
        return f"PS1={self.quote(text)}"

    def at_each_prompt(self, command: str) -> str:
        return f"precmd() {{ {command}; }}"


class Fish(Shell):
    name = "fish"
    suffix = "fish"
    rc_file = ".config/fish/config.fish"
    tools = """
set -g fish_greeting
function mark; builtin printf '<%s %s %s>\\n' mark $argv[1] $status; end
function peek; if set -q $argv[1]; builtin printf 's%s' "$$argv[1]" >$argv[2]; else; builtin printf u >$argv[2]; end; end
"""

    def arguments(self) -> Sequence[str]:
        return ("-i",)

    def quote(self, text: str) -> str:
        # fish reads \\ and \' inside single quotes; POSIX shells do not, so shlex.quote is wrong here.
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def prompt_is(self, text: str) -> str:
        return f"function fish_prompt; builtin printf %s {self.quote(text)}; end"

    def set(self, name: str, value: str) -> str:
        return f"set -g {name} {self.quote(value)}"

    def export(self, name: str, value: str) -> str:
        return f"set -gx {name} {self.quote(value)}"

    def unset(self, name: str) -> str:
        return f"set -e {name}"

    @property
    def activate(self) -> str:
        return "activate.fish"

    def at_each_prompt(self, command: str) -> str:
        return f"function fish_prompt; {command}; builtin printf %s {self.quote(PROMPT)}; end"

    def path_is(self, entries: str) -> str:
        return "set -gx PATH " + " ".join(self.quote(entry) for entry in entries.split(":"))

    def prepend(self, directory: str) -> str:
        return f"set -gx PATH {self.quote(directory)} $PATH"

    def source(self, file: str) -> str:
        return f"source {self.quote(file)}"

    def assign(self, name: str, *values: str) -> str:
        return f"set -g {name} " + " ".join(self.quote(value) for value in values)


class Pwsh(Shell):
    name = "pwsh"
    suffix = "ps1"
    rc_file = ".config/powershell/envd-test.ps1"
    calling = "& "
    reads_ahead = True
    # PowerShell puts its own directory first on PATH when it starts, as a tool of .NET the one that its store is in.
    tools = r"""
$global:LASTEXITCODE = 0
foreach ($d in $PSHOME, ($PSHOME -split '/\.store/powershell/')[0]) {
  if ($env:PATH.StartsWith("${d}:")) { $env:PATH = $env:PATH.Substring($d.Length + 1) }
}
if (-not $env:KEEP_READLINE) { Remove-Module PSReadLine -ErrorAction Ignore }
function mark($n) {
  $c = if ($?) { 0 } elseif ($global:LASTEXITCODE) { $global:LASTEXITCODE } else { 1 }
  [Console]::Out.Write("<mark $n $c>`n")
}
function peek($n, $f) {
  $v = 'u'
  if (Test-Path "variable:$n") { $v = 's' + (Get-Variable $n -ValueOnly) }
  if (Test-Path "env:$n") { $v = 's' + [Environment]::GetEnvironmentVariable($n) }
  [IO.File]::WriteAllText($f, $v)
}
function dump($f) {
  $e = [Environment]::GetEnvironmentVariables()
  [IO.File]::WriteAllText($f, (@($e.Keys).ForEach({ "$_=$($e[$_])`0" }) -join ''))
}
"""

    @property
    def going(self) -> str:
        # By its other name it takes patterns.
        return "Set-Location -LiteralPath"

    def look_for(self, file: str) -> str:
        return f"$null = [IO.File]::Exists({self.quote(file)})"

    def arguments(self) -> Sequence[str]:
        return ("-NoLogo", "-NoProfile", "-NoExit", "-File", str(self.world.home / self.rc_file))

    def quote(self, text: str) -> str:
        # PowerShell ends a single-quoted string at the curly quotes too.
        return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", text) + "'"

    def prompt_is(self, text: str) -> str:
        return f"function prompt {{ {self.quote(text)} }}"

    def set(self, name: str, value: str) -> str:
        return f"${name} = {self.quote(value)}"

    def export(self, name: str, value: str) -> str:
        return f"$env:{name} = {self.quote(value)}"

    def unset(self, name: str) -> str:
        return f"$env:{name} = $null"

    @property
    def activate(self) -> str:
        return "Activate.ps1"

    def at_each_prompt(self, command: str) -> str:
        return f"function prompt {{ $null = {command}; {self.quote(PROMPT)} }}"

    def prepend(self, directory: str) -> str:
        return f"$env:PATH = {self.quote(directory)} + ':' + $env:PATH"

    def exported(self) -> dict[str, str]:
        # Before 7.3 it starts no program in a directory that is gone, and what it would give to one is this.
        return self._environment_by("dump")

    def assign(self, name: str, *values: str) -> str:
        quoted = ", ".join(self.quote(value) for value in values)
        return f"${name} = @({quoted})" if len(values) > 1 else f"${name} = {quoted}"


SHELLS: tuple[type[Shell], ...] = (Bash, Zsh, Fish, Pwsh)
