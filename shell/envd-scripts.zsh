# envd for what zsh (5.3 and later) runs without a prompt, by way of .zshenv: scripts, tasks of editors, commands of agents. The
# environment of the directory in which they start is in force for them. Builtins alone, not a word, and no function stays.

# Not a word: a script that is traced has no use for this either.
function {
  \builtin emulate -LR zsh

  # `envd setup --scripts` writes the values between these two lines.
  # envd: constants
  __envd_answers=''
  __envd_shells=''
  __envd_python=''
  __envd_names=('.venv' 'venv' 'env')
  # envd: end of constants

  # Whether the directory $1 has an active answer for the environment that is there; its fields are then in field.
  __envd_script_read() {
    local text=''
    [[ -f $__envd_answers$1/.envd-answer && -r $__envd_answers$1/.envd-answer ]] || return
    text=$(<"$__envd_answers$1/.envd-answer")
    # version, stamp, verdict, root, seal, venv, bin, label, state, notice, text, and nothing after the last NUL
    field=("${(@0)text}")
    [[ $#field == 12 && $field[1] == 1 && $field[3] == active && $field[4] == "$1" && -d $field[6]/.envd-seal-$field[5] &&
       -e $field[7]/python ]]
  }

  # Whether the directory $1 has an environment that is not answered for: what lies above it is none of its business.
  __envd_script_stops() {
    local name=''
    for name in "${__envd_names[@]}"; do
      if [[ -f $1/$name/pyvenv.cfg || ( $name == .venv && -f $1/.venv ) ]]; then return 0; fi
    done
    return 1
  }

  # Keep the value of variable $1 in the exported variable $2, as the hook does: x exported, s set only, absent when $1 was unset.
  __envd_script_keep() {
    case ${(Pt)1} in
      '') \builtin unset "$2" ;;
      *export*) \builtin export "$2=x${(P)1}" ;;
      *) \builtin export "$2=s${(P)1}" ;;
    esac
  }

  __envd_script_enter() {
    local rest=":${PATH-}:"
    [[ ${__envd_venv-} == "$field[6]" && $rest == *":$field[7]:"* ]] && return
    if [[ -n ${__envd_venv-} ]]; then
      # That of another project was in force where this was started.
      if [[ -n ${__envd_bin-} && $rest == *":$__envd_bin:"* ]]; then
        rest=${rest%%":$__envd_bin:"*}:${rest#*":$__envd_bin:"}
        rest=${rest#:}
        PATH=${rest%:}
      fi
    else
      __envd_script_keep VIRTUAL_ENV __envd_old_venv
      __envd_script_keep VIRTUAL_ENV_PROMPT __envd_old_label
      __envd_script_keep PYTHONHOME __envd_old_home
    fi
    \builtin export "__envd_venv=$field[6]" "__envd_bin=$field[7]" "__envd_label=$field[8]" "__envd_project=$field[4]"
    \builtin export "VIRTUAL_ENV=$field[6]" "VIRTUAL_ENV_PROMPT=$field[8]"
    \builtin unset PYTHONHOME
    \builtin export "PATH=$__envd_bin${PATH:+:$PATH}"
  }

  __envd_script() {
    local dir=${${PWD-}%/} home=${${HOME-}%/}
    local -a field
    # Not for anybody but the owner of the state (sudo with HOME kept), and not against anybody's hand.
    [[ -n $__envd_answers && -O $__envd_answers && -z ${ENVD_DISABLE-}${__envd_off-} ]] || return 0
    [[ -z ${VIRTUAL_ENV-} || $VIRTUAL_ENV == "${__envd_venv-}" ]] || return 0
    while [[ $dir == /* ]]; do
      # Not above home, where an automounter may answer; home itself counts only for whoever stands in it.
      [[ $dir == "${home%/*}" ]] && return
      [[ $dir == "$home" && ${PWD%/} != "$home" ]] && return
      if __envd_script_read "$dir"; then
        [[ ${__envd_off_in-} == "$dir" ]] || __envd_script_enter
        return
      fi
      __envd_script_stops "$dir" && return
      dir=${dir%/*}
    done
  }

  [[ -o interactive ]] || __envd_script || :
  \builtin unset __envd_answers __envd_shells __envd_python __envd_names
  \builtin unset -f __envd_script __envd_script_read __envd_script_stops __envd_script_keep __envd_script_enter
} 2>/dev/null
