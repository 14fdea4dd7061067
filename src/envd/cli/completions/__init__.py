"""The completions of each shell, printed from what the parser says: one renderer a shell, one row of the table each."""

from __future__ import annotations

from collections.abc import Callable

from envd.cli.completions import bash, fish, pwsh, zsh
from envd.cli.completions.outline import Word, outline

_RENDERERS: dict[str, Callable[[Word], str]] = {
    "bash": bash.render,
    "zsh": zsh.render,
    "fish": fish.render,
    "pwsh": pwsh.render,
}


def completions_for(shell: str) -> str:
    """Return the completions of a shell, named as in the table of shells, whose row must be there."""
    return _RENDERERS[shell](outline())
