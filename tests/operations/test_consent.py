"""Allow and deny, and what allows a project besides: trusted roots, worktrees, and never what git tracks unasked."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.stage.home import Home

from envd.core.answer import Verdict
from envd.core.errors import NoProject, NotAllowed
from envd.core.settings import Settings
from envd.core.trust import Trust
from envd.operations.consent import Target, allow, deny, find_target
from envd.operations.context import Context
from envd.operations.publish import publish
from envd.operations.survey import survey

STRANGER = 65534


def verdict(home: Home, walked: Path) -> Verdict | None:
    answer = home.answer(walked)
    return answer.verdict if answer is not None else None


def trusting(home: Home, *roots: str) -> Context:
    return replace(home.context, settings=replace(Settings(), trusted_roots=roots))


def test_an_unknown_project_is_blocked(home: Home) -> None:
    root = home.project()
    publish(home.context, str(root))
    assert verdict(home, root) is Verdict.BLOCKED


def test_allow_publishes_an_active_answer(home: Home) -> None:
    root = home.allowed(home.project())
    assert verdict(home, root) is Verdict.ACTIVE


def test_deny_after_allow_publishes_that_there_is_nothing(home: Home) -> None:
    root = home.allowed(home.project())
    deny(home.context, Target(str(root)))
    assert verdict(home, root) is Verdict.NONE
    answer = home.answer(root)
    assert answer is not None
    assert (answer.bin, answer.seal, answer.text) == ("", "", "")


def test_allow_after_deny_counts(home: Home) -> None:
    root = home.project()
    deny(home.context, Target(str(root)))
    home.allowed(root)
    assert verdict(home, root) is Verdict.ACTIVE


def test_a_project_without_environment_can_be_allowed_ahead(home: Home) -> None:
    root = home.allowed(home.project(venv=False))
    assert verdict(home, root) is None
    home.make_venv(root / ".venv")
    publish(home.context, str(root))
    assert verdict(home, root) is Verdict.ACTIVE


def test_another_directory_in_its_place_is_unknown(home: Home) -> None:
    root = home.allowed(home.project())
    root.rename(home.path / "kept")
    home.project()
    found = publish(home.context, str(root))
    assert found.trust.trust is Trust.UNKNOWN
    assert found.trust.source == "another directory has taken the place of the one that was allowed"
    assert verdict(home, root) is Verdict.BLOCKED


def test_a_removed_and_remade_directory_is_unknown_although_it_may_get_the_same_inode(home: Home) -> None:
    root = home.allowed(home.project())
    shutil.rmtree(root)
    home.project()
    assert survey(home.context, str(root)).trust.trust is Trust.UNKNOWN


def test_the_allowed_directory_moved_elsewhere_is_unknown_there(home: Home) -> None:
    root = home.allowed(home.project())
    root.rename(home.path / "moved")
    assert survey(home.context, str(home.path / "moved")).trust.trust is Trust.UNKNOWN


@pytest.mark.parametrize(
    ("roots", "allowed"),
    [
        pytest.param(("~/src",), True, id="tilde"),
        pytest.param(("~/src/",), True, id="slash at the end"),
        pytest.param(("~/src/acme",), True, id="the project itself"),
        pytest.param(("~/link",), True, id="link to it"),
        pytest.param(("~/src-evil/../src",), True, id="dots"),
        pytest.param(("~/sr",), False, id="prefix of its name"),
        pytest.param(("~/src-evil",), False, id="longer name"),
        pytest.param(("~/SRC",), False, id="other case"),
        pytest.param(("~/src/acme/deeper",), False, id="below it"),
        pytest.param((), False, id="none"),
    ],
)
def test_trusted_roots_are_compared_by_components_of_real_paths(home: Home, roots: tuple[str, ...], allowed: bool) -> None:
    root = home.project("src/acme")
    (home.path / "src-evil").mkdir()
    (home.path / "link").symlink_to(home.path / "src")
    found = survey(trusting(home, *roots), str(root))
    assert (found.trust.trust is Trust.ALLOWED) == allowed


def test_a_link_in_a_trusted_root_does_not_lend_its_trust(home: Home) -> None:
    evil = home.project("evil")
    (home.path / "src").mkdir()
    (home.path / "src/acme").symlink_to(evil)
    assert survey(trusting(home, "~/src"), str(home.path / "src/acme")).trust.trust is Trust.UNKNOWN


def test_deny_outweighs_a_trusted_root(home: Home) -> None:
    root = home.project("src/acme")
    context = trusting(home, "~/src")
    deny(context, Target(str(root)))
    assert survey(context, str(root)).trust.trust is Trust.DENIED


@pytest.fixture
def repository(home: Home) -> Path:
    root = home.project()
    home.git("init", "-q", cwd=root)
    (root / ".gitignore").write_text(".venv/\n")
    home.git("add", ".", cwd=root)
    home.git("commit", "-qm", "first", cwd=root)
    return root


def worktree(home: Home, repository: Path, name: str = "tree") -> Path:
    path = home.path / name
    home.git("worktree", "add", "-q", "-b", name, str(path), cwd=repository)
    home.make_venv(path / ".venv")
    return path


def test_worktree_of_an_allowed_project_is_allowed(home: Home, repository: Path) -> None:
    home.allowed(repository)
    tree = worktree(home, repository)
    assert survey(home.context, str(tree)).trust.source == f"git worktree of {repository}"


def test_worktree_of_an_unknown_project_is_unknown(home: Home, repository: Path) -> None:
    assert survey(home.context, str(worktree(home, repository))).trust.trust is Trust.UNKNOWN


def test_worktree_of_a_denied_project_is_not_allowed(home: Home, repository: Path) -> None:
    deny(home.context, Target(str(repository)))
    assert survey(home.context, str(worktree(home, repository))).trust.trust is Trust.UNKNOWN


def test_directory_that_only_claims_to_be_a_worktree_is_unknown(home: Home, repository: Path) -> None:
    home.allowed(repository)
    tree = worktree(home, repository)
    forged = home.project("forged")
    shutil.copy(tree / ".git", forged / ".git")
    assert survey(home.context, str(forged)).trust.trust is Trust.UNKNOWN


@pytest.fixture
def tracked(home: Home) -> Path:
    root = home.project()
    home.git("init", "-q", cwd=root)
    home.git("add", "-f", ".venv/pyvenv.cfg", cwd=root)
    return root


def test_an_environment_that_git_tracks_is_refused(home: Home, tracked: Path) -> None:
    with pytest.raises(NotAllowed, match=r"git tracks its \.venv") as caught:
        allow(home.context, Target(str(tracked)))
    assert caught.value.hint.endswith(f"envd allow {tracked}/.venv")
    assert home.store.trust(str(tracked)) is None


def test_an_environment_that_git_tracks_is_allowed_by_its_name(home: Home, tracked: Path) -> None:
    allow(home.context, find_target(home.context, str(tracked / ".venv")))
    assert verdict(home, tracked) is Verdict.ACTIVE


def test_a_file_that_names_an_environment_is_allowed_by_its_name_when_git_tracks_it(home: Home) -> None:
    root = home.project(venv=False)
    home.make_venv(root / "tools/env")
    (root / ".venv").write_text("tools/env\n")
    home.git("init", "-q", cwd=root)
    home.git("add", "-f", ".venv", cwd=root)
    with pytest.raises(NotAllowed) as caught:
        allow(home.context, Target(str(root)))
    assert caught.value.hint.endswith(f"envd allow {root}/.venv")
    allow(home.context, find_target(home.context, str(root / ".venv")))
    assert verdict(home, root) is Verdict.ACTIVE


def test_a_trusted_root_does_not_allow_an_environment_that_git_tracks(home: Home, tracked: Path) -> None:
    found = survey(trusting(home, "~"), str(tracked))
    assert found.trust.trust is Trust.UNKNOWN
    assert found.trust.refusal.startswith("git tracks")


def test_an_environment_that_is_committed_later_is_blocked(home: Home, repository: Path) -> None:
    home.allowed(repository)
    home.git("add", "-f", ".venv/pyvenv.cfg", cwd=repository)
    publish(home.context, str(repository))
    assert verdict(home, repository) is Verdict.BLOCKED


@pytest.mark.case(71)
def test_nothing_of_the_repository_runs_to_find_out(home: Home, repository: Path) -> None:
    witness = home.path / "ran"
    home.git("config", "core.fsmonitor", f"touch {witness}; false", cwd=repository)
    home.allowed(repository)
    assert not witness.exists()


@pytest.mark.parametrize("part", ["", ".venv", ".venv/bin", ".venv/pyvenv.cfg"], ids=["root", "environment", "bin", "pyvenv.cfg"])
@pytest.mark.parametrize("mode", [0o002, 0o020], ids=["everybody", "group"])
def test_what_others_may_write_is_refused(home: Home, part: str, mode: int) -> None:
    root = home.project()
    path = root / part
    path.chmod(path.stat().st_mode | mode)
    if mode == 0o020 and os.geteuid() == 0:
        os.chown(path, 0, STRANGER)
    elif mode == 0o020:
        pytest.skip("a private group may write; only root can give the file another group")
    with pytest.raises(NotAllowed, match="can be written by"):
        allow(home.context, Target(str(root)))
    assert home.store.trust(str(root)) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("part", ["", ".venv", ".venv/bin", ".venv/pyvenv.cfg"], ids=["root", "environment", "bin", "pyvenv.cfg"])
@pytest.mark.case(68)
def test_what_belongs_to_somebody_else_is_refused_and_the_owner_named(home: Home, part: str) -> None:
    root = home.allowed(home.project())
    os.chown(root / part, STRANGER, -1)
    found = publish(home.context, str(root))
    assert found.trust.trust is Trust.UNKNOWN
    assert found.trust.refusal.endswith("belongs to nobody")
    assert verdict(home, root) is Verdict.BLOCKED


def test_a_refused_allow_leaves_an_earlier_one_as_it_was(home: Home) -> None:
    root = home.allowed(home.project())
    before = home.store.trust(str(root))
    root.chmod(0o777)
    with pytest.raises(NotAllowed):
        allow(home.context, Target(str(root)))
    assert home.store.trust(str(root)) == before


def test_target_is_the_nearest_project_above(home: Home) -> None:
    root = home.project()
    (root / "src/deep").mkdir(parents=True)
    assert find_target(home.context, str(root / "src/deep")) == Target(str(root))


def test_target_of_nothing_is_an_error(home: Home) -> None:
    with pytest.raises(NoProject):
        find_target(home.context, str(home.path))
