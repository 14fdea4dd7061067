# envd for fish (3.2 and later): puts the environment of the current directory in force, on entering it and at each prompt.
#
# The daemon publishes answers as files; this file looks them up with builtins and starts no process, but for one `envd ask`
# about an environment that has no answer yet. Nothing that comes from a project is evaluated, expanded or sourced.

# `envd setup` and `envd hook fish` write the values between these two lines.
# envd: constants
set -g __envd_answers ''
set -g __envd_shells ''
set -g __envd_python ''
set -g __envd_names '.venv' 'venv' 'env'
set -g __envd_wait ''
set -g __envd_mark ''
# envd: end of constants

# ---- looking up -----------------------------------------------------------------------------------------------------------

# Find the nearest answer or unanswered environment above $PWD; sets __envd_verdict (unknown: to be asked about) and the fields.
function __envd_look
    # Back in the project whose answer is held, and that is still the one that counts.
    if test "$PWD:$HOME" = "$__envd_held_at" -a -e "$__envd_stamped"
        # With no levels: those above are worked out when they are needed.
        set -gu __envd_climbed $__envd_held_at
        set -gu __envd_levels
        set -g __envd_verdict active
        set -g __envd_root $PWD
        set -g __envd_notice $__envd_held_notice
        return
    end
    set -g __envd_verdict ''
    set -g __envd_root ''
    __envd_climb
    set -q __envd_levels[1]; or return
    # Where there is nothing at all, which is nearly everywhere, this is the whole search.
    __envd_any_file $__envd_answers$__envd_levels/.envd-answer $__envd_levels/$__envd_names/pyvenv.cfg $__envd_levels/.venv; or return
    for dir in $__envd_levels
        # A missing file is tested for first: fish says so on stderr past every redirection.
        test -f $__envd_answers$dir/.envd-answer; and __envd_read $dir <$__envd_answers$dir/.envd-answer; and return
        __envd_any_file $dir/$__envd_names/pyvenv.cfg $dir/.venv; or continue
        for name in $__envd_names
            if test $name = .venv -a -f $dir/.venv
            else if not test -f $dir/$name/pyvenv.cfg
                continue
            else if not test -e $dir/$name/bin/python; and not test -L $dir/$name/bin/python
                continue
            end
            set -g __envd_verdict unknown
            set -g __envd_root $dir
            return
        end
    end
end

# Keep $PWD and the directories above it in __envd_levels, nearest first: worked out once a directory.
function __envd_climb
    test "$__envd_climbed" = "$PWD:$HOME"; and set -q __envd_levels[1]; and return
    set -gu __envd_climbed "$PWD:$HOME"
    set -gu __envd_levels
    set -l dir $PWD
    set -l home
    set -l above
    string match -rq '(?s)^(?<home>(?<above>.*)/[^/]+)/*\z' -- "$HOME"
    # Not above home, where an automounter may answer; home itself counts only for whoever stands in it.
    while not builtin contains -- "$dir" '' / "$above"
        test "$dir" = "$home" -a "$PWD" != "$home"; and return
        set -a __envd_levels $dir
        string match -rq '(?s)^(?<dir>.*)/[^/]*\z' -- "$dir"
    end
end

# Read one answer from stdin and hold it against what is there: fails when it was given for something else. An answer is known by
# its stamp: the one that was read last is not read again.
function __envd_read --argument-names dir
    read -lz format; and read -lz stamp; or return
    if test "$dir $stamp" != "$__envd_held"
        # Half an answer must not be taken for the one before it.
        set -g __envd_held ''
        set -g __envd_held_at ''
        read -lz verdict; and read -lz root; and read -gz __envd_seal
        and read -gz __envd_new_venv; and read -gz __envd_new_bin; and read -gz __envd_new_label
        and read -gz __envd_state; and read -gz __envd_held_notice; and read -gz __envd_text; or return
        test "$format" = 1; and test "$root" = "$dir"; or return
        set -g __envd_held_verdict $verdict
        set -g __envd_held "$dir $stamp"
        # While this leads to the Python of the environment it was given for, the answer is the one that counts.
        set -g __envd_stamped $__envd_answers$dir/.envd-answer-$stamp
    end
    set -l venv $__envd_new_venv
    # Without its Python it would only hide the one that works: whoever is asked knows what ails it.
    test "$__envd_held_verdict" != active; or test -e $__envd_new_bin/python; or return
    if test -n "$__envd_seal"
        test -d $venv/.envd-seal-$__envd_seal; or return
    else if test "$__envd_held_verdict" = active; or test "$__envd_held_verdict" = broken -a -f $venv/pyvenv.cfg
        return 1
    else
        test -e "$venv"; or test -L "$venv"; or return
    end
    set -g __envd_verdict $__envd_held_verdict
    set -g __envd_root $dir
    set -g __envd_notice $__envd_held_notice
    test "$__envd_held_verdict $dir" = "active $PWD"; and set -g __envd_held_at "$PWD:$HOME"
    return 0
end

# Have the daemon decide about the environment found, once; where it cannot, its own words are on stderr.
function __envd_ask
    test -x "$__envd_python"; and test "$__envd_asked" != "$__envd_root"; or return
    set -g __envd_asked $__envd_root
    command $__envd_python -I -m envd ask -- $__envd_root </dev/null >/dev/null
    __envd_look
end

# ---- entering and leaving -------------------------------------------------------------------------------------------------

# Keep the value of a variable in the exported variable `kept`: x exported, s set only, absent when it was unset.
function __envd_keep --argument-names name kept
    if set -qx $name
        set -gx $kept "x$$name"
    else if set -q $name
        set -gx $kept "s$$name"
    else
        set -eg $kept
    end
end

# Give a variable the value kept, exported or not as it was.
function __envd_give_back --argument-names name kept
    set -l kind
    set -l value
    string match -rq '(?s)^(?<kind>.)(?<value>.*)\z' -- "$$kept"
    set -eg $name
    set -eg $kept
    switch "$kind"
        case x
            set -gx $name $value
        case s
            set -gu $name $value
    end
end

function __envd_enter
    __envd_keep VIRTUAL_ENV __envd_old_venv
    __envd_keep VIRTUAL_ENV_PROMPT __envd_old_label
    __envd_keep PYTHONHOME __envd_old_home
    set -gx __envd_venv $__envd_new_venv
    set -gx __envd_bin $__envd_new_bin
    set -gx __envd_label $__envd_new_label
    set -gx __envd_project $__envd_root
    set -gx VIRTUAL_ENV $__envd_new_venv
    set -gx VIRTUAL_ENV_PROMPT $__envd_new_label
    set -eg PYTHONHOME
    set -gx PATH $__envd_new_bin $PATH
    if not builtin functions -q deactivate
        function deactivate --description 'envd: leave this venv until its project is left and entered again'
            set -gx __envd_off_in $__envd_project
            __envd_leave
        end
    end
end

function __envd_leave
    test -n "$__envd_venv"; or return 0
    # This environment's activate was sourced on top of ours (editors type it): undo that first, its own way.
    __envd_activated_on_top; and deactivate
    # By value, the first one: what else stands on PATH by now stays. fish itself turns empty entries into dots when it starts.
    set -l index 1
    test "$PATH[1]" = "$__envd_bin"; or set index (builtin contains -i -- $__envd_bin $PATH); and set -e PATH[$index]
    # direnv may have saved a PATH with it; another occurrence is the user's.
    if test -n "$DIRENV_WATCHES"; and not builtin contains -- $__envd_bin $PATH $__envd_gone
        set -ga __envd_gone $__envd_bin
    end
    builtin contains -- "$VIRTUAL_ENV" '' "$__envd_venv"; and __envd_give_back VIRTUAL_ENV __envd_old_venv
    builtin contains -- "$VIRTUAL_ENV_PROMPT" '' "$__envd_label"; and __envd_give_back VIRTUAL_ENV_PROMPT __envd_old_label
    set -q PYTHONHOME; or __envd_give_back PYTHONHOME __envd_old_home
    for name in venv bin label project old_venv old_label old_home
        set -eg __envd_$name
    end
    __envd_is_ours deactivate; and builtin functions -e deactivate
    return 0
end

# direnv writes back the PATH that it found. While it has something loaded, what it did at a prompt is looked at when it is done: of
# the handlers of an event the youngest runs last.
function __envd_on_direnv --on-variable DIRENV_WATCHES
    builtin functions -q __envd_on_prompt_last; and return
    function __envd_on_prompt_last --on-event fish_prompt
        test "$DIRENV_WATCHES" = "$__envd_watches"; or __envd_mend_path
        test -n "$DIRENV_WATCHES"; or builtin functions -e __envd_on_prompt_last
    end
end

# Take out of PATH what was left since, and put in what is in force and was not there yet.
function __envd_mend_path
    set -g __envd_watches $DIRENV_WATCHES
    for bin in $__envd_gone
        test "$bin" = "$VIRTUAL_ENV/bin"; and continue
        while set -l index (builtin contains -i -- $bin $PATH)
            set -e PATH[$index]
        end
    end
    if test -n "$__envd_bin" -a "$VIRTUAL_ENV" = "$__envd_venv"; and not builtin contains -- $__envd_bin $PATH
        set -gx PATH $__envd_bin $PATH
    end
    # With nothing loaded it has nothing to write back.
    test -n "$__envd_watches"; or set -g __envd_gone
end

# Whether a function is one that this file put under a name of the user's.
function __envd_is_ours --argument-names name
    set -l details (builtin functions --details --verbose $name)
    string match -q 'envd: *' -- $details
end

# Whether what is in force is ours and the user's own activate stands on it; an inherited _OLD_VIRTUAL_PATH alone says nothing.
function __envd_activated_on_top
    set -q _OLD_VIRTUAL_PATH; and test "$VIRTUAL_ENV" = "$__envd_venv"; and builtin functions -q deactivate
    and not __envd_is_ours deactivate
end

# ---- the prompt -----------------------------------------------------------------------------------------------------------

# Hold the label, and a state that is worth a word, in __envd_prompt; empty for prompts that show the environment themselves.
function __envd_label_prompt
    set -g __envd_prompt ''
    test -n "$__envd_venv"; and test "$VIRTUAL_ENV" = "$__envd_venv"; and test -z "$VIRTUAL_ENV_DISABLE_PROMPT"; or return 0
    if not builtin contains -- fish "$STARSHIP_SHELL" "$POSH_SHELL"; and not __envd_activated_on_top
        set -l word
        builtin contains -- "$__envd_state" syncing failed paused; and set word " $__envd_state"
        set -g __envd_prompt "($__envd_label$word) "
    end
    return 0
end

# Put the label before the user's prompt. fish_prompt is wrapped only while a prompt is on the screen or a program runs: whatever
# a command does with it (funced, funcsave, activate, a new theme) it does with the user's own function.
function __envd_wrap_prompt
    set -g __envd_bare ''
    test -n "$__envd_prompt"; or return
    builtin functions -q $__envd_below; and return
    builtin functions -q fish_prompt; or return
    set -l below $__envd_below
    builtin functions -c fish_prompt $below
    function fish_prompt --inherit-variable below --on-event __envd_probe --description 'envd: the label of the venv before the prompt'
        # The user's prompt finds $status and $pipestatus as they were: `switch` and `set` leave them alone, and `echo` says 0.
        switch "$argv$VIRTUAL_ENV_DISABLE_PROMPT|$__envd_drawn|$status|$pipestatus"
            case '||0|0' '|yes|0|0'
                set -g __envd_drawn "in $below"
                set -g __envd_shown $__envd_prompt
                builtin echo -n $__envd_prompt
                $below
            case '__envd_probe*'
                set -g __envd_wrapped yes
                return
            case '*'
                switch "$__envd_drawn"
                    case '' yes "in $below"
                        # The last is a prompt of ours that was interrupted.
                    case '*'
                        # One around the other: the outermost shows the label.
                        $below
                        return
                end
                # By lines, as fish itself takes them.
                set -g __envd_drawn "in $below"
                set -g __envd_shown $__envd_prompt
                set -l prompt ($below $argv)
                test -n "$VIRTUAL_ENV_DISABLE_PROMPT"; or set prompt[1] "$__envd_prompt$prompt[1]"
                builtin printf '%s\n' $prompt
        end
        set -g __envd_drawn yes
    end
end

function __envd_unwrap_prompt
    set -g __envd_bare yes
    builtin functions -q $__envd_below; or return
    # Whether it still is the one that was put there is told by itself: a function that replaces it, or is a copy, hears no event.
    set -g __envd_wrapped ''
    emit __envd_probe __envd_probe
    if test -n "$__envd_wrapped"
        builtin functions -e fish_prompt
        builtin functions -c $__envd_below fish_prompt
        builtin functions -e $__envd_below
    else if test -z "$__envd_drawn"
        # Another one took its place before it was ever shown.
        builtin functions -e $__envd_below
    else
        # Somebody has built on the wrapped prompt (VS Code does): it goes on needing what it calls. The next one gets a new name.
        set -g __envd_below $__envd_below'_'
    end
end

# Say the newest notice once a shell: news to whoever is inside, and on the way in only what asks for attention.
function __envd_notify --argument-names typing
    set -l before $__envd_last_root
    set -g __envd_last_root $__envd_root
    builtin contains -- "$__envd_verdict" '' unknown; and return
    builtin contains -- "$__envd_notice" '' $__envd_seen; and return
    set -ga __envd_seen $__envd_notice
    if test "$before" = "$__envd_root"; or test $__envd_verdict != active; or builtin contains -- $__envd_state failed paused
        # Below the line that is being typed, which fish then shows again.
        test "$typing" = typing; and builtin echo >&2
        builtin printf 'envd: %s\n' $__envd_text >&2
    end
end

# Take the newest notice for one that this shell has seen; what is new after it is said.
function __envd_take_as_told
    test -n "$__envd_answers"; or return
    __envd_unsettle
    __envd_look
    builtin contains -- "$__envd_verdict" '' unknown; or set -ga __envd_seen $__envd_notice
end

# The daemon sends SIGURG when there is news, which means nothing to whoever does not listen. While a command runs it can wait.
function __envd_on_news --on-signal URG
    test "$__envd_bare$__envd_running" = ''; or return
    if not string match -q 'in *' -- "$__envd_drawn"
        set -l seen "$__envd_seen"
        __envd_update
        __envd_notify typing
        __envd_settle
        __envd_wrap_prompt
        set -l shown $__envd_prompt
        builtin functions -q $__envd_below; and set shown "$__envd_shown"
        if test "$seen$shown" = "$__envd_seen$__envd_prompt"
            set -g __envd_tries
            return
        end
    end
    commandline -f repaint
    # In the midst of drawing a prompt fish hears of no other: it is looked at again, a few times for one label.
    test "$__envd_tries[1]" = "$__envd_prompt"; or set -g __envd_tries "$__envd_prompt"
    set -ga __envd_tries again
    test (count $__envd_tries) -gt 9; and return
    /bin/sh -c 'PATH=/usr/bin:/bin; sleep 0.2; kill -URG $1' sh $fish_pid &
    disown
end

# A command begins. A program on its own cannot see fish_prompt, which can stay as it is.
function __envd_on_command --on-event fish_preexec
    set -g __envd_running yes
    string match -rq '^(?<word>[\w./+-]+)( [\w./+=:@,%-]*)*$' -- "$argv[1]"
    and not builtin functions -q $word; and not builtin -q $word
    or __envd_unwrap_prompt
end

# By choice a command waits, when packages are being synced; Ctrl-C goes on.
function __envd_on_waiting --on-event fish_preexec
    if test -n "$__envd_venv" -a -x "$__envd_python"; and not string match -qr '^envd( |$)' -- "$argv[1]"
        __envd_look
        if test "$__envd_verdict" = active -a "$__envd_state" = syncing
            command $__envd_python -I -m envd wait -- $__envd_root </dev/null
        end
    end
end

# Tell the daemon where this shell is: it reads the last of the records when it likes.
function __envd_register --argument-names root
    test "$__envd_registered" = "$root"; and return
    set -l note $__envd_shells/$fish_pid
    # fish says past every redirection that a file cannot be opened.
    test -d "$__envd_shells"; and test -f $note -a -w $note; or test ! -e $note -a -w "$__envd_shells"; or return
    builtin printf '%s\0' $root >>$note
    and set -g __envd_registered $root
end

# Put in force what this directory asks for. With `ask`, as at a prompt, a process may start.
function __envd_update --argument-names ask
    # Inert before the constants are there, and for anybody but the owner of the state (sudo with HOME kept).
    test -n "$__envd_answers"; or return 0
    test -O $__envd_answers; or not test -e $__envd_answers; or return 0
    test "$DIRENV_WATCHES" = "$__envd_watches"; or __envd_mend_path
    if not builtin contains -- "$VIRTUAL_ENV" '' "$__envd_venv"
        # Activated by hand: left alone.
        set -g __envd_verdict ''
        __envd_register ''
        __envd_label_prompt
        return
    end
    if test -n "$__envd_venv" -a -z "$VIRTUAL_ENV"
        # Deactivated by another hand than ours.
        set -gx __envd_off_in $__envd_project
        __envd_leave
    end
    if test -n "$__envd_off$ENVD_DISABLE"
        set -g __envd_verdict ''
        set -g __envd_root ''
    else
        __envd_look
        test "$__envd_verdict" = unknown -a "$ask" = ask; and __envd_ask
        test "$__envd_verdict" = unknown; or set -g __envd_asked ''
    end
    test "$__envd_off_in" = "$__envd_root"; or set -gu __envd_off_in ''
    if test "$__envd_verdict" != active -o -n "$__envd_off_in"
        __envd_leave
    else if not __envd_is_entered
        __envd_leave
        __envd_enter
    end
    if builtin contains -- "$__envd_verdict" active broken
        __envd_register $__envd_root
    else
        __envd_register ''
    end
    __envd_label_prompt
end

# Whether what is in force is what the answer says; false in a shell that inherited it, or whose configuration may have moved PATH.
function __envd_is_entered
    test -n "$__envd_here"; and test "$__envd_venv" = "$__envd_new_venv"; and test "$__envd_bin" = "$__envd_new_bin"
    and test "$__envd_label" = "$__envd_new_label"; and test "$__envd_project" = "$__envd_root"
end

# `cd acme && pytest` finds acme's environment in force. Silent and without a process: functions and loops change directory too.
function __envd_on_directory --on-variable PWD
    status is-command-substitution; and return
    test "$__envd_climbed" = "$PWD:$HOME"; and return
    __envd_update
    # A key (prevd is on Alt-Left) goes and paints the prompt that is there anew.
    test -n "$__envd_bare"; or __envd_wrap_prompt
    # With nothing to ask or to say, the next prompt has nothing to do.
    if test -n "$__envd_here"; and builtin contains -- "$__envd_notice" '' $__envd_seen
        set -g __envd_last_root $__envd_root
        __envd_settle
    end
end

# The environment is in force before a theme looks at it. fish keeps $status and $pipestatus around a handler.
function __envd_on_prompt --on-event fish_prompt
    set -g __envd_running ''
    # One test for nearly all of it: this is what every prompt waits for.
    if test "$PWD|$HOME|$VIRTUAL_ENV|$ENVD_DISABLE|$VIRTUAL_ENV_DISABLE_PROMPT|$_OLD_VIRTUAL_PATH|$STARSHIP_SHELL|$POSH_SHELL|$__envd_drawn|$__envd_bare" = "$__envd_key" $__envd_at_stake
        set -g __envd_drawn ''
        return
    end
    if __envd_is_same
        set -g __envd_drawn ''
        test -z "$__envd_bare"; or __envd_wrap_prompt
        return
    end
    __envd_update ask
    __envd_notify
    set -g __envd_here 1
    __envd_settle
    # Not needed any more, or somebody put another prompt in its place.
    test -n "$__envd_drawn" -a -n "$__envd_prompt"; or __envd_unwrap_prompt
    set -g __envd_drawn ''
    __envd_wrap_prompt
end

# Remember what must stay as it is for the next prompt to change nothing: variables in __envd_key, further words of that test in
# __envd_at_stake, and names that nothing may have meanwhile in __envd_nearer.
function __envd_settle
    __envd_unsettle
    set -g __envd_nearer
    set -g __envd_at_stake
    builtin contains -- "$__envd_verdict" '' active; or return
    test "$__envd_climbed" = "$PWD:$HOME"; or return
    for dir in $__envd_levels
        test "$dir" = "$__envd_root"; and break
        set -a __envd_nearer $__envd_answers$dir/.envd-answer $dir/$__envd_names/pyvenv.cfg $dir/.venv
    end
    test -z "$__envd_verdict"
    or set __envd_at_stake -a -e $__envd_stamped
    set -l drawn
    test -z "$__envd_prompt"; or set drawn yes
    test -z "$__envd_bare"; or set -g __envd_drawn $drawn
    set -g __envd_settled "$PWD|$HOME|$VIRTUAL_ENV|$ENVD_DISABLE|$VIRTUAL_ENV_DISABLE_PROMPT|$_OLD_VIRTUAL_PATH|$STARSHIP_SHELL|$POSH_SHELL|$drawn"
    # With nothing to look for nearer and the prompt as it is to be, one test decides.
    set -q __envd_nearer[1]; or set __envd_key "$__envd_settled|"
end

# Have the next prompt look again.
function __envd_unsettle
    set -g __envd_key ''
    set -g __envd_settled ''
end

# Whether everything is as it was settled, and nothing has come nearer.
function __envd_is_same
    test "$PWD|$HOME|$VIRTUAL_ENV|$ENVD_DISABLE|$VIRTUAL_ENV_DISABLE_PROMPT|$_OLD_VIRTUAL_PATH|$STARSHIP_SHELL|$POSH_SHELL|$__envd_drawn" = "$__envd_settled" $__envd_at_stake; or return
    not set -q __envd_nearer[1]; or not __envd_any_file $__envd_nearer
end

# ---- the command and loading ----------------------------------------------------------------------------------------------

# off, on and unhook change this very shell; all else is the program, found whatever stands first on PATH.
function envd --description 'Keep the Python environment of the directory active and up to date'
    switch "$argv[1]"
        case off
            # Exported, for scripts that are started meanwhile.
            set -gx __envd_off 1
            __envd_unsettle
            __envd_update
        case on
            set -gu __envd_off ''
            set -gu __envd_off_in ''
            __envd_unsettle
            __envd_update
        case unhook
            __envd_unhook
        case '*'
            if test -x "$__envd_python"
                ENVD_HOOK="fish $__envd_mark first" command $__envd_python -I -m envd $argv
                set -l code $status
                # What these said themselves of the project here needs no notice at the next prompt.
                string match -qr '^((sync|init|undo)( |$)|allow( -|$))' -- "$argv[1..2]"; and __envd_take_as_told
                # fish goes on after what Ctrl-C ended within a function; a loop around it is to end as well.
                test $code = 130; and /bin/sh -c 'kill -INT $1' sh $fish_pid
                return $code
            else
                builtin printf 'envd: %s is gone: install envd again, or: envd unhook\n' "$__envd_python" >&2
                return 127
            end
    end
end

# Take envd out of this shell: handlers, prompt, functions and variables. A prompt that somebody built on keeps what it calls.
function __envd_unhook
    __envd_leave
    __envd_register ''
    __envd_unwrap_prompt
    for name in (builtin functions --all --names | string match '__envd_*' | string match -v '__envd_fish_prompt*')
        builtin functions -e $name
    end
    builtin functions -e envd
    for name in (set --names | string match '__envd_*')
        set -eg $name
    end
end

# Have a daemon started in the background where something was allowed and none runs, as after a reboot: once a shell, at load.
function __envd_wake
    set -l state (string replace -r '/[^/]*\z' '' -- $__envd_answers)
    set -l runtime (string replace -r '/[^/]*\z' '' -- $__envd_shells)
    test -d "$state/trust" -a -x "$__envd_python" -a -O "$__envd_answers" -a -z "$ENVD_DISABLE"; or return 0
    set -l pid
    set -l program
    test -r $runtime/pid; and read pid <$runtime/pid
    if test -n "$pid" -a -r /proc/$pid/cmdline
        # Since then the number may have gone to another program.
        read -z program </proc/$pid/cmdline
        test "$program" = "$__envd_python"; and return
    end
    command $__envd_python -I -m envd daemon start </dev/null >/dev/null 2>&1 &
    disown 2>/dev/null
end

# Whether one of the files exists: one builtin where fish has it (3.5).
if builtin contains path (builtin --names)
    function __envd_any_file
        builtin path filter -fq -- $argv
    end
else
    function __envd_any_file
        for file in $argv
            test -f $file; and return
        end
        return 1
    end
end

set -gu __envd_here ''
set -gu __envd_seen
set -gu __envd_off ''
set -gu __envd_off_in ''
set -gu __envd_asked ''
set -gu __envd_key ''
set -gu __envd_settled ''
set -gu __envd_bare yes
set -gu __envd_drawn ''
set -gu __envd_running ''
set -gu __envd_shown ''
set -gu __envd_tries
set -gu __envd_at_stake
set -gu __envd_held ''
set -gu __envd_held_at ''
set -gu __envd_prompt ''
set -gu __envd_climbed ''
set -gu __envd_gone
set -gu __envd_watches $DIRENV_WATCHES
set -gu __envd_last_root ''
set -gu __envd_registered ''
set -q __envd_below; or set -g __envd_below __envd_fish_prompt
test -n "$__envd_wait"; or builtin functions -e __envd_on_waiting
if status is-interactive
    # `uv run fish` has put the bin of what is in force on PATH once more.
    if test -n "$UV_RUN_RECURSION_DEPTH" -a -n "$__envd_bin" -a "$PATH[1..2]" = "$__envd_bin:$__envd_bin"
        set -e PATH[1]
    end
    # This process may have been another shell that said where it was (exec keeps the number).
    test -s "$__envd_shells/$fish_pid"; and set -g __envd_registered '?'
    test -d "$__envd_shells" -a -w "$__envd_shells"; and builtin printf '' >$__envd_shells/$fish_pid.signal
    # In force from here on, for the rest of the configuration; asking and news wait for the first prompt.
    __envd_update
    __envd_wake
end
