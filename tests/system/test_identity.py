"""Which file system object a path leads to, and who holds it."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from envd.core.trust import Identity
from envd.system.identity import holding_of, identity_of

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


def wait_for_a_later_birth(path: Path, born: int) -> None:
    """Make directories until one is born later than `born`: the file system's clock goes in steps of some milliseconds."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        probe = path / "probe"
        probe.mkdir()
        later = identity_of(probe).born > born
        probe.rmdir()
        if later:
            return
    pytest.fail("no later birth time within 5 s")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "p").mkdir()
    return tmp_path / "p"


def test_an_identity_stays(project: Path) -> None:
    before = identity_of(project)
    (project / "f").touch()
    project.chmod(0o700)
    assert identity_of(project) == before


def test_an_identity_survives_renaming(project: Path) -> None:
    before = identity_of(project)
    assert identity_of(project.rename(project.parent / "q")) == before


def test_a_directory_that_was_removed_and_made_again_is_another_one(project: Path) -> None:
    before = identity_of(project)
    if not before.born:
        pytest.skip("this file system keeps no birth time")
    project.rmdir()
    wait_for_a_later_birth(project.parent, before.born)
    project.mkdir()
    assert identity_of(project) != before


def test_a_copy_is_another_one(project: Path) -> None:
    shutil.copytree(project, project.parent / "copy")
    assert identity_of(project.parent / "copy") != identity_of(project)


def test_a_link_has_the_identity_of_its_target(project: Path) -> None:
    link = project.parent / "link"
    link.symlink_to(project)
    assert identity_of(link) == identity_of(project)


def test_a_link_that_leads_elsewhere_now_has_another_identity(project: Path) -> None:
    link = project.parent / "link"
    link.symlink_to(project)
    before = identity_of(link)
    (project.parent / "other").mkdir()
    link.unlink()
    link.symlink_to("other")
    assert identity_of(link) != before


def test_an_identity_names_device_and_inode(project: Path) -> None:
    found = project.stat()
    identity = identity_of(project)
    assert identity == Identity(found.st_dev, found.st_ino, identity.born)


def test_a_name_that_is_not_utf8_has_an_identity(project: Path) -> None:
    odd = project / "\udcff"
    odd.mkdir()
    assert identity_of(odd).inode == odd.stat().st_ino


def test_what_leads_nowhere_has_none(project: Path) -> None:
    with pytest.raises(FileNotFoundError):
        identity_of(project / "gone")


@pytest.mark.parametrize("mode", [pytest.param(0o755, id="755"), pytest.param(0o1777, id="1777"), pytest.param(0o2770, id="2770")])
def test_a_holding_keeps_every_mode_bit(project: Path, mode: int) -> None:
    project.chmod(mode)
    assert holding_of(project).mode == mode


def test_what_is_ours_is_mine(project: Path) -> None:
    assert holding_of(project).mine


@as_root
def test_what_is_another_users_names_its_owner(project: Path) -> None:
    os.chown(project, NOBODY, -1)
    assert (holding_of(project).mine, holding_of(project).owner) == (False, "nobody")


@as_root
def test_an_owner_without_a_name_is_named_by_number(project: Path) -> None:
    os.chown(project, 54321, -1)
    assert holding_of(project).owner == "uid 54321"


@as_root
@pytest.mark.parametrize("group", [pytest.param(NOBODY, id="of others"), pytest.param(54321, id="of no name")])
def test_another_group_is_not_private(project: Path, group: int) -> None:
    os.chown(project, -1, group)
    assert not holding_of(project).private_group


@as_root
def test_a_link_is_held_by_who_holds_its_target(project: Path) -> None:
    link = project.parent / "link"
    link.symlink_to(project)
    os.chown(project, NOBODY, -1)
    assert not holding_of(link).mine
