# envd for PowerShell (7.2 and later): puts the environment of the current directory in force, on entering it and at each prompt.
#
# The daemon publishes answers as files; this file looks them up with .NET and starts no process, but for one `envd ask`
# about an environment that has no answer yet. Nothing that comes from a project is evaluated, expanded or sourced.
#
# Strings are compared with [object]::Equals and searched for a [char]: -eq, switch, StartsWith and the like ignore case or follow
# the culture. State is one constant table, which `Remove-Variable *` leaves alone; no other global is made but functions.

& {
    # `envd setup` and `envd hook pwsh` write the values between these two lines.
    # envd: constants
    $__envd_answers = ''
    $__envd_shells = ''
    $__envd_python = ''
    $__envd_names = @('.venv', 'venv', 'env')
    $__envd_mark = ''
    # envd: end of constants

    $PSDefaultParameterValues = @{}
    if ($null -eq $ExecutionContext.SessionState.PSVariable.Get('global:__envd')) {
        Microsoft.PowerShell.Utility\Set-Variable __envd @{} -Option Constant -Scope Global -WhatIf:$false -Confirm:$false
    }
    $envd = $global:__envd
    # Loaded a second time, it goes on where it was.
    if (-not $envd.ContainsKey('seen')) {
        $envd.seen = [Collections.Generic.HashSet[string]]::new()
        foreach ($key in 'asked', 'off_in', 'last_root', 'registered', 'prompt', 'said', 'drawn') { $envd[$key] = '' }
        foreach ($key in 'verdict', 'root', 'file', 'new_venv', 'new_bin', 'new_label', 'state', 'notice', 'text') { $envd[$key] = '' }
        foreach ($key in 'may_act', 'off', 'here', 'idle', 'written', 'action', 'deactivate', 'outermost', 'through', 'theirs', 'drawing') { $envd[$key] = $null }
        # What was off in the shell around this one is not off here.
        $env:__envd_off = $null
        $env:__envd_off_in = $null
    }
    if (-not $envd.ContainsKey('gone')) { $envd.gone = [Collections.Generic.HashSet[string]]::new() }
    $envd.watches = "$env:DIRENV_WATCHES"
    $envd.answers, $envd.shells, $envd.python, $envd.names = $__envd_answers, $__envd_shells, $__envd_python, $__envd_names
    $envd.sign = $__envd_mark
    $envd.slash = [IO.Path]::DirectorySeparatorChar
    # Home is asked of the environment, as in the other shells: $HOME is what it was when PowerShell started.
    $envd.home, $envd.interpreter = 'HOME', 'bin/python'
    if ($IsWindows) { $envd.home, $envd.interpreter = 'USERPROFILE', 'Scripts/python.exe' }
}

# ---- looking up -----------------------------------------------------------------------------------------------------------

# Find the nearest answer or unanswered environment above the directory; sets verdict (unknown: to be asked about) and the fields.
function global:__envd_look {
    $envd = $global:__envd
    $envd.verdict = $envd.root = $envd.file = ''
    # $PWD may be in the registry or in Env:; the shell still stands in a directory.
    $here = $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath
    $drive = [IO.Path]::GetPathRoot($here).TrimEnd([char]$envd.slash)
    $tree = __envd_tree $drive
    $here = $here.TrimEnd([char]$envd.slash)
    $own = "$([Environment]::GetEnvironmentVariable($envd.home))".TrimEnd([char]$envd.slash)
    $above = $own.Substring(0, [Math]::Max(0, $own.LastIndexOf([char]$envd.slash)))
    $dir = $here
    while ($dir.Length -gt $drive.Length) {
        # Not above home, where an automounter may answer; home itself counts only for whoever stands in it.
        if ([object]::Equals($dir, $above)) { return }
        if ([object]::Equals($dir, $own) -and -not [object]::Equals($here, $own)) { return }
        $file = $tree + $dir.Substring($drive.Length) + '/.envd-answer'
        if ([IO.File]::Exists($file) -and (__envd_read $file $dir)) { return }
        foreach ($name in $envd.names) {
            $venv = "$dir/$name"
            $found = if ([IO.File]::Exists("$venv/pyvenv.cfg")) {
                [IO.File]::Exists("$venv/$($envd.interpreter)") -and (__envd_is_file "$venv/pyvenv.cfg")
            } else { [object]::Equals($name, '.venv') -and (__envd_is_file $venv) }
            if ($found) { $envd.verdict = 'unknown'; $envd.root = $dir; return }
        }
        $dir = $dir.Substring(0, $dir.LastIndexOf([char]$envd.slash))
    }
}

# Where the answers for a drive begin: that for C:\a\b is C/a/b/.envd-answer. There is one tree where there are no drives.
function global:__envd_tree($drive) {
    if ($drive.Length -eq 0) { return $global:__envd.answers }
    return $global:__envd.answers + '/' + $drive.Replace(':', '').TrimStart([char]'\')
}

# Whether a path leads to a file: Exists is true also of a link that leads nowhere, and a circle of links throws.
function global:__envd_is_file($path) {
    if (-not [IO.File]::Exists($path)) { return $false }
    try { $end = [IO.File]::ResolveLinkTarget($path, $true) }
    catch { __envd_forget; return $false }
    return ($null -eq $end) -or $end.Exists
}

# Read one answer and hold it against what is there: false when it was given for something else.
function global:__envd_read($file, $dir) {
    $envd = $global:__envd
    try {
        $written = [IO.File]::GetLastWriteTimeUtc($file)
        $fields = [IO.File]::ReadAllText($file).Split([char]0)
        if ($fields.Count -lt 12) { return $false }
        $version, $stamp, $verdict, $root, $seal, $venv, $rest = $fields
        if (-not [object]::Equals($version, '1') -or -not [object]::Equals($root, $dir)) { return $false }
        # Without its Python it would only hide the one that works: whoever is asked knows what ails it.
        if ([object]::Equals($verdict, 'active') -and -not (__envd_is_file "$venv/$($envd.interpreter)")) { return $false }
        if ($seal.Length -gt 0) { if (-not [IO.Directory]::Exists("$venv/.envd-seal-$seal")) { return $false } }
        elseif ([object]::Equals($verdict, 'active')) { return $false }
        elseif ([object]::Equals($verdict, 'broken') -and (__envd_is_file "$venv/pyvenv.cfg")) { return $false }
        elseif (-not [IO.File]::Exists($venv) -and -not [IO.Directory]::Exists($venv)) { return $false }
    } catch { __envd_forget; return $false }
    $envd.file, $envd.written = $file, $written
    $envd.verdict, $envd.root, $envd.new_venv = $verdict, $root, $venv
    $envd.new_bin, $envd.new_label, $envd.state, $envd.notice, $envd.text, $rest = $rest
    return $true
}

# Have the daemon decide about the environment found, once; where it cannot, its own words are on stderr.
function global:__envd_ask {
    $envd = $global:__envd
    if ([object]::Equals($envd.asked, $envd.root) -or -not [IO.File]::Exists($envd.python)) { return }
    $envd.asked = $envd.root
    try {
        # Not `&`: within a prompt that swallows stderr, it sets $LASTEXITCODE, and 7.2 takes a name with a quote in it apart.
        $start = [Diagnostics.ProcessStartInfo]::new($envd.python)
        foreach ($argument in '-I', '-m', 'envd', 'ask', '--', $envd.root) { $start.ArgumentList.Add($argument) }
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
        $process = [Diagnostics.Process]::Start($start)
        $process.StandardInput.Close()
        $process.WaitForExit()
        $process.Dispose()
    } catch { __envd_forget }
    __envd_look
}

# ---- entering and leaving -------------------------------------------------------------------------------------------------

# Keep the value of a variable in the variable $kept: x and the value, absent when it was unset.
function global:__envd_keep($name, $kept) {
    $value = [Environment]::GetEnvironmentVariable($name)
    if ($null -eq $value) { [Environment]::SetEnvironmentVariable($kept, [NullString]::Value) }
    else { [Environment]::SetEnvironmentVariable($kept, "x$value") }
}

# Give a variable the value kept. What was set in another kind of shell without being exported (s) has no place here.
function global:__envd_give_back($name, $kept) {
    $value = "$([Environment]::GetEnvironmentVariable($kept))"
    [Environment]::SetEnvironmentVariable($kept, [NullString]::Value)
    if ($value.StartsWith([char]'x')) { [Environment]::SetEnvironmentVariable($name, $value.Substring(1)) }
    else { [Environment]::SetEnvironmentVariable($name, [NullString]::Value) }
}

function global:__envd_enter {
    $envd = $global:__envd
    __envd_keep VIRTUAL_ENV __envd_old_venv
    __envd_keep VIRTUAL_ENV_PROMPT __envd_old_label
    __envd_keep PYTHONHOME __envd_old_home
    $env:__envd_venv = $envd.new_venv
    $env:__envd_bin = $envd.new_bin
    $env:__envd_label = $envd.new_label
    $env:__envd_project = $envd.root
    $env:VIRTUAL_ENV = $envd.new_venv
    $env:VIRTUAL_ENV_PROMPT = $envd.new_label
    $env:PYTHONHOME = $null
    if ($env:PATH) { $env:PATH = $envd.new_bin + [IO.Path]::PathSeparator + $env:PATH }
    else { $env:PATH = $envd.new_bin }
    if (($null -eq $function:deactivate) -and ($null -eq $alias:deactivate)) {
        function global:deactivate { __envd_safely __envd_deactivate }
        $envd.deactivate = $function:deactivate
    }
}

function global:__envd_leave {
    if (-not $env:__envd_venv) { return }
    if (__envd_activated_on_top) {
        # Editors type it: undo that first, its own way.
        try { $null = & $function:deactivate } catch { __envd_forget }
    }
    __envd_path_without $env:__envd_bin
    # direnv may have saved a PATH with it; another occurrence is the user's.
    if ($env:DIRENV_WATCHES -and -not (__envd_is_on_path $env:__envd_bin)) { $null = $global:__envd.gone.Add("$env:__envd_bin") }
    if (-not $env:VIRTUAL_ENV -or [object]::Equals($env:VIRTUAL_ENV, $env:__envd_venv)) {
        __envd_give_back VIRTUAL_ENV __envd_old_venv
    }
    if (-not $env:VIRTUAL_ENV_PROMPT -or [object]::Equals($env:VIRTUAL_ENV_PROMPT, $env:__envd_label)) {
        __envd_give_back VIRTUAL_ENV_PROMPT __envd_old_label
    }
    if ($null -eq $env:PYTHONHOME) { __envd_give_back PYTHONHOME __envd_old_home }
    foreach ($name in 'venv', 'bin', 'label', 'project', 'old_venv', 'old_label', 'old_home') {
        [Environment]::SetEnvironmentVariable("__envd_$name", [NullString]::Value)
    }
    # Removed by its bare name: with `global:` before it PowerShell finds the function and then removes nothing.
    if (__envd_is_ours) { $function:deactivate = $null }
}

# Take the first occurrence of an entry out of PATH; empty entries and all others stay.
function global:__envd_path_without($bin) {
    $entries = [Collections.Generic.List[string]]::new([string[]]"$env:PATH".Split([IO.Path]::PathSeparator))
    if ($bin -and $entries.Remove($bin)) { $env:PATH = $entries -join [IO.Path]::PathSeparator }
}

# Whether an entry stands on PATH.
function global:__envd_is_on_path($bin) {
    foreach ($entry in "$env:PATH".Split([IO.Path]::PathSeparator)) { if ([object]::Equals($entry, $bin)) { return $true } }
    return $false
}

# direnv writes back the PATH that it found. When it has been at work, take out what was left since, and put in what is in force and
# was not there then.
function global:__envd_mend_path {
    $envd = $global:__envd
    $envd.watches = "$env:DIRENV_WATCHES"
    foreach ($bin in $envd.gone) {
        if ([object]::Equals($bin, "$env:VIRTUAL_ENV/bin")) { continue }
        while (__envd_is_on_path $bin) { __envd_path_without $bin }
    }
    if ($env:__envd_bin -and [object]::Equals($env:VIRTUAL_ENV, $env:__envd_venv) -and -not (__envd_is_on_path $env:__envd_bin)) {
        $env:PATH = $env:__envd_bin + [IO.Path]::PathSeparator + $env:PATH
    }
    # With nothing loaded it has nothing to write back.
    if ($envd.watches.Length -eq 0) { $envd.gone.Clear() }
}

# Whether the function `deactivate` is the one that entering defined.
function global:__envd_is_ours {
    return ($null -ne $function:deactivate) -and [object]::ReferenceEquals($function:deactivate, $global:__envd.deactivate)
}

# Whether what is in force is ours with its own activate sourced on top of it: venv's keeps the old PATH in the environment,
# virtualenv's in a variable of PowerShell. What was only inherited has no `deactivate` here.
function global:__envd_activated_on_top {
    if (-not [object]::Equals($env:VIRTUAL_ENV, $env:__envd_venv)) { return $false }
    $old = $env:_OLD_VIRTUAL_PATH
    if ($null -eq $old) { $old = $ExecutionContext.SessionState.PSVariable.GetValue('global:_OLD_VIRTUAL_PATH') }
    return ($null -ne $old) -and ($null -ne $function:deactivate) -and -not (__envd_is_ours)
}

# Stays off until the project is left and entered again.
function global:__envd_deactivate {
    $global:__envd.off_in = $env:__envd_off_in = "$env:__envd_project"
    __envd_leave
    __envd_label_prompt
}

# ---- the prompt -----------------------------------------------------------------------------------------------------------

# Hold the label, and a state that is worth a word, in the table; empty for prompts that show the environment themselves.
function global:__envd_label_prompt {
    $envd = $global:__envd
    $envd.prompt = ''
    if (-not $env:__envd_venv -or -not [object]::Equals($env:VIRTUAL_ENV, $env:__envd_venv)) { return }
    if ($env:VIRTUAL_ENV_DISABLE_PROMPT -or (__envd_activated_on_top)) { return }
    # Themes that show the environment themselves say in which shell: it may be the one around this.
    foreach ($shell in 'powershell', 'pwsh') {
        if ([object]::Equals($env:STARSHIP_SHELL, $shell) -or [object]::Equals($env:POSH_SHELL, $shell)) { return }
    }
    # An oh-my-posh of before does not say it.
    if (-not $env:POSH_SHELL -and "$env:POSH_SHELL_VERSION$env:POSH_THEME") { return }
    $word = ''
    foreach ($state in 'syncing', 'failed', 'paused') { if ([object]::Equals($envd.state, $state)) { $word = " $state" } }
    $envd.prompt = "($env:__envd_label$word) "
}

# Put ours around the user's prompt, again when that was defined anew, but not around one that leads to ours (VS Code's, or one that
# was put back). Each is a closure of its own: a prompt built around an older one goes on calling it, and of several around each
# other the outermost acts.
function global:__envd_wrap_prompt {
    $envd = $global:__envd
    $theirs = ${function:global:prompt}
    if ($null -eq $theirs) { $theirs = [scriptblock]::Create('') }
    elseif ([object]::ReferenceEquals($theirs, $envd.outermost) -or [object]::ReferenceEquals($theirs, $envd.through)) { return }
    $envd.theirs = $null
    try {
        ${function:global:prompt} = {
            $ok = $?
            $label = ''
            $acts = $envd.ContainsKey('seen') -and -not $envd['drawing']
            if ($acts) { $envd['drawing'] = $true }
            try {
                if ($acts) {
                    $envd['through'] = ${function:global:prompt}
                    $null = __envd_hook
                    $label = $envd['prompt']
                }
                # Theirs finds $? as it was; $LASTEXITCODE nothing here has touched.
                if (-not $ok) { Microsoft.PowerShell.Utility\Write-Error envd -ErrorAction Ignore }
                $shown = @(& $theirs)
            } finally { if ($acts) { $envd['drawing'] = $false } }
            if ($label) {
                if ($shown.Count -eq 0) { $shown = @('') }
                $first = "$($shown[0])"
                # What PowerShell shows for a prompt that gives nothing.
                if ($first.Length -eq 0) { $first = 'PS>' }
                $shown[0] = $label + $first
            }
            if ($acts) { $envd['drawn'] = if ($shown.Count -eq 1) { "$($shown[0])" } else { '' } }
            $shown
        }.GetNewClosure()
        $envd.theirs = $theirs
    } catch { __envd_forget }
    # A read-only prompt is what it was, and left alone from now on.
    $envd.outermost = ${function:global:prompt}
}

# Say the newest notice once a shell: news to whoever is inside, and on the way in only what asks for attention.
function global:__envd_notify($inside) {
    $envd = $global:__envd
    if (-not $envd.notice -or -not $envd.seen.Add($envd.notice)) { return }
    if ($inside -or -not [object]::Equals($envd.verdict, 'active') -or
        [object]::Equals($envd.state, 'failed') -or [object]::Equals($envd.state, 'paused')) {
        $envd.said = "envd: $($envd.text)"
        [Console]::Error.WriteLine($envd.said)
    }
}

# Take the newest notice for one that this shell has seen; what is new after it is said.
function global:__envd_take_as_told {
    $envd = $global:__envd
    if (-not $envd.may_act) { return }
    __envd_look
    if ($envd.verdict -and -not [object]::Equals($envd.verdict, 'unknown') -and $envd.notice) { $null = $envd.seen.Add($envd.notice) }
}

# What PowerShell runs while nothing is typed: a new answer is shown without Enter, by a prompt, which does all the rest.
function global:__envd_on_idle {
    $envd = $global:__envd
    # Without PSReadLine nobody is there to paint a prompt anew.
    if (-not $envd.here -or $envd.file.Length -eq 0 -or ($null -eq $function:PSConsoleHostReadLine)) { return }
    $written = [IO.File]::GetLastWriteTimeUtc($envd.file)
    if ([object]::Equals($written, $envd.written)) { return }
    $envd.written = $written
    $envd.said = $envd.drawn = ''
    $top = [Console]::CursorTop
    [Microsoft.PowerShell.PSConsoleReadLine]::InvokePrompt()
    # After that .NET does not know where the cursor is, and asks a terminal that PSReadLine holds while it waits for a key: nothing
    # more would happen without one (PSReadLine #1092). Where that is plain to see, .NET is told; Windows asks nobody.
    if ($IsWindows -or -not [object]::ReferenceEquals(${function:global:prompt}, $envd.outermost)) { return }
    $width = [Console]::WindowWidth
    if (-not [regex]::IsMatch($envd.drawn + $envd.said, '\A[ -~]+\z')) { return }
    # What theirs writes by itself is not in what it gives.
    if ([regex]::IsMatch("$($envd.theirs)", '(?i)write-|out-|console')) { return }
    if (-not ($width -gt $envd.drawn.Length)) { return }
    if ($envd.said) { $top += 1 + [Math]::Floor(($envd.said.Length - 1) / $width) }
    [Console]::SetCursorPosition($envd.drawn.Length, [Math]::Min($top, [Console]::WindowHeight - 1))
}

# Tell the daemon where this shell is: it reads the last of the records when it likes.
function global:__envd_register($root) {
    $envd = $global:__envd
    if ([object]::Equals($envd.registered, $root) -or -not [IO.Directory]::Exists($envd.shells)) { return }
    try {
        [IO.File]::AppendAllText("$($envd.shells)/$PID", "$root`0")
        $envd.registered = $root
    } catch { __envd_forget }
}

# Put in force what this directory asks for. At a prompt it may also ask and say something: scripts and loops change directory too.
function global:__envd_update($prompt) {
    $envd = $global:__envd
    if (-not $envd.may_act) { return }
    if (-not [object]::Equals("$env:DIRENV_WATCHES", $envd.watches)) { __envd_mend_path }
    if ($env:VIRTUAL_ENV -and -not [object]::Equals($env:VIRTUAL_ENV, $env:__envd_venv)) {
        # Activated by hand: left alone.
        __envd_register ''; __envd_label_prompt; return
    }
    if ($env:__envd_venv -and -not $env:VIRTUAL_ENV) {
        # Deactivated by another hand than ours.
        $envd.off_in = $env:__envd_off_in = "$env:__envd_project"
        __envd_leave
    }
    if ($envd.off -or $env:ENVD_DISABLE) { $envd.verdict = $envd.root = $envd.file = '' }
    else {
        __envd_look
        if ($prompt -and [object]::Equals($envd.verdict, 'unknown')) { __envd_ask }
        if (-not [object]::Equals($envd.verdict, 'unknown')) { $envd.asked = '' }
    }
    if ($envd.off_in -and -not [object]::Equals($envd.off_in, $envd.root)) { $envd.off_in = ''; $env:__envd_off_in = $null }
    $active = [object]::Equals($envd.verdict, 'active')
    if (-not $active -or $envd.off_in) { __envd_leave }
    elseif (-not (__envd_is_entered)) { __envd_leave; __envd_enter }
    if ($active -or [object]::Equals($envd.verdict, 'broken')) { __envd_register $envd.root }
    else { __envd_register '' }
    if ($prompt) {
        $inside = [object]::Equals($envd.root, $envd.last_root)
        $envd.last_root = $envd.root
        if ($envd.verdict -and -not [object]::Equals($envd.verdict, 'unknown')) { __envd_notify $inside }
        $envd.here = $true
    }
    __envd_label_prompt
}

# Whether what is in force is what the answer says; false until the first prompt, because profiles move PATH about.
function global:__envd_is_entered {
    $envd = $global:__envd
    return $envd.here -and [object]::Equals($env:__envd_venv, $envd.new_venv) -and
        [object]::Equals($env:__envd_bin, $envd.new_bin) -and [object]::Equals("$env:__envd_label", $envd.new_label) -and
        [object]::Equals($env:__envd_project, $envd.root)
}

# Run a step under preferences of its own, for scripts with any change directory; what fails here fails without a word.
function global:__envd_safely($step, $how) {
    $PSDefaultParameterValues = @{}
    $ErrorActionPreference = 'Continue'; $WhatIfPreference = $false; $ConfirmPreference = 'None'
    Microsoft.PowerShell.Core\Set-StrictMode -Off
    try { $null = & $step $how } catch { __envd_forget }
}

# An exception is in $Error also when it was caught.
function global:__envd_forget { if ($global:Error.Count -gt 0) { $global:Error.RemoveAt(0) } }

# What the prompt runs first: the environment is in force before the user's own looks at it.
function global:__envd_hook { __envd_safely __envd_update prompt }

# `cd acme && pytest` finds acme's environment in force; and it is the first chance to see that the prompt was defined anew.
function global:__envd_on_directory { __envd_safely __envd_update; __envd_safely __envd_wrap_prompt }

# ---- the command and loading ----------------------------------------------------------------------------------------------

# off, on and unhook change this very shell; all else is the program, found whatever stands first on PATH.
function global:envd {
    $envd = $global:__envd
    $python = $envd.python
    $verb = ''
    if ($args.Count -gt 0) { $verb = $args[0] }
    $global:LASTEXITCODE = 0
    # In the environment as well, for scripts of other shells that are started meanwhile.
    if ([object]::Equals($verb, 'off')) { $envd.off = $true; $env:__envd_off = '1'; __envd_hook }
    elseif ([object]::Equals($verb, 'on')) {
        $envd.off = $false
        $envd.off_in = ''
        $env:__envd_off = $null
        $env:__envd_off_in = $null
        __envd_hook
    }
    elseif ([object]::Equals($verb, 'unhook')) { __envd_safely __envd_unhook }
    elseif (-not [IO.File]::Exists($python)) {
        [Console]::Error.WriteLine("envd: $python is gone: install envd again, or: envd unhook")
        $global:LASTEXITCODE = 127
    } else {
        $order = 'gone'
        $action = $ExecutionContext.SessionState.InvokeCommand.LocationChangedAction
        if ([object]::ReferenceEquals(${function:global:prompt}, $envd.outermost)) { $order = 'first' }
        elseif ($null -ne $action) {
            # A prompt that was built around ours goes on calling it.
            foreach ($one in $action.GetInvocationList()) { if ([object]::Equals($one, $envd.action)) { $order = 'first' } }
        }
        $env:ENVD_HOOK = "pwsh $($envd.sign) $order"
        try {
            if ($MyInvocation.ExpectingInput) { $input | & $python -I -m envd @args } else { & $python -I -m envd @args }
        } finally {
            $env:ENVD_HOOK = $null
            # What these said themselves of the project here needs no notice at the next prompt.
            $told = [object]::Equals($verb, 'allow') -and ($args.Count -eq 1 -or "$($args[1])".StartsWith([char]'-'))
            foreach ($one in 'sync', 'init', 'undo') { if ([object]::Equals($verb, $one)) { $told = $true } }
            if ($told) { __envd_safely __envd_take_as_told }
        }
    }
}

# Have a daemon started in the background where something was allowed and none runs, as after a reboot: once a shell, at load.
function global:__envd_wake {
    $envd = $global:__envd
    if (-not $envd.may_act -or $env:ENVD_DISABLE -or -not [IO.File]::Exists($envd.python)) { return }
    if (-not [IO.Directory]::Exists([IO.Path]::GetDirectoryName($envd.answers) + '/trust')) { return }
    $file = [IO.Path]::GetDirectoryName($envd.shells) + '/pid'
    if ([IO.File]::Exists($file)) {
        $number = [IO.File]::ReadAllText($file).Trim()
        if ([IO.File]::Exists("/proc/$number/cmdline")) {
            # Since then the number may have gone to another program.
            $program = [IO.File]::ReadAllText("/proc/$number/cmdline").Split([char]0)[0]
            if ([object]::Equals($program, $envd.python)) { return }
        } elseif (-not [IO.Directory]::Exists('/proc/self')) {
            try { $null = [Diagnostics.Process]::GetProcessById([int]$number); return } catch { __envd_forget }
        }
    }
    $start = [Diagnostics.ProcessStartInfo]::new($envd.python)
    foreach ($argument in '-I', '-m', 'envd', 'daemon', 'start') { $start.ArgumentList.Add($argument) }
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
}

# Take envd out of this shell: prompt, action and functions. Of the table, which nothing can remove, the empty shell stays.
function global:__envd_unhook {
    $envd = $global:__envd
    __envd_leave
    __envd_register ''
    $commands = $ExecutionContext.SessionState.InvokeCommand
    $commands.LocationChangedAction = [Delegate]::Remove($commands.LocationChangedAction, $envd.action)
    foreach ($subscriber in @($ExecutionContext.Events.Subscribers)) {
        if (($null -ne $subscriber.Action) -and "$($subscriber.Action.Command)".Contains('__envd_on_idle')) {
            $ExecutionContext.Events.UnsubscribeEvent($subscriber)
        }
    }
    $is_ours = [object]::ReferenceEquals(${function:global:prompt}, $envd.outermost)
    if ($is_ours -and ($null -ne $envd.theirs)) { ${function:global:prompt} = $envd.theirs }
    $env:__envd_off = $null
    $env:__envd_off_in = $null
    $envd.Clear()
    Microsoft.PowerShell.Management\Remove-Item -Path 'Function:\__envd_*', 'Function:\envd' -ErrorAction Ignore
}

# Whether to act at all: not before the constants are there, nor for anybody but the owner of the state (sudo with HOME kept).
function global:__envd_may_act {
    $answers = $global:__envd.answers
    if (-not [IO.Directory]::Exists($answers)) { return "$answers".Length -gt 0 }
    $path = 'Microsoft.PowerShell.Core\FileSystem::' + $answers
    $stat = $ExecutionContext.SessionState.InvokeProvider.Item.Get(@($path), $true, $true)[0].UnixStat
    return ($null -eq $stat) -or [object]::Equals("$($stat.GetUserName())", [Environment]::UserName)
}

# Whether prompts will be drawn: PowerShell itself loads PSReadLine then, and not for -Command, -File and -NonInteractive.
function global:__envd_is_interactive {
    if ([Console]::IsInputRedirected) { return $false }
    foreach ($module in [runspace]::DefaultRunspace.InitialSessionState.Modules) {
        if ([object]::Equals($module.Name, 'PSReadLine')) { return $true }
    }
    return $false
}

function global:__envd_load {
    $envd = $global:__envd
    $envd.may_act = __envd_may_act
    # This process may have been another shell that said where it was (exec keeps the number).
    if ([IO.File]::Exists("$($envd.shells)/$PID")) { $envd.registered = '?' }
    if ($null -eq $envd.action) {
        $envd.action = [EventHandler[System.Management.Automation.LocationChangedEventArgs]] { __envd_on_directory }
    }
    $commands = $ExecutionContext.SessionState.InvokeCommand
    $others = [Delegate]::Remove($commands.LocationChangedAction, $envd.action)
    if ($null -eq $others) { $commands.LocationChangedAction = $envd.action }
    else { $commands.LocationChangedAction = [Delegate]::Combine($others, $envd.action) }
    __envd_wrap_prompt
    # In force from here on, for the rest of the profile; asking and news wait for the first prompt.
    if (-not (__envd_is_interactive)) { return }
    # `uv run pwsh` has put the bin of what is in force on PATH once more.
    if ($env:UV_RUN_RECURSION_DEPTH -and $env:__envd_bin) {
        $one = [IO.Path]::PathSeparator + $env:__envd_bin
        if (([IO.Path]::PathSeparator + $env:PATH + [IO.Path]::PathSeparator).Contains($one + $one + [IO.Path]::PathSeparator)) {
            __envd_path_without $env:__envd_bin
        }
    }
    __envd_update
    if (-not $envd.idle) {
        $envd.idle = $true
        Microsoft.PowerShell.Utility\Register-EngineEvent PowerShell.OnIdle -SupportEvent -Action { __envd_safely __envd_on_idle }
    }
    __envd_safely __envd_wake
}

__envd_safely __envd_load
