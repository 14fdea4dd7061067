"""The completions of bash."""

from __future__ import annotations

from collections.abc import Iterable

from envd.adapters.shells.quoting import posix
from envd.cli.completions.outline import Kind, Word, choices

_TEMPLATE = r"""# shellcheck shell=bash
# envd's completions for bash 3.2 and later, made from its parser: envd completions bash

# The name does not begin as the hook's do: `envd unhook` takes those away.
_envd() {
  local IFS=$' \t\n' current=${COMP_WORDS[COMP_CWORD]-} context=envd expected='' only='' given='' index word found
  local options='' words='' argument='' repeats=''
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=${COMP_WORDS[index]-}
    # bash makes three words of --prompt=x.
    if [[ $word == '=' ]]; then continue; fi
    if [[ -n $expected ]]; then expected=''; continue; fi
    if [[ -n $only ]]; then given=yes; continue; fi
    case "$context $word" in
@walk@
      "$context --") only=yes ;;
      "$context -"*) ;;
      *) given=yes ;;
    esac
  done
  case $context in
@contexts@
  esac
  if [[ -n $expected ]]; then argument=$expected
  elif [[ -z $only && $current == -* ]]; then words=$options argument=''
  elif [[ -n $given && -z $repeats ]]; then words='' argument=''
  fi
  case $argument in
@kinds@
    DIR) \builtin compopt -o dirnames 2>/dev/null || _envd_names -d "$current" ;;
    FILE) \builtin compopt -o default 2>/dev/null || _envd_names -f "$current" ;;
    CMD)
      if [[ -z $given ]]; then _envd_names -c "$current"
      else \builtin compopt -o default 2>/dev/null || _envd_names -f "$current"; fi ;;
    NOTHING) words='' ;;
  esac
  for found in $words; do
    if [[ $found == "$current"* ]]; then COMPREPLY+=("$found"); fi
  done
}

# Where compopt is, readline completes names itself, the way the user began to quote them; in bash 3.2 each is quoted here.
_envd_names() {
  local name
  while IFS= \builtin read -r name; do
    if [[ -z $name ]]; then continue; fi
    \builtin printf -v name %q "$name"
    # The tilde that stands for a home stays one.
    if [[ $name == '\~'* ]]; then name=${name:1}; fi
    COMPREPLY+=("$name")
  done <<<"$(\builtin compgen "$1" -- "$2")"
}

\builtin complete -F _envd envd
"""


def render(root: Word) -> str:
    """Return the completions: one walk over the words typed so far, and tables of what may follow."""
    parts = {
        "walk": [f"      {branch}" for branch in _walk(root)],
        "contexts": [f"    {posix(word.path)}) {_context(word)} ;;" for word in root.walk()],
        "kinds": [f"    {kind.value}) words={posix(' '.join(choices(kind, root)))} ;;" for kind in Kind if choices(kind, root)],
    }
    text = _TEMPLATE
    for name, lines in parts.items():
        text = text.replace(f"@{name}@", "\n".join(lines))
    return text


def _walk(root: Word) -> list[str]:
    """Return the branches that go down to a command, and those that await the value of an option."""
    branches = [_branch((word.path for word in root.walk() if word is not root), 'context="$context $word"')]
    for kind in Kind:
        valued = [
            f"{word.path} {flag}"
            for word in root.walk()
            for option in word.options
            if option.metavar and option.kind is kind
            for flag in option.flags
        ]
        if valued:
            branches.append(_branch(valued, f"expected={kind.name}"))
    # From its first word on a command line is its own.
    lines = [word.path for word in root.walk() if word.argument and word.argument.kind is Kind.CMD]
    branches.extend(f"{posix(f'{path} ')}[!-]*) only=yes given=yes ;;" for path in lines)
    return branches


def _branch(patterns: Iterable[str], command: str) -> str:
    return f"{' | '.join(posix(pattern) for pattern in patterns)}) {command} ;;"


def _context(word: Word) -> str:
    parts = ["options=" + posix(" ".join(flag for option in word.options for flag in option.flags))]
    if word.words:
        parts.append("words=" + posix(" ".join(below.name for below in word.words)))
    if word.argument and word.argument.kind is not Kind.NOTHING:
        parts.append(f"argument={word.argument.kind.value}")
    if word.argument and word.argument.repeats:
        parts.append("repeats=yes")
    return " ".join(parts)
