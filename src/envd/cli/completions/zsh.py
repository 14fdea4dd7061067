"""The completions of zsh: a function for envd and one for each command that has actions, with the words of _arguments."""

from __future__ import annotations

from collections.abc import Iterator

from envd.adapters.shells.quoting import posix
from envd.cli.completions.outline import Argument, Kind, Option, Word, choices

_HEAD = """#compdef envd
# envd's completions for zsh, made from its parser: envd completions zsh
"""

_FUNCTION = """
@name@() {
  local context state state_descr line curcontext=$curcontext
  local -A opt_args
  _arguments -C -S \\
@options@
    '1: :->word' \\
    '*:: :->rest'
  case $state in
    word) @name@_words ;;
    rest)
      curcontext=${curcontext%:*:*}:@path@-$line[1]:
      case $line[1] in
@branches@
      esac ;;
  esac
}

@name@_words() {
  local -a words_below=(
@words@
  )
  _describe -t commands @label@ words_below
}
"""

# Loaded by its name it completes at once; sourced, or evaluated, it announces itself.
_TAIL = """
if [[ $funcstack[1] == _envd ]]; then
  _envd "$@"
elif (( $+functions[compdef] )); then
  compdef _envd envd
fi
"""


def render(root: Word) -> str:
    """Return the file `_envd`, for a directory of fpath or to be sourced after compinit."""
    return _HEAD + "".join(_function(word, root) for word in root.walk() if word.words) + _TAIL


def _function(word: Word, root: Word) -> str:
    parts = {
        "name": _name(word),
        "path": word.path.replace(" ", "-"),
        "label": posix("command" if word is root else "action"),
        "options": "\n".join(f"    {posix(spec)} \\" for spec in _options(word, root)),
        "words": "\n".join(f"    {posix(_described(below.name, below.help))}" for below in word.words),
        "branches": "\n".join(f"        {below.name}) {_call(below, root)} ;;" for below in word.words),
    }
    text = _FUNCTION
    for name, value in parts.items():
        text = text.replace(f"@{name}@", value)
    return text


def _name(word: Word) -> str:
    return "_" + word.path.replace(" ", "_")


def _call(word: Word, root: Word) -> str:
    if word.words:
        return _name(word)
    specs = [*_options(word, root), *([_argument(word.argument, root)] if word.argument else [])]
    return " \\\n          ".join(["_arguments -S", *(posix(spec) for spec in specs)])


def _options(word: Word, root: Word) -> Iterator[str]:
    for option in word.options:
        for flag in option.flags:
            yield _option(option, flag, root)


def _option(option: Option, flag: str, root: Word) -> str:
    """Return one spec: what it excludes, the flag, what it does, and its value."""
    if option.ends:
        excluded = "(- : *)"
    elif option.repeats:
        excluded = "*"
    else:
        others = [*(other for other in option.flags if other != flag), *option.excludes]
        excluded = f"({' '.join(others)})" if others else ""
    # `=`: the value may follow an equals sign or be the next word; `+`: it may follow at once.
    joint = ("=" if flag.startswith("--") else "+") if option.metavar else ""
    value = f":{_escaped(option.metavar, ':')}:{_action(option.kind, root)}" if option.metavar else ""
    return f"{excluded}{flag}{joint}[{_escaped(option.help, '[]')}]{value}"


def _argument(argument: Argument, root: Word) -> str:
    if argument.kind is Kind.CMD:
        return f"(-)*:::{_escaped(argument.help, ':')}:_normal"
    position = "*:" if argument.repeats else "::" if argument.optional else ":"
    return f"{position}{_escaped(argument.help or argument.metavar, ':')}:{_action(argument.kind, root)}"


def _action(kind: Kind, root: Word) -> str:
    fixed = {Kind.DIR: "_directories", Kind.FILE: "_files", Kind.COMMAND: f"{_name(root)}_words"}
    # A blank says what is wanted and offers nothing.
    return fixed.get(kind) or (f"({' '.join(choices(kind, root))})" if choices(kind, root) else " ")


def _described(name: str, text: str) -> str:
    return f"{_escaped(name, ':')}:{_escaped(text, '')}"


def _escaped(text: str, special: str) -> str:
    return "".join(f"\\{character}" if character in special + "\\" else character for character in text)
