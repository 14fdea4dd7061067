"""`envd init`: a new environment as wished for; whatever fails, all is as it was."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.stage.home import Home, Ran, snapshot
from tests.stage.index import Index

MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"


def init(home: Home, root: Path, *words: str) -> Ran:
    ran = home.envd("init", *words, cwd=root)
    assert ran.code == 0, ran.err
    return ran


def test_makes_allows_and_syncs(home: Home, index: Index, installer: str) -> None:
    index.add("pip", "99.0")
    root = home.project(requirements="needy\n", venv=False)
    ran = init(home, root)
    assert "and is allowed" in ran.out
    assert "synced" in ran.out
    fields = home.envd("status", "--json", cwd=root).fields()["projects"][0]
    assert fields["trust"] == {"state": "allowed", "source": "envd allow", "refusal": None, "capabilities": []}
    assert fields["environment"]["health"] == "well"
    assert (fields["packages"]["state"], fields["packages"]["wanted"]) == ("in sync", 2)


@pytest.mark.parametrize("asked", [MINOR, sys.executable], ids=["version", "path"])
def test_python_is_the_one_asked_for(home: Home, asked: str) -> None:
    root = home.project(venv=False)
    home.variables["PATH"] += f":{Path(getattr(sys, '_base_executable', sys.executable)).parent}"
    init(home, root, "--python", asked)
    assert home.envd("status", "--json", cwd=root).fields()["projects"][0]["environment"]["python"].startswith(f"{MINOR}.")


def test_prompt_is_the_label(home: Home) -> None:
    root = home.project(venv=False)
    assert init(home, root, "--prompt", "rocket").out.startswith("rocket has .venv (Python ")
    answer = home.answer(root)
    assert answer is not None
    assert answer.label == "rocket"


def test_system_site_packages(home: Home) -> None:
    root = home.project(venv=False)
    init(home, root, "--system-site-packages")
    assert "include-system-site-packages = true" in (root / ".venv/pyvenv.cfg").read_text()


def test_more_manifests(home: Home, index: Index) -> None:
    index.add("pip", "99.0")
    root = home.project(requirements="demo==1.0\n", venv=False)
    (root / "dev.txt").write_text("leaf\n")
    init(home, root, "-r", "dev.txt")
    names = {path.name.partition("-")[0] for path in root.glob(".venv/lib/*/site-packages/*.dist-info")}
    assert {"demo", "leaf"} <= names


def test_clear_makes_it_anew(home: Home) -> None:
    root = home.allowed(home.project())
    (root / ".venv/mine").touch()
    init(home, root, "--clear")
    assert not (root / ".venv/mine").exists()
    assert [path.name for path in root.iterdir()] == [".venv"]


def linked(root: Path, real: Path) -> None:
    (root / ".venv").symlink_to(real)


def named_in_a_file(root: Path, real: Path) -> None:
    (root / ".venv").write_text(f"{real}\n")


@pytest.mark.parametrize("put", [linked, named_in_a_file])
def test_clear_of_what_only_leads_to_one_leaves_that_one_and_nothing_else(home: Home, put: Callable[[Path, Path], None]) -> None:
    real = home.make_venv(home.path / "real")
    root = home.project(venv=False)
    put(root, real)
    before = snapshot(real)
    init(home, root, "--clear")
    assert [path.name for path in root.iterdir()] == [".venv"]
    assert {**snapshot(real), ".": None} == {**before, ".": None}


def test_nobody_syncs_it_while_it_is_made(home: Home, index: Index) -> None:
    root = home.allowed(home.project())
    (root / "dev.txt").write_text("demo\n")
    index.add("pip", "99.0")
    index.gate.clear()
    with home.begin("init", "--clear", "-r", "dev.txt", cwd=root) as running:
        assert index.waiting.wait(30)
        assert home.store.is_syncing(str(root))
        index.gate.set()
        running.communicate(timeout=30)
    assert running.returncode == 0


def test_clear_mends_a_broken_one(home: Home) -> None:
    root = home.allowed(home.project())
    (root / ".venv/pyvenv.cfg").unlink()
    init(home, root, "--clear")
    assert home.envd("status", "--check", cwd=root).code == 0


def refused(home: Home, root: Path, code: int, *words: str) -> Ran:
    """Run init, which must fail and leave the project, the trust and the answer as they were."""
    before, trust, answer = snapshot(root), home.store.trust(str(root)), home.answer(root)
    ran = home.envd("init", *words, cwd=root)
    assert ran.code == code, ran.out + ran.err
    assert snapshot(root) == before
    assert home.store.trust(str(root)) == trust
    assert home.answer(root) == answer
    return ran


def test_an_environment_that_is_there_stays(home: Home) -> None:
    ran = refused(home, home.project(), 2)
    assert "already" in ran.err
    assert "envd init --clear" in ran.err


@pytest.mark.parametrize("asked", ["3.99", "python3.99", "/gone/python", "nonsense"])
@pytest.mark.parametrize("clear", [True, False], ids=["clear", "new"])
def test_a_python_that_is_not_there(home: Home, asked: str, clear: bool) -> None:
    root = home.project(venv=clear)
    refused(home, root, 1, "--python", asked, *(["--clear"] if clear else []))


@pytest.mark.parametrize("asked", ["3.99", "/gone/python"])
def test_a_python_that_is_not_there_without_uv(home: Home, asked: str) -> None:
    home.configure('[sync]\ninstaller = "pip"\n')
    ran = refused(home, home.project(), 2, "--clear", "--python", asked)
    assert f"there is no Python {asked} on PATH" in ran.err


def test_a_python_that_is_none(home: Home) -> None:
    home.configure('[sync]\ninstaller = "pip"\n')
    refused(home, home.project(), 1, "--clear", "--python", "/bin/false")


def test_a_manifest_that_is_not_there(home: Home) -> None:
    assert "gone.txt does not exist" in refused(home, home.project(), 2, "--clear", "-r", "gone.txt").err


@pytest.mark.parametrize("allowed", [True, False], ids=["allowed", "unknown"])
def test_a_manifest_that_cannot_be_installed(home: Home, index: Index, allowed: bool) -> None:
    index.add("pip", "99.0")
    root = home.project()
    if allowed:
        home.allowed(root)
    (root / "bad.txt").write_text("no-such-thing\n")
    assert "bad.txt:1: " in refused(home, root, 1, "--clear", "-r", "bad.txt").err


def test_a_denied_project(home: Home) -> None:
    root = home.project(venv=False)
    assert home.envd("deny", str(root)).code == 3
    root = home.project("denied")
    home.envd("deny", str(root))
    assert "is denied" in refused(home, root, 4, "--clear").err


def test_a_directory_that_others_may_write(home: Home) -> None:
    root = home.project(venv=False)
    root.chmod(0o777)
    assert "can be written by everybody" in refused(home, root, 4).err


def test_a_colon_in_the_path(home: Home) -> None:
    root = home.project("a:b", venv=False)
    assert "holds a colon" in refused(home, root, 2).err


def test_a_directory_that_cannot_be_written(home: Home, obedient: tuple[str, ...]) -> None:
    root = home.project()
    before = snapshot(root)
    root.chmod(0o500)
    ran = home.envd("init", "--clear", cwd=root, prefix=obedient)
    root.chmod(0o755)
    assert ran.code == 1
    assert ".venv cannot be moved aside: Permission denied" in ran.err
    assert snapshot(root) == before


def test_interrupted_it_restores_what_was_there(home: Home, index: Index) -> None:
    index.add("pip", "99.0")
    root = home.allowed(home.project())
    (root / "dev.txt").write_text("demo\n")
    (root / ".venv/mine").touch()
    before = snapshot(root)
    home.configure('[sync]\ninstaller = "pip"\n')
    index.gate.clear()
    with home.begin("init", "--clear", "-r", "dev.txt", cwd=root) as running:
        assert index.waiting.wait(30)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=30)
    assert running.returncode == -signal.SIGINT
    assert snapshot(root) == before


def test_the_python_that_the_project_asks_for_is_taken(home: Home, index: Index) -> None:
    index.add("pip", "99.0")
    root = home.project(venv=False)
    (root / "pyproject.toml").write_text('[project]\nname = "acme"\nrequires-python = ">=3.99"\ndependencies = ["demo"]\n')
    ran = home.envd("init", cwd=root)
    assert (ran.code in (1, 2), "3.99" in ran.err) == (True, True), ran.err
    assert not (root / ".venv").exists()
    (root / ".python-version").write_text("3.98\n")
    assert "3.98" in home.envd("init", cwd=root).err


def test_what_the_project_says_of_python_is_told(home: Home, index: Index) -> None:
    index.add("pip", "99.0")
    root = home.project(venv=False)
    version = ".".join(map(str, sys.version_info[:2]))
    (root / ".python-version").write_text(f"{version}\n")
    said = home.envd("init", "--python", sys.executable, cwd=root).out
    assert f"; .python-version says {version}) and is allowed" in said
    (root / ".python-version").write_text("3.98\n")
    said = home.envd("init", "--clear", "--python", sys.executable, cwd=root).out
    assert "; .python-version says 3.98, which this is not) and is allowed" in said


def test_a_file_named_by_hand_may_lie_anywhere(home: Home, index: Index) -> None:
    index.add("pip", "99.0")
    root = home.project(venv=False)
    (root.parent / "more.txt").write_text("demo==1.0\n")
    ran = home.envd("init", "-r", "../more.txt", cwd=root)
    assert ran.code == 0, ran.err
    assert "installed what ../more.txt asks for, this once\n" in ran.out


def test_a_stand_in_for_python_is_told_what_the_shell_has_chosen(home: Home, index: Index, installer: str) -> None:
    index.add("pip", "99.0")
    shim = home.base / "shims/python3"
    shim.parent.mkdir()
    real = getattr(sys, "_base_executable", sys.executable)
    shim.write_text(f'#!/bin/sh\necho "$PYENV_VERSION" >>{home.base}/asked\nexec {real} "$@"\n')
    shim.chmod(0o755)
    home.variables.update(PYENV_VERSION="3.99", PATH=f"{shim.parent}:{home.variables['PATH']}")
    init(home, home.project(venv=False))
    assert set((home.base / "asked").read_text().split()) == {"3.99"}
