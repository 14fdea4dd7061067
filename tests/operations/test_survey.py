"""Finding a project: how far up is looked, and what counts as one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tests.stage.home import Home, snapshot

from envd.core.errors import NoProject
from envd.core.pyvenv import Health
from envd.operations.survey import find_root, survey


@pytest.mark.case(70)
def test_the_nearest_environment_wins(home: Home) -> None:
    outer = home.project("outer")
    inner = home.project("outer/inner")
    (inner / "src").mkdir()
    assert find_root(home.context, str(inner / "src")) == str(inner)
    assert find_root(home.context, str(outer)) == str(outer)


def test_an_environment_above_wins_over_a_manifest_here(home: Home) -> None:
    outer = home.project("outer")
    inner = home.project("outer/inner", "six\n", venv=False)
    assert find_root(home.context, str(inner)) == str(outer)


def test_a_manifest_alone_is_a_project(home: Home) -> None:
    root = home.project(requirements="six\n", venv=False)
    (root / "src").mkdir()
    assert find_root(home.context, str(root / "src")) == str(root)


def test_a_denied_directory_is_a_project(home: Home) -> None:
    root = home.project(venv=False)
    home.allowed(root)
    assert find_root(home.context, str(root)) == str(root)


@pytest.mark.case(68)
def test_an_environment_of_home_counts_in_home_only(home: Home) -> None:
    home.make_venv(home.path / ".venv")
    below = home.path / "code"
    below.mkdir()
    assert find_root(home.context, str(home.path)) == str(home.path)
    with pytest.raises(NoProject):
        find_root(home.context, str(below))


@pytest.mark.case(67)
def test_nothing_above_home_is_looked_at(home: Home) -> None:
    home.make_venv(home.base / ".venv")
    with pytest.raises(NoProject):
        find_root(home.context, str(home.path))


def test_outside_home_parents_are_looked_at(home: Home) -> None:
    root = home.base / "elsewhere"
    (root / "a/b").mkdir(parents=True)
    home.make_venv(root / ".venv")
    assert find_root(home.context, str(root / "a/b")) == str(root)


@pytest.mark.parametrize("name", ["gone", "file"])
def test_what_is_no_directory_is_an_error_that_names_it(home: Home, name: str) -> None:
    (home.path / "file").touch()
    with pytest.raises(NoProject, match=f"{name} is not a directory"):
        find_root(home.context, str(home.path / name))


def test_forty_directories_deep_is_found(home: Home) -> None:
    root = home.project()
    deep = root / "/".join(["d"] * 40)
    deep.mkdir(parents=True)
    assert find_root(home.context, str(deep)) == str(root)


def test_a_circle_of_links_is_no_project(home: Home) -> None:
    circle = home.path / "circle"
    circle.mkdir()
    (circle / ".venv").symlink_to(circle / ".venv")
    with pytest.raises(NoProject):
        find_root(home.context, str(circle))


@pytest.mark.parametrize(
    ("names", "found"),
    [
        pytest.param((".venv", "venv", "env"), ".venv", id="order"),
        pytest.param(("venv", "env"), "venv", id="second"),
        pytest.param(("env",), "env", id="third"),
    ],
)
def test_names_are_looked_for_in_order(home: Home, names: tuple[str, ...], found: str) -> None:
    root = home.project(venv=False)
    for name in names:
        home.make_venv(root / name)
    venv = survey(home.context, str(root)).venv
    assert venv is not None
    assert venv.name == found


def test_a_link_is_an_environment(home: Home) -> None:
    root = home.project(venv=False)
    (root / ".venv").symlink_to(home.make_venv(home.path / "shared"))
    venv = survey(home.context, str(root)).venv
    assert venv is not None
    assert (venv.path, venv.diagnosis.health) == (root / ".venv", Health.WELL)


@pytest.mark.parametrize("text", ["../shared\n", "../shared", "{home}/shared\nmore\n"], ids=["relative", "no end", "absolute"])
def test_a_file_that_names_an_environment(home: Home, text: str) -> None:
    root = home.project(venv=False)
    shared = home.make_venv(home.path / "shared")
    (root / ".venv").write_text(text.format(home=home.path))
    venv = survey(home.context, str(root)).venv
    assert venv is not None
    assert (venv.path, venv.diagnosis.health) == (shared, Health.WELL)


def _without_python(venv: Path) -> None:
    for python in (venv / "bin").glob("python*"):
        python.unlink()


def _dangling(venv: Path) -> None:
    _without_python(venv)
    (venv / "bin/python").symlink_to("/gone/python3.99")


def _of_another_minor(venv: Path) -> None:
    cfg = venv / "pyvenv.cfg"
    version = f"{sys.version_info.major}.{sys.version_info.minor}."
    cfg.write_text(cfg.read_text().replace(f"version = {version}", "version = 3.1."))


def _moved(venv: Path) -> None:
    activate = venv / "bin/activate"
    activate.write_text("VIRTUAL_ENV=/was/there\n")


def _cfg(text: bytes) -> object:
    return lambda venv: (venv / "pyvenv.cfg").write_bytes(text)


@pytest.mark.parametrize(
    ("harm", "health"),
    [
        pytest.param(_without_python, Health.NO_PYTHON, id="no python"),
        pytest.param(_dangling, Health.BASE_GONE, id="base gone"),
        pytest.param(_cfg(b"home = /gone/bin\nversion = 3.12.1\n"), Health.BASE_GONE, id="home gone"),
        pytest.param(_of_another_minor, Health.MINOR_CHANGED, id="minor changed"),
        pytest.param(_moved, Health.MOVED, id="moved"),
        pytest.param(_cfg(b""), Health.NO_HOME, id="empty"),
        pytest.param(_cfg(bytes(range(256)) * 20), Health.NO_HOME, id="binary"),
        pytest.param(_cfg(b"home = /usr/bin\n" * 700_000), Health.NO_CFG, id="10 MB"),
        pytest.param(lambda venv: (venv / "pyvenv.cfg").unlink(), Health.NO_CFG, id="no pyvenv.cfg"),
    ],
)
def test_health_is_read_from_its_files(home: Home, harm: object, health: Health) -> None:
    root = home.project()
    assert callable(harm)
    harm(root / ".venv")
    venv = survey(home.context, str(root)).venv
    assert venv is not None
    assert venv.diagnosis.health is health


def test_a_fifo_as_pyvenv_cfg_does_not_hang(home: Home) -> None:
    root = home.project()
    (root / ".venv/pyvenv.cfg").unlink()
    os.mkfifo(root / ".venv/pyvenv.cfg")
    venv = survey(home.context, str(root)).venv
    assert venv is not None
    assert venv.diagnosis.health is Health.NO_CFG


def test_looking_changes_nothing_and_starts_no_python_of_the_project(home: Home) -> None:
    root = home.allowed(home.project(requirements="six\n"))
    site = next((root / ".venv").glob("lib/*/site-packages"))
    (site / "payload.pth").write_text(f"import pathlib; pathlib.Path({str(home.path / 'ran')!r}).touch()\n")
    before = snapshot(home.path)
    survey(home.context, str(root))
    assert snapshot(home.path) == before


def test_label_is_the_prompt_of_an_allowed_environment(home: Home) -> None:
    root = home.project()
    with (root / ".venv/pyvenv.cfg").open("a") as cfg:
        cfg.write("prompt = 'rocket'\n")
    assert survey(home.context, str(root)).label == "acme"
    home.allowed(root)
    assert survey(home.context, str(root)).label == "rocket"


def test_label_shows_what_a_terminal_would_obey(home: Home) -> None:
    root = home.project("a\x1b[31m\u202eb")
    assert survey(home.context, str(root)).label == "a\\x1b[31m\\u202eb"
