# envd's completions for fish 3.2 and later, made from its parser: envd completions fish

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
                case 'envd allow' 'envd deny' 'envd forget' 'envd init' 'envd status' 'envd why' 'envd sync' 'envd wait' 'envd undo' 'envd freeze' 'envd run' 'envd log' 'envd off' 'envd on' 'envd unhook' 'envd daemon' 'envd daemon run' 'envd daemon start' 'envd daemon stop' 'envd daemon restart' 'envd daemon status' 'envd setup' 'envd doctor' 'envd hook' 'envd completions' 'envd help'
                    set context "$context $word"
                case 'envd init --python' 'envd init --prompt' 'envd init -r' 'envd sync --group' 'envd sync --no-group' 'envd freeze -o' 'envd freeze --format' 'envd freeze --add' 'envd log -n'
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
complete -c envd -n "_envd_at 'envd' open" -a 'allow' -d 'allow the project here: activate its environment, keep its packages in sync'
complete -c envd -n "_envd_at 'envd' open" -a 'deny' -d 'deny the project here: leave it alone and do not mention it'
complete -c envd -n "_envd_at 'envd' open" -a 'forget' -d 'forget a project: as if it had never been allowed or denied'
complete -c envd -n "_envd_at 'envd' open" -a 'init' -d 'make the environment of the project here'
complete -c envd -n "_envd_at 'envd' open" -a 'status' -d 'show the environment, its packages and the daemon'
complete -c envd -n "_envd_at 'envd' open" -a 'why' -d 'say why things are as they are: which file decides, and why not another'
complete -c envd -n "_envd_at 'envd' open" -a 'sync' -d 'make the packages match the manifest now'
complete -c envd -n "_envd_at 'envd' open" -a 'wait' -d 'wait for the sync that runs or is due for the project here'
complete -c envd -n "_envd_at 'envd' open" -a 'undo' -d 'bring back the environment as it was before a sync'
complete -c envd -n "_envd_at 'envd' open" -a 'freeze' -d 'write down what is installed, or put a package into the manifest'
complete -c envd -n "_envd_at 'envd' open" -a 'run' -d 'run a command in the environment of the project here'
complete -c envd -n "_envd_at 'envd' open" -a 'log' -d 'show what syncs ran and what they printed'
complete -c envd -n "_envd_at 'envd' open" -a 'off' -d 'switch envd off in this shell'
complete -c envd -n "_envd_at 'envd' open" -a 'on' -d 'switch envd on again in this shell'
complete -c envd -n "_envd_at 'envd' open" -a 'unhook' -d 'take envd out of this shell'
complete -c envd -n "_envd_at 'envd' open" -a 'daemon' -d 'run, start, stop or look at the background process'
complete -c envd -n "_envd_at 'envd' open" -a 'setup' -d 'connect envd to your shells, or remove it'
complete -c envd -n "_envd_at 'envd' open" -a 'doctor' -d 'look for what keeps envd from working here, and say how to mend it'
complete -c envd -n "_envd_at 'envd' open" -a 'hook' -d 'print the hook of a shell'
complete -c envd -n "_envd_at 'envd' open" -a 'completions' -d 'print the completions of a shell'
complete -c envd -n "_envd_at 'envd' open" -a 'help' -d 'show help for a command'
complete -c envd -n "_envd_at 'envd'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd'" -l version -d 'show the version and exit'
complete -c envd -n "_envd_at 'envd allow' open" -f -a '(__fish_complete_directories)' -d 'the project, or its environment (default: the project here)'
complete -c envd -n "_envd_at 'envd allow'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd allow'" -l build -d 'let it run code while packages are installed: for sources, repositories, local and editable projects'
complete -c envd -n "_envd_at 'envd allow'" -l index -d 'let it take packages from the indexes, links and hosts that its manifests name'
complete -c envd -n "_envd_at 'envd allow'" -l local -d 'let it use wheels that are files, and manifests and projects outside its directory'
complete -c envd -n "_envd_at 'envd deny' open" -f -a '(__fish_complete_directories)' -d 'the project (default: the project here)'
complete -c envd -n "_envd_at 'envd deny'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd forget' open" -f -a '(__fish_complete_directories)' -d 'the project, which may be gone (default: the project here)'
complete -c envd -n "_envd_at 'envd forget'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd init' open" -f -a '(__fish_complete_directories)' -d 'the project (default: the current directory)'
complete -c envd -n "_envd_at 'envd init'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd init'" -l python -r -f -d 'a version (3.12) or the path of an interpreter'
complete -c envd -n "_envd_at 'envd init'" -l system-site-packages -d 'let the environment see the base Python\'s packages'
complete -c envd -n "_envd_at 'envd init'" -l prompt -r -f -d 'what the prompt shows instead of the project\'s name'
complete -c envd -n "_envd_at 'envd init'" -s r -r -F -d 'install this requirements file too; may be repeated'
complete -c envd -n "_envd_at 'envd init'" -l clear -d 'make an existing environment anew'
complete -c envd -n "_envd_at 'envd status' open" -f -a '(__fish_complete_directories)' -d 'the project (default: the project here)'
complete -c envd -n "_envd_at 'envd status'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd status'" -l json -d 'write JSON'
complete -c envd -n "_envd_at 'envd status'" -l short -d 'write one line a project'
complete -c envd -n "_envd_at 'envd status'" -l all -d 'show every project that was allowed or denied'
complete -c envd -n "_envd_at 'envd status'" -l check -d 'exit 4 when not allowed, 5 when out of sync, 6 when broken'
complete -c envd -n "_envd_at 'envd why' open" -f -a '(__fish_complete_directories)' -d 'the project (default: the project here)'
complete -c envd -n "_envd_at 'envd why'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd why'" -l json -d 'write JSON'
complete -c envd -n "_envd_at 'envd sync' open" -f -a '(__fish_complete_directories)' -d 'the project (default: the project here)'
complete -c envd -n "_envd_at 'envd sync'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd sync'" -l dry-run -d 'show what would change, and change nothing'
complete -c envd -n "_envd_at 'envd sync'" -l check -d 'change nothing; exit 5 when out of sync'
complete -c envd -n "_envd_at 'envd sync'" -l exact -d 'remove what no manifest asks for, after showing it'
complete -c envd -n "_envd_at 'envd sync'" -l mend -d 'install damaged packages anew'
complete -c envd -n "_envd_at 'envd sync'" -l wait -d 'wait until programs that run from the environment have ended'
complete -c envd -n "_envd_at 'envd sync'" -l yes -d 'do not ask before --exact removes something'
complete -c envd -n "_envd_at 'envd sync'" -s q -l quiet -d 'say nothing but what went wrong'
complete -c envd -n "_envd_at 'envd sync'" -l json -d 'write JSON'
complete -c envd -n "_envd_at 'envd sync'" -l group -r -f -d 'sync this group too, from now on: a requirements file, an extra, a dependency group; may be repeated'
complete -c envd -n "_envd_at 'envd sync'" -l no-group -r -f -d 'do not sync this group any more; may be repeated'
complete -c envd -n "_envd_at 'envd wait' open" -f -a '(__fish_complete_directories)' -d 'the project (default: the one here)'
complete -c envd -n "_envd_at 'envd wait'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd undo' open" -f -d 'which sync, as envd log numbers them'
complete -c envd -n "_envd_at 'envd undo'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd freeze' open" -f -a '(__fish_complete_directories)' -d 'the project (default: the project here)'
complete -c envd -n "_envd_at 'envd freeze'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd freeze'" -s o -r -F -d 'write to this file (default, and -: standard output)'
complete -c envd -n "_envd_at 'envd freeze'" -l only-direct -d 'leave out what is only there because another package needs it'
complete -c envd -n "_envd_at 'envd freeze'" -l hashes -d 'with the hashes that the index has'
complete -c envd -n "_envd_at 'envd freeze'" -l format -r -f -d 'requirements, or pylock for pylock.toml (PEP 751), which has hashes (default: what the name of FILE says)'
complete -c envd -n "_envd_at 'envd freeze'" -l add -r -f -d 'put this installed package into the manifest instead; may be repeated'
complete -c envd -n "_envd_at 'envd run'" -f -a '(__fish_complete_subcommand --fcs-skip=2)' -d 'the command and its arguments'
complete -c envd -n "_envd_at 'envd run' open" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd log' open" -f -a '(__fish_complete_directories)' -d 'the project (default: the project here)'
complete -c envd -n "_envd_at 'envd log'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd log'" -s n -r -f -d 'how many syncs to show (default: 5)'
complete -c envd -n "_envd_at 'envd log'" -l json -d 'write JSON'
complete -c envd -n "_envd_at 'envd off'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd on'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd unhook'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd daemon' open" -a 'run' -d 'be the daemon, in the foreground'
complete -c envd -n "_envd_at 'envd daemon' open" -a 'start' -d 'start it in the background'
complete -c envd -n "_envd_at 'envd daemon' open" -a 'stop' -d 'let it finish what it does and end it'
complete -c envd -n "_envd_at 'envd daemon' open" -a 'restart' -d 'stop and start'
complete -c envd -n "_envd_at 'envd daemon' open" -a 'status' -d 'say whether it runs and what it watches'
complete -c envd -n "_envd_at 'envd daemon'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd daemon run'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd daemon start'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd daemon stop'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd daemon restart'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd daemon status'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd setup'" -f -a 'bash zsh fish pwsh' -d 'bash, zsh, fish or pwsh (default: those that are here)'
complete -c envd -n "_envd_at 'envd setup'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd setup'" -l yes -d 'do not ask'
complete -c envd -n "_envd_at 'envd setup'" -l dry-run -d 'show what would change, and change nothing'
complete -c envd -n "_envd_at 'envd setup'" -l print -d 'print the lines to put into the rc files by hand'
complete -c envd -n "_envd_at 'envd setup'" -l scripts -l no-scripts -d 'in force for scripts, tasks of editors and agents too, by what bash, zsh and fish read without a prompt (default: as it was set up before)'
complete -c envd -n "_envd_at 'envd setup'" -l remove -d 'take envd out of the shells and remove all that it keeps'
complete -c envd -n "_envd_at 'envd doctor'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd doctor'" -l json -d 'write JSON'
complete -c envd -n "_envd_at 'envd hook' open" -f -a 'bash zsh fish pwsh' -d 'bash, zsh, fish or pwsh'
complete -c envd -n "_envd_at 'envd hook'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd completions' open" -f -a 'bash zsh fish pwsh' -d 'bash, zsh, fish or pwsh'
complete -c envd -n "_envd_at 'envd completions'" -s h -l help -d 'show this help message and exit'
complete -c envd -n "_envd_at 'envd help' open" -f -a 'allow deny forget init status why sync wait undo freeze run log off on unhook daemon setup doctor hook completions help' -d 'the command'
complete -c envd -n "_envd_at 'envd help'" -s h -l help -d 'show this help message and exit'
