"""Exchanging two directories: at once, and in renames that can be finished after a kill."""

from __future__ import annotations

from pathlib import Path

import pytest

from envd.system.exchange import exchange, exchange_at_once, finish_exchange, inode_of


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    one, other = tmp_path / "one", tmp_path / "other"
    for path in (one, other):
        path.mkdir()
        (path / "says").write_text(path.name)
    return one, other


def said(path: Path) -> str:
    return (path / "says").read_text()


def test_two_directories_change_places(pair: tuple[Path, Path]) -> None:
    one, other = pair
    exchange(one, other)
    assert (said(one), said(other)) == ("other", "one")
    assert sorted(path.name for path in one.parent.iterdir()) == ["one", "other"]


def test_twice_all_is_as_before(pair: tuple[Path, Path]) -> None:
    one, other = pair
    before = inode_of(one), inode_of(other)
    exchange(one, other)
    exchange(one, other)
    assert (inode_of(one), inode_of(other)) == before


@pytest.mark.parametrize("missing", [0, 1], ids=["the first", "the second"])
def test_what_is_not_there_is_an_error_and_nothing_moves(pair: tuple[Path, Path], missing: int) -> None:
    (pair[missing] / "says").unlink()
    pair[missing].rmdir()
    with pytest.raises(FileNotFoundError):
        exchange_at_once(*pair)
    assert [path.name for path in pair[0].parent.iterdir()] == [pair[1 - missing].name]


def test_a_directory_does_not_change_places_with_one_in_it(pair: tuple[Path, Path]) -> None:
    inside = pair[0] / "inside"
    inside.mkdir()
    assert not exchange_at_once(pair[0], inside)
    assert inside.is_dir()


@pytest.mark.parametrize("renames", [0, 1, 2, 3])
def test_renames_that_were_cut_off_are_finished(pair: tuple[Path, Path], renames: int) -> None:
    one, other = pair
    between = other.with_name("other~")
    steps = ((one, between), (other, one), (between, other))
    for source, target in steps[:renames]:
        source.rename(target)
    finish_exchange(one, other)
    # Before the first one nothing has begun.
    assert (said(one), said(other)) == (("one", "other") if renames == 0 else ("other", "one"))
    assert not between.exists()
