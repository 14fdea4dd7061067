"""Where the user stands and what a path on the command line means, with the links in it kept as a shell keeps them."""

from __future__ import annotations

import os

from envd.core.errors import NoProject


def here() -> str:
    """Return the current directory as the shell names it, if PWD is that directory; raises NoProject when it is gone."""
    try:
        physical = os.getcwd()
        logical = os.environ.get("PWD", "")
        return logical if os.path.isabs(logical) and os.path.samefile(logical, physical) else physical
    except OSError:
        try:
            return os.getcwd()
        except OSError:
            raise NoProject("the current directory is gone", hint="cd") from None


def named(path: str | None) -> str:
    """Return the absolute path that an argument names, the current directory without one."""
    if path is None:
        return here()
    return os.path.normpath(os.path.join(here(), os.path.expanduser(path)))
