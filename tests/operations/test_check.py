"""What is looked over before a clone takes the environment's place, and what is mended or removed on request."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.stage.home import Home, snapshot
from tests.stage.index import Index, make_wheel

from envd.adapters.venvs import Venv
from envd.core.errors import InstallFailed
from envd.core.pyvenv import Diagnosis, Health, PyvenvCfg
from envd.core.records import Planned
from envd.operations.check import look_over

with_uv = pytest.mark.parametrize("installer", ["uv"], indirect=True)


@pytest.fixture
def project(home: Home, index: Index, installer: str) -> Path:
    """A project in sync: demo, and needy with leaf."""
    root = home.allowed(home.project(requirements="demo==1.0\nneedy\n"))
    assert home.envd("sync", cwd=root).code == 0
    return root


def site(root: Path) -> Path:
    return next((root / ".venv").glob("lib/*/site-packages"))


def imports(root: Path, name: str) -> bool:
    return subprocess.run([root / ".venv/bin/python", "-c", f"import {name}"], capture_output=True).returncode == 0


def by_hand(home: Home, root: Path, *words: str) -> None:
    assert home.run([sys.executable, "-m", "pip", "--python", str(root / ".venv/bin/python"), *words]).code == 0


def test_the_log_has_the_plan_with_its_reasons(home: Home, project: Path) -> None:
    (project / "requirements.txt").write_text("# pins\ndemo==1.1\nother\n")
    assert home.envd("sync", cwd=project).code == 0
    assert home.store.entries(str(project))[-1].plan == (
        Planned("+other 2.0", "requirements.txt:3"),
        Planned("~demo 1.0→1.1", "requirements.txt:2"),
        Planned("-needy 1.0", "nothing asks for it any more"),
        Planned("-leaf 1.0", "nothing asks for it any more"),
    )
    first = home.store.entries(str(project))[0].plan
    assert Planned("+leaf 1.0", "needed by needy, requirements.txt:2") in first


def fake_venv(path: Path, name: str, *files: str) -> Venv:
    info = path / f"lib/python3.12/site-packages/{name}-1.0.dist-info"
    info.mkdir(parents=True)
    for file in files:
        (info / file).write_text(f"Name: {name}\nVersion: 1.0\n")
    return Venv(".venv", path, PyvenvCfg(version="3.12"), Diagnosis(Health.WELL))


WHOLE = ("METADATA", "RECORD", "INSTALLER")


def test_what_the_installer_left_half_is_an_error(tmp_path: Path) -> None:
    old, new = fake_venv(tmp_path / "old", "demo", *WHOLE), fake_venv(tmp_path / "new", "demo", "METADATA")
    with pytest.raises(InstallFailed, match=r"^uv left the packages half installed: demo 1\.0 has no RECORD$"):
        look_over(old, new, "uv")


@pytest.mark.parametrize("files", [WHOLE, ("METADATA",)], ids=["whole", "damaged from before"])
def test_what_is_no_fault_of_the_installer_is_none(tmp_path: Path, files: tuple[str, ...]) -> None:
    look_over(fake_venv(tmp_path / "old", "demo", *files), fake_venv(tmp_path / "new", "demo", *files), "uv")


@with_uv
def test_what_pip_check_would_say_is_said(home: Home, index: Index, project: Path) -> None:
    index.add("strict", "1.0", "demo<1.1")
    by_hand(home, project, "install", "strict")
    (project / "requirements.txt").write_text("demo==1.2\nneedy\n")
    assert home.envd("sync", cwd=project).code == 0
    said = "strict 1.0 needs demo<1.1, and demo 1.2 is installed"
    assert home.notice(project).endswith(f"~demo 1.0→1.2; but {said}")
    assert said in home.envd("status", cwd=project).out


@with_uv
def test_what_another_program_had_half_done_is_no_fault_of_the_installer(home: Home, index: Index, project: Path) -> None:
    index.gate.clear()
    index.waiting.clear()
    (project / "requirements.txt").write_text("demo==1.1\nneedy\n")
    # As ensurepip leaves pip while it writes it: half of it in the clone, whole in the environment by the time that is looked over.
    syncing = home.begin("sync", cwd=project)
    assert index.waiting.wait(60)
    clone = next((project / ".venv/.envd").glob("*/next"))
    (next(clone.glob("lib/*/site-packages")) / "leaf-1.0.dist-info/RECORD").unlink()
    (site(project) / "written.py").touch()
    index.gate.set()
    said = syncing.communicate(timeout=60)[0].decode()
    assert syncing.returncode == 0, said
    assert imports(project, "leaf")
    assert (site(project) / "written.py").is_file()


# -- damage from before


@with_uv
def test_damage_from_before_is_named_and_does_not_stop_a_sync(home: Home, project: Path) -> None:
    (site(project) / "leaf-1.0.dist-info/INSTALLER").unlink()
    (project / "requirements.txt").write_text("demo==1.1\nneedy\n")
    ran = home.envd("sync", cwd=project)
    assert ran.code == 0, ran.err
    assert "damaged leaf 1.0 has no INSTALLER: envd sync --mend" in " ".join(home.envd("status", cwd=project).out.split())
    assert "acme: leaf 1.0 has no INSTALLER, perhaps cut off\n    envd sync --mend\n" in home.envd("doctor", cwd=project).out


@with_uv
def test_damage_from_before_that_an_installer_fails_over_is_named(home: Home, project: Path) -> None:
    (site(project) / "leaf-1.0.dist-info/METADATA").unlink()
    (project / "requirements.txt").write_text("demo==1.1\nneedy\n")
    ran = home.envd("sync", cwd=project)
    assert ran.code == 1
    assert "; damaged from before: leaf 1.0 has no METADATA\n" in ran.err
    assert ran.err.endswith("  hint: envd sync --mend\n")
    assert home.envd("sync", "--mend", cwd=project).code == 0
    assert imports(project, "leaf")


@pytest.mark.parametrize("part", ["METADATA", "INSTALLER", "RECORD"])
def test_damaged_packages_are_mended_on_request(home: Home, project: Path, part: str) -> None:
    (site(project) / f"leaf-1.0.dist-info/{part}").unlink()
    ran = home.envd("sync", "--mend", cwd=project)
    assert ran.code == 0, ran.err
    assert "  mended leaf 1.0" in ran.out.splitlines()
    assert (site(project) / f"leaf-1.0.dist-info/{part}").is_file()
    assert imports(project, "leaf")
    assert "damaged" not in home.envd("status", cwd=project).out


def test_what_pip_set_aside_is_taken_out_on_request(home: Home, project: Path) -> None:
    shutil.copytree(site(project) / "leaf-1.0.dist-info", site(project) / "~eaf-1.0.dist-info")
    (site(project) / "~eaf").mkdir()
    assert "is what pip set aside" in " ".join(home.envd("status", cwd=project).out.split())
    ran = home.envd("sync", "--mend", cwd=project)
    assert (ran.code, ran.out.splitlines()[1:]) == (0, ["  mended ~eaf-1.0.dist-info"]), ran.err
    assert list(site(project).glob("~*")) == []
    assert imports(project, "leaf")


def test_lost_files_come_back_on_request(home: Home, project: Path) -> None:
    (site(project) / "demo.py").unlink()
    assert not imports(project, "demo")
    assert "damaged demo lacks demo.py: envd sync --mend" in " ".join(home.envd("status", cwd=project).out.split())
    assert home.envd("sync", cwd=project).out.endswith("damaged: demo lacks demo.py: envd sync --mend\n")
    ran = home.envd("sync", "--mend", cwd=project)
    assert ran.code == 0
    assert ran.out.splitlines()[1:] == ["  mended demo 1.0"]
    assert home.notice(project).endswith(": mended demo 1.0")
    assert imports(project, "demo")
    assert home.envd("sync", "--mend", "--json", cwd=project).fields()["mended"] == []


@with_uv
def test_a_gate_and_a_plan_see_damage(home: Home, project: Path) -> None:
    (site(project) / "leaf-1.0.dist-info/INSTALLER").unlink()
    checked = home.envd("sync", "--check", cwd=project)
    assert (checked.code, checked.err) == (
        5, "envd: packages of acme are damaged: leaf 1.0 has no INSTALLER\n  hint: envd sync --mend\n",
    )  # fmt: skip
    planned = home.envd("sync", "--mend", "--dry-run", cwd=project)
    assert planned.out.splitlines()[0] == "would be mended: leaf 1.0 has no INSTALLER"
    assert home.envd("sync", cwd=project).out.endswith("damaged: leaf 1.0 has no INSTALLER: envd sync --mend\n")


def test_what_was_installed_by_hand_and_is_damaged_is_mended_too(home: Home, index: Index, project: Path) -> None:
    by_hand(home, project, "install", "other")
    (site(project) / "other-2.0.dist-info/METADATA").unlink()
    assert home.envd("sync", "--mend", cwd=project).code == 0
    assert (site(project) / "other-2.0.dist-info/METADATA").is_file()
    assert imports(project, "other")


def test_what_came_from_no_index_is_not_replaced_by_what_an_index_has(home: Home, index: Index, project: Path) -> None:
    private = home.path / "other-2.0-py3-none-any.whl"
    private.write_bytes(make_wheel("other", "2.0", more={"private.py": "", "other_too.py": ""}))
    by_hand(home, project, "install", str(private))
    (site(project) / "other_too.py").unlink()
    before = snapshot(site(project))
    ran = home.envd("sync", "--mend", cwd=project)
    assert ran.code == 1
    assert f"other is damaged and came from file://{private}, not from an index" in ran.err
    assert ran.err.endswith("  hint: install other again from there\n")
    assert snapshot(site(project)) == before


def test_what_cannot_be_mended_is_not_said_to_be(home: Home, index: Index, project: Path) -> None:
    index.add("gone", "1.0")
    by_hand(home, project, "install", "gone")
    index.wheels.clear()
    (site(project) / "gone.py").unlink()
    ran = home.envd("sync", "--mend", cwd=project)
    assert ran.code == 1
    assert "gone cannot be mended: " in ran.err
    assert home.envd("sync", "--check", cwd=project).code == 5


@with_uv
@pytest.mark.parametrize("row", [b"\xff\xfe.py,,\n", b"a\0/b.py,,\n", b'"unclosed\n', b"gone/,,\n"])
def test_whatever_a_record_lists_nothing_breaks_over_it(home: Home, project: Path, row: bytes) -> None:
    with (site(project) / "leaf-1.0.dist-info/RECORD").open("ab") as file:
        file.write(row)
    ran = home.envd("status", cwd=project)
    assert ran.code == 0
    # A NUL is an error of csv in some Pythons and none in others.
    assert ("damaged" in ran.out) is row.startswith(b"\xff") or b"\0" in row


# -- exact


def test_exact_shows_and_removes_what_nothing_asks_for(home: Home, index: Index, project: Path) -> None:
    index.add("wheel", "1.0")
    by_hand(home, project, "install", "other", "wheel")
    ran = home.envd("sync", "--exact", "--yes", cwd=project)
    assert ran.code == 0, ran.err
    assert ran.err == "envd: no manifest of acme asks for:\nenvd:   -other 2.0\n"
    assert ran.out.startswith("acme synced in ")
    assert not imports(project, "other")
    assert imports(project, "wheel")
    assert imports(project, "leaf")


@with_uv
def test_exact_asks_first_and_changes_nothing_where_nobody_can_be_asked(home: Home, index: Index, project: Path) -> None:
    by_hand(home, project, "install", "other")
    ran = home.envd("sync", "--exact", cwd=project)
    assert ran.code == 2
    assert ran.err.endswith("envd:   -other 2.0\nenvd: nobody can be asked here\n  hint: envd sync --exact --yes\n")
    assert imports(project, "other")


@with_uv
def test_exact_is_planned_and_checked_without_a_question(home: Home, index: Index, project: Path) -> None:
    by_hand(home, project, "install", "other")
    planned = home.envd("sync", "--exact", "--dry-run", cwd=project)
    assert (planned.code, planned.err) == (0, "")
    assert planned.out.splitlines()[1:] == ["  -other 2.0"]
    checked = home.envd("sync", "--exact", "--check", cwd=project)
    assert (checked.code, checked.err) == (5, "envd: no manifest of acme asks for other\n  hint: envd sync --exact\n")
    assert home.envd("sync", "--check", cwd=project).code == 0
    assert imports(project, "other")


@with_uv
def test_exact_leaves_what_its_user_works_on(home: Home, index: Index, project: Path) -> None:
    by_hand(home, project, "install", "other")
    (site(project) / "other-2.0.dist-info/direct_url.json").write_text('{"url": "file:///src", "dir_info": {"editable": true}}')
    ran = home.envd("sync", "--exact", cwd=project)
    assert ran.code == 0, ran.err
    assert imports(project, "other")
