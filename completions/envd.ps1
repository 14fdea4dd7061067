# envd's completions for PowerShell 7.2 and later, made from its parser: envd completions pwsh

Microsoft.PowerShell.Core\Register-ArgumentCompleter -Native -CommandName envd -ScriptBlock {
    param($word, $line, $cursor)

    Microsoft.PowerShell.Core\Set-StrictMode -Off
    $ErrorActionPreference = 'Continue'

    # What may follow: after which words, the word itself (none: an argument), what it takes, and what it is for.
    $rows = @(
        , @('envd', 'allow', '', 'allow the project here: activate its environment, keep its packages in sync')
        , @('envd', 'deny', '', 'deny the project here: leave it alone and do not mention it')
        , @('envd', 'forget', '', 'forget a project: as if it had never been allowed or denied')
        , @('envd', 'init', '', 'make the environment of the project here')
        , @('envd', 'status', '', 'show the environment, its packages and the daemon')
        , @('envd', 'why', '', 'say why things are as they are: which file decides, and why not another')
        , @('envd', 'sync', '', 'make the packages match the manifest now')
        , @('envd', 'wait', '', 'wait for the sync that runs or is due for the project here')
        , @('envd', 'undo', '', 'bring back the environment as it was before a sync')
        , @('envd', 'freeze', '', 'write down what is installed, or put a package into the manifest')
        , @('envd', 'run', '', 'run a command in the environment of the project here')
        , @('envd', 'log', '', 'show what syncs ran and what they printed')
        , @('envd', 'off', '', 'switch envd off in this shell')
        , @('envd', 'on', '', 'switch envd on again in this shell')
        , @('envd', 'unhook', '', 'take envd out of this shell')
        , @('envd', 'daemon', '', 'run, start, stop or look at the background process')
        , @('envd', 'setup', '', 'connect envd to your shells, or remove it')
        , @('envd', 'doctor', '', 'look for what keeps envd from working here, and say how to mend it')
        , @('envd', 'hook', '', 'print the hook of a shell')
        , @('envd', 'completions', '', 'print the completions of a shell')
        , @('envd', 'help', '', 'show help for a command')
        , @('envd', '-h', '', 'show this help message and exit')
        , @('envd', '--help', '', 'show this help message and exit')
        , @('envd', '--version', '', 'show the version and exit')
        , @('envd allow', '', 'DIR', 'the project, or its environment (default: the project here)')
        , @('envd allow', '-h', '', 'show this help message and exit')
        , @('envd allow', '--help', '', 'show this help message and exit')
        , @('envd allow', '--build', '', 'let it run code while packages are installed: for sources, repositories, local and editable projects')
        , @('envd allow', '--index', '', 'let it take packages from the indexes, links and hosts that its manifests name')
        , @('envd allow', '--local', '', 'let it use wheels that are files, and manifests and projects outside its directory')
        , @('envd deny', '', 'DIR', 'the project (default: the project here)')
        , @('envd deny', '-h', '', 'show this help message and exit')
        , @('envd deny', '--help', '', 'show this help message and exit')
        , @('envd forget', '', 'DIR', 'the project, which may be gone (default: the project here)')
        , @('envd forget', '-h', '', 'show this help message and exit')
        , @('envd forget', '--help', '', 'show this help message and exit')
        , @('envd init', '', 'DIR', 'the project (default: the current directory)')
        , @('envd init', '-h', '', 'show this help message and exit')
        , @('envd init', '--help', '', 'show this help message and exit')
        , @('envd init', '--python', 'NOTHING', 'a version (3.12) or the path of an interpreter')
        , @('envd init', '--system-site-packages', '', 'let the environment see the base Python''s packages')
        , @('envd init', '--prompt', 'NOTHING', 'what the prompt shows instead of the project''s name')
        , @('envd init', '-r', 'FILE', 'install this requirements file too; may be repeated')
        , @('envd init', '--clear', '', 'make an existing environment anew')
        , @('envd status', '', 'DIR', 'the project (default: the project here)')
        , @('envd status', '-h', '', 'show this help message and exit')
        , @('envd status', '--help', '', 'show this help message and exit')
        , @('envd status', '--json', '', 'write JSON')
        , @('envd status', '--short', '', 'write one line a project')
        , @('envd status', '--all', '', 'show every project that was allowed or denied')
        , @('envd status', '--check', '', 'exit 4 when not allowed, 5 when out of sync, 6 when broken')
        , @('envd why', '', 'DIR', 'the project (default: the project here)')
        , @('envd why', '-h', '', 'show this help message and exit')
        , @('envd why', '--help', '', 'show this help message and exit')
        , @('envd why', '--json', '', 'write JSON')
        , @('envd sync', '', 'DIR', 'the project (default: the project here)')
        , @('envd sync', '-h', '', 'show this help message and exit')
        , @('envd sync', '--help', '', 'show this help message and exit')
        , @('envd sync', '--dry-run', '', 'show what would change, and change nothing')
        , @('envd sync', '--check', '', 'change nothing; exit 5 when out of sync')
        , @('envd sync', '--exact', '', 'remove what no manifest asks for, after showing it')
        , @('envd sync', '--mend', '', 'install damaged packages anew')
        , @('envd sync', '--wait', '', 'wait until programs that run from the environment have ended')
        , @('envd sync', '--yes', '', 'do not ask before --exact removes something')
        , @('envd sync', '-q', '', 'say nothing but what went wrong')
        , @('envd sync', '--quiet', '', 'say nothing but what went wrong')
        , @('envd sync', '--json', '', 'write JSON')
        , @('envd sync', '--group', 'NOTHING', 'sync this group too, from now on: a requirements file, an extra, a dependency group; may be repeated')
        , @('envd sync', '--no-group', 'NOTHING', 'do not sync this group any more; may be repeated')
        , @('envd wait', '', 'DIR', 'the project (default: the one here)')
        , @('envd wait', '-h', '', 'show this help message and exit')
        , @('envd wait', '--help', '', 'show this help message and exit')
        , @('envd undo', '', 'NOTHING', 'which sync, as envd log numbers them')
        , @('envd undo', '-h', '', 'show this help message and exit')
        , @('envd undo', '--help', '', 'show this help message and exit')
        , @('envd freeze', '', 'DIR', 'the project (default: the project here)')
        , @('envd freeze', '-h', '', 'show this help message and exit')
        , @('envd freeze', '--help', '', 'show this help message and exit')
        , @('envd freeze', '-o', 'FILE', 'write to this file (default, and -: standard output)')
        , @('envd freeze', '--only-direct', '', 'leave out what is only there because another package needs it')
        , @('envd freeze', '--hashes', '', 'with the hashes that the index has')
        , @('envd freeze', '--format', 'NOTHING', 'requirements, or pylock for pylock.toml (PEP 751), which has hashes (default: what the name of FILE says)')
        , @('envd freeze', '--add', 'NOTHING', 'put this installed package into the manifest instead; may be repeated')
        , @('envd run', '', 'CMD*', 'the command and its arguments')
        , @('envd run', '-h', '', 'show this help message and exit')
        , @('envd run', '--help', '', 'show this help message and exit')
        , @('envd log', '', 'DIR', 'the project (default: the project here)')
        , @('envd log', '-h', '', 'show this help message and exit')
        , @('envd log', '--help', '', 'show this help message and exit')
        , @('envd log', '-n', 'NOTHING', 'how many syncs to show (default: 5)')
        , @('envd log', '--json', '', 'write JSON')
        , @('envd off', '-h', '', 'show this help message and exit')
        , @('envd off', '--help', '', 'show this help message and exit')
        , @('envd on', '-h', '', 'show this help message and exit')
        , @('envd on', '--help', '', 'show this help message and exit')
        , @('envd unhook', '-h', '', 'show this help message and exit')
        , @('envd unhook', '--help', '', 'show this help message and exit')
        , @('envd daemon', 'run', '', 'be the daemon, in the foreground')
        , @('envd daemon', 'start', '', 'start it in the background')
        , @('envd daemon', 'stop', '', 'let it finish what it does and end it')
        , @('envd daemon', 'restart', '', 'stop and start')
        , @('envd daemon', 'status', '', 'say whether it runs and what it watches')
        , @('envd daemon', '-h', '', 'show this help message and exit')
        , @('envd daemon', '--help', '', 'show this help message and exit')
        , @('envd daemon run', '-h', '', 'show this help message and exit')
        , @('envd daemon run', '--help', '', 'show this help message and exit')
        , @('envd daemon start', '-h', '', 'show this help message and exit')
        , @('envd daemon start', '--help', '', 'show this help message and exit')
        , @('envd daemon stop', '-h', '', 'show this help message and exit')
        , @('envd daemon stop', '--help', '', 'show this help message and exit')
        , @('envd daemon restart', '-h', '', 'show this help message and exit')
        , @('envd daemon restart', '--help', '', 'show this help message and exit')
        , @('envd daemon status', '-h', '', 'show this help message and exit')
        , @('envd daemon status', '--help', '', 'show this help message and exit')
        , @('envd setup', '', 'SHELL*', 'bash, zsh, fish or pwsh (default: those that are here)')
        , @('envd setup', '-h', '', 'show this help message and exit')
        , @('envd setup', '--help', '', 'show this help message and exit')
        , @('envd setup', '--yes', '', 'do not ask')
        , @('envd setup', '--dry-run', '', 'show what would change, and change nothing')
        , @('envd setup', '--print', '', 'print the lines to put into the rc files by hand')
        , @('envd setup', '--scripts', '', 'in force for scripts, tasks of editors and agents too, by what bash, zsh and fish read without a prompt (default: as it was set up before)')
        , @('envd setup', '--no-scripts', '', 'in force for scripts, tasks of editors and agents too, by what bash, zsh and fish read without a prompt (default: as it was set up before)')
        , @('envd setup', '--remove', '', 'take envd out of the shells and remove all that it keeps')
        , @('envd doctor', '-h', '', 'show this help message and exit')
        , @('envd doctor', '--help', '', 'show this help message and exit')
        , @('envd doctor', '--json', '', 'write JSON')
        , @('envd hook', '', 'SHELL', 'bash, zsh, fish or pwsh')
        , @('envd hook', '-h', '', 'show this help message and exit')
        , @('envd hook', '--help', '', 'show this help message and exit')
        , @('envd completions', '', 'SHELL', 'bash, zsh, fish or pwsh')
        , @('envd completions', '-h', '', 'show this help message and exit')
        , @('envd completions', '--help', '', 'show this help message and exit')
        , @('envd help', '', 'COMMAND', 'the command')
        , @('envd help', '-h', '', 'show this help message and exit')
        , @('envd help', '--help', '', 'show this help message and exit')
    )
    $known = @{
        SHELL = @('bash', 'zsh', 'fish', 'pwsh')
        COMMAND = @('allow', 'deny', 'forget', 'init', 'status', 'why', 'sync', 'wait', 'undo', 'freeze', 'run', 'log', 'off', 'on', 'unhook', 'daemon', 'setup', 'doctor', 'hook', 'completions', 'help')
    }

    $same = [StringComparison]::Ordinal
    $context = 'envd'
    $taken = $null
    $only = $false
    $given = $false
    for ($i = 1; $i -lt $line.CommandElements.Count; $i++) {
        $element = $line.CommandElements[$i]
        if ($element.Extent.EndOffset -ge $cursor) { break }
        $text = $element.Extent.Text
        if ($null -ne $taken) { $taken = $null; continue }
        if ($only) { $given = $true; continue }
        if ([string]::Equals($text, '--', $same)) { $only = $true; continue }
        $found = $null
        foreach ($row in $rows) {
            if ($row[1].Length -gt 0 -and [string]::Equals($row[0], $context, $same) -and [string]::Equals($row[1], $text, $same)) {
                $found = $row
            }
        }
        if ($text.StartsWith([char]'-')) {
            if ($null -ne $found -and $found[2].Length -gt 0) { $taken = $found[2] }
        } elseif ($null -ne $found -and -not $given) {
            $context = "$context $text"
        } else {
            $given = $true
            foreach ($row in $rows) {
                # From its first word on a command line has options of its own.
                if ([string]::Equals($row[0], $context, $same) -and [string]::Equals($row[2], 'CMD*', $same)) { $only = $true }
            }
        }
    }

    $kinds = [System.Collections.Generic.List[string]]::new()
    $folded = [StringComparison]::OrdinalIgnoreCase
    $typed = "$word"
    $dashed = -not $only -and $typed.StartsWith([char]'-')
    if ($null -ne $taken) {
        $kinds.Add($taken)
    } else {
        foreach ($row in $rows) {
            if (-not [string]::Equals($row[0], $context, $same)) { continue }
            if ($row[1].Length -eq 0) {
                if (-not $dashed -and (-not $given -or $row[2].EndsWith([char]'*'))) { $kinds.Add($row[2].TrimEnd([char]'*')) }
                continue
            }
            $fits = $dashed -or (-not $given -and -not $row[1].StartsWith([char]'-'))
            if ($fits -and $row[1].StartsWith($typed, $folded)) {
                $type = if ($dashed) { 'ParameterName' } else { 'ParameterValue' }
                [System.Management.Automation.CompletionResult]::new($row[1], $row[1], $type, $row[3])
            }
        }
    }
    foreach ($kind in $kinds) {
        if ($known.ContainsKey($kind)) {
            foreach ($name in $known[$kind]) {
                if ($name.StartsWith($typed, $folded)) {
                    [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $name)
                }
            }
        } elseif ([string]::Equals($kind, 'DIR', $same)) {
            foreach ($file in [System.Management.Automation.CompletionCompleters]::CompleteFilename($typed)) {
                if ($file.ResultType -eq [System.Management.Automation.CompletionResultType]::ProviderContainer) { $file }
            }
        } elseif ([string]::Equals($kind, 'CMD', $same) -and -not $given) {
            [System.Management.Automation.CompletionCompleters]::CompleteCommand($typed)
        }
        # For a file, and where nothing is given back, PowerShell completes the names of files.
    }
}
