"""The completions: the files are what the generator prints, say all that the parser knows, and real shells complete with them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.shells.terminal import Terminal

from envd.adapters.shells import SHELLS
from envd.cli.commands import COMMANDS
from envd.cli.completions import completions_for
from envd.cli.completions.outline import Kind, Word, outline
from envd.cli.parser import build_parser

COMPLETIONS = Path(__file__).resolve().parents[2] / "completions"
ROOT = outline()
COMMAND_NAMES = [command.name for command in COMMANDS if command.help]

# A line up to the cursor, and the words that complete it.
LINES = {
    "command": ("envd sta", ["status"]),
    "all commands": ("envd ", COMMAND_NAMES),
    "hidden ask": ("envd as", []),
    "hidden man": ("envd man", []),
    "unknown command": ("envd frobnicate ", []),
    "option of envd": ("envd --v", ["--version"]),
    "options": (
        "envd sync --",
        "--help --dry-run --check --exact --mend --wait --yes --quiet --json --group --no-group".split(),
    ),
    "option of another command": ("envd sync --sho", []),
    "option after an argument": ("envd status x --sho", ["--short"]),
    "no option after --": ("envd daemon -- --h", []),
    "action": ("envd daemon sta", ["start", "status"]),
    "all actions": ("envd daemon ", ["run", "start", "stop", "restart", "status"]),
    "option of an action": ("envd daemon stop --h", ["--help"]),
    "nothing after an action": ("envd daemon stop ", []),
    "shell": ("envd hook ", list(SHELLS)),
    "one shell": ("envd hook bash ", []),
    "several shells": ("envd setup bash z", ["zsh"]),
    "topic": ("envd help ini", ["init"]),
    "one topic": ("envd help init ini", []),
    "after the value of an option": ("envd init --prompt sync --cl", ["--clear"]),
    "value of an option": ("envd init --prompt env", []),
    "a command line's own options": ("envd run x --he", []),
    "an option before a command line": ("envd run --he", ["--help"]),
    "a command as a value": ("envd log -n 3 --j", ["--json"]),
}
lines = pytest.mark.parametrize(("line", "expected"), LINES.values(), ids=LINES)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a directory to stand in, with names that need quoting."""
    (tmp_path / "My Project").mkdir()
    (tmp_path / "My file.txt").touch()
    return tmp_path


def program(name: str) -> str:
    """Return the path of a shell; where it is missing the test is skipped, or fails in CI."""
    path = shutil.which(name)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{name} is not installed")
    return path


def output_of(command: list[str], directory: Path) -> str:
    """Return what a command prints; it must say nothing on standard error."""
    home = str(directory)
    variables = {"PATH": os.environ["PATH"], "HOME": home, "XDG_CONFIG_HOME": f"{home}/.config", "LANG": "C.UTF-8"}
    # Without these some installations of .NET do not start.
    variables |= {name: value for name, value in os.environ.items() if name.startswith("DOTNET_")}
    done = subprocess.run(command, cwd=directory, env=variables, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    return done.stdout


def shell_file(shell: str) -> Path:
    return COMPLETIONS / SHELLS[shell].completions


# ---- the files


@pytest.mark.parametrize("shell", SHELLS)
def test_file_is_what_the_generator_prints(shell: str) -> None:
    file = shell_file(shell)
    advice = f"generate it anew: python -m envd completions {shell} > completions/{file.name}"
    assert file.is_file(), advice
    assert file.read_text(encoding="utf-8") == completions_for(shell), advice


def mentions() -> Iterator[tuple[str, str, str]]:
    """Yield each shell with each word and flag, and a pattern that finds it."""
    for word in ROOT.walk():
        for shell in SHELLS:
            yield shell, word.path, rf"(?<![\w-]){re.escape(word.name)}(?![\w-])"
            for flag in (flag for option in word.options for flag in option.flags):
                yield shell, f"{word.path} {flag}", flag_pattern(shell, flag)


def flag_pattern(shell: str, flag: str) -> str:
    if shell == "fish":
        return rf" -[ls] {re.escape(flag.lstrip('-'))} "
    return rf"(?<![\w-]){re.escape(flag)}(?![\w-])"


@pytest.mark.parametrize(("shell", "pattern"), [(a, c) for a, _, c in mentions()], ids=[f"{a}: {b}" for a, b, _ in mentions()])
def test_every_command_and_option_occurs(shell: str, pattern: str) -> None:
    assert re.search(pattern, completions_for(shell))


# ---- the outline


def word_at(path: str) -> Word:
    return next(word for word in ROOT.walk() if word.path == path)


def test_outline_has_the_commands_of_the_table() -> None:
    assert [word.name for word in ROOT.words] == COMMAND_NAMES


@pytest.mark.parametrize("word", list(ROOT.walk()), ids=lambda word: word.path)
def test_outline_has_the_options_that_help_shows(word: Word, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args([*word.path.split(" ")[1:], "--help"])
    _, _, shown = capsys.readouterr().out.partition("options:")
    flags = re.findall(r"(?:^  |, )(--?[\w-]+)", shown, re.MULTILINE)
    assert flags == [flag for option in word.options for flag in option.flags]


def test_outline_knows_what_an_option_takes() -> None:
    kinds = {flag: option.kind for option in word_at("envd init").options for flag in option.flags if option.metavar}
    assert kinds == {"--python": Kind.NOTHING, "--prompt": Kind.NOTHING, "-r": Kind.FILE}


def test_outline_knows_what_excludes_what() -> None:
    excluded = {option.flags: option.excludes for option in word_at("envd status").options if option.excludes}
    assert excluded == {("--json",): ("--short",), ("--short",): ("--json",)}


def test_outline_knows_the_kind_of_an_argument() -> None:
    kinds = {name: getattr(word_at(f"envd {name}").argument, "kind", None) for name in ("allow", "hook", "help", "off")}
    assert kinds == {"allow": Kind.DIR, "hook": Kind.SHELL, "help": Kind.COMMAND, "off": None}


# ---- bash

# Runs strictly and in bash 3.2's words; the names that the shell gains are shown when there are any.
BASH = r"""
set -eu
. "$1"
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=() before='' name=''
before=$(compgen -v)
_envd "$1" "${COMP_WORDS[COMP_CWORD]}" ''
for name in $(compgen -v); do
  case $'\n'"$before"$'\n' in *$'\n'"$name"$'\n'*) ;; *) echo "leaked $name" ;; esac
done
if ((${#COMPREPLY[@]})); then printf '%s\n' "${COMPREPLY[@]}"; fi
"""


def complete_in_bash(directory: Path, *words: str) -> list[str]:
    command = [program("bash"), "--norc", "--noprofile", "-c", BASH, "bash", str(shell_file("bash")), *words]
    return output_of(command, directory).splitlines()


@lines
def test_bash_completes(place: Path, line: str, expected: list[str]) -> None:
    assert complete_in_bash(place, *line.split(" ")) == expected


@pytest.mark.parametrize("value", [["="], ["=", "x"], ["=", ""]], ids=["at the sign", "in the value", "after the sign"])
def test_bash_offers_nothing_for_a_value_after_an_equals_sign(place: Path, value: list[str]) -> None:
    assert complete_in_bash(place, "envd", "init", "--prompt", *value) == []


def test_bash_goes_on_after_a_value_after_an_equals_sign(place: Path) -> None:
    assert complete_in_bash(place, "envd", "init", "--prompt", "=", "x", "--cl") == ["--clear"]


def test_bash_without_compopt_offers_directories_quoted(place: Path) -> None:
    assert complete_in_bash(place, "envd", "allow", "My") == [r"My\ Project"]


def test_bash_without_compopt_offers_files(place: Path) -> None:
    assert sorted(complete_in_bash(place, "envd", "init", "-r", "My")) == [r"My\ Project", r"My\ file.txt"]


def test_bash_without_compopt_keeps_a_tilde(place: Path) -> None:
    assert complete_in_bash(place, "envd", "allow", "~/My") == [r"~/My\ Project"]


# ---- on a terminal

TYPED = {
    "command": ("envd stat", "envd status "),
    "action": ("envd daemon stat", "envd daemon status "),
    "option": ("envd sync --dr", "envd sync --dry-run "),
    "shell": ("envd hook fi", "envd hook fish "),
    "second shell": ("envd setup bash zs", "envd setup bash zsh "),
    "topic": ("envd help ini", "envd help init "),
    "directory": ("envd allow My", r"envd allow My\ Project/"),
    "file": ("envd init -r My\\ f", r"envd init -r My\ file.txt "),
    "after a value": ("envd init --prompt sync --cl", "envd init --prompt sync --clear "),
}
typed = pytest.mark.parametrize(("keys", "shown"), TYPED.values(), ids=TYPED)
PROMPT = "@@> "
COMPINIT = "autoload -Uz compinit && compinit -u -D\n"
ZSHRC = {
    "from fpath": f"fpath=({{directory}} $fpath)\n{COMPINIT}",
    "after compinit": f"{COMPINIT}fpath=({{directory}} $fpath)\nautoload -Uz _envd && compdef _envd envd\n",
    "sourced": f"{COMPINIT}source {{directory}}/_envd\n",
}


def complete_on_terminal(command: list[str], directory: Path, keys: str) -> str:
    """Type keys and Tab at a prompt and return the line, prompt taken off, as soon as what was shown has come to rest."""
    variables = {"PATH": os.environ["PATH"], "HOME": str(directory), "ZDOTDIR": str(directory), "TERM": "xterm", "LANG": "C.UTF-8"}
    terminal = Terminal(command, variables, directory)
    try:
        terminal.wait_for_line(PROMPT)
        # The mark is typed after the Tab, so that the line holds it only when completion has ended.
        terminal.type(f"{keys}\t#")
        return terminal.wait_for_line("#")[len(PROMPT) : -1]
    finally:
        terminal.close()


@typed
def test_bash_completes_on_a_terminal(place: Path, keys: str, shown: str) -> None:
    (place / ".bashrc").write_text(f"PS1='{PROMPT}'\nset -u\n. {shell_file('bash')}\nenvd() {{ :; }}\n")
    (place / ".inputrc").write_text("set enable-bracketed-paste off\nset bell-style none\n")
    command = [program("bash"), "--noprofile", "--rcfile", str(place / ".bashrc"), "-i"]
    assert complete_on_terminal(command, place, keys) == shown


@typed
def test_zsh_completes_on_a_terminal(place: Path, keys: str, shown: str) -> None:
    assert complete_in_zsh(place, ZSHRC["from fpath"], keys) == shown


@pytest.mark.parametrize("load", ZSHRC.values(), ids=ZSHRC)
def test_zsh_completes_however_it_is_loaded(place: Path, load: str) -> None:
    assert complete_in_zsh(place, load, "envd stat") == "envd status "


def test_zsh_does_not_offer_a_hidden_command(place: Path) -> None:
    assert complete_in_zsh(place, ZSHRC["from fpath"], "envd ask") == "envd ask"


def test_zsh_does_not_offer_what_is_excluded(place: Path) -> None:
    assert complete_in_zsh(place, ZSHRC["from fpath"], "envd status --json --sh") == "envd status --json --sh"


def complete_in_zsh(place: Path, load: str, keys: str) -> str:
    # zsh takes away the blank that it added when what follows would end a word: here it must not.
    text = f"{load.format(directory=COMPLETIONS)}PROMPT='{PROMPT}'\nZLE_REMOVE_SUFFIX_CHARS=''\nunsetopt beep\nenvd() {{ : }}\n"
    (place / ".zshrc").write_text(text)
    return complete_on_terminal([program("zsh"), "-d", "-i"], place, keys)


# ---- fish


def complete_in_fish(directory: Path, line: str) -> list[str]:
    text = "source $argv[1]; complete -C $argv[2]"
    shown = output_of([program("fish"), "-c", text, str(shell_file("fish")), line], directory)
    return [row.partition("\t")[0] for row in shown.splitlines()]


@lines
def test_fish_completes(place: Path, line: str, expected: list[str]) -> None:
    # fish looks for what was typed inside of words too.
    found = [word for word in complete_in_fish(place, line) if word.startswith(line.rpartition(" ")[2])]
    assert sorted(found) == sorted(expected)


def test_fish_offers_directories(place: Path) -> None:
    assert complete_in_fish(place, "envd allow My") == ["My Project/"]


def test_fish_offers_files(place: Path) -> None:
    assert sorted(complete_in_fish(place, "envd init -r My")) == ["My Project/", "My file.txt"]


def test_fish_loads_them_by_itself(place: Path) -> None:
    directory = place / ".config" / "fish" / "completions"
    directory.mkdir(parents=True)
    (directory / "envd.fish").symlink_to(shell_file("fish"))
    # fish looks for completions of commands that are there.
    assert output_of([program("fish"), "-c", "function envd; end; complete -C 'envd stat'"], place).startswith("status\t")


def test_fish_says_what_a_command_is_for(place: Path) -> None:
    text = "source $argv[1]; complete -C 'envd stat'"
    shown = output_of([program("fish"), "-c", text, str(shell_file("fish"))], place)
    assert shown == f"status\t{word_at('envd status').help}\n"


# ---- PowerShell


@pytest.mark.parametrize("grammar", ["tree_sitter_pwsh", "tree_sitter_powershell"])
def test_powershell_file_parses(grammar: str) -> None:
    tree_sitter = pytest.importorskip("tree_sitter")
    language = pytest.importorskip(grammar)
    parser = tree_sitter.Parser(tree_sitter.Language(language.language()))
    assert not parser.parse(completions_for("pwsh").encode()).root_node.has_error


@lines
@pytest.mark.parametrize("defined", ["", "function envd { $args }"], ids=["program", "function"])
def test_powershell_completes(place: Path, defined: str, line: str, expected: list[str]) -> None:
    # The one shell that CI need not have.
    path = shutil.which("pwsh")
    if path is None:
        pytest.skip("pwsh is not installed")
    script = (
        f"Set-StrictMode -Version Latest; $ErrorActionPreference = 'Stop'; {defined}; . '{shell_file('pwsh')}'; "
        f"@((TabExpansion2 -inputScript '{line}' -cursorColumn {len(line)}).CompletionMatches).ForEach({{ $_.CompletionText }})"
    )
    found = output_of([path, "-NoProfile", "-NonInteractive", "-Command", script], place).splitlines()
    # Where nothing is offered, PowerShell completes the names of files.
    assert [word for word in found if "My" not in word and not word.startswith(".")] == expected
