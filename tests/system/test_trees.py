"""Directory trees: clones, what changed since, mirrors, and what they take on disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.stage.home import snapshot

from envd.system.trees import bytes_beside, changed_since, clone, files_in, mirror


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    top = tmp_path / "tree"
    (top / "lib/pkg/__pycache__").mkdir(parents=True)
    (top / "lib/pkg/mod.py").write_text("x = 1\n")
    (top / "lib/pkg/__pycache__/mod.pyc").write_bytes(b"code")
    (top / "lib/it.pth").write_text("/src\n")
    (top / "bin").mkdir(mode=0o750)
    (top / "bin/tool").write_text("#!/bin/sh\n")
    (top / "bin/tool").chmod(0o755)
    (top / "bin/python").symlink_to("/usr/bin/python3")
    (top / "lib64").symlink_to("lib")
    (top / "left").mkdir()
    (top / "left/out").write_text("")
    # Whatever was made this very moment is looked at entry by entry.
    for directory in [top, *(path for path in top.rglob("*") if path.is_dir() and not path.is_symlink())]:
        os.utime(directory, (1, 1))
    return top


def test_a_clone_is_the_same_but_for_what_is_skipped(tree: Path, tmp_path: Path) -> None:
    made = clone(tree, tmp_path / "clone", {"left"})
    wanted = {name: found for name, found in snapshot(tree).items() if not name.startswith("left")}
    assert snapshot(tmp_path / "clone") == wanted
    assert made.copied == []


def test_files_are_linked_but_for_those_that_are_written_in_place(tree: Path, tmp_path: Path) -> None:
    clone(tree, tmp_path / "clone")
    shared = {name: (tree / name).samefile(tmp_path / "clone" / name) for name in ("lib/pkg/mod.py", "bin/tool", "lib/it.pth")}
    assert shared == {"lib/pkg/mod.py": True, "bin/tool": True, "lib/it.pth": False}


def replaced(path: Path) -> None:
    path.with_name("draft").write_text("new")
    path.with_name("draft").rename(path)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param(lambda top: None, "", id="nothing"),
        pytest.param(lambda top: (top / "lib/new.py").write_text(""), "lib/new.py", id="a new file"),
        pytest.param(lambda top: (top / "lib/pkg/mod.py").unlink(), "lib/pkg/mod.py", id="a file gone"),
        pytest.param(lambda top: replaced(top / "lib/pkg/mod.py"), "lib/pkg/mod.py", id="a file replaced"),
        pytest.param(lambda top: (top / "lib/other").mkdir(), "lib/other", id="a new directory"),
        pytest.param(lambda top: (top / "lib/pkg").rename(top / "lib/gkp"), "lib/gkp", id="a directory renamed"),
        pytest.param(lambda top: replaced(top / "lib/pkg/__pycache__/mod.pyc"), "", id="bytecode"),
        pytest.param(lambda top: (top / "bin/__pycache__").mkdir(), "", id="a directory for bytecode"),
        pytest.param(lambda top: (top / "left/out").unlink(), "", id="something in what is skipped"),
        pytest.param(lambda top: replaced(top / "skipped"), "", id="something skipped"),
    ],
)
def test_what_changed_since_is_named(tree: Path, tmp_path: Path, change: Callable[[Path], object], named: str) -> None:
    made = clone(tree, tmp_path / "clone", {"left"})
    change(tree)
    assert changed_since(tree, made, {"left", "skipped"}) == named


def test_a_change_in_the_tick_of_the_clone_shows(tree: Path, tmp_path: Path) -> None:
    (tree / "lib/a.py").write_text("")
    made = clone(tree, tmp_path / "clone")
    (tree / "lib/b.py").write_text("")
    now = made.listings["/lib"]
    assert now.changed_at == 0
    assert changed_since(tree, made) == "lib/b.py"


def test_a_mirror_is_the_same_but_for_what_is_skipped(tree: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    clone(tree, target)
    (target / "extra/deep").mkdir(parents=True)
    (target / "lib/pkg/mod.py").unlink()
    (target / "lib/pkg/mod.py").mkdir()
    (target / "bin/tool").unlink()
    (target / "bin/tool").symlink_to("python")
    (target / "left/mine").write_text("stays")
    mirror(tree, target, {"left"})
    assert (target / "left/mine").read_text() == "stays"
    (target / "left/mine").unlink()
    assert snapshot(target) == snapshot(tree)


def test_what_is_linked_counts_once(tree: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        clone(tree, tmp_path / name)
        (tmp_path / name / "lib/it.pth").unlink()
    assert bytes_beside([tmp_path / "one", tmp_path / "two"], tree) == 0
    (tmp_path / "one/more").write_bytes(b"x" * 5000)
    os.link(tmp_path / "one/more", tmp_path / "two/more")
    on_disk = (tmp_path / "one/more").stat().st_blocks * 512
    assert bytes_beside([tmp_path / "one", tmp_path / "two"], tree) == on_disk


def test_files_in_names_everything_that_is_no_directory(tree: Path) -> None:
    names = {entry.name for entry in files_in(tree, {"left"})}
    assert names == {"mod.py", "mod.pyc", "it.pth", "tool", "python", "lib64"}
