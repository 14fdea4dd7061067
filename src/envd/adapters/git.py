"""What git says of a project: whether it tracks the environment, what it is busy with, and which worktree belongs to which."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from envd.core.schedule import GitActivity
from envd.system.files import UnreadableFile, read_regular
from envd.system.processes import find_program, scrubbed_variables

_UNFINISHED = {
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
}
# ls-files would otherwise run what the repository's own configuration names: nothing in a project runs unasked.
_HARMLESS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-optional-locks", "--literal-pathspecs")


def find_repository(root: Path) -> tuple[Path, Path] | None:
    """Return the top of the work tree that `root` lies in and its git directory, or None outside of any."""
    for top in (root, *root.parents):
        entry = top / ".git"
        if os.path.isdir(entry):
            return top, entry
        if os.path.isfile(entry):
            word, _, target = _first_line(entry).partition(": ")
            return (top, Path(os.path.normpath(top / target))) if word == "gitdir" and target else None
    return None


def activity(root: Path) -> GitActivity:
    """Return what git is doing in the repository that `root` lies in."""
    found = find_repository(root)
    if found is None:
        return GitActivity()
    directory = found[1]
    unfinished = next((what for name, what in _UNFINISHED.items() if os.path.exists(directory / name)), "")
    return GitActivity(locked=os.path.exists(directory / "index.lock"), unfinished=unfinished)


def tracks(root: Path, name: str) -> bool:
    """Return whether git tracks files of the environment `name` in `root`; without git on PATH nothing was checked out by it."""
    git = find_program("git", os.environ.get("PATH", os.defpath))
    if git is None or find_repository(root) is None:
        return False
    command = [str(git), "-C", str(root), *_HARMLESS, "ls-files", "-z", "--", name]
    result = subprocess.run(command, env=scrubbed_variables(os.environ), stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return bool(result.stdout)


def main_worktree(root: Path) -> Path | None:
    """Return the directory that `root` is in the main work tree, when `root` lies in a linked worktree of it.

    Both sides must name each other (gitrepository-layout(5)): a `.git` file alone could point to any repository, and
    a `.git` that is a link to another worktree's own must not be taken for it.
    """
    found = find_repository(root)
    if found is None or found[1].parent.name != "worktrees":
        return None
    top, directory = found
    common = directory.parent.parent
    back = _first_line(directory / "gitdir")
    try:
        mutual = bool(back) and os.path.samefile((directory / back).parent, top)
    except OSError:
        return None
    return common.parent / root.relative_to(top) if mutual and common.name == ".git" else None


def _first_line(path: Path) -> str:
    try:
        return read_regular(path, 8192).decode("utf-8", "surrogateescape").partition("\n")[0]
    except UnreadableFile:
        return ""
