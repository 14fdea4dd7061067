# shellcheck shell=bash
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
      'envd allow' | 'envd deny' | 'envd forget' | 'envd init' | 'envd status' | 'envd why' | 'envd sync' | 'envd wait' | 'envd undo' | 'envd freeze' | 'envd run' | 'envd log' | 'envd off' | 'envd on' | 'envd unhook' | 'envd daemon' | 'envd daemon run' | 'envd daemon start' | 'envd daemon stop' | 'envd daemon restart' | 'envd daemon status' | 'envd setup' | 'envd doctor' | 'envd hook' | 'envd completions' | 'envd help') context="$context $word" ;;
      'envd init --python' | 'envd init --prompt' | 'envd sync --group' | 'envd sync --no-group' | 'envd freeze --format' | 'envd freeze --add' | 'envd log -n') expected=NOTHING ;;
      'envd init -r' | 'envd freeze -o') expected=FILE ;;
      'envd run '[!-]*) only=yes given=yes ;;
      "$context --") only=yes ;;
      "$context -"*) ;;
      *) given=yes ;;
    esac
  done
  case $context in
    'envd') options='-h --help --version' words='allow deny forget init status why sync wait undo freeze run log off on unhook daemon setup doctor hook completions help' ;;
    'envd allow') options='-h --help --build --index --local' argument=DIR ;;
    'envd deny') options='-h --help' argument=DIR ;;
    'envd forget') options='-h --help' argument=DIR ;;
    'envd init') options='-h --help --python --system-site-packages --prompt -r --clear' argument=DIR ;;
    'envd status') options='-h --help --json --short --all --check' argument=DIR ;;
    'envd why') options='-h --help --json' argument=DIR ;;
    'envd sync') options='-h --help --dry-run --check --exact --mend --wait --yes -q --quiet --json --group --no-group' argument=DIR ;;
    'envd wait') options='-h --help' argument=DIR ;;
    'envd undo') options='-h --help' ;;
    'envd freeze') options='-h --help -o --only-direct --hashes --format --add' argument=DIR ;;
    'envd run') options='-h --help' argument=CMD repeats=yes ;;
    'envd log') options='-h --help -n --json' argument=DIR ;;
    'envd off') options='-h --help' ;;
    'envd on') options='-h --help' ;;
    'envd unhook') options='-h --help' ;;
    'envd daemon') options='-h --help' words='run start stop restart status' ;;
    'envd daemon run') options='-h --help' ;;
    'envd daemon start') options='-h --help' ;;
    'envd daemon stop') options='-h --help' ;;
    'envd daemon restart') options='-h --help' ;;
    'envd daemon status') options='-h --help' ;;
    'envd setup') options='-h --help --yes --dry-run --print --scripts --no-scripts --remove' argument=SHELL repeats=yes ;;
    'envd doctor') options='-h --help --json' ;;
    'envd hook') options='-h --help' argument=SHELL ;;
    'envd completions') options='-h --help' argument=SHELL ;;
    'envd help') options='-h --help' argument=COMMAND ;;
  esac
  if [[ -n $expected ]]; then argument=$expected
  elif [[ -z $only && $current == -* ]]; then words=$options argument=''
  elif [[ -n $given && -z $repeats ]]; then words='' argument=''
  fi
  case $argument in
    SHELL) words='bash zsh fish pwsh' ;;
    COMMAND) words='allow deny forget init status why sync wait undo freeze run log off on unhook daemon setup doctor hook completions help' ;;
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
