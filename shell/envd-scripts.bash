# shellcheck shell=bash
# envd for what bash (3.2 and later) runs without a prompt, by way of BASH_ENV: scripts, tasks of editors, commands of agents. The
# environment of the directory in which they start is in force for them. Builtins alone, not a word, and no function stays.

# A script that is traced has no use for this.
{ __envd_options=$- && \builtin set +x; } 2>/dev/null

# `envd setup --scripts` writes the values between these two lines.
# envd: constants
__envd_answers=''
__envd_shells=''
__envd_python=''
__envd_names=(.venv venv env)
# envd: end of constants

# Whether the directory $1 has an active answer for the environment that is there; its fields are then in __envd_field.
__envd_script_read() {
  local __envd_part __envd_count=0
  __envd_field=()
  [[ -r $__envd_answers$1/.envd-answer ]] || return
  while IFS= \builtin read -r -d '' __envd_part; do __envd_field[__envd_count++]=$__envd_part; done <"$__envd_answers$1/.envd-answer"
  # version, stamp, verdict, root, seal, venv, bin, label, state, notice, text
  [[ $__envd_count == 11 && ${__envd_field[2]} == active ]] && \builtin test "${__envd_field[0]}" = 1 &&
    \builtin test "${__envd_field[3]}" = "$1" && [[ -d ${__envd_field[5]}/.envd-seal-${__envd_field[4]} && -e ${__envd_field[6]}/python ]]
}

# Whether the directory $1 has an environment that is not answered for: what lies above it is none of its business.
__envd_script_stops() {
  local __envd_name
  for __envd_name in "${__envd_names[@]}"; do
    if [[ -f $1/$__envd_name/pyvenv.cfg || ( $__envd_name == .venv && -f $1/.venv ) ]]; then return 0; fi
  done
  return 1
}

# Keep the value of variable $1 in the exported variable $2, as the hook does: x exported, s set only, absent when $1 was unset.
__envd_script_keep() {
  \builtin unset -v "$2"
  if [[ -z ${!1+set} ]]; then
    return
  elif \builtin compgen -X "!$1" -e "$1" >/dev/null; then
    \builtin export "$2=x${!1}"
  else
    \builtin export "$2=s${!1}"
  fi
}

__envd_script_enter() {
  local __envd_rest=":${PATH-}:"
  if \builtin test "${__envd_venv-}" = "${__envd_field[5]}" && [[ $__envd_rest == *":${__envd_field[6]}:"* ]]; then return; fi
  if [[ -n ${__envd_venv-} ]]; then
    # That of another project was in force where this was started.
    if [[ -n ${__envd_bin-} && $__envd_rest == *":$__envd_bin:"* ]]; then
      __envd_rest=${__envd_rest%%":$__envd_bin:"*}:${__envd_rest#*":$__envd_bin:"}
      __envd_rest=${__envd_rest#:} PATH=${__envd_rest%:}
    fi
  else
    __envd_script_keep VIRTUAL_ENV __envd_old_venv
    __envd_script_keep VIRTUAL_ENV_PROMPT __envd_old_label
    __envd_script_keep PYTHONHOME __envd_old_home
  fi
  \builtin export "__envd_venv=${__envd_field[5]}" "__envd_bin=${__envd_field[6]}" "__envd_label=${__envd_field[7]}" \
    "__envd_project=${__envd_field[3]}" "VIRTUAL_ENV=${__envd_field[5]}" "VIRTUAL_ENV_PROMPT=${__envd_field[7]}"
  \builtin unset -v PYTHONHOME
  \builtin export "PATH=$__envd_bin${PATH:+:$PATH}"
}

__envd_script() {
  local __envd_dir=${PWD-} __envd_home=${HOME-} __envd_field
  # Not for anybody but the owner of the state (sudo with HOME kept), and not against anybody's hand.
  [[ -n $__envd_answers && -O $__envd_answers && -z ${ENVD_DISABLE-}${__envd_off-} ]] || return 0
  if [[ -n ${VIRTUAL_ENV-} ]] && ! \builtin test "$VIRTUAL_ENV" = "${__envd_venv-}"; then return 0; fi
  __envd_dir=${__envd_dir%/} __envd_home=${__envd_home%/}
  while [[ $__envd_dir == /* ]]; do
    # Not above home, where an automounter may answer; home itself counts only for whoever stands in it.
    \builtin test "$__envd_dir" = "${__envd_home%/*}" && return
    \builtin test "$__envd_dir" = "$__envd_home" && \builtin test "${PWD%/}" != "$__envd_home" && return
    if __envd_script_read "$__envd_dir"; then
      \builtin test "${__envd_off_in-}" = "$__envd_dir" || __envd_script_enter
      return
    fi
    __envd_script_stops "$__envd_dir" && return
    __envd_dir=${__envd_dir%/*}
  done
}

if [[ $- != *i* ]]; then __envd_script || :; fi
\builtin unset -v __envd_answers __envd_shells __envd_python __envd_names
\builtin unset -f __envd_script __envd_script_read __envd_script_stops __envd_script_keep __envd_script_enter
case $__envd_options in
  *x*) \builtin unset -v __envd_options && \builtin set -x ;;
  *) \builtin unset -v __envd_options ;;
esac
