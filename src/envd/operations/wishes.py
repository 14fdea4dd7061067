"""What the user wishes of a manifest: groups of the settings and of `envd sync --group`, and the tools that are here."""

from __future__ import annotations

import os
from pathlib import Path

from envd.adapters.installers import tools_here
from envd.core.choosing import TOOLS, Wishes
from envd.core.records import ProjectRecord
from envd.operations.context import Context


def wishes_of(context: Context, root: Path, record: ProjectRecord | None = None) -> Wishes:
    """Return the wishes for the project at `root`; for a record that is not given, nothing was wished by hand."""
    # Programs are only looked for where there is a lock for them: this is done at every look at every project.
    wanted = frozenset(tool for lock, tool in TOOLS.items() if os.path.lexists(root / lock))
    tools = tools_here(context.settings.installer, wanted) if wanted else frozenset[str]()
    by_hand = record.groups if record is not None else ()
    return Wishes(tuple(dict.fromkeys((*context.settings.groups, *by_hand))), tools)
