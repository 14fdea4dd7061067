"""Which of a project's generations are still there to go back to."""

from __future__ import annotations

from envd.adapters.generations import shelf_for
from envd.core.records import Generation
from envd.operations.survey import Survey


def still_kept(found: Survey) -> list[Generation]:
    """Return the generations that are in the environment of now, oldest first."""
    if found.venv is None:
        return []
    shelf = shelf_for(found.venv.path, str(found.root))
    return [kept for kept in found.record.generations if shelf.kept(kept.number).is_dir()]
