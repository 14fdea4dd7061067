"""The completions of fish: one `complete` a word, option and argument, under the condition that the line has come to it."""

from __future__ import annotations

from collections.abc import Iterator

from envd.adapters.shells.quoting import fish as quote
from envd.cli.completions.outline import Kind, Option, Word, choices

_HEAD = """# envd's completions for fish 3.2 and later, made from its parser: envd completions fish

# Whether the words before the cursor lead to @1 (as in "envd daemon"); with @2, whether no argument of it is there yet.
# The name does not begin as the hook's do: `envd unhook` takes those away.
function _envd_at --argument-names wanted open
    set -l words (commandline -opc)
    set -l context envd
    set -l only ''
    set -l given ''
    set -l expected ''
    set -e words[1]
    for word in $words
        if test -n "$expected"
            set expected ''
        else if test -n "$only"
            set given yes
        else
            switch "$context $word"
                case @words@
                    set context "$context $word"
                case @valued@
                    set expected yes
                case "$context --"
                    set only yes
                case "$context -*"
                case '*'
                    set given yes
            end
        end
    end
    test "$context" = "$wanted"; and test -z "$open" -o -z "$given"
end

complete -c envd -e
complete -c envd -f
"""

_VALUES = {Kind.DIR: "(__fish_complete_directories)", Kind.CMD: "(__fish_complete_subcommand --fcs-skip=2)"}


def render(root: Word) -> str:
    """Return the completions, to be sourced or put where fish looks for them."""
    below = [word.path for word in root.walk() if word is not root]
    valued = [f"{word.path} {flag}" for word in root.walk() for option in word.options if option.metavar for flag in option.flags]
    head = _HEAD.replace("@words@", " ".join(map(quote, below))).replace("@valued@", " ".join(map(quote, valued)))
    return head + "".join(f"complete -c envd {' '.join(parts)}\n" for word in root.walk() for parts in _entries(word, root))


def _entries(word: Word, root: Word) -> Iterator[list[str]]:
    # Names of commands hold nothing that is special between double quotes.
    at, first = f'"_envd_at {quote(word.path)}"', f'"_envd_at {quote(word.path)} open"'
    for below in word.words:
        yield ["-n", first, "-a", quote(below.name), "-d", quote(below.help)]
    if word.argument is not None:
        yield ["-n", at if word.argument.repeats else first, *_values(word.argument.kind, root), "-d", quote(word.argument.help)]
    # From its first word on a command line has options of its own.
    where = first if word.argument is not None and word.argument.kind is Kind.CMD else at
    for option in word.options:
        yield ["-n", where, *_flags(option), *_taken(option, root), "-d", quote(option.help)]


def _flags(option: Option) -> Iterator[str]:
    for flag in option.flags:
        yield from ("-l", flag[2:]) if flag.startswith("--") else ("-s", flag[1:])


def _taken(option: Option, root: Word) -> list[str]:
    if not option.metavar:
        return []
    return ["-r", *_values(option.kind, root)]


def _values(kind: Kind, root: Word) -> list[str]:
    if kind is Kind.FILE:
        return ["-F"]
    offered = _VALUES.get(kind) or " ".join(choices(kind, root))
    return ["-f", "-a", quote(offered)] if offered else ["-f"]
