"""One quoter a shell: a string becomes one word that the shell reads back as that string, whatever is in it."""

from __future__ import annotations

# PowerShell ends a single-quoted string at any of these (about_Quoting_Rules; U+2018 to U+201B count as apostrophes).
_POWERSHELL_QUOTES = "'\u2018\u2019\u201a\u201b"


def posix(text: str) -> str:
    """Return `text` for bash and zsh: nothing is special inside single quotes but the single quote."""
    return "'" + text.replace("'", "'\\''") + "'"


def fish(text: str) -> str:
    r"""Return `text` for fish, which reads `\\` and `\'` inside single quotes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def powershell(text: str) -> str:
    """Return `text` for PowerShell, where a quote inside single quotes is written twice."""
    return "'" + "".join(character * 2 if character in _POWERSHELL_QUOTES else character for character in text) + "'"
