# envd for zsh (5.3 and later): puts the environment of the current directory in force at each change of it and at each prompt.
#
# The daemon publishes answers as files; this file looks them up with builtins and starts no process, but for one `envd ask`
# about an environment that has no answer yet. Nothing that comes from a project is evaluated, expanded or sourced.
#
# `\builtin` and `function` keep the user's aliases and functions out, also where all of this is parsed at once (eval).

# `envd setup` and `envd hook zsh` write the values between these two lines.
# envd: constants
__envd_answers=''
__envd_shells=''
__envd_python=''
__envd_names=('.venv' 'venv' 'env')
__envd_wait=''
__envd_mark=''
# envd: end of constants

# ---- looking up -----------------------------------------------------------------------------------------------------------

# Find the nearest answer or unanswered environment above $PWD; sets __envd_verdict (unknown: to be asked about) and the fields.
__envd_look() {
  # Back in the project whose answer is held, and that is still the one that counts.
  if [[ ${PWD-}:${HOME-} == "$__envd_held_at" && -e $__envd_stamped ]]; then
    __envd_verdict=active __envd_root=$__envd_held __envd_notice=$__envd_held_notice
    return
  fi
  local dir=${${PWD-}%/} home=${HOME-} name=''
  __envd_verdict='' __envd_root='' __envd_notice=''
  home=${home%/}
  # "/" never; and zsh says "." where the directory was gone as it started: what is not absolute has no parents to walk through.
  while [[ $dir == /* ]]; do
    # Not above home, where an automounter may answer; home itself counts only for whoever stands in it.
    [[ $dir == "${home%/*}" ]] && return
    [[ $dir == "$home" && ${${PWD-}%/} != "$home" ]] && return
    if [[ -n $__envd_held && $dir == "$__envd_held" && -e $__envd_stamped ]]; then
      __envd_verdict=active __envd_root=$dir __envd_notice=$__envd_held_notice
      return
    fi
    if [[ -f $__envd_answers$dir/.envd-answer ]] && __envd_read "$__envd_answers$dir/.envd-answer" "$dir"; then
      return
    fi
    for name in "${__envd_names[@]}"; do
      if [[ -f $dir/$name/pyvenv.cfg && ( -e $dir/$name/bin/python || -L $dir/$name/bin/python ) ]] ||
         [[ $name == .venv && -f $dir/.venv ]]; then
        __envd_verdict=unknown __envd_root=$dir
        return
      fi
    done
    dir=${dir%/*}
  done
}

# Read one answer and hold it against what is there: fails when it was given for something else.
__envd_read() {
  local found='' venv=''
  local -a field
  [[ -r $1 ]] || return
  __envd_held='' __envd_held_at=''
  # zsh reads $(<file) itself, in blocks and without a process; `read` would take it byte by byte.
  found=$(<"$1")
  # version, stamp, verdict, root, seal, venv, bin, label, state, notice, text, and nothing after the last NUL
  field=("${(@0)found}")
  [[ $#field == 12 && $field[1] == 1 && $field[4] == "$2" ]] || return
  venv=$field[6]
  if [[ -n $field[5] ]]; then
    [[ -d $venv/.envd-seal-$field[5] ]] || return
  elif [[ $field[3] == active || ( $field[3] == broken && -f $venv/pyvenv.cfg ) ]]; then
    return 1
  else
    [[ -e $venv || -L $venv ]] || return
  fi
  # Without its Python it would only hide the one that works: whoever is asked knows what ails it.
  [[ $field[3] != active || -e $field[7]/python ]] || return
  __envd_verdict=$field[3] __envd_root=$field[4] __envd_stamp=$field[2] __envd_new_venv=$venv __envd_new_bin=$field[7]
  __envd_new_label=$field[8] __envd_state=$field[9] __envd_notice=$field[10] __envd_text=$field[11]
  # An active one is good for the next time, for as long as its stamp leads to the Python of the environment it was given for.
  if [[ $__envd_verdict == active ]]; then
    __envd_held=$2 __envd_held_notice=$__envd_notice __envd_stamped=$1-$__envd_stamp
    [[ $2 == "${PWD-}" ]] && __envd_held_at=$PWD:${HOME-}
  fi
  return 0
}

# Have the daemon decide about the environment found, once; where it cannot, its own words are on stderr.
__envd_ask() {
  local dir=$__envd_root
  [[ $__envd_asked != "$dir" && -x $__envd_python ]] || return
  __envd_asked=$dir
  "$__envd_python" -I -m envd ask -- "$dir" </dev/null >/dev/null
  __envd_look
}

# ---- entering and leaving -------------------------------------------------------------------------------------------------

# Keep the value of variable $1 in the exported variable $2: x exported, s set only, absent when $1 was unset.
__envd_keep() {
  local kind=${(Pt)1}
  case $kind in
    '') \builtin unset "$2" ;;
    *export*) \builtin export "$2=x${(P)1}" ;;
    *) \builtin export "$2=s${(P)1}" ;;
  esac
}

# Give variable $1 the value kept in $2, exported or not as it was.
__envd_give_back() {
  local kept=${(P)2-}
  \builtin unset "$1" "$2"
  case $kept in
    x*) \builtin export "$1=${kept#x}" ;;
    s*) \builtin typeset -g "$1=${kept#s}" ;;
  esac
}

__envd_enter() {
  if (( ${+VIRTUAL_ENV} + ${+VIRTUAL_ENV_PROMPT} + ${+PYTHONHOME} )); then
    __envd_keep VIRTUAL_ENV __envd_old_venv
    __envd_keep VIRTUAL_ENV_PROMPT __envd_old_label
    __envd_keep PYTHONHOME __envd_old_home
  else
    \builtin unset __envd_old_venv __envd_old_label __envd_old_home
  fi
  \builtin export "__envd_venv=$__envd_new_venv" "__envd_bin=$__envd_new_bin" "__envd_label=$__envd_new_label"
  \builtin export "__envd_project=$__envd_root" "VIRTUAL_ENV=$__envd_new_venv" "VIRTUAL_ENV_PROMPT=$__envd_new_label"
  \builtin unset PYTHONHOME
  PATH=$__envd_bin${PATH:+:$PATH}
  \builtin hash -r
  if (( ! ${+functions[deactivate]} )); then
    # Stays off until the project is left and entered again.
    function deactivate { __envd_safely __envd_stay_off; }
  fi
}

__envd_stay_off() {
  \builtin export "__envd_off_in=${__envd_project-}"
  __envd_leave
  __envd_label_prompt
}

__envd_leave() {
  [[ -n ${__envd_venv-} ]] || return 0
  if [[ ${VIRTUAL_ENV-} == "$__envd_venv" ]] && __envd_is_on_top; then
    # This environment's activate was sourced on top of ours (editors type it): undo that first, its own way.
    \deactivate
  fi
  if [[ -n ${__envd_bin-} ]]; then
    __envd_path_without "$__envd_bin"
    # direnv may have saved a PATH with it; another occurrence is the user's.
    if [[ -n ${DIRENV_WATCHES-} && ":${PATH-}:" != *":$__envd_bin:"* ]]; then
      __envd_gone=(${__envd_gone:#$__envd_bin} $__envd_bin)
    fi
  fi
  if [[ -z ${VIRTUAL_ENV-} || $VIRTUAL_ENV == "$__envd_venv" ]]; then
    __envd_give_back VIRTUAL_ENV __envd_old_venv
  fi
  if [[ -z ${VIRTUAL_ENV_PROMPT-} || $VIRTUAL_ENV_PROMPT == "${__envd_label-}" ]]; then
    __envd_give_back VIRTUAL_ENV_PROMPT __envd_old_label
  fi
  (( ${+PYTHONHOME} )) || __envd_give_back PYTHONHOME __envd_old_home
  \builtin unset __envd_venv __envd_bin __envd_label __envd_project __envd_old_venv __envd_old_label __envd_old_home
  if [[ ${functions[deactivate]-} == *__envd_* ]]; then \builtin unset -f deactivate; fi
  \builtin hash -r
}

# Whether an activate script was sourced in this very shell: fish's leaves its variable to child shells, where `deactivate` is
# missing or ours, which is known by what it calls.
__envd_is_on_top() {
  [[ -n ${_OLD_VIRTUAL_PATH-} && -n ${functions[deactivate]-} && $functions[deactivate] != *__envd_* ]]
}

# Take the first occurrence of entry $1 out of PATH; empty entries and all others stay.
__envd_path_without() {
  local rest=":${PATH-}:" head=''
  head=${rest%%":$1:"*}
  [[ $head == "$rest" ]] && return
  rest="$head:${rest#*":$1:"}"
  rest=${rest#:}
  PATH=${rest%:}
}

# direnv writes back the PATH that it found. When it has been at work, take out what was left since, and put in what is in force and
# was not there then.
__envd_mend_path() {
  local bin=''
  __envd_watches=${DIRENV_WATCHES-}
  [[ ${(t)PATH}${(t)path} != *readonly* ]] || return 0
  for bin in ${__envd_gone:#"${VIRTUAL_ENV-}/bin"}; do
    while [[ ":${PATH-}:" == *":$bin:"* ]]; do __envd_path_without "$bin"; done
  done
  if [[ -n ${__envd_bin-} && ${VIRTUAL_ENV-} == "$__envd_venv" && ":${PATH-}:" != *":$__envd_bin:"* ]]; then
    PATH=$__envd_bin${PATH:+:$PATH}
  fi
  # With nothing loaded it has nothing to write back.
  [[ -n $__envd_watches ]] || __envd_gone=()
}

# ---- the prompt -----------------------------------------------------------------------------------------------------------

# Whether the label is where it belongs; themes set PROMPT anew, and psvar.
__envd_is_labelled() {
  [[ -o prompt_percent && ( -z $__envd_prompt || ( ${PROMPT-} == *"$__envd_reference"* && ${psvar[$__envd_slot]-} == "$__envd_prompt" ) ) ]]
}

# Hold the label, and a state that is worth a word, in an element of psvar, to which PROMPT refers once: zsh expands nothing in
# there, with promptsubst or without.
__envd_label_prompt() {
  local label=''
  if [[ -n ${__envd_venv-} && ${VIRTUAL_ENV-} == "$__envd_venv" && -z ${VIRTUAL_ENV_DISABLE_PROMPT-} && -n $__envd_percent &&
        -z ${(M)precmd_functions:#${~__envd_themes}} && ${LP_ENABLE_VIRTUALENV-0} != 1 &&
        "$POWERLEVEL9K_LEFT_PROMPT_ELEMENTS $POWERLEVEL9K_RIGHT_PROMPT_ELEMENTS" != *virtualenv* ]] && ! __envd_is_on_top; then
    case $__envd_state in
      syncing | failed | paused) label="(${__envd_label-} $__envd_state) " ;;
      *) label="(${__envd_label-}) " ;;
    esac
  fi
  __envd_prompt=$label
  [[ ${psvar[__envd_slot]-} == "$label" || ${(t)psvar} == *readonly* ]] || psvar[__envd_slot]=$label
  if [[ -z $__envd_percent ]]; then
    # Without promptpercent zsh would show the reference itself.
    [[ ${PROMPT-} != *"$__envd_reference"* ]] || __envd_unlabel_prompt
  elif [[ -n $label && ${+PROMPT} == 1 && $PROMPT != *"$__envd_reference"* && ${(t)PROMPT} != *readonly* ]]; then
    PROMPT=$__envd_reference$PROMPT
    # What dropped the reference may run behind __envd_last.
    __envd_install
  fi
}

__envd_unlabel_prompt() {
  PROMPT=${PROMPT%%"$__envd_reference"*}${PROMPT#*"$__envd_reference"}
}

# Say the newest notice once a shell: news to whoever is inside, and on the way in only what asks for attention.
__envd_notify() {
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
  if [[ -n $__envd_hearing ]]; then
    __envd_news=$2
  else
    \builtin print -r -u 2 -- "envd: $2"
  fi
}

# Take the newest notice for one that this shell has seen; what is new after it is said.
__envd_take_as_told() {
  [[ -n $__envd_answers ]] || return 0
  __envd_key=''
  __envd_look
  [[ -z $__envd_notice ]] || __envd_seen="$__envd_seen$__envd_notice "
}

# ---- news while a line is being typed -------------------------------------------------------------------------------------

# Ask the daemon for a FIFO: it puts one in the place of this file.
__envd_ask_for_bell() {
  [[ -d $__envd_shells && ! -e $__envd_shells/$$.fifo ]] && { \builtin : >|"$__envd_shells/$$.fifo"; } 2>/dev/null
}

# Have zle listen at the FIFO. It is there soon after it was asked for; with no daemon it never is: tried for a few prompts in each
# project.
__envd_listen() {
  local fifo=$__envd_shells/$$.fifo
  __envd_patience=${__envd_patience#?}
  [[ -z $__envd_bell && -p $fifo && -O $fifo ]] && \builtin zmodload -F zsh/system b:sysopen b:sysread 2>/dev/null || return
  \builtin sysopen -r -w -o cloexec -u __envd_bell "$fifo" 2>/dev/null && \builtin zle -F "$__envd_bell" __envd_on_news
  __envd_patience=''
}

# What zle runs when the daemon has written to the FIFO. reset-prompt expands PROMPT, which has to be under the user's options.
function __envd_on_news {
  __envd_safely __envd_hear "$@"
  if [[ -n $__envd_repaint ]]; then \builtin zle reset-prompt; fi
  # Between the line that is being typed and the same line again below, so the prompt has to be right by now.
  if [[ -n $__envd_news ]]; then
    \builtin zle -I
    \builtin print -r -u 2 -- "envd: $__envd_news"
  fi
}

# Read what is in the FIFO $1, or stop listening when there is something wrong with it ($2); then look what is new.
__envd_hear() {
  local byte='' before=$__envd_prompt
  __envd_news='' __envd_repaint=''
  if [[ -n ${2-} ]]; then
    \builtin zle -F "$1"
    return
  fi
  while \builtin sysread -i "$1" -t 0 byte; do :; done
  __envd_hearing=1
  __envd_update prompt
  __envd_hearing=''
  [[ $__envd_prompt == "$before" ]] || __envd_repaint=1
}

# ---- at each prompt and change of directory -------------------------------------------------------------------------------

# Tell the daemon where this shell is: it reads the last of the records when it likes.
__envd_register() {
  [[ $__envd_registered == "$1" ]] && return
  { \builtin print -rN -- "$1" >>|"$__envd_shells/$$"; } 2>/dev/null && __envd_registered=$1
  [[ -z $1 || -n $__envd_bell ]] || __envd_patience=+++
}

__envd_update() {
  local want='' where=outside speak='' types="${(t)PATH} ${(t)path} ${(t)VIRTUAL_ENV} ${(t)VIRTUAL_ENV_PROMPT} ${(t)PYTHONHOME}"
  __envd_key=''
  # Inert before the constants are there, and for anybody but the owner of the state (sudo with HOME kept).
  [[ -n $__envd_answers && ( ! -e $__envd_answers || -O $__envd_answers ) ]] || return 0
  # In a subshell nothing is to last, and in a function with a PATH of its own nothing would: the next prompt sees to that.
  [[ $ZSH_SUBSHELL == 0 && $types != *local* ]] || return 0
  [[ ${1-} == prompt ]] && __envd_loaded=1
  [[ ${DIRENV_WATCHES-} == "$__envd_watches" ]] || __envd_mend_path
  # Nothing is asked or said in a script, before the first prompt (powerlevel10k may be showing an instant one) or while a line is
  # being typed: the next prompt makes up for it.
  [[ -o interactive && -n $__envd_loaded && -z ${WIDGET-}${__p9k_instant_prompt_active-} ]] && speak=1
  if [[ -n ${VIRTUAL_ENV-} && $VIRTUAL_ENV != "${__envd_venv-}" ]]; then
    # Somebody activated another environment by hand: that one is left alone.
    __envd_register ''
    __envd_label_prompt
    return 0
  fi
  if [[ $types == *readonly* ]]; then
    # zsh drops all that is under way when such a variable is assigned to.
    [[ -z $speak ]] || __envd_say readonly 'PATH or a variable of Python is readonly in this shell: nothing is activated here'
    return 0
  fi
  if [[ -n ${__envd_venv-} && -z ${VIRTUAL_ENV-} ]]; then
    # Deactivated by another hand than ours.
    \builtin export "__envd_off_in=${__envd_project-}"
    __envd_leave
  fi
  if [[ -n $__envd_off${ENVD_DISABLE-} ]]; then
    __envd_verdict='' __envd_root='' __envd_notice=''
  else
    __envd_look
    # Only at a prompt: loops change directory, too.
    [[ $__envd_verdict == unknown && -n $speak && ${1-} == prompt ]] && __envd_ask
    [[ $__envd_verdict == unknown ]] || __envd_asked=''
  fi
  [[ $__envd_off_in == "$__envd_root" ]] || \builtin typeset -g +x __envd_off_in=''
  if [[ $__envd_verdict == active && -z $__envd_off_in ]]; then
    want=$__envd_new_venv
  fi
  if [[ ${__envd_venv-} != "$want" ]] || { [[ -n $want ]] && ! __envd_is_entered; }; then
    [[ -z ${__envd_venv-} ]] || __envd_leave
    if [[ -n $want ]]; then __envd_enter; fi
  elif [[ -n $want && $__envd_stamp != "$__envd_last_stamp" ]]; then
    \builtin hash -r
  fi
  __envd_last_stamp=$__envd_stamp
  if [[ $__envd_verdict == active || $__envd_verdict == broken ]]; then
    __envd_register "$__envd_root"
  else
    __envd_register ''
  fi
  if [[ -n $speak ]]; then
    [[ $__envd_root == "$__envd_last_root" ]] && where=inside
    __envd_last_root=$__envd_root
    [[ -n $__envd_notice ]] && __envd_notify "$where"
  fi
  [[ ${1-} == prompt ]] && __envd_here=1
  __envd_label_prompt
  if [[ -n $speak ]]; then
    [[ -z $__envd_patience ]] || __envd_listen
    __envd_settle
  fi
}

# Remember what must stay as it is for the next prompts to change nothing: variables in __envd_key, the answer that is held, and
# names that nothing may have meanwhile.
__envd_settle() {
  local dir=${${PWD-}%/} home=${HOME-} name=''
  home=${home%/} __envd_at_stake=/ __envd_watched='' __envd_probes=(-n '')
  [[ -n $__envd_percent && -n $__envd_here ]] || return 0
  if [[ -n $__envd_verdict ]]; then
    [[ $__envd_verdict == active && $__envd_held == "$__envd_root" ]] || return 0
    __envd_at_stake=$__envd_stamped
  fi
  while [[ $dir == /* && $dir != "$__envd_root" && $dir != "${home%/*}" ]]; do
    [[ $dir == "$home" && ${${PWD-}%/} != "$home" ]] && break
    __envd_probes+=(-o -e "$__envd_answers$dir/.envd-answer") __envd_watched=1
    for name in "${__envd_names[@]}"; do
      __envd_probes+=(-o -e "$dir/$name")
    done
    dir=${dir%/*}
  done
  \builtin test "${__envd_probes[@]}" && return
  # With nothing of theirs between the two, the first has seen what the last would look at.
  if [[ "$precmd_functions" == '__envd_hook __envd_last' && ${(t)precmd_functions} != *readonly* ]]; then
    precmd_functions=(__envd_hook)
  fi
  __envd_key="${PWD-}|${HOME-}|${VIRTUAL_ENV-}|${ENVD_DISABLE-}|${VIRTUAL_ENV_DISABLE_PROMPT-}|\
${_OLD_VIRTUAL_PATH-}|${#precmd_functions}"
}

# Whether what is in force is what the answer says; false until the first prompt, because rc files move PATH about.
__envd_is_entered() {
  [[ -n $__envd_here && ${__envd_bin-} == "$__envd_new_bin" && ${__envd_label-} == "$__envd_new_label" &&
     ${__envd_project-} == "$__envd_root" ]]
}

# Run "$@" with zsh's own options and none of the user's traps on errors and commands. Keeps $?; does not trace itself.
__envd_safely() {
  {
    local code=$? percent=''
    [[ -o err_exit || -o err_return ]] && code=0
    # The one option of the user's that matters, and emulate would set it.
    [[ -o prompt_percent ]] && percent=1
    \builtin emulate -LR zsh
    __envd_percent=$percent
    \builtin trap - DEBUG ZERR
  } 2>/dev/null
  "$@" || :
  return $code
}

# What precmd_functions runs first: the environment is in force before a theme looks at it.
__envd_hook() {
  # One test for nearly all of it: this is what every prompt waits for.
  if [[ "${PWD-}|${HOME-}|${VIRTUAL_ENV-}|${ENVD_DISABLE-}|${VIRTUAL_ENV_DISABLE_PROMPT-}|\
${_OLD_VIRTUAL_PATH-}|${#precmd_functions}" == "$__envd_key" && -o prompt_percent &&
        ( -z $__envd_prompt || ( ${PROMPT-} == *"$__envd_reference"* && ${psvar[$__envd_slot]-} == "$__envd_prompt" ) ) &&
        -e $__envd_at_stake ]] &&
     { [[ -z $__envd_watched ]] || ! \builtin test "${__envd_probes[@]}"; }
  then
    [[ -z $__envd_patience ]] || __envd_safely __envd_listen
    return
  fi
  __envd_safely __envd_update prompt
}

# What chpwd_functions runs first: `cd acme && pytest` runs in acme's environment.
__envd_chpwd() {
  __envd_safely __envd_update
}

# What preexec_functions runs, by choice: a command that was typed while packages are being synced waits for them. Ctrl-C goes on.
__envd_preexec() {
  [[ -z ${__envd_venv-} || ${1-} == envd || ${1-} == envd\ * ]] || __envd_safely __envd_wait_for_sync
}

__envd_wait_for_sync() {
  [[ -o interactive && -x $__envd_python ]] || return 0
  __envd_look
  if [[ $__envd_verdict == active && $__envd_state == syncing ]]; then
    "$__envd_python" -I -m envd wait -- "$__envd_root" </dev/null
    \builtin hash -r
  fi
}

# What precmd_functions runs last: a theme that builds PROMPT anew at each prompt has dropped the reference, and direnv may have
# written PATH.
__envd_last() {
  [[ ${DIRENV_WATCHES-} == "$__envd_watches" ]] || __envd_safely __envd_mend_path
  __envd_is_labelled || __envd_safely __envd_label_prompt
}

# ---- the command and loading ----------------------------------------------------------------------------------------------

# off, on and unhook change this very shell; all else is the program, found whatever stands first on PATH.
function envd {
  case ${1-} in
    off) __envd_safely __envd_switch 1 ;;
    on) __envd_safely __envd_switch '' ;;
    unhook) __envd_safely __envd_unhook ;;
    *)
      if [[ -x $__envd_python ]]; then
        local code=0
        ENVD_HOOK="zsh $__envd_mark $(__envd_order)" "$__envd_python" -I -m envd "$@" || code=$?
        # What these said themselves of the project here needs no notice at the next prompt.
        case "${1-} ${2-}" in
          'sync '* | 'init '* | 'undo '* | 'allow ' | 'allow -'*) __envd_safely __envd_take_as_told ;;
        esac
        return $code
      else
        \builtin print -r -u 2 -- "envd: $__envd_python is gone: install envd again, or: envd unhook"
        return 127
      fi
      ;;
  esac
}

# Where in the work of a prompt the hook stands, for `envd doctor`.
__envd_order() {
  case "${precmd_functions[*]-} " in
    '__envd_hook '*) \builtin print first ;;
    *__envd_hook*) \builtin print late ;;
    *) \builtin print gone ;;
  esac
}

__envd_switch() {
  # Exported, for scripts that are started meanwhile.
  \builtin typeset -g +x __envd_off='' __envd_off_in=''
  [[ -z $1 ]] || \builtin export "__envd_off=$1"
  __envd_update prompt
}

# Put the calls around what is there, in their places also when a theme was loaded since.
__envd_install() {
  [[ ${(t)precmd_functions-}${(t)chpwd_functions-} == *readonly* ]] && return
  \builtin typeset -ga precmd_functions chpwd_functions
  precmd_functions=(__envd_hook ${precmd_functions:#__envd_*} __envd_last)
  chpwd_functions=(__envd_chpwd ${chpwd_functions:#__envd_*})
  if [[ -n $__envd_wait && ${(t)preexec_functions-} != *readonly* ]]; then
    \builtin typeset -ga preexec_functions
    preexec_functions=(${preexec_functions:#__envd_*} __envd_preexec)
  fi
}

# Have a daemon started in the background where something was allowed and none runs, as after a reboot: once a shell, at load.
__envd_wake() {
  local pid='' program=''
  [[ -d ${__envd_answers:h}/trust && -x $__envd_python && -O $__envd_answers && -z ${ENVD_DISABLE-} ]] || return 0
  [[ ! -r ${__envd_shells:h}/pid ]] || pid=$(<"${__envd_shells:h}/pid")
  if [[ -n $pid && -r /proc/$pid/cmdline ]]; then
    # Since then the number may have gone to another program.
    program=$(<"/proc/$pid/cmdline")
    [[ ${program%%$'\0'*} != "$__envd_python" ]] || return 0
  elif [[ -n $pid && ! -d /proc/self ]]; then
    \builtin kill -0 $pid 2>/dev/null && return
  fi
  "$__envd_python" -I -m envd daemon start </dev/null >/dev/null 2>&1 &!
}

# Take envd out of this shell: hooks, prompt, functions and variables.
__envd_unhook() {
  __envd_leave
  __envd_register ''
  if [[ -n $__envd_bell ]]; then
    \builtin zle -F "$__envd_bell"
    \exec {__envd_bell}>&-
  fi
  psvar[__envd_slot]=()
  while [[ $#psvar != 0 && -z $psvar[-1] ]]; do psvar[-1]=(); done
  if [[ ${PROMPT-} == *"$__envd_reference"* ]]; then __envd_unlabel_prompt; fi
  precmd_functions=(${precmd_functions:#__envd_*})
  chpwd_functions=(${chpwd_functions:#__envd_*})
  [[ -z $__envd_wait ]] || preexec_functions=(${preexec_functions:#__envd_*})
  \builtin unset -m '__envd_*'
  \builtin unfunction -m '__envd_*' envd
}

__envd_load() {
  local name=''
  # Under all_export everything in this file was exported as it was set; only the record is meant to be.
  \builtin typeset -g +x -m '__envd_*'
  for name in __envd_{venv,bin,label,project,old_venv,old_label,old_home}; do
    (( ! ${(P)+name} )) || \builtin export "$name"
  done
  # An element of psvar that nobody has; kept when this file is sourced again.
  if [[ -z ${__envd_slot-} ]]; then
    __envd_slot=50
    while [[ -n ${psvar[__envd_slot]-} || ${PROMPT-}${RPROMPT-} == *"%${__envd_slot}v"* ]]; do
      __envd_slot=$(( __envd_slot + 1 ))
    done
  fi
  __envd_reference="%${__envd_slot}v"
  __envd_install
  [[ -o interactive ]] || return 0
  __envd_ask_for_bell
  # `uv run zsh` has put the bin of what is in force on PATH once more.
  if [[ -n ${UV_RUN_RECURSION_DEPTH-} && ":${PATH-}:" == *":${__envd_bin:-:}:${__envd_bin-}:"* && ${(t)PATH} != *readonly* ]]; then
    __envd_path_without "$__envd_bin"
  fi
  # This process may have been another shell that said where it was (exec keeps the number).
  if [[ -s $__envd_shells/$$ ]]; then __envd_registered='?'; fi
  # In force from here on, for the rest of the rc files; asking and news wait for the first prompt.
  __envd_update
  __envd_wake
}

__envd_seen=' ' __envd_asked='' __envd_off='' __envd_off_in='' __envd_here='' __envd_loaded='' __envd_percent=''
__envd_last_root='' __envd_last_stamp='' __envd_stamp='' __envd_registered='' __envd_notice='' __envd_text='' __envd_state=''
__envd_verdict='' __envd_root='' __envd_new_venv='' __envd_new_bin='' __envd_new_label='' __envd_key='' __envd_stamped=''
__envd_held='' __envd_held_at='' __envd_held_notice='' __envd_at_stake=/ __envd_watched=''
__envd_probes=() __envd_prompt='' __envd_bell='' __envd_patience='' __envd_hearing='' __envd_news='' __envd_repaint=''
__envd_gone=() __envd_watches=${DIRENV_WATCHES-}
# The themes that show the environment themselves, as they stand in precmd_functions.
__envd_themes='(_p9k_|prompt_pure_|prompt_starship_|starship_|_omp_|prompt_ohmyposh_)*'
__envd_safely __envd_load
