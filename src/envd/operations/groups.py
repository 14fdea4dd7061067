"""The groups that a project has, and which of them were asked for by hand."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from envd.adapters import manifests
from envd.core.display import printable
from envd.core.errors import CapabilityMissing, Ended, EnvdError, UsageError
from envd.core.records import ProjectRecord
from envd.core.requirements import normalized
from envd.operations.context import Context
from envd.operations.publish import publish
from envd.operations.survey import survey, usable_venv
from envd.operations.wishes import wishes_of


@contextlib.contextmanager
def regrouped(context: Context, walked: str, more: Sequence[str], less: Sequence[str]) -> Iterator[Callable[[], None]]:
    """Have other groups be synced from the block on, which syncs them; where that fails, they are remembered no longer.

    Yields what takes them back without an error. What waits for a capability stays asked for, and so does what was synced by
    the time that a signal came. Raises UsageError for a group that there is not.
    """
    before = survey(context, walked).record
    _regroup(context, walked, more, less)
    after = survey(context, walked).record.groups

    def changed_back(record: ProjectRecord) -> ProjectRecord:
        # What was changed meanwhile stays.
        kept = [name for name in record.groups if name in before.groups or name not in after]
        gone = [name for name in before.groups if name not in after and name not in kept]
        return replace(record, groups=(*kept, *gone))

    def take_back() -> None:
        context.store.update(before.root, changed_back)
        publish(context, walked)

    try:
        yield take_back
    except CapabilityMissing:
        raise
    except EnvdError as error:
        take_back()
        error.consequence = "; ".join(filter(None, (error.consequence, "its groups are as before")))
        raise
    except (Ended, KeyboardInterrupt):
        if context.store.project(before.root).number == before.number:
            take_back()
        raise


def _regroup(context: Context, walked: str, more: Sequence[str], less: Sequence[str]) -> None:
    found = survey(context, walked)
    usable_venv(found)  # raises where nothing may be synced
    wishes = wishes_of(context, found.root, found.record)
    adding, dropping = [normalized(name) for name in more], [normalized(name) for name in less]
    groups = manifests.offered_groups(found.root, wishes)
    offered = groups.offered
    unknown = next((name for name in adding if name not in offered), None)
    if unknown is not None:
        decides = manifests.find_manifest(found.root, wishes).name
        there = f"there are {', '.join(offered)}" if offered else "there are none"
        raise UsageError(
            f"{found.label} has no group {printable(unknown) or 'without a name'}",
            hint=f"{there} for {decides} (envd why)" if decides else there,
        )
    stray = next((name for name in dropping if name not in (*offered, *found.record.groups) or name in adding), None)
    if stray is not None:
        what = "is to be both synced and not" if stray in adding else "was not asked for"
        raise UsageError(f"the group {printable(stray) or 'without a name'} {what}", hint="envd why")
    fixed = next((name for name in dropping if name in groups.defaults), "")
    if fixed:
        raise UsageError(f"the group {fixed} is one of default-groups in pylock.toml", hint="envd why")
    settled = next((name for name in dropping if name in context.settings.groups), "")
    if settled:
        raise UsageError(f"the group {settled} is in sync.groups", hint=f"take it out of {context.places.settings}")

    def changed(record: ProjectRecord) -> ProjectRecord:
        kept = [name for name in dict.fromkeys((*record.groups, *adding)) if name not in dropping]
        return replace(record, groups=tuple(kept))

    context.store.update(str(found.root), changed)
