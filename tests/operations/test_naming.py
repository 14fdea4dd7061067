"""Lines that name no package: which one they are is told by where it came from, so that what leaves the manifest can leave."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.stage.home import Home
from tests.stage.index import Index, make_wheel, source_files

from envd.adapters.venvs import find_venv, installed_versions
from envd.core.capabilities import Capability


def packages(root: Path) -> dict[str, str]:
    venv = find_venv(root, (".venv",))
    assert venv is not None
    return installed_versions(venv)


@pytest.fixture
def project(home: Home, index: Index, installer: str) -> Path:
    root = home.project()
    for name, text in source_files("mine", "1.0").items():
        (root / "lib").mkdir(exist_ok=True)
        (root / "lib" / name).write_text(text)
    (root / "wheels").mkdir()
    (root / "wheels/given-1.0-py3-none-any.whl").write_bytes(make_wheel("given", "1.0", ("leaf",)))
    return home.allowed(root, Capability.BUILD, Capability.LOCAL)


LINES = "-e ./lib\nwheels/given-1.0-py3-none-any.whl\n"


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(LINES, id="paths"),
        pytest.param("file://{root}/lib\n./wheels/given-1.0-py3-none-any.whl\n", id="a file URL"),
    ],
)
def test_what_leaves_the_manifest_leaves_beside_a_line_without_a_name(home: Home, project: Path, lines: str) -> None:
    lines = lines.format(root=project)
    (project / "requirements.txt").write_text(f"{lines}demo==1.0\nneedy\n")
    assert home.envd("sync", cwd=project).code == 0
    assert packages(project) == {"mine": "1.0", "given": "1.0", "leaf": "1.0", "demo": "1.0", "needy": "1.0"}
    (project / "requirements.txt").write_text(lines)
    ran = home.envd("sync", cwd=project)
    # leaf stays, which the wheel needs.
    assert (ran.code, packages(project)) == (0, {"mine": "1.0", "given": "1.0", "leaf": "1.0"}), ran.err
    assert home.envd("status", cwd=project).out.count("in sync · 3 packages\n") == 1


def test_a_line_without_a_name_is_the_reason_for_its_package(home: Home, project: Path) -> None:
    (project / "requirements.txt").write_text(LINES)
    assert home.envd("sync", cwd=project).code == 0
    plan = home.store.entries(str(project))[-1].plan
    assert {planned.word.partition(" ")[0]: planned.reason for planned in plan} == {
        "+mine": "requirements.txt:1",
        "+given": "requirements.txt:2",
        "+leaf": "needed by given, requirements.txt:2",
    }


def test_exact_leaves_what_a_line_without_a_name_leads_to(home: Home, index: Index, project: Path) -> None:
    (project / "requirements.txt").write_text(LINES)
    assert home.envd("sync", cwd=project).code == 0
    by_hand = [sys.executable, "-m", "pip", "--python", str(project / ".venv/bin/python"), "install", "other"]
    assert home.run(by_hand).code == 0
    ran = home.envd("sync", "--exact", "--yes", cwd=project)
    assert (ran.code, ran.err) == (0, "envd: no manifest of acme asks for:\nenvd:   -other 2.0\n")
    assert packages(project) == {"mine": "1.0", "given": "1.0", "leaf": "1.0"}


def test_exact_says_which_line_nobody_can_tell(home: Home, index: Index, project: Path) -> None:
    (project / "requirements.txt").write_text(f"demo\n{LINES}")
    ran = home.envd("sync", "--exact", "--check", cwd=project)
    said = (
        "envd: requirements.txt:2: -e ./lib is no package that is installed, so nobody can tell what is extra\n  hint: envd sync\n"
    )
    assert (ran.code, ran.err) == (1, said)
