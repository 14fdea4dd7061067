# shellcheck shell=bash
# envd for bash (3.2 and later): puts the environment of the current directory in force at each prompt.
#
# The daemon publishes answers as files; this file looks them up with builtins and starts no process, but for one `envd ask`
# about an environment that has no answer yet. Nothing that comes from a project is evaluated, expanded or sourced.

# `envd setup` and `envd hook bash` write the values between these two lines.
# envd: constants
__envd_answers=''
__envd_shells=''
__envd_python=''
__envd_names=(.venv venv env)
__envd_wrap_cd=''
__envd_wait=''
__envd_mark=''
# envd: end of constants

# Under set -a all that follows would be exported, functions too.
case $- in
  *a*) \builtin set +a && __envd_allexport=1 ;;
  *) __envd_allexport='' ;;
esac
\builtin export -n __envd_answers __envd_shells __envd_python __envd_wrap_cd __envd_wait __envd_mark

# ---- looking up -----------------------------------------------------------------------------------------------------------

# Find the nearest answer or unanswered environment above $PWD; sets __envd_verdict (unknown: to be asked about) and the fields.
__envd_look() {
  __envd_verdict='' __envd_root='' __envd_notice=''
  # Back in the project whose answer is held, and that is still the one that counts.
  if \builtin test "${PWD-}:${HOME-}" = "$__envd_held_at" && [[ -e $__envd_stamped ]]; then
    __envd_verdict=active __envd_root=$__envd_held __envd_notice=$__envd_held_notice
    return
  fi
  local __envd_dir=${PWD-} __envd_home=${HOME-} __envd_name
  __envd_home=${__envd_home%/}
  # "/" never; and PWD is a variable like any other: what is not absolute has no parents to walk through.
  while [[ $__envd_dir == */ ]]; do __envd_dir=${__envd_dir%/}; done
  while [[ $__envd_dir == /* ]]; do
    # Not above home, where an automounter may answer; home itself counts only for whoever stands in it.
    \builtin test "$__envd_dir" = "${__envd_home%/*}" && return
    \builtin test "$__envd_dir" = "$__envd_home" && \builtin test "${PWD%/}" != "$__envd_home" && return
    if [[ -n $__envd_held ]] && \builtin test "$__envd_dir" = "$__envd_held" && [[ -e $__envd_stamped ]]; then
      __envd_verdict=active __envd_root=$__envd_dir __envd_notice=$__envd_held_notice
      return
    fi
    [[ -r $__envd_answers$__envd_dir/.envd-answer ]] &&
      __envd_read "$__envd_answers$__envd_dir/.envd-answer" "$__envd_dir" && return
    for __envd_name in ${__envd_names[@]+"${__envd_names[@]}"}; do
      if [[ -f $__envd_dir/$__envd_name/pyvenv.cfg && ( -e $__envd_dir/$__envd_name/bin/python || -L $__envd_dir/$__envd_name/bin/python ) ]] ||
         [[ $__envd_name == .venv && -f $__envd_dir/.venv ]]; then
        __envd_verdict=unknown __envd_root=$__envd_dir
        return
      fi
    done
    __envd_dir=${__envd_dir%/*}
  done
}

# Read one answer and hold it against what is there: fails when it was given for something else.
__envd_read() {
  local __envd_its_venv __envd_its_seal
  __envd_field=() __envd_held='' __envd_held_at=''
  __envd_fields "$1"
  # version, stamp, verdict, root, seal, venv, bin, label, state, notice, text
  [[ ${#__envd_field[@]} == 11 ]] && \builtin test "${__envd_field[0]}" = 1 && \builtin test "${__envd_field[3]}" = "$2" || return
  __envd_its_seal=${__envd_field[4]} __envd_its_venv=${__envd_field[5]}
  if [[ -n $__envd_its_seal ]]; then
    [[ -d $__envd_its_venv/.envd-seal-$__envd_its_seal ]] || return
  elif [[ ${__envd_field[2]} == active || ( ${__envd_field[2]} == broken && -f $__envd_its_venv/pyvenv.cfg ) ]]; then
    return 1
  else
    [[ -e $__envd_its_venv || -L $__envd_its_venv ]] || return
  fi
  # Without its Python it would only hide the one that works: whoever is asked knows what ails it.
  [[ ${__envd_field[2]} != active || -e ${__envd_field[6]}/python ]] || return
  __envd_verdict=${__envd_field[2]} __envd_root=$2 __envd_stamp=${__envd_field[1]} __envd_new_venv=$__envd_its_venv
  __envd_new_bin=${__envd_field[6]} __envd_new_label=${__envd_field[7]} __envd_state=${__envd_field[8]}
  __envd_notice=${__envd_field[9]} __envd_text=${__envd_field[10]}
  # An active one is good for the next time, for as long as its stamp leads to the Python of the environment it was given for.
  if [[ $__envd_verdict == active ]]; then
    __envd_held=$2 __envd_held_notice=$__envd_notice __envd_stamped=$1-$__envd_stamp
    if \builtin test "$2" = "${PWD-}"; then __envd_held_at=$PWD:${HOME-}; fi
  fi
}

# Read the fields of file $1, which may be gone since it was seen, into __envd_field.
if (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404 )); then
  __envd_fields() {
    { \builtin mapfile -d '' -t __envd_field <"$1"; } 2>/dev/null || :
  }
else
  __envd_fields() {
    local __envd_part __envd_count=0
    { while IFS= \builtin read -r -d '' __envd_part; do __envd_field[__envd_count++]=$__envd_part; done <"$1"; } 2>/dev/null || :
  }
fi

# Have the daemon decide about the environment found, once; where it cannot, its own words are on stderr.
__envd_ask() {
  local __envd_dir=$__envd_root
  [[ $- == *i* && -n $__envd_loaded && -z $__envd_quiet && -x $__envd_python ]] || return
  \builtin test "$__envd_asked" != "$__envd_dir" || return
  __envd_asked=$__envd_dir
  "$__envd_python" -I -m envd ask -- "$__envd_dir" </dev/null >/dev/null
  __envd_look
}

# ---- entering and leaving -------------------------------------------------------------------------------------------------

# Keep the value of variable $1 in the exported variable $2: x exported, s set only, absent when $1 was unset.
__envd_keep() {
  if [[ -z ${!1+set} ]]; then
    \builtin unset -v "$2"
  elif __envd_is_exported "$1"; then
    \builtin export "$2=x${!1}"
  else
    \builtin export "$2=s${!1}"
  fi
}

# Give variable $1 the value kept in $2, exported or not as it was.
__envd_give_back() {
  local __envd_kept=${!2-}
  if [[ -n $__envd_careful ]] && __envd_is_readonly "$1"; then return 0; fi
  \builtin unset -v "$1" "$2"
  [[ -n $__envd_kept ]] || return 0
  \builtin export "$1=${__envd_kept:1}"
  [[ $__envd_kept == x* ]] || \builtin export -n "${1?}"
}

# Whether variable $1, which is set, is exported: by the status of compgen, so that its output need not be caught.
__envd_is_exported() {
  \builtin compgen -X "!$1" -e "$1" >/dev/null
}

# Whether variable $1 is readonly. bash drops all that is under way when such a variable is assigned to: ask first.
__envd_is_readonly() {
  ! \builtin local "$1" 2>/dev/null
}

# Whether one of the variables that entering sets is readonly, which is said.
__envd_some_are_readonly() {
  local __envd_name
  for __envd_name in PATH VIRTUAL_ENV VIRTUAL_ENV_PROMPT PYTHONHOME; do
    if __envd_is_readonly "$__envd_name"; then
      __envd_say "readonly-$__envd_name" "$__envd_name is readonly in this shell: nothing is activated here"
      return 0
    fi
  done
  return 1
}

# Whether that may be.
__envd_may_be_readonly() {
  return 0
}

# From 5.2 on bash says it at once, and also of variables without a value, though not under set -u.
if (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 502 )); then
  __envd_is_exported() {
    [[ ${!1@a} == *x* ]]
  }
  __envd_may_be_readonly() {
    [[ -o nounset || ${PATH@a}${VIRTUAL_ENV@a}${VIRTUAL_ENV_PROMPT@a}${PYTHONHOME@a} == *r* ]]
  }
fi

# Forget where programs are, which without hashing there is no need for.
__envd_rehash() {
  [[ $- != *h* ]] || \builtin hash -r
}

__envd_enter() {
  if __envd_may_be_readonly && __envd_some_are_readonly; then return 0; fi
  if [[ -z ${VIRTUAL_ENV+set}${VIRTUAL_ENV_PROMPT+set}${PYTHONHOME+set} ]]; then
    \builtin unset -v __envd_old_venv __envd_old_label __envd_old_home
  else
    __envd_keep VIRTUAL_ENV __envd_old_venv
    __envd_keep VIRTUAL_ENV_PROMPT __envd_old_label
    __envd_keep PYTHONHOME __envd_old_home
    \builtin unset -v PYTHONHOME
  fi
  \builtin export "__envd_venv=$__envd_new_venv" "__envd_bin=$__envd_new_bin" "__envd_label=$__envd_new_label" \
    "__envd_project=$__envd_root" "VIRTUAL_ENV=$__envd_new_venv" "VIRTUAL_ENV_PROMPT=$__envd_new_label"
  # With that bash forgets where programs are.
  PATH=$__envd_bin${PATH:+:$PATH}
  if ! \builtin declare -F deactivate >/dev/null; then
    __envd_deactivate=1
    # Stays off until the project is left and entered again. With `function`, no alias of that name can get in between.
    function deactivate { __envd_shielded __envd_stay_off; }
  fi
}

__envd_stay_off() {
  __envd_keep_off_in "${__envd_project-}"
  __envd_leave
  __envd_label_prompt
}

# Keep environments off in project $1 until it is left; exported, for scripts that are started meanwhile.
__envd_keep_off_in() {
  \builtin export "__envd_off_in=$1"
  [[ -n $1 ]] || \builtin export -n __envd_off_in
}

__envd_leave() {
  [[ -n ${__envd_venv-} ]] || return 0
  if __envd_is_on_top && \builtin test "${VIRTUAL_ENV-}" = "$__envd_venv"; then
    # This environment's activate was sourced on top of ours (editors type it): undo that first, its own way.
    \builtin declare -F deactivate >/dev/null && \deactivate
  fi
  __envd_careful=''
  __envd_may_be_readonly && __envd_careful=1
  if [[ -n ${__envd_bin-} ]] && ! { [[ -n $__envd_careful ]] && __envd_is_readonly PATH; }; then
    __envd_path_without "$__envd_bin"
    # direnv may have saved a PATH with it; another occurrence is the user's.
    if [[ -n ${DIRENV_WATCHES-} && :${PATH-}: != *":$__envd_bin:"* && :$__envd_gone != *":$__envd_bin:"* ]]; then
      __envd_gone=$__envd_gone$__envd_bin:
    fi
  fi
  if \builtin test -z "${VIRTUAL_ENV-}" || \builtin test "$VIRTUAL_ENV" = "$__envd_venv"; then
    __envd_give_back VIRTUAL_ENV __envd_old_venv
  fi
  if \builtin test -z "${VIRTUAL_ENV_PROMPT-}" || \builtin test "$VIRTUAL_ENV_PROMPT" = "${__envd_label-}"; then
    __envd_give_back VIRTUAL_ENV_PROMPT __envd_old_label
  fi
  [[ -n ${PYTHONHOME+set} ]] || __envd_give_back PYTHONHOME __envd_old_home
  \builtin unset -v __envd_venv __envd_bin __envd_label __envd_project __envd_old_venv __envd_old_label __envd_old_home
  if [[ -n ${__envd_deactivate-} ]] && ! __envd_is_on_top; then \builtin unset -f deactivate; fi
  __envd_deactivate=''
}

# Whether an activate script was sourced in this very shell: those of fish and PowerShell leave their variable to child shells.
__envd_is_on_top() {
  [[ -n ${_OLD_VIRTUAL_PATH-} ]] && ! \builtin test "$_OLD_VIRTUAL_PATH" = "$__envd_inherited"
}

# Take the first occurrence of entry $1 out of PATH; empty entries and all others stay.
__envd_path_without() {
  local __envd_rest=":${PATH-}:" __envd_head
  __envd_head=${__envd_rest%%":$1:"*}
  \builtin test "$__envd_head" = "$__envd_rest" && return
  __envd_rest="$__envd_head:${__envd_rest#*":$1:"}"
  __envd_rest=${__envd_rest#:}
  PATH=${__envd_rest%:}
}

# direnv writes back the PATH that it found. When it has been at work, take out what was left since, and put in what is in force and
# was not there then.
__envd_mend_path() {
  local __envd_rest=$__envd_gone __envd_one
  __envd_watches=${DIRENV_WATCHES-}
  if __envd_may_be_readonly && __envd_is_readonly PATH; then return 0; fi
  while [[ -n $__envd_rest ]]; do
    __envd_one=${__envd_rest%%:*} __envd_rest=${__envd_rest#*:}
    \builtin test "$__envd_one" = "${VIRTUAL_ENV-}/bin" && continue
    while [[ :${PATH-}: == *":$__envd_one:"* ]]; do __envd_path_without "$__envd_one"; done
  done
  if [[ -n ${__envd_bin-} && :${PATH-}: != *":$__envd_bin:"* ]] && ! __envd_by_hand; then PATH=$__envd_bin${PATH:+:$PATH}; fi
  # With nothing loaded it has nothing to write back.
  [[ -n $__envd_watches ]] || __envd_gone=''
}

# ---- the prompt -----------------------------------------------------------------------------------------------------------

# Hold the label, and a state that is worth a word, in __envd_prompt, to which PS1 refers once; a name is never part of PS1 where
# bash would expand it.
__envd_label_prompt() {
  __envd_prompt=''
  # Themes that show the environment themselves: starship, oh-my-posh, liquidprompt.
  if [[ -n ${__envd_venv-} && -z ${VIRTUAL_ENV_DISABLE_PROMPT-} && ${STARSHIP_SHELL-}${POSH_SHELL-} != *bash* &&
        ${LP_ENABLE_VIRTUALENV-0} != 1 ]] && \builtin test "${VIRTUAL_ENV-}" = "$__envd_venv" && ! __envd_is_on_top; then
    case $__envd_state in
      syncing | failed | paused) __envd_prompt="(${__envd_label-} $__envd_state) " ;;
      *) __envd_prompt="(${__envd_label-}) " ;;
    esac
  fi
  # As it nearly always is.
  [[ ${BASHOPTS-} == *promptvars* && ${PS1-} == *"$__envd_reference"* && $__envd_segment == "$__envd_reference" ]] && return
  [[ -n ${PS1+set} ]] || return 0
  local __envd_new_segment=$__envd_reference
  if ! { [[ ${BASHOPTS-} == *promptvars* || -o posix ]] || \builtin shopt -q promptvars; }; then
    # Here bash would show the reference itself: the label stands in PS1, without what promptvars would expand when it is on again.
    __envd_new_segment=${__envd_prompt//[\\\$\`]/?}
  fi
  \builtin test "$__envd_new_segment" = "$__envd_segment" && [[ $PS1 == *"$__envd_new_segment"* ]] && return
  __envd_is_readonly PS1 && return
  [[ -z $__envd_segment ]] || PS1=${PS1/"$__envd_segment"/}
  [[ $PS1 == *"$__envd_new_segment"* ]] || PS1=$__envd_new_segment$PS1
  __envd_segment=$__envd_new_segment
}

# Say the newest notice once a shell: news to whoever is inside, and on the way in only what asks for attention.
__envd_notify() {
  [[ $- == *i* && -n $__envd_loaded && -z $__envd_quiet ]] || return 0
  if [[ $1 == inside || $__envd_verdict != active || $__envd_state == failed || $__envd_state == paused ]]; then
    __envd_say "$__envd_notice" "$__envd_text"
  else
    __envd_seen="$__envd_seen$__envd_notice "
  fi
}

# Say $2 unless this shell has seen the token $1.
__envd_say() {
  [[ $__envd_seen == *" $1 "* ]] && return
  __envd_seen="$__envd_seen$1 "
  \builtin printf 'envd: %s\n' "$2" >&2
}

# Take the newest notice for one that this shell has seen; what is new after it is said.
__envd_take_as_told() {
  [[ -n $__envd_answers ]] || return 0
  __envd_key=''
  __envd_look
  [[ -z $__envd_notice ]] || __envd_seen="$__envd_seen$__envd_notice "
}

# Tell the daemon where this shell is: it reads the last of the records when it likes.
__envd_register() {
  \builtin test "$__envd_registered" = "$1" && return
  { \builtin printf '%s\0' "$1" >>"$__envd_shells/$$"; } 2>/dev/null && __envd_registered=$1
}

# Whether this shell's user is the one that the answers are for, if there are any yet: that stays so.
__envd_is_ours() {
  [[ -n $__envd_answers ]] || return
  [[ -e $__envd_answers ]] || return 0
  [[ -O $__envd_answers ]] && __envd_ours=1
}

# Whether an environment is in force that somebody activated by hand: that one is left alone.
__envd_by_hand() {
  [[ -n ${VIRTUAL_ENV-} ]] && \builtin test "$VIRTUAL_ENV" != "${__envd_venv-}"
}

__envd_update() {
  local __envd_want='' __envd_where=outside
  __envd_key=''
  # Inert before the constants are there, and for anybody but the owner of the state (sudo with HOME kept).
  [[ -n $__envd_ours ]] || __envd_is_ours || return 0
  \builtin test "${DIRENV_WATCHES-}" = "$__envd_watches" || __envd_mend_path
  if __envd_by_hand; then
    __envd_register ''
    __envd_label_prompt
    return 0
  fi
  if [[ -n ${__envd_venv-} && -z ${VIRTUAL_ENV-} ]]; then
    # Deactivated by another hand than ours.
    __envd_keep_off_in "${__envd_project-}"
    __envd_leave
  fi
  if [[ -n $__envd_off${ENVD_DISABLE-} ]]; then
    __envd_verdict='' __envd_root='' __envd_notice=''
  else
    __envd_look
    [[ $__envd_verdict == unknown ]] && __envd_ask
    [[ $__envd_verdict == unknown ]] || __envd_asked=''
  fi
  if [[ -n $__envd_off_in ]]; then
    \builtin test "$__envd_off_in" = "$__envd_root" || __envd_keep_off_in ''
  fi
  if [[ $__envd_verdict == active && -z $__envd_off_in ]]; then __envd_want=$__envd_new_venv; fi
  if ! \builtin test "${__envd_venv-}" = "$__envd_want" || { [[ -n $__envd_want ]] && ! __envd_is_entered; }; then
    [[ -z ${__envd_venv-} ]] || __envd_leave
    if [[ -n $__envd_want ]]; then __envd_enter; fi
  elif [[ -n $__envd_want ]] && ! \builtin test "$__envd_stamp" = "$__envd_last_stamp"; then
    __envd_rehash
  fi
  __envd_last_stamp=$__envd_stamp
  \builtin test "$__envd_root" = "$__envd_last_root" && __envd_where=inside
  # Loading is not being inside yet: old news is none for a new shell.
  [[ -z $__envd_loaded || -n $__envd_quiet ]] || __envd_last_root=$__envd_root
  if [[ $__envd_verdict == active || $__envd_verdict == broken ]]; then
    __envd_register "$__envd_root"
  else
    __envd_register ''
  fi
  [[ -z $__envd_notice ]] || __envd_notify "$__envd_where"
  __envd_label_prompt
  if [[ -n $__envd_quiet ]]; then
    return 0
  elif \builtin test "$__envd_stood" = "${PWD-}"; then
    __envd_settle
  else
    __envd_stood=${PWD-}
  fi
}

# Called from the second prompt in one place on: remember what must stay as it is for the next to change nothing: variables in
# __envd_key, the answer that is held, and names that nothing may have meanwhile.
__envd_settle() {
  local __envd_dir=${PWD-} __envd_home=${HOME-} __envd_name
  __envd_dir=${__envd_dir%/} __envd_home=${__envd_home%/} __envd_at_stake=/ __envd_watched='' __envd_probes=(-n '')
  if [[ -n $__envd_verdict ]]; then
    [[ -n $__envd_held ]] && \builtin test "$__envd_held" = "$__envd_root" || return 0
    __envd_at_stake=$__envd_stamped
  fi
  while [[ $__envd_dir == /* ]] && ! \builtin test "$__envd_dir" = "$__envd_root"; do
    \builtin test "$__envd_dir" = "${__envd_home%/*}" && break
    \builtin test "$__envd_dir" = "$__envd_home" && \builtin test "${PWD%/}" != "$__envd_home" && break
    __envd_probes+=(-o -e "$__envd_answers$__envd_dir/.envd-answer") __envd_watched=1
    for __envd_name in ${__envd_names[@]+"${__envd_names[@]}"}; do
      __envd_probes+=(-o -e "$__envd_dir/$__envd_name")
    done
    __envd_dir=${__envd_dir%/*}
  done
  \builtin test "${__envd_probes[@]}" && return
  # As in __envd_hook. A theme that shows the environment itself also builds PS1 anew, which that looks at.
  __envd_key=${PWD-}:${HOME-}:${VIRTUAL_ENV-}:${ENVD_DISABLE-}:${VIRTUAL_ENV_DISABLE_PROMPT-}:${_OLD_VIRTUAL_PATH-}
  # With nothing of theirs between the two calls, the first has seen what the last would look at: it comes back when it is needed.
  if [[ -n ${BASHOPTS-} && "${PROMPT_COMMAND[*]}" == "$__envd_first_call"$'\n'"$__envd_last_call" ]] &&
     ! __envd_is_readonly PROMPT_COMMAND; then
    # shellcheck disable=SC2178  # it is a string, as has just been seen
    PROMPT_COMMAND=$__envd_first_call __envd_placed=$__envd_segment
  fi
}

# Whether what is in force is what the answer says; false until the first prompt, because rc files move PATH about.
__envd_is_entered() {
  [[ -n $__envd_here ]] && \builtin test "${__envd_bin-}" = "$__envd_new_bin" && \builtin test "${__envd_label-}" = "$__envd_new_label" &&
    \builtin test "${__envd_project-}" = "$__envd_root"
}

# What PROMPT_COMMAND runs first: the environment is in force before a theme looks at it. $1 is $?, which it keeps.
__envd_hook() {
  # One test for nearly all of it: this is what every prompt waits for. Under nocasematch A is a, and the key says nothing; without
  # promptvars the label stands in PS1 itself.
  # shellcheck disable=SC2050
  if [[ A != a && ${BASHOPTS-promptvars} == *promptvars* && ${PS1-} == *"$__envd_segment"* &&
        ${PWD-}:${HOME-}:${VIRTUAL_ENV-}:${ENVD_DISABLE-}:${VIRTUAL_ENV_DISABLE_PROMPT-}:${_OLD_VIRTUAL_PATH-} == "$__envd_key" &&
        -e $__envd_at_stake ]] &&
     { [[ -z $__envd_watched ]] || ! \builtin test "${__envd_probes[@]}"; }
  then
    return "${1:-0}"
  fi
  # Whatever dropped the reference since then runs behind the last call.
  if [[ -n $__envd_placed && ${PS1-} != *"$__envd_segment"* ]]; then __envd_move_behind; fi
  # By the first prompt the rc files have defined theirs.
  if [[ -n $__envd_wrap_cd && -z $__envd_here ]]; then __envd_wrap; fi
  __envd_update || :
  __envd_here=1
  [[ "${PROMPT_COMMAND[*]-}" == "$__envd_first_call" ]] || __envd_placed=''
  return "${1:-0}"
}

# What PROMPT_COMMAND runs last: a theme that builds PS1 anew at each prompt has dropped the reference, and direnv may have written
# PATH. $1 is $?, which it keeps.
__envd_last() {
  \builtin test "${DIRENV_WATCHES-}" = "$__envd_watches" || __envd_mend_path
  [[ ${PS1-} == *"$__envd_segment"* ]] || __envd_label_prompt || :
  __envd_placed=$__envd_segment
  return "${1:-0}"
}

# Run step $1 without tracing it and without exporting what it keeps for this shell alone; under these options the calls in
# PROMPT_COMMAND come here, and what is called by hand. Keeps $?.
__envd_shielded() {
  { local __envd_code=$? __envd_options=$-; \builtin set +ax; } 2>/dev/null
  "$@" || :
  [[ $__envd_options != *a* ]] || \builtin set -a
  [[ $__envd_options != *x* ]] || \builtin set -x
  return "$__envd_code"
}
__envd_hooka() { __envd_shielded __envd_hook "$?"; }
__envd_hookx() { __envd_shielded __envd_hook "$?"; }
__envd_hookax() { __envd_shielded __envd_hook "$?"; }
__envd_lasta() { __envd_shielded __envd_last "$?"; }
__envd_lastx() { __envd_shielded __envd_last "$?"; }
__envd_lastax() { __envd_shielded __envd_last "$?"; }

# ---- the command and loading ----------------------------------------------------------------------------------------------

# off, on and unhook change this very shell; all else is the program, found whatever stands first on PATH.
function envd {
  case ${1-} in
    off) __envd_shielded __envd_switch 1 ;;
    on) __envd_shielded __envd_switch '' ;;
    unhook) __envd_unhook ;;
    *)
      if [[ -x $__envd_python ]]; then
        local __envd_code=0
        ENVD_HOOK="bash $__envd_mark $(__envd_order)" "$__envd_python" -I -m envd "$@" || __envd_code=$?
        # What these said themselves of the project here needs no notice at the next prompt.
        case "${1-} ${2-}" in
          'sync '* | 'init '* | 'undo '* | 'allow ' | 'allow -'*) __envd_shielded __envd_take_as_told ;;
        esac
        return "$__envd_code"
      else
        \builtin printf 'envd: %s is gone: install envd again, or: envd unhook\n' "$__envd_python" >&2
        return 127
      fi
      ;;
  esac
}

# Where in the work of a prompt the hook stands, for `envd doctor`.
__envd_order() {
  case "${PROMPT_COMMAND[*]-} ${precmd_functions[*]-}" in
    "$__envd_first_call"* | *__bp_precmd_invoke_cmd*__envd_hookax*) \builtin echo first ;;
    *"$__envd_first_call"*) \builtin echo late ;;
    *) \builtin echo gone ;;
  esac
}

__envd_switch() {
  \builtin export "__envd_off=$1"
  [[ -n $1 ]] || \builtin export -n __envd_off
  __envd_keep_off_in ''
  __envd_key=''
  __envd_hook 0
}

# ---- by choice: acting on the change of directory itself -------------------------------------------------------------------

# Put functions around cd, pushd and popd, and around those of the user's of these names.
__envd_wrap() {
  local __envd_name __envd_text
  for __envd_name in cd pushd popd; do
    __envd_text=$(\builtin declare -f "$__envd_name")
    [[ $__envd_text != *__envd_go* ]] || continue
    # What is evaluated is the user's own function, under another name.
    if [[ -n $__envd_text ]]; then \builtin eval "__envd_their_$__envd_text"; fi
    \builtin eval "function $__envd_name { __envd_go $__envd_name \"\$@\"; }"
  done
}

# Change directory by way of $1; what was typed next to it (`cd acme && pytest`) finds acme's environment in force.
__envd_go() {
  local __envd_name=$1 __envd_code=0
  \builtin shift
  if \builtin declare -F "__envd_their_$__envd_name" >/dev/null; then
    "__envd_their_$__envd_name" "$@" || __envd_code=$?
  else
    \builtin "$__envd_name" "$@" || __envd_code=$?
  fi
  # In a function it may have a PATH of its own, and in a subshell nothing is to last: the next prompt sees to that.
  if [[ $__envd_code == 0 && $- == *i* && $BASH_SUBSHELL == 0 && ${#FUNCNAME[@]} == 2 && -n $__envd_here ]]; then
    __envd_shielded __envd_arrive
  fi
  return "$__envd_code"
}

__envd_arrive() {
  local __envd_quiet=1
  __envd_update
  if [[ -n $__envd_wait && $__envd_verdict == active && $__envd_state == syncing && -x $__envd_python ]]; then
    "$__envd_python" -I -m envd wait -- "$__envd_root" </dev/null
    __envd_rehash
  fi
}

__envd_unwrap() {
  local __envd_name __envd_text
  for __envd_name in cd pushd popd; do
    __envd_text=$(\builtin declare -f "$__envd_name")
    [[ $__envd_text == *__envd_go* ]] || continue
    \builtin unset -f "$__envd_name"
    __envd_text=$(\builtin declare -f "__envd_their_$__envd_name")
    if [[ -n $__envd_text ]]; then \builtin eval "${__envd_text#__envd_their_}"; fi
  done
}

# Put the two calls around what PROMPT_COMMAND has. Both are expansions of variables that a child shell does not have, so that an
# exported PROMPT_COMMAND does nothing there. No array is made: before bash 5.1 only its first element would run.
__envd_install() {
  local __envd_parts __envd_size
  if __envd_is_readonly PROMPT_COMMAND; then
    if [[ $- == *i* ]]; then __envd_say readonly-PROMPT_COMMAND 'PROMPT_COMMAND is readonly: envd can do nothing in this shell'; fi
    return 0
  fi
  if [[ -n ${bash_preexec_imported-}${__bp_imported-} ]]; then
    # bash-preexec knows by PROMPT_COMMAND where a prompt ends and a command begins, and has a list for all others.
    [[ " ${precmd_functions[*]-} " == *' __envd_hookax '* ]] ||
      precmd_functions=(__envd_hookax ${precmd_functions[@]+"${precmd_functions[@]}"} __envd_lastax)
    return 0
  fi
  [[ -n ${PROMPT_COMMAND[*]+set} ]] || PROMPT_COMMAND=''
  [[ "${PROMPT_COMMAND[*]}" == *"$__envd_first_call"* ]] && return
  # A copy is counted: under set -u bash takes the length of a string in the manner of an array for an unset variable.
  __envd_parts=("${PROMPT_COMMAND[@]}")
  __envd_size=${#__envd_parts[@]}
  if (( __envd_size > 1 && BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501 )); then
    __envd_parts[__envd_size - 1]=${__envd_parts[__envd_size - 1]}$'\n'$__envd_last_call
    PROMPT_COMMAND=("$__envd_first_call" "${__envd_parts[@]}")
  else
    # shellcheck disable=SC2178,SC2128  # the first element, where it is an array
    PROMPT_COMMAND=$__envd_first_call$'\n'${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}$__envd_last_call
  fi
}

# Have the last call run behind what was put into PROMPT_COMMAND since. Element by element: bash is just running through them.
__envd_move_behind() {
  local __envd_parts __envd_index=0
  __envd_is_readonly PROMPT_COMMAND && return
  __envd_parts=("${PROMPT_COMMAND[@]}")
  if (( ${#__envd_parts[@]} > 1 && BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501 )); then
    for __envd_index in "${!PROMPT_COMMAND[@]}"; do
      PROMPT_COMMAND[__envd_index]=${PROMPT_COMMAND[__envd_index]//"$__envd_last_call"/}
    done
    PROMPT_COMMAND[__envd_index]=${PROMPT_COMMAND[__envd_index]}$'\n'$__envd_last_call
  else
    # shellcheck disable=SC2178,SC2128  # the first element, where it is an array
    PROMPT_COMMAND=${PROMPT_COMMAND//"$__envd_last_call"/}$'\n'$__envd_last_call
  fi
}

# Take the two calls out of PROMPT_COMMAND.
__envd_uninstall() {
  local __envd_part __envd_kept __envd_count=0
  __envd_kept=()
  for __envd_part in ${precmd_functions[@]+"${precmd_functions[@]}"}; do
    [[ $__envd_part == __envd_* ]] || __envd_kept[__envd_count++]=$__envd_part
  done
  if [[ " ${precmd_functions[*]-} " == *' __envd_hookax '* ]]; then precmd_functions=(${__envd_kept[@]+"${__envd_kept[@]}"}); fi
  __envd_kept=() __envd_count=0
  [[ -n ${PROMPT_COMMAND[*]+set} ]] && ! __envd_is_readonly PROMPT_COMMAND || return 0
  for __envd_part in "${PROMPT_COMMAND[@]}"; do
    __envd_part=${__envd_part//"$__envd_first_call"/}
    __envd_part=${__envd_part//"$__envd_last_call"/}
    __envd_part=${__envd_part#$'\n'}
    __envd_part=${__envd_part%$'\n'}
    [[ -n $__envd_part ]] && __envd_kept[__envd_count++]=$__envd_part
  done
  # shellcheck disable=SC2178  # a string stays a string
  case $__envd_count in
    0) \builtin unset -v PROMPT_COMMAND ;;
    1) PROMPT_COMMAND=${__envd_kept[0]} ;;
    *) PROMPT_COMMAND=("${__envd_kept[@]}") ;;
  esac
}

# Have a daemon started in the background where something was allowed and none runs, as after a reboot: once a shell, at load.
__envd_wake() {
  local __envd_pid='' __envd_program=''
  [[ -d ${__envd_answers%/*}/trust && -x $__envd_python && -O $__envd_answers && -z ${ENVD_DISABLE-} ]] || return 0
  [[ -r ${__envd_shells%/*}/pid ]] && IFS= \builtin read -r __envd_pid <"${__envd_shells%/*}/pid"
  if [[ -n $__envd_pid && -r /proc/$__envd_pid/cmdline ]]; then
    # Since then the number may have gone to another program.
    IFS= \builtin read -r -d '' __envd_program 2>/dev/null <"/proc/$__envd_pid/cmdline"
    \builtin test "$__envd_program" = "$__envd_python" && return
  elif [[ -n $__envd_pid && ! -d /proc/self ]]; then
    \builtin kill -0 "$__envd_pid" 2>/dev/null && return
  fi
  ( "$__envd_python" -I -m envd daemon start </dev/null >/dev/null 2>&1 & )
}

# Take envd out of this shell: hooks, prompt, functions and variables.
__envd_unhook() {
  local __envd_name IFS=$' \n'
  __envd_leave
  __envd_register ''
  if [[ -n ${PS1+set} && -n $__envd_segment ]]; then PS1=${PS1//"$__envd_segment"/}; fi
  __envd_uninstall
  __envd_unwrap
  for __envd_name in $(\builtin compgen -A function __envd_); do \builtin unset -f "$__envd_name"; done
  \builtin unset -f envd
  for __envd_name in $(\builtin compgen -v __envd_); do \builtin unset -v "$__envd_name"; done
}

\builtin unset -v __envd_off __envd_off_in
# Loaded a second time, it goes on where it was.
__envd_seen=${__envd_seen:- } __envd_deactivate=${__envd_deactivate-} __envd_inherited=${__envd_inherited-${_OLD_VIRTUAL_PATH-}}
__envd_segment=${__envd_segment-} __envd_last_root=${__envd_last_root-} __envd_registered=${__envd_registered-}
__envd_ours='' __envd_asked='' __envd_off='' __envd_off_in='' __envd_here='' __envd_loaded=''
__envd_last_stamp='' __envd_stamp='' __envd_notice='' __envd_text='' __envd_state=''
__envd_field=() __envd_key='' __envd_stood='' __envd_held='' __envd_held_at='' __envd_held_notice=''
__envd_at_stake=/ __envd_watched='' __envd_stamped='' __envd_placed='' __envd_quiet=''
__envd_gone='' __envd_watches=${DIRENV_WATCHES-}
# `"$?"` is an argument: a `local` for it would be a seventh of what an unchanged prompt costs. `&& :` lets a status other than 0
# through without ending a shell under set -e or setting off a trap of ERR.
# shellcheck disable=SC2016  # the references are for bash to expand at the prompt
__envd_reference='${__envd_prompt-}'
# shellcheck disable=SC2016  # with the letters of the options under which it is to be shielded
__envd_first_call='"${__envd_run_first-:}${__envd_run_first+${-//[!ax]/}}" "$?" && :'
# shellcheck disable=SC2016
__envd_last_call='"${__envd_run_last-:}${__envd_run_last+${-//[!ax]/}}" "$?" && :'
__envd_run_first=__envd_hook __envd_run_last=__envd_last
__envd_install || :
if [[ $- == *i* ]]; then
  # `uv run bash` has put the bin of what is in force on PATH once more.
  if [[ -n ${UV_RUN_RECURSION_DEPTH-} && :${PATH-}: == *":${__envd_bin:-:}:${__envd_bin-}:"* ]] && ! __envd_is_readonly PATH; then
    __envd_path_without "$__envd_bin"
  fi
  # This process may have been another shell that said where it was (exec keeps the number).
  if [[ -s $__envd_shells/$$ ]]; then __envd_registered='?'; fi
  # In force from here on, for the rest of the rc files; asking and news wait for the first prompt.
  __envd_update || :
  __envd_wake || :
fi
__envd_loaded=1
if [[ -n $__envd_allexport ]]; then \builtin set -a; fi
