"""The completions of PowerShell: a table of what may follow what, and one script block that walks the line."""

from __future__ import annotations

from collections.abc import Iterator

from envd.adapters.shells.quoting import powershell as quote
from envd.cli.completions.outline import Kind, Word, choices

# Where envd is a function, as the hook makes it, PowerShell asks the block about words and --options; -x it takes for its own.
_TEMPLATE = r"""# envd's completions for PowerShell 7.2 and later, made from its parser: envd completions pwsh

Microsoft.PowerShell.Core\Register-ArgumentCompleter -Native -CommandName envd -ScriptBlock {
    param($word, $line, $cursor)

    Microsoft.PowerShell.Core\Set-StrictMode -Off
    $ErrorActionPreference = 'Continue'

    # What may follow: after which words, the word itself (none: an argument), what it takes, and what it is for.
    $rows = @(
@rows@
    )
    $known = @{
@known@
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
"""


def render(root: Word) -> str:
    """Return the completions, to be dot-sourced."""
    rows = (", ".join(quote(field) for field in row) for word in root.walk() for row in _rows(word))
    known = (f"{kind.value} = @({', '.join(map(quote, choices(kind, root)))})" for kind in Kind if choices(kind, root))
    text = _TEMPLATE.replace("@rows@", "\n".join(f"        , @({row})" for row in rows))
    return text.replace("@known@", "\n".join(f"        {row}" for row in known))


def _rows(word: Word) -> Iterator[tuple[str, str, str, str]]:
    for below in word.words:
        yield word.path, below.name, "", below.help
    if word.argument is not None:
        yield word.path, "", word.argument.kind.name + ("*" if word.argument.repeats else ""), word.argument.help
    for option in word.options:
        for flag in option.flags:
            yield word.path, flag, option.kind.name if option.metavar else "", option.help
