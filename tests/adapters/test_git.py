"""What git says of a project, asked of real repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from envd.adapters.git import activity, find_repository, main_worktree, tracks

GIT = shutil.which("git")
pytestmark = pytest.mark.skipif(GIT is None and not os.environ.get("CI"), reason="git is not here")


def git(directory: Path, *words: str) -> None:
    variables = {"PATH": os.defpath, "HOME": str(directory), "GIT_CONFIG_NOSYSTEM": "1"}
    names = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"]
    subprocess.run([GIT or "git", *names, *words], cwd=directory, env=variables, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "p"
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "pyvenv.cfg").write_text("home = /usr\n")
    (root / "f").write_text("f\n")
    git(root, "init", "-q")
    git(root, "add", "f")
    git(root, "commit", "-qm", "first")
    return root


@pytest.fixture
def worktree(repository: Path) -> Path:
    git(repository, "worktree", "add", "-q", "../w")
    return repository.parent / "w"


def test_an_environment_beside_a_repository_is_not_tracked(repository: Path) -> None:
    assert not tracks(repository, ".venv")


def test_an_environment_in_the_index_is_tracked(repository: Path) -> None:
    git(repository, "add", "-f", ".venv")
    assert tracks(repository, ".venv")


def test_a_tracked_link_is_tracked(repository: Path) -> None:
    (repository / "venv").symlink_to("/elsewhere")
    git(repository, "add", "-f", "venv")
    assert tracks(repository, "venv")


def test_a_name_is_no_pattern(repository: Path) -> None:
    assert not tracks(repository, "*")


def test_what_the_repository_configures_is_not_run(repository: Path) -> None:
    program = repository / "payload"
    program.write_text(f"#!/bin/sh\n: > '{repository}/ran'\n")
    program.chmod(0o755)
    for name in ("pre-commit", "post-index-change", "post-checkout"):
        (repository / ".git" / "hooks" / name).symlink_to(program)
    with (repository / ".git" / "config").open("a") as config:
        config.write(f"[core]\n\tfsmonitor = {program}\n\tpager = {program}\n\tsshCommand = {program}\n")
    tracks(repository, ".venv")
    assert not (repository / "ran").exists()


@pytest.mark.parametrize(
    ("name", "unfinished"),
    [
        pytest.param("rebase-merge", "a rebase", id="rebase"),
        pytest.param("rebase-apply", "a rebase", id="am"),
        pytest.param("MERGE_HEAD", "a merge", id="merge"),
        pytest.param("CHERRY_PICK_HEAD", "a cherry-pick", id="cherry-pick"),
        pytest.param("REVERT_HEAD", "a revert", id="revert"),
        pytest.param("ORIG_HEAD", "", id="nothing"),
    ],
)
def test_what_git_is_in_the_middle_of_is_named(repository: Path, name: str, unfinished: str) -> None:
    (repository / ".git" / name).touch()
    assert activity(repository).unfinished == unfinished


def test_a_locked_index_is_seen(repository: Path) -> None:
    assert not activity(repository).locked
    (repository / ".git" / "index.lock").touch()
    assert activity(repository).locked


def test_a_worktree_is_busy_by_itself(repository: Path, worktree: Path) -> None:
    (repository / ".git" / "worktrees" / "w" / "MERGE_HEAD").touch()
    assert (activity(worktree).unfinished, activity(repository).unfinished) == ("a merge", "")


@pytest.mark.case(70)
def test_a_worktree_belongs_to_its_main_one(repository: Path, worktree: Path) -> None:
    assert main_worktree(worktree) == repository


def test_a_directory_of_a_worktree_belongs_to_the_same_directory(repository: Path, worktree: Path) -> None:
    (worktree / "sub").mkdir()
    assert main_worktree(worktree / "sub") == repository / "sub"


def test_the_main_work_tree_belongs_to_nothing(repository: Path) -> None:
    assert main_worktree(repository) is None


def test_a_forged_git_file_gives_no_main_work_tree(repository: Path, worktree: Path) -> None:
    forged = repository.parent / "forged"
    forged.mkdir()
    shutil.copy(worktree / ".git", forged / ".git")
    assert main_worktree(forged) is None


def test_a_link_to_the_git_file_of_a_worktree_gives_no_main_work_tree(repository: Path, worktree: Path) -> None:
    forged = repository.parent / "forged"
    forged.mkdir()
    (forged / ".git").symlink_to(worktree / ".git")
    assert main_worktree(forged) is None


def test_a_fifo_in_the_place_of_git_is_passed_by(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".git")
    assert find_repository(tmp_path) is None
