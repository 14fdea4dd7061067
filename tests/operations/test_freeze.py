"""`envd freeze`, what it writes, and the way back: what was frozen is installed again exactly."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from tests.stage.home import ENVD, Home, Ran
from tests.stage.index import Index, make_wheel

from envd.adapters.venvs import find_venv, installed_versions
from envd.core.capabilities import Capability
from envd.core.freezing import direct_source
from envd.core.packages import TOOLING


def packages(root: Path) -> dict[str, str]:
    venv = find_venv(root, (".venv",))
    assert venv is not None
    return {name: version for name, version in installed_versions(venv).items() if name not in TOOLING}


def frozen(home: Home, root: Path, *words: str) -> str:
    ran = home.envd("freeze", *words, cwd=root)
    assert (ran.code, ran.err) == (0, "")
    return ran.out


def by_hand(home: Home, root: Path, *words: str) -> None:
    ran = home.run([sys.executable, "-m", "pip", "--python", str(root / ".venv/bin/python"), "install", *words])
    assert ran.code == 0, ran.err


@pytest.fixture
def project(home: Home, index: Index) -> Path:
    home.configure("[sync]\nautomatic = false\n")
    root = home.allowed(home.project(requirements="needy\ndemo==1.1\n"))
    assert home.envd("sync", cwd=root).code == 0
    return root


def test_what_is_installed_is_written(home: Home, project: Path) -> None:
    assert frozen(home, project) == "demo==1.1\nleaf==1.0\nneedy==1.0\n"
    assert frozen(home, project, "--only-direct") == "demo==1.1\nneedy==1.0\n"
    assert frozen(home, project, "-o", "frozen.txt") == "wrote ~/acme/frozen.txt\n"
    assert (project / "frozen.txt").read_text() == "demo==1.1\nleaf==1.0\nneedy==1.0\n"


def test_an_existing_file_keeps_its_mode_and_its_link(home: Home, project: Path) -> None:
    (project / "real.txt").write_text("")
    (project / "real.txt").chmod(0o640)
    (project / "link.txt").symlink_to("real.txt")
    frozen(home, project, "-o", "link.txt")
    assert (project / "link.txt").is_symlink()
    assert (project / "real.txt").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    "words", [("--hashes", "-o", "requirements.txt"), ("--format", "pylock", "-o", "pylock.toml")], ids=["hashes", "pylock"]
)
def test_what_was_frozen_is_made_anew_exactly(
    home: Home, index: Index, project: Path, installer: str, words: tuple[str, ...]
) -> None:
    index.add("pip", "99.0")
    before = packages(project)
    frozen(home, project, *words)
    text = (project / words[-1]).read_text()
    assert text.count("sha256") >= 3
    index.add("leaf", "9.0")
    shutil.rmtree(project / ".venv")
    ran = home.envd("init", "--python", sys.executable, cwd=project)
    assert ran.code == 0, ran.err
    assert packages(project) == before


@pytest.mark.parametrize("words", [("--hashes",), ("--format", "pylock")], ids=["hashes", "pylock"])
def test_hashes_come_from_the_index_that_the_project_names(
    home: Home, index: Index, project: Path, installer: str, words: tuple[str, ...]
) -> None:
    with Index() as other:
        other.add("mine", "3.0")
        (project / "requirements.txt").write_text(f"--extra-index-url {other.url.replace('://', '://me:${KEY}@')}\nmine\n")
        home.variables["KEY"] = "s3cret"
        home.allowed(project, Capability.INDEX)
        assert home.envd("sync", cwd=project).code == 0
        text = frozen(home, project, *words)
    assert (text.count("sha256"), "s3cret" in text) == (1, False)


def test_a_package_from_a_file_has_no_hash_of_an_index(home: Home, project: Path) -> None:
    wheel = project / "mine-1.0-py3-none-any.whl"
    wheel.write_bytes(make_wheel("mine", "1.0"))
    by_hand(home, project, str(wheel))
    assert f"mine @ file://{wheel}\n" in frozen(home, project)
    ran = home.envd("freeze", "--hashes", cwd=project)
    assert (ran.code, f"mine came from file://{wheel}" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/p/acme", "-e ."),
        ("/p/acme/a%2Bb", "-e ./a+b"),
        ("/p/acme2", "-e /p/acme2"),
        ("/q", "-e /q"),
        ("/p/acme/a%20b", "-e file:///p/acme/a%20b"),
        ("/x/a%0A--extra-index-url%20https://evil/", "-e file:///x/a%0A--extra-index-url%20https://evil/"),
    ],
)
def test_an_editable_of_the_project_is_named_from_there(path: str, line: str) -> None:
    origin = {"dir_info": {"editable": True}, "url": f"file://{path}"}
    assert direct_source(origin, "/p/acme") == line


def test_a_file_that_is_there_is_replaced_and_that_is_said(home: Home, project: Path) -> None:
    assert frozen(home, project, "-o", "new.txt") == "wrote ~/acme/new.txt\n"
    assert frozen(home, project, "-o", "new.txt") == "replaced ~/acme/new.txt\n"


@pytest.mark.parametrize("name", ["pylock.toml", "pylock.dev.toml"])
def test_the_name_of_a_lock_makes_a_lock(home: Home, project: Path, name: str) -> None:
    frozen(home, project, "-o", name)
    assert (project / name).read_text().startswith(('lock-version = "1.0"', "# "))
    assert '[[packages]]\nname = "demo"' in (project / name).read_text()
    ran = home.envd("freeze", "--format", "requirements", "-o", name, cwd=project)
    assert (ran.code, ran.err.splitlines()[0]) == (2, f"envd: {name} is the name of a lock, not of requirements")


# -- what was installed by hand


def test_what_its_own_tool_adds_is_told_so(home: Home, project: Path) -> None:
    by_hand(home, project, "other")
    (project / "pylock.toml").write_text('lock-version = "1.0"\n[[packages]]\nname = "demo"\nversion = "1.1"\n')
    said = home.envd("status", cwd=project).out
    assert "left alone: envd freeze --format pylock -o pylock.toml puts one into the manifest" in " ".join(said.split())


def test_what_was_installed_by_hand_is_told_and_added(home: Home, project: Path) -> None:
    by_hand(home, project, "other")
    said = home.envd("status", cwd=project).out
    assert "extra        other 2.0 · put there by hand, and left alone: envd freeze --add NAME puts one into the manifest" in said
    assert frozen(home, project, "--add", "other") == "requirements.txt has other==2.0 now\n"
    assert (project / "requirements.txt").read_text() == "needy\ndemo==1.1\nother==2.0\n"
    assert home.envd("sync", cwd=project).code == 0
    assert "extra" not in home.envd("status", cwd=project).out


def test_a_dependency_is_added_to_pyproject(home: Home, project: Path) -> None:
    (project / "requirements.txt").unlink()
    (project / "pyproject.toml").write_text('[project]\nname = "acme"\nversion = "1"\ndependencies = [\n  "demo",\n]\n')
    assert frozen(home, project, "--add", "leaf") == "pyproject.toml has leaf>=1.0 now\n"
    assert '  "demo",\n  "leaf>=1.0",\n]' in (project / "pyproject.toml").read_text()


def refused(ran: Ran) -> str:
    assert ran.out == ""
    assert ran.code in (1, 2)
    return ran.err


def test_what_cannot_be_added_is_answered_with_the_way(home: Home, project: Path) -> None:
    assert "demo already" in refused(home.envd("freeze", "--add", "demo", cwd=project))
    assert "nope is not installed in .venv of acme" in refused(home.envd("freeze", "--add", "nope", cwd=project))
    assert "a pylock.toml names every package" in refused(home.envd("freeze", "--format", "pylock", "--only-direct", cwd=project))
    (project / "requirements.txt").write_text(f"needy\ndemo==1.1 --hash=sha256:{64 * 'a'}\n")
    ran = home.envd("freeze", "--add", "leaf", cwd=project)
    assert "requirements.txt:2 has a hash, which every other package then needs too" in refused(ran)
    assert "takes no other option" in refused(home.envd("freeze", "--add", "leaf", "--hashes", cwd=project))
    (project / "Pipfile").touch()
    (project / "pylock.toml").write_text('lock-version = "1.0"\n')
    assert "envd freeze --format pylock -o pylock.toml" in refused(home.envd("freeze", "--add", "leaf", cwd=project))


def test_dependencies_in_no_list_are_left_to_the_user(home: Home, project: Path) -> None:
    (project / "requirements.txt").unlink()
    text = 'project.dependencies = ["demo"]\n'
    (project / "pyproject.toml").write_text(text)
    assert "add 'leaf>=1.0' yourself" in refused(home.envd("freeze", "--add", "leaf", cwd=project))
    assert (project / "pyproject.toml").read_text() == text


# -- the gate


def test_check_holds_for_what_another_tool_has_installed(home: Home, index: Index) -> None:
    home.configure("[sync]\nautomatic = false\n")
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    assert home.envd("sync", "--check", cwd=root).code == 5
    by_hand(home, root, "demo==1.0")
    ran = home.envd("sync", "--check", cwd=root)
    assert (ran.code, ran.out) == (0, "acme is in sync\n")
    by_hand(home, root, "demo==1.1")
    assert home.envd("sync", "--check", cwd=root).code == 5


def test_a_stream_is_written_to_and_not_replaced(home: Home, project: Path) -> None:
    wanted = frozen(home, project)
    assert frozen(home, project, "-o", "-") == wanted
    kept = home.path / "kept"
    command = f"(echo before; {shlex.join(ENVD)} freeze -o /dev/stdout; echo after) > {kept}"
    assert home.run(["sh", "-c", command], project).code == 0
    assert kept.read_text() == f"before\n{wanted}after\n"
    fifo = home.path / "fifo"
    os.mkfifo(fifo)
    with subprocess.Popen(["cat", str(fifo)], stdout=subprocess.PIPE) as reader:
        assert home.envd("freeze", "-o", str(fifo), cwd=project).code == 0
        assert reader.communicate(timeout=20)[0].decode() == wanted
    assert stat.S_ISFIFO(fifo.stat().st_mode)
