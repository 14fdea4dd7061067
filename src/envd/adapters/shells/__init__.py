"""Shells: a table of them; each says how it quotes, which file it reads at start, and how the hook is loaded in it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from envd.adapters.shells import quoting
from envd.core.errors import UsageError

_BEGIN = "# envd: constants\n"
_END = "# envd: end of constants\n"
_MARK = 12


@dataclass(frozen=True, slots=True)
class Shell:
    """One shell. `rc` is the file under HOME that interactive shells read; `rc_variable` names the variable that moves it.

    Given the arguments `asked` it says in its last line of what kind that variable is after its own start, and its value.

    Completions are a link in a directory that the shell reads by itself (`completion_link`, below the directory that
    `completion_home` names), or a line in the rc file (`complete`, given the file and its directory). `assign` and
    `assign_list` write a constant, `load` the line that sources a hook.

    `scripts` is the hook for what runs without a prompt. It gets a line (`load_scripts`) in the first file of `scripts_rc` that
    is there, else in the last, and with `scripts_in_rc` in the rc file as well; or a link (`scripts_link`).

    Of `login_rc` a login shell reads the first file that is there, and the rc file only where that one says so.
    """

    name: str
    program: str
    hook: str
    completions: str
    rc: str
    rc_variable: str
    rc_below: str
    quote: Callable[[str], str]
    assign: Callable[[str, str], str]
    assign_list: Callable[[str, Sequence[str]], str]
    load: Callable[[str], str]
    completion_home: tuple[str, str] = ("", "")
    completion_link: str = ""
    complete: Callable[[str, str], str] | None = None
    scripts: str = ""
    scripts_rc: tuple[str, ...] = ()
    scripts_in_rc: bool = False
    scripts_link: str = ""
    load_scripts: Callable[[str], str] | None = None
    login_rc: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    # Which of the switches in the user's settings its hook knows.
    switches: tuple[str, ...] = ()


def _posix_assign(name: str, quoted: str) -> str:
    return f"{name}={quoted}"


def _posix_list(name: str, quoted: Sequence[str]) -> str:
    return f"{name}=({' '.join(quoted)})"


def _posix_load(quoted: str) -> str:
    return f"[ ! -r {quoted} ] || . {quoted}"


def _powershell_load(quoted: str) -> str:
    return f"if ([IO.File]::Exists({quoted})) {{ . {quoted} }}"


def _powershell_complete(quoted: str, _directory: str) -> str:
    return _powershell_load(quoted)


def _zsh_complete(_quoted: str, directory: str) -> str:
    # Before compinit the directory on fpath is enough; after it the function has to be announced.
    return f"fpath=({directory} $fpath); (( ! $+functions[compdef] )) || {{ autoload -Uz _envd && compdef _envd envd }}"


_MACOS = sys.platform == "darwin"

_TABLE = (
    Shell(
        name="bash",
        program="bash",
        hook="envd.bash",
        completions="envd.bash",
        # A terminal on macOS starts login shells, which read no .bashrc.
        rc=".bash_profile" if _MACOS else ".bashrc",
        rc_variable="",
        rc_below="",
        quote=quoting.posix,
        assign=_posix_assign,
        assign_list=_posix_list,
        load=_posix_load,
        completion_home=("XDG_DATA_HOME", ".local/share"),
        completion_link="bash-completion/completions/envd",
        scripts="envd-scripts.bash",
        # What a login reads, so that programs which no terminal started have it; that of somebody else is left alone.
        scripts_rc=(".bash_profile", ".bash_login", ".profile"),
        scripts_in_rc=True,
        login_rc=() if _MACOS else (".bash_profile", ".bash_login", ".profile"),
        switches=("wrap_cd", "wait"),
        load_scripts=lambda quoted: f'[ -n "${{BASH_ENV-}}" ] || export BASH_ENV={quoted}',
    ),
    Shell(
        name="zsh",
        program="zsh",
        hook="envd.zsh",
        completions="_envd",
        rc=".zshrc",
        rc_variable="ZDOTDIR",
        rc_below="",
        quote=quoting.posix,
        assign=_posix_assign,
        assign_list=_posix_list,
        load=_posix_load,
        complete=_zsh_complete,
        scripts="envd-scripts.zsh",
        scripts_rc=(".zshenv",),
        # Many a ~/.zshenv sets it, for zsh alone.
        asked=("-c", 'print; print -r -- "${(t)ZDOTDIR} ${ZDOTDIR-}"'),
        switches=("wait",),
        load_scripts=lambda quoted: f"[[ -o interactive || ! -r {quoted} ]] || . {quoted}",
    ),
    Shell(
        name="fish",
        program="fish",
        hook="envd.fish",
        completions="envd.fish",
        rc=".config/fish/config.fish",
        rc_variable="XDG_CONFIG_HOME",
        rc_below="fish",
        quote=quoting.fish,
        assign=lambda name, quoted: f"set -g {name} {quoted}",
        assign_list=lambda name, quoted: f"set -g {name} {' '.join(quoted)}",
        load=lambda quoted: f"status is-interactive; and test -r {quoted}; and source {quoted}",
        completion_home=("XDG_CONFIG_HOME", ".config"),
        completion_link="fish/completions/envd.fish",
        scripts="envd-scripts.fish",
        scripts_link="fish/conf.d/envd.fish",
        switches=("wait",),
    ),
    Shell(
        name="pwsh",
        program="pwsh",
        hook="envd.ps1",
        completions="envd.ps1",
        rc=".config/powershell/profile.ps1",
        rc_variable="XDG_CONFIG_HOME",
        rc_below="powershell",
        quote=quoting.powershell,
        assign=lambda name, quoted: f"${name} = {quoted}",
        assign_list=lambda name, quoted: f"${name} = @({', '.join(quoted)})",
        load=_powershell_load,
        complete=_powershell_complete,
    ),
)

SHELLS: dict[str, Shell] = {shell.name: shell for shell in _TABLE}
_ALIASES = {"powershell": "pwsh"}


def find_shell(name: str) -> Shell:
    """Return a shell by its name; `powershell` is pwsh. Raises UsageError naming the ones there are."""
    shell = SHELLS.get(_ALIASES.get(name, name))
    if shell is None:
        raise UsageError(f"no hook for {name!r}", hint=f"there is one for {', '.join(SHELLS)}")
    return shell


def names_of(shell: Shell) -> list[str]:
    """Return the names by which `find_shell` knows a shell."""
    return [shell.name, *(alias for alias, name in _ALIASES.items() if name == shell.name)]


@dataclass(frozen=True, slots=True)
class Constants:
    """What is written into a hook: where answers and shells are, envd's interpreter, names to look for, switches that are on."""

    answers: Path
    shells: Path
    python: Path
    names: tuple[str, ...]
    switches: frozenset[str] = frozenset()


def bake(shell: Shell, text: str, constants: Constants) -> str:
    """Return a hook's text with its constants put between the two marker lines, each quoted for this very shell."""
    before, _, rest = text.partition(_BEGIN)
    middle, _, after = rest.partition(_END)
    indent = middle[: len(middle) - len(middle.lstrip())] if middle.lstrip() else ""
    values = (
        ("__envd_answers", constants.answers),
        ("__envd_shells", constants.shells),
        ("__envd_python", constants.python),
    )
    lines = [shell.assign(name, shell.quote(str(value))) for name, value in values]
    lines.append(shell.assign_list("__envd_names", [shell.quote(name) for name in constants.names]))
    known = [name for name in shell.switches if f"__envd_{name}" in middle]
    lines += [shell.assign(f"__envd_{name}", shell.quote("1" * (name in constants.switches))) for name in known]
    if "__envd_mark" in middle:
        # By this a shell can tell which hook it has loaded.
        mark = sha256("\n".join((before, *lines, after)).encode("utf-8", "surrogateescape")).hexdigest()[:_MARK]
        lines.append(shell.assign("__envd_mark", shell.quote(mark)))
    return before + _BEGIN + "".join(f"{indent}{line}\n" for line in lines) + indent + _END + after


def mark_of(baked: str) -> str:
    """Return the mark in a hook that was baked, '' when it has none."""
    found = re.search(r"__envd_mark\W+([0-9a-f]+)", baked.partition(_BEGIN)[2].partition(_END)[0])
    return found[1] if found else ""
