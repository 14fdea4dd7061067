"""What shell hooks get wrong, collected from the trackers of tools like this one: each case with its number, and why it has no test
in a shell where it has none. Tests name their cases by `pytest.mark.case`; `tests/CASES.md` is written from both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Reason(NamedTuple):
    """Why a case has no test in a shell: a word for the table, and a sentence."""

    short: str
    words: str


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that hooks get wrong, and by shell the reasons for which it is not tested there."""

    number: int
    text: str
    without: Mapping[str, Reason]


NONE = Reason("none", "The shell has nothing of the kind: it cannot go wrong there.")
BASH = Reason("bash's", "It is about PROMPT_COMMAND, or about versions of bash, which the other shells do not have.")
PWSH = Reason("pwsh's", "It is about what only PowerShell has: providers, strict mode, encodings of its own.")
PROMPT = Reason("prompt", "The hook of bash acts at prompts alone, so there is no change of directory that it could miss.")
TRACED = Reason(
    "traced", "Tracing shows all that the shell itself runs for a prompt, functions of its own included: ours are a part."
)
DAEMON = Reason("daemon", "Hooks read files and never talk to the daemon; how it answers others is tested without a shell.")
SILENT = Reason("silent", "Nothing signals this shell: news waits for its next prompt, or for the shell's own idle moment.")
PLAIN = Reason("plain", "In PowerShell a variable is not one of the environment.")
WINDOWS = Reason("windows", "envd does not run natively on Windows; in WSL it is on Linux.")

_BASH = {"zsh": BASH, "fish": BASH, "pwsh": BASH}
_PWSH = {"bash": PWSH, "zsh": PWSH, "fish": PWSH}
_DAEMON = {"bash": DAEMON, "zsh": DAEMON, "fish": DAEMON, "pwsh": DAEMON}
_WINDOWS = {"bash": WINDOWS, "zsh": WINDOWS, "fish": WINDOWS, "pwsh": WINDOWS}


def case(number: int, text: str, **without: Reason) -> Case:
    return Case(number, text, without)


STATUS = (
    case(1, "The status of the last command is still there for whatever runs at the prompt after the hook (direnv #155)."),
    case(2, "The last argument and the statuses of a pipe are still there on the next line.", pwsh=NONE),
    case(3, "A prompt function that the hook wraps sees the status, and that of each part of a pipe (CPython #140006)."),
    case(4, "The exit code of a program is not overwritten by what the hook runs (mise #9723)."),
    case(5, "What the user does upon Ctrl-C goes on being done (direnv #1368).", pwsh=NONE),
    case(6, "Traps and handlers of the user's stay, and the hook sets off none of them."),
    case(7, "Variables that are not set are no error of the hook where the user made them one (direnv #803).", fish=NONE),
    case(8, "A shell that ends at the first failure is not ended by the hook (virtualenv #3152).", fish=NONE),
    case(9, "Tracing shows some lines of the hook a prompt, not hundreds.", fish=TRACED, pwsh=TRACED),
    case(10, "No option of the shell changes what the hook does, and the hook changes no option.", fish=NONE),
    case(11, "Variables of the user's with everyday names are left alone."),
    case(12, "Aliases and functions named like builtins do not get into the hook."),
    case(13, "A readonly variable costs one line of explanation at most, never the prompt.", fish=NONE, pwsh=NONE),
)

REGISTRATION = (
    case(14, "An array of commands at the prompt stays one, the hook among them (direnv #1208).", **_BASH),
    case(15, "A string of commands does not become an array, of which an old bash would run the first alone.", **_BASH),
    case(16, "Commands at the prompt may end in a semicolon, a space, a newline or a comment (direnv #473).", **_BASH),
    case(17, "Where commands at the prompt cannot be changed, the shell works without the hook.", **_BASH),
    case(18, "Commands at the prompt that are exported fail in no child shell (direnv #20).", **_BASH),
    case(19, "A hook that is loaded twice acts once."),
    case(20, "Whoever rewrites the commands at the prompt later does not lose the hook (direnv #327, starship #6723)."),
    case(21, "The shell integration of an editor and the hook live on one prompt (vscode #144552)."),
    case(22, "A theme sees the new environment at the very first prompt (direnv #1439)."),
    case(23, "Nothing is said while the rc files run: powerlevel10k shows a prompt meanwhile."),
    case(24, "In a script the hook does and says nothing."),
)

GOING = (
    case(25, "What follows `cd` on its line runs in the environment, where that was chosen or is the shell's way (direnv #1032)."),
    case(26, "`cd` does what it did: its failures, CDPATH, OLDPWD, a function of the user's of that name (autoenv #141)."),
    case(27, "Every other way of going counts, too: pushd, popd, the directory before, a name alone, a key (direnv #583)."),
    case(28, "A change of directory that told nobody is caught up with at the next prompt.", bash=PROMPT, fish=NONE, pwsh=NONE),
    case(29, "Going about in a substitution or a subshell asks nothing, says nothing and changes nothing (direnv #1583)."),
    case(30, "Nothing of the hook gets into output that somebody catches."),
    case(31, "Loops that go about, or go where they are, cost no questions."),
    case(32, "An environment that appears, disappears or changes without a `cd` is noticed."),
    case(33, "Two changes within one second are two changes."),
)

VARIABLES = (
    case(34, "What the user adds to PATH meanwhile stays when the environment goes (direnv #1112)."),
    case(35, "An entry that the user had on PATH already stays; only ours goes."),
    case(36, "An environment that rc files moved down in PATH is put first again (direnv #145, tmux #3522)."),
    case(37, "A shell that inherits the environment of another project takes that out and its own in (direnv #106)."),
    case(38, "A shell that takes another's place by `exec` takes over what was in force."),
    case(39, "A different shell inside the first can leave what the first entered."),
    case(40, "A variable that was empty comes back empty, and one that was not set is not set."),
    case(41, "A variable that was not exported comes back not exported (direnv #181).", pwsh=PLAIN),
    case(42, "A variable that the user set meanwhile is not set back."),
    case(43, "PYTHONHOME is hidden and comes back; PYTHONPATH is left alone."),
    case(44, "Empty entries of PATH stay, and none is made."),
    case(45, "A project with a colon in its path is told about and not put on PATH."),
    case(46, "What is put in front of PATH after the hook does not hide the environment (mise #1413)."),
    case(47, "A PATH that keeps its entries unique keeps the environment first."),
    case(48, "A tool that was installed meanwhile is found instead of the one the shell remembers."),
    case(49, "conda below, or activated and deactivated inside, goes together with it (pyenv #1452)."),
    case(50, "What children inherit of the hook is small."),
    case(51, "As another user, as with sudo, the hook does nothing, and nothing is written."),
)

BY_HAND = (
    case(52, "An environment activated by hand is left alone, inside projects and outside (mise #2718)."),
    case(53, "`deactivate` holds until the project is left and entered again (pyenv-virtualenv #121)."),
    case(54, "`deactivate` is there and takes back everything, in a nested shell, too (vscode-python #22037)."),
    case(55, "The same environment activated by an editor on top is shown once and left wholly (vscode-python #22882)."),
    case(56, "A theme that builds the prompt anew each time neither loses the label nor piles it up."),
    case(57, "Whoever wants no label, or has a theme that shows the environment, gets none (CPython #106726)."),
    case(58, "A name is never run, whatever it holds, and it is shown as it is written."),
    case(59, "Where the prompt expands no references, none is shown.", fish=NONE, pwsh=NONE),
    case(60, "The prompt is not exported (virtualenv #3158)."),
    case(61, "Strict mode, other providers and a prompt that was there before.", **_PWSH),
    case(62, "Prompts of several lines, on the right, with colours or wide characters stay in shape."),
)

FILES = (
    case(63, "A directory that is gone under the shell's feet is no error (direnv #455)."),
    case(64, "An environment that is deleted or half made is not active."),
    case(65, "A project reached by a link is named as it was gone to, and trusted for what it is (direnv #303)."),
    case(66, "Spaces, quotes, wildcards, newlines and any letter may stand in a path."),
    case(67, "Nothing above home is looked at, where an automounter may answer (direnv #580)."),
    case(68, "An environment in home, or one that somebody else put above, is not active everywhere below."),
    case(69, "Paths of Windows: drives, MSYS, `Scripts` in the place of `bin`.", **_WINDOWS),
    case(70, "The nearest project wins; worktrees and projects in projects stay apart (mise #4516)."),
)

LIFE = (
    case(71, "Of a project that was not allowed nothing runs, and nothing is on PATH (zsh-autoswitch-virtualenv #122)."),
    case(72, "That a project is not allowed is said once (shadowenv #4)."),
    case(73, "From an allowed project into one that is not: the first is left."),
    case(74, "A daemon that is gone, slow or hung makes no difference to a prompt."),
    case(75, "A daemon that does not run and one that does not answer are told apart (lorri #151).", **_DAEMON),
    case(76, "Ctrl-C while something is asked or awaited gives the shell back, nothing half done (direnv #523)."),
    case(77, "An answer that comes when the shell has moved on is not put in force there."),
    case(78, "No signal reaches a program that has taken a shell's place.", bash=SILENT, pwsh=SILENT),
    case(79, "When the tool is gone or moved, running shells keep quiet (direnv #1471)."),
    case(80, "The hook finds its own program, whatever stands first on PATH."),
    case(81, "It can be switched off, in one shell and for all that are started."),
    case(82, "Taken out of a shell, nothing of it is left there."),
    case(83, "The hook of bash is written in the words of bash 3.2.", **_BASH),
    case(84, "VIRTUAL_ENV is the path that uv works out for the project, to the letter (uv #14747)."),
)

CASES: tuple[Case, ...] = (*STATUS, *REGISTRATION, *GOING, *VARIABLES, *BY_HAND, *FILES, *LIFE)
