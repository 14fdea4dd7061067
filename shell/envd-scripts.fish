# envd for what fish (3.2 and later) runs without a prompt, by way of conf.d: scripts, tasks of editors, commands of agents. The
# environment of the directory in which they start is in force for them. Builtins alone, not a word, and no function stays.

# `envd setup --scripts` writes the values between these two lines.
# envd: constants
set -g __envd_answers ''
set -g __envd_shells ''
set -g __envd_python ''
set -g __envd_names '.venv' 'venv' 'env'
# envd: end of constants

# Whether the answer on stdin is an active one for a directory and the environment that is there; its fields are then in `field`.
function __envd_script_read --no-scope-shadowing
    set field
    while read -lz part
        set -a field $part
    end
    test (count $field) -eq 11; and test "$field[1]" = 1 -a "$field[3]" = active -a "$field[4]" = "$dir"
    and test -d $field[6]/.envd-seal-$field[5] -a -e $field[7]/python
end

# Keep the value of a variable in the exported variable `kept`, as the hook does: x exported, s set only, absent when it was unset.
function __envd_script_keep --argument-names name kept
    set -eg $kept
    if set -qx $name
        set -gx $kept "x$$name"
    else if set -q $name
        set -gx $kept "s$$name"
    end
end

function __envd_script_enter
    test "$__envd_venv" = "$argv[6]"; and builtin contains -- "$argv[7]" $PATH; and return
    if test -n "$__envd_venv"
        # That of another project was in force where this was started.
        set -l index (builtin contains -i -- "$__envd_bin" $PATH); and set -e PATH[$index]
    else
        __envd_script_keep VIRTUAL_ENV __envd_old_venv
        __envd_script_keep VIRTUAL_ENV_PROMPT __envd_old_label
        __envd_script_keep PYTHONHOME __envd_old_home
    end
    set -gx __envd_venv $argv[6]
    set -gx __envd_bin $argv[7]
    set -gx __envd_label $argv[8]
    set -gx __envd_project $argv[4]
    set -gx VIRTUAL_ENV $argv[6]
    set -gx VIRTUAL_ENV_PROMPT $argv[8]
    set -eg PYTHONHOME
    set -gx PATH $argv[7] $PATH
end

function __envd_script
    # Not for anybody but the owner of the state (sudo with HOME kept), and not against anybody's hand.
    test -n "$__envd_answers"; and test -O $__envd_answers; and test -z "$ENVD_DISABLE$__envd_off"; or return
    test -z "$VIRTUAL_ENV" -o "$VIRTUAL_ENV" = "$__envd_venv"; or return
    set -l field
    set -l dir $PWD
    set -l home
    set -l above
    string match -rq '(?s)^(?<home>(?<above>.*)/[^/]+)/*\z' -- "$HOME"
    # Not above home, where an automounter may answer; home itself counts only for whoever stands in it.
    while not builtin contains -- "$dir" '' / "$above"
        test "$dir" = "$home" -a "$PWD" != "$home"; and return
        if test -f $__envd_answers$dir/.envd-answer; and __envd_script_read <$__envd_answers$dir/.envd-answer
            test "$__envd_off_in" = "$dir"; or __envd_script_enter $field
            return
        end
        # What lies above an environment that is not answered for is none of its business.
        for name in $__envd_names
            test -f $dir/$name/pyvenv.cfg; and return
            test $name = .venv -a -f $dir/.venv; and return
        end
        string match -rq '(?s)^(?<dir>.*)/[^/]*\z' -- "$dir"
    end
end

status is-interactive; or __envd_script
set -eg __envd_answers
set -eg __envd_shells
set -eg __envd_python
set -eg __envd_names
builtin functions -e __envd_script __envd_script_read __envd_script_keep __envd_script_enter
