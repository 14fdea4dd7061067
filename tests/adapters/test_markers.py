"""What requirements lead to in an environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from packaging.markers import default_environment

from envd.adapters.markers import asked_by, conflicts, marker_variables, needs_in
from envd.core.errors import BrokenVenv
from envd.core.packages import Asked, Dist
from envd.core.requirements import parse_requirements

HERE = {**{name: str(value) for name, value in default_environment().items()}, "python_version": "3.12", "sys_platform": "linux"}


def test_an_interpreter_says_what_packaging_says_of_it() -> None:
    assert marker_variables(Path(sys.executable)) == dict(default_environment())


def test_nothing_of_the_environment_runs_when_it_is_asked(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", venv], check=True, timeout=60)
    site = next((venv / "lib").glob("*/site-packages"))
    (site / "evil.pth").write_text(f"import pathlib; pathlib.Path({str(tmp_path / 'ran')!r}).touch()\n")
    (site / "sitecustomize.py").write_text(f"import pathlib; pathlib.Path({str(tmp_path / 'ran')!r}).touch()\n")
    subprocess.run([venv / "bin/python", "-c", ""], check=True, timeout=60)
    (tmp_path / "ran").unlink()  # what is laid out does run, when the environment's Python is started as usual
    assert marker_variables(venv / "bin/python")["sys_platform"] == sys.platform
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param(None, "No such file or directory", id="nothing there"),
        pytest.param("#!/bin/sh\necho one >&2; echo two >&2; exit 3\n", "two", id="its last words"),
        pytest.param("#!/bin/sh\nexit 3\n", "exit code 3", id="without a word"),
        pytest.param("#!/nowhere/python\n", "No such file or directory", id="its interpreter gone"),
    ],
)
def test_an_interpreter_that_does_not_run_is_a_broken_environment(tmp_path: Path, script: str | None, said: str) -> None:
    python = tmp_path / "python"
    if script is not None:
        python.write_text(script)
        python.chmod(0o755)
    with pytest.raises(BrokenVenv) as caught:
        marker_variables(python)
    assert str(caught.value).startswith(f"{python} does not run: ")
    assert str(caught.value).endswith(said)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("Demo_X", [Asked("demo-x")], id="a name is normalized"),
        pytest.param("demo[a,b]>=1", [Asked("demo", frozenset("ab"))], id="with extras"),
        pytest.param("demo; python_version >= '3.10'", [Asked("demo")], id="a marker that holds"),
        pytest.param("demo; python_version < '3.10'", [], id="a marker that does not"),
        pytest.param("demo; sys_platform == 'win32'", [], id="another platform"),
        pytest.param("demo; extra == 'x'", [], id="an extra of nothing"),
        pytest.param("demo; gibberish", [Asked("demo")], id="a marker that nobody can read"),
        pytest.param("demo; sys_platform ~= 'linux'", [Asked("demo")], id="a comparison that means nothing"),
    ],
)
def test_a_line_asks_where_its_marker_holds(line: str, expected: list[Asked]) -> None:
    assert asked_by(parse_requirements(line), HERE) == expected


@pytest.mark.parametrize(
    ("requires", "extras", "expected"),
    [
        pytest.param("Leaf_X>=1", "", [Asked("leaf-x")], id="a name is normalized"),
        pytest.param("leaf[a,b]", "", [Asked("leaf", frozenset("ab"))], id="with extras"),
        pytest.param("leaf (>=1)", "", [Asked("leaf")], id="in the parentheses of old metadata"),
        pytest.param("leaf; python_version < '3'", "", [], id="not for this Python"),
        pytest.param("leaf; extra == 'x'", "", [], id="an extra that nobody asked for"),
        pytest.param("leaf; extra == 'x'", "x", [Asked("leaf")], id="an extra that was asked for"),
        pytest.param("leaf; extra == 'X_y'", "x-y", [Asked("leaf")], id="an extra by another spelling"),
        pytest.param("leaf; extra == 'x' and sys_platform == 'win32'", "x", [], id="an extra of another platform"),
        pytest.param("leaf; extra == 'x' or extra == 'y'", "y", [Asked("leaf")], id="one of two extras"),
        pytest.param("leaf @ https://h/leaf.whl", "", [Asked("leaf")], id="an address"),
        pytest.param("!! no requirement", "", [], id="nothing that can be read"),
        pytest.param("Leaf_x (>dev, whatever)", "", [Asked("leaf-x")], id="only its name can be read"),
        pytest.param("leaf; sys_platform ~= 'linux'", "", [Asked("leaf")], id="a comparison that means nothing"),
    ],
)
def test_an_installed_package_asks(requires: str, extras: str, expected: list[Asked]) -> None:
    needs = needs_in(HERE)
    assert list(needs(Dist("demo", "1", (requires,)), frozenset(extras.split()))) == expected


@pytest.mark.parametrize(
    ("needed", "said"),
    [
        pytest.param("leaf", [], id="any version"),
        pytest.param("leaf>=1", [], id="met"),
        pytest.param("leaf<1", ["app 2 needs leaf<1, and leaf 1.0 is installed"], id="another version"),
        pytest.param("leaf==1.0.0", [], id="the same version, written otherwise"),
        pytest.param("gone", ["app 2 needs gone, which is not installed"], id="not there"),
        pytest.param('gone; python_version < "3"', [], id="not here"),
        pytest.param('gone; extra == "more"', [], id="an extra"),
        pytest.param("???", [], id="what cannot be read"),
    ],
)
def test_conflicts_are_what_pip_check_says(needed: str, said: list[str]) -> None:
    dists = {"app": Dist("app", "2", (needed,)), "leaf": Dist("leaf", "1.0")}
    assert conflicts(dists, HERE) == said
