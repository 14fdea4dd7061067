"""The manual page, in the language of man(7): the parser's words, and tables of what the parser does not know."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

import envd
from envd.cli.completions.outline import Option, Word, outline
from envd.cli.parser import EXIT_CODES
from envd.core.settings import INSTALLERS, Settings

_DESCRIPTION = (
    "Change into a project that you have allowed, and its environment is active; change out of it, and your shell is as it was. "
    "When its requirements.txt changes, by your editor or by `git pull`, a background process makes the packages follow. "
    "Nothing in a project runs, and nothing of it is on PATH, before `envd allow`.",
    "`envd setup` connects envd to your shells (bash, zsh, fish, PowerShell). The hook that it installs looks up, at each prompt "
    "and at each change of directory, what was decided about the project, and starts no process to do so.",
)
_FILES = (
    ("~/.config/envd/config.toml", "The settings; it need not exist."),
    ("~/.local/state/envd", "What was allowed and denied, the answers and the log of each project, and the socket of the daemon."),
    ("~/.local/state/envd/daemon.log", "What the daemon has to say."),
    ("~/.local/share/envd", "The hooks and completions that `envd setup` connects."),
)
_FILES_NOTE = (
    "XDG_CONFIG_HOME, XDG_STATE_HOME and XDG_DATA_HOME move them. "
    "On macOS all of them are in ~/Library/Application Support/envd unless these variables are set."
)
_VARIABLES = (
    ("ENVD_DISABLE", "When it is not empty, the hook activates nothing in this shell."),
    ("VIRTUAL_ENV_DISABLE_PROMPT", "When it is not empty, the prompt does not show the name of the environment."),
    ("NO_COLOR", "When it is not empty, nothing is coloured."),
)
# Key, the field of Settings that holds its default, and what it decides.
_SETTINGS = (
    ("names", "names", "The names of directories that are environments, looked for in this order."),
    ("trust.roots", "trusted_roots", "Directories below which every project is allowed; each begins with / or ~/."),
    ("sync.automatic", "automatic", "Whether packages follow the manifests by themselves; `envd sync` works in any case."),
    ("sync.generations", "generations", "How many environments of before are kept for `envd undo`."),
    ("sync.generations_megabytes", "generations_megabytes", "How much they may take on disk beside the environment itself."),
    ("sync.wait", "wait_for_programs", "Whether a sync waits until programs that run from the environment have ended."),
    (
        "sync.groups",
        "groups",
        "Groups that are synced wherever a project has them: requirements-dev.txt, an extra, a dependency group.",
    ),
    ("sync.installer", "installer", f"One of {', '.join(INSTALLERS)}; auto is uv where there is one, else pip."),
    ("shell.wrap_cd", "wrap_cd", "Whether bash acts on cd, pushd and popd themselves; run `envd setup` after changing it."),
    ("shell.wait", "wait", "Whether a command typed while packages are being synced waits for them; likewise."),
)
_SEE_ALSO = (("bash", 1), ("fish", 1), ("git", 1), ("pip", 1), ("pwsh", 1), ("python", 1), ("uv", 1), ("zsh", 1))

# groff_char(7): what these stand for themselves is not what they print as.
_CHARACTERS = {"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti", '"': r"\(dq"}


def manual_page() -> str:
    """Return the page; it changes with the release and the tables, never with the day or the machine."""
    root = outline()
    sections = (
        ("NAME", [f"envd \\- {_text(_headline(root))}"]),
        ("SYNOPSIS", [*_synopsis(root)]),
        ("DESCRIPTION", [line for text in _DESCRIPTION for line in (".PP", _prose(text))][1:]),
        ("OPTIONS", [line for option in root.options for line in _option(option)]),
        ("COMMANDS", [line for word in root.words for line in _command(word, root)]),
        ("FILES", [*_list(_FILES, "I"), ".PP", _prose(_FILES_NOTE)]),
        ("ENVIRONMENT", _list(_VARIABLES, "B")),
        ("SETTINGS", [_prose("The keys of config.toml, each with its default:"), *_settings()]),
        ("EXIT STATUS", _list(tuple((str(code), f"{meaning.capitalize()}.") for code, meaning in EXIT_CODES), "B")),
        ("SEE ALSO", [", ".join(f"{_bold(name)}({number})" for name, number in _SEE_ALSO)]),
    )
    lines = [
        r".\" Made from the parser of envd: envd man",
        f'.TH ENVD 1 "" "envd {_text(envd.__version__)}" "User Commands"',
        ".nh",
        ".ad l",
    ]
    for title, body in sections:
        lines += [f'.SH "{title}"', *body]
    return "\n".join(lines) + "\n"


def _headline(root: Word) -> str:
    text = root.description.rstrip(".")
    return text[:1].lower() + text[1:]


def _synopsis(root: Word) -> Iterator[str]:
    yield f"{_bold('envd')} {_italic('COMMAND')} [{_italic('OPTION')} ...] [{_italic('ARGUMENT')} ...]"
    for option in root.options:
        yield ".br"
        yield f"{_bold('envd')} {' | '.join(_bold(flag) for flag in option.flags)}"


def _command(word: Word, root: Word) -> Iterator[str]:
    yield from (".TP", _bold(word.path) + _usage(word), _prose(_told(word, root)))
    below = [
        *(line for option in word.options if not option.ends for line in _option(option)),
        *(line for action in word.words for line in _action(action)),
    ]
    if below:
        yield from (".RS", *below, ".RE")


def _told(word: Word, root: Word) -> str:
    """Return a command's description, after its own help where several commands have the same one."""
    shared = Counter(other.description for other in root.words)[word.description] > 1
    return f"{_sentence(word.help)} {word.description}" if shared else word.description


def _action(word: Word) -> Iterator[str]:
    yield from (".TP", _bold(word.name), _prose(_sentence(word.help)))


def _option(option: Option) -> Iterator[str]:
    value = f" {_italic(option.metavar)}" if option.metavar else ""
    yield from (".TP", ", ".join(_bold(flag) + value for flag in option.flags), _prose(_sentence(option.help)))


def _usage(word: Word) -> str:
    if word.words:
        return f" {_italic('ACTION')}"
    if word.argument is None:
        return ""
    name = _italic(word.argument.metavar) + (" ..." if word.argument.repeats else "")
    return f" [{name}]" if word.argument.optional else f" {name}"


def _settings() -> Iterator[str]:
    defaults = asdict(Settings())
    for key, field, text in _SETTINGS:
        # What TOML writes for strings, lists of strings and booleans is what JSON writes.
        yield from (".TP", f"{_bold(key)} = {_text(json.dumps(defaults[field]))}", _prose(text))


def _list(rows: tuple[tuple[str, str], ...], font: str) -> list[str]:
    return [line for name, text in rows for line in (".TP", f"\\f{font}{_text(name)}\\fR", _prose(text))]


# ---- text as roff reads it


def _prose(text: str) -> str:
    """Return a paragraph on one line, what stands between backquotes in bold."""
    parts = re.split(r"`([^`]+)`", text)
    line = "".join(_bold(part) if number % 2 else _text(part) for number, part in enumerate(parts))
    # A dot or an apostrophe at the beginning of a line would be read as a request.
    return rf"\&{line}" if line.startswith((".", "'")) else line


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _bold(text: str) -> str:
    return f"\\fB{_text(text)}\\fR"


def _italic(text: str) -> str:
    return f"\\fI{_text(text)}\\fR"


def _text(text: str) -> str:
    return "".join(_CHARACTERS.get(character) or _character(character) for character in text)


def _character(character: str) -> str:
    return character if character.isascii() else f"\\[u{ord(character):04X}]"
