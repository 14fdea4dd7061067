"""Environments on disk, real ones: finding them, telling what ails them, and reading what is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from envd.adapters.venvs import (
    Venv,
    bears_seal,
    compare_venvs,
    find_venv,
    installed_dists,
    installed_versions,
    remove_seal,
    write_seal,
)
from envd.core.errors import StateError
from envd.core.packages import Dist
from envd.core.pyvenv import Health

NAMES = (".venv", "venv", "env")
UV = Path(sys.prefix, "bin", "uv")
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def make_venv(path: Path) -> Path:
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", path], check=True, timeout=60)
    return path


def make_uv_venv(path: Path, *options: str) -> Path:
    if not UV.exists():
        pytest.skip("uv is not installed beside this interpreter")
    variables = {"PATH": os.defpath, "HOME": str(path.parent), "UV_PYTHON_DOWNLOADS": "never", "UV_NO_CONFIG": "1"}
    command = [str(UV), "venv", "--quiet", "--offline", "--no-project", *options, "--python", sys.executable, str(path)]
    subprocess.run(command, env=variables, check=True, timeout=60)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    found = tmp_path / "acme"
    found.mkdir()
    return found


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One real environment, only to be copied."""
    return make_venv(tmp_path_factory.mktemp("model") / "venv")


@pytest.fixture
def copy(model: Path) -> Callable[[Path], Path]:
    """Make an environment as one that was made in place: as a copy whose activate script says where it is now."""

    def make(path: Path) -> Path:
        shutil.copytree(model, path, symlinks=True)
        (path / "bin/activate").write_text(f"VIRTUAL_ENV='{path}'\n")
        return path

    return make


Copy = Callable[[Path], Path]


def found(root: Path, names: tuple[str, ...] = NAMES) -> Venv:
    venv = find_venv(root, names)
    assert venv is not None
    assert find_venv(root, names) is not None
    return venv


def health(root: Path, names: tuple[str, ...] = NAMES) -> Health:
    return found(root, names).diagnosis.health


# -- finding one


@pytest.mark.parametrize("make", [pytest.param(make_venv, id="venv"), pytest.param(make_uv_venv, id="uv")])
@pytest.mark.parametrize("name", NAMES)
def test_a_new_environment_works(root: Path, name: str, make: Callable[[Path], Path]) -> None:
    path = make(root / name)
    venv = found(root)
    assert (venv.name, venv.path, venv.diagnosis.health, venv.cfg.minor) == (name, path, Health.WELL, VERSION)
    assert (venv.bin, venv.python) == (path / "bin", path / "bin/python")
    assert venv.holding_paths == (path, path / "bin", path / "pyvenv.cfg")


@pytest.mark.parametrize(
    ("present", "names", "expected"),
    [
        pytest.param("env venv .venv", NAMES, ".venv", id="the first of all"),
        pytest.param("env venv", NAMES, "venv", id="the first that is there"),
        pytest.param("env venv .venv", ("env", ".venv"), "env", id="in the user's order"),
        pytest.param("my-env .venv", ("my-env",), "my-env", id="the user's own name"),
    ],
)
def test_the_first_name_counts(root: Path, copy: Copy, present: str, names: tuple[str, ...], expected: str) -> None:
    for name in present.split():
        copy(root / name)
    assert found(root, names).name == expected


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda root: None, id="nothing"),
        pytest.param(lambda root: (root / "venv").mkdir(), id="a directory called venv"),
        pytest.param(lambda root: (root / "env").write_text("x"), id="a file called env"),
        pytest.param(lambda root: (root / ".venv").symlink_to("gone"), id="a dangling .venv"),
        pytest.param(lambda root: (root / ".venv").symlink_to(".venv"), id="a .venv that leads to itself"),
        pytest.param(lambda root: os.mkfifo(root / ".venv"), id="a FIFO called .venv"),
        pytest.param(lambda root: (root / ".venv").symlink_to("/dev/zero"), id="/dev/zero for .venv"),
        pytest.param(lambda root: root.rmdir(), id="no project"),
    ],
)
def test_what_is_no_environment_is_not_found(root: Path, make: Callable[[Path], object]) -> None:
    make(root)
    assert find_venv(root, NAMES) is None
    assert find_venv(root, NAMES) is None


def test_a_complete_environment_comes_before_an_unfinished_one(root: Path, copy: Copy) -> None:
    (root / ".venv").mkdir()
    copy(root / "venv")
    assert (found(root).name, health(root)) == ("venv", Health.WELL)


# -- .venv as a link or a file


def test_a_name_that_is_not_looked_for_is_not_found(root: Path, copy: Copy) -> None:
    copy(root / ".venv")
    assert find_venv(root, ("venv", "env")) is None


def test_a_link_is_named_by_its_own_path(root: Path, copy: Copy, tmp_path: Path) -> None:
    copy(tmp_path / "elsewhere")
    (root / ".venv").symlink_to(tmp_path / "elsewhere")
    assert (found(root).path, health(root)) == (root / ".venv", Health.WELL)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("../elsewhere", id="relative"),
        pytest.param("{base}/elsewhere", id="absolute"),
        pytest.param("  ../elsewhere  ", id="with spaces around"),
        pytest.param("../elsewhere\n", id="with an end"),
        pytest.param("../elsewhere\r\n", id="with the end of Windows"),
        pytest.param("../elsewhere\nmore\n", id="with more lines"),
        pytest.param("../elsewhere/", id="with a slash"),
        pytest.param("./../gone/../elsewhere/../acme/../elsewhere", id="by a detour"),
    ],
)
def test_a_file_names_the_environment(root: Path, copy: Copy, tmp_path: Path, line: str) -> None:
    copy(tmp_path / "elsewhere")
    (tmp_path / "gone").mkdir()
    (root / ".venv").write_text(line.format(base=tmp_path))
    assert (found(root).name, found(root).path, health(root)) == (".venv", tmp_path / "elsewhere", Health.WELL)


def test_a_file_may_name_a_path_that_is_not_utf_8(root: Path, copy: Copy) -> None:
    path = Path(os.fsdecode(os.fsencode(root.parent) + b"/\xff"))
    copy(root.parent / "draft").rename(path)
    (path / "bin/activate").unlink()
    (root / ".venv").write_bytes(b"../\xff\n")
    assert (found(root).path, health(root)) == (path, Health.WELL)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\n../elsewhere\n", id="an empty first line"),
        pytest.param(b"gone\n", id="a missing target"),
        pytest.param(b"/gone\n", id="a missing absolute target"),
        pytest.param(b"src\n", id="a directory that is no environment"),
        pytest.param(b".\n", id="the project itself"),
        pytest.param(b"../elsewhere\0\n", id="a NUL"),
        pytest.param(b"../elsewhere" + b" " * 4096, id="too long"),
        pytest.param(b"x" * 4000, id="a name that is too long"),
        pytest.param(bytes(range(256)) * 8, id="binary"),
        pytest.param(b"\x7fELF\x02\x01\x01", id="a program"),
        pytest.param(b"~/elsewhere\n", id="a tilde, which is for shells"),
    ],
)
def test_a_file_that_names_no_environment_is_broken(root: Path, copy: Copy, content: bytes) -> None:
    copy(root.parent / "elsewhere")
    (root / "src").mkdir()
    (root / ".venv").write_bytes(content)
    assert (found(root).path, health(root)) == (root / ".venv", Health.NO_TARGET)


def test_a_file_by_another_name_names_nothing(root: Path, copy: Copy) -> None:
    copy(root.parent / "elsewhere")
    (root / "venv").write_text("../elsewhere")
    assert find_venv(root, NAMES) is None


def test_a_file_that_leads_to_a_file_is_not_followed(root: Path, copy: Copy) -> None:
    copy(root.parent / "elsewhere")
    (root / "second").write_text("../elsewhere")
    (root / ".venv").write_text("second")
    assert health(root) == Health.NO_TARGET


# -- what ails one


def instead(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def harm(path: Path) -> None:
        path.unlink()
        make(path)

    return harm


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        pytest.param(lambda cfg: cfg.write_bytes(b""), Health.NO_HOME, id="empty"),
        pytest.param(lambda cfg: cfg.write_text("version = 3.12.1\n"), Health.NO_HOME, id="no home"),
        pytest.param(lambda cfg: cfg.write_text("home =\n"), Health.NO_HOME, id="an empty home"),
        pytest.param(lambda cfg: cfg.write_bytes(bytes(range(256)) * 100), Health.NO_HOME, id="binary"),
        pytest.param(lambda cfg: cfg.write_bytes(b"home = \xff\xfe\0\n"), Health.BASE_GONE, id="a home that is no path"),
        pytest.param(lambda cfg: cfg.write_bytes(b"#" * 10_000_000), Health.NO_CFG, id="10 MB"),
        pytest.param(lambda cfg: cfg.write_text("home = /gone/bin\n"), Health.BASE_GONE, id="a home that is gone"),
        pytest.param(lambda cfg: cfg.unlink(), Health.NO_CFG, id="gone"),
        pytest.param(instead(os.mkfifo), Health.NO_CFG, id="a FIFO"),
        pytest.param(instead(Path.mkdir), Health.NO_CFG, id="a directory"),
        pytest.param(instead(lambda cfg: cfg.symlink_to("/dev/zero")), Health.NO_CFG, id="/dev/zero"),
        pytest.param(instead(lambda cfg: cfg.symlink_to("gone")), Health.NO_CFG, id="a dangling link"),
    ],
)
def test_a_pyvenv_cfg_that_says_nothing_is_broken(root: Path, copy: Copy, make: Callable[[Path], object], expected: Health) -> None:
    make(copy(root / ".venv") / "pyvenv.cfg")
    assert health(root) == expected


def dangle(venv: Path) -> None:
    (venv / "bin/python").unlink()
    (venv / "bin/python").symlink_to("/gone/bin/python3")


def lose_base(venv: Path) -> None:
    dangle(venv)
    (venv / "pyvenv.cfg").write_text("home = /gone/bin\nversion = 3.12.1\n")


def other_minor(venv: Path) -> None:
    base = venv.parent / "base"
    base.mkdir()
    (base / "python3.99").write_text("#!/bin/sh\n")
    (base / "python3.99").chmod(0o755)
    (base / "python3").symlink_to("python3.99")
    (venv / "bin/python").unlink()
    (venv / "bin/python").symlink_to(base / "python3")


@pytest.mark.parametrize(
    ("harm", "expected", "detail"),
    [
        pytest.param(lambda venv: shutil.rmtree(venv / "bin"), Health.NO_PYTHON, "", id="half-made, without bin"),
        pytest.param(lambda venv: (venv / "bin/python").unlink(), Health.NO_PYTHON, "", id="half-made, without its Python"),
        pytest.param(dangle, Health.BASE_GONE, "{home}", id="a dangling Python"),
        pytest.param(lose_base, Health.BASE_GONE, "/gone/bin", id="the base is gone"),
        pytest.param(other_minor, Health.MINOR_CHANGED, f"{VERSION}, now 3.99", id="the base is another Python now"),
    ],
)
def test_a_broken_environment_is_told_by_what_ails_it(
    root: Path, copy: Copy, harm: Callable[[Path], object], expected: Health, detail: str
) -> None:
    copy(root / ".venv")
    home = found(root).cfg.home
    harm(root / ".venv")
    diagnosis = found(root).diagnosis
    assert (diagnosis.health, diagnosis.detail) == (expected, detail.format(home=home))


def test_an_empty_directory_called_venv_is_an_unfinished_environment(root: Path) -> None:
    (root / ".venv").mkdir()
    assert health(root) == Health.NO_CFG
    assert found(root).holding_paths == (root / ".venv",)


@pytest.mark.parametrize("make", [pytest.param(make_venv, id="venv"), pytest.param(make_uv_venv, id="uv")])
def test_a_moved_environment_says_from_where(root: Path, make: Callable[[Path], Path]) -> None:
    make(root / "before").rename(root / ".venv")
    diagnosis = found(root).diagnosis
    assert (diagnosis.health, diagnosis.detail) == (Health.MOVED, str(root / "before"))


@pytest.mark.parametrize("make", [pytest.param(make_venv, id="venv"), pytest.param(make_uv_venv, id="uv")])
def test_a_copied_environment_is_not_the_one_that_its_scripts_lead_to(root: Path, make: Callable[[Path], Path]) -> None:
    make(root / "before")
    subprocess.run(["cp", "-a", root / "before", root / ".venv"], check=True, timeout=60)
    diagnosis = found(root).diagnosis
    assert (diagnosis.health, diagnosis.detail) == (Health.MOVED, str(root / "before"))


def test_a_project_that_was_renamed_has_a_moved_environment(root: Path) -> None:
    make_venv(root / ".venv")
    assert health(root.rename(root.parent / "renamed")) == Health.MOVED


def test_an_environment_that_came_back_works(root: Path) -> None:
    make_venv(root / ".venv")
    renamed = root.rename(root.parent / "renamed")
    root.symlink_to(renamed)
    assert (health(root), health(renamed)) == (Health.WELL, Health.WELL)


def test_a_relocatable_environment_may_be_moved(root: Path) -> None:
    make_uv_venv(root / "before", "--relocatable").rename(root / ".venv")
    assert health(root) == Health.WELL


@pytest.mark.parametrize("make", [pytest.param(make_venv, id="venv"), pytest.param(make_uv_venv, id="uv")])
@pytest.mark.parametrize("name", ["with space", "it's", "ümlaut 🐍", "$HOME", "#x", "a&b;c", "(x)"])
def test_an_odd_path_is_not_taken_for_a_move(tmp_path: Path, name: str, make: Callable[[Path], Path]) -> None:
    (tmp_path / name).mkdir()
    make(tmp_path / name / ".venv")
    assert health(tmp_path / name) == Health.WELL


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(os.mkfifo, id="a FIFO"),
        pytest.param(lambda path: path.write_bytes(b"VIRTUAL_ENV='/unclosed\n"), id="a quote that is not closed"),
        pytest.param(lambda path: path.write_bytes(b"VIRTUAL_ENV=/a\0b\n"), id="a NUL"),
        pytest.param(lambda path: path.write_bytes(b"VIRTUAL_ENV='/" + b"x" * 70_000 + b"'\n"), id="far too long"),
        pytest.param(lambda path: path.write_bytes(bytes(range(256))), id="binary"),
    ],
)
def test_an_activate_script_that_says_nothing_is_no_move_and_no_crash(
    root: Path, copy: Copy, make: Callable[[Path], object]
) -> None:
    copy(root / ".venv")
    (root / ".venv/bin/activate").unlink()
    make(root / ".venv/bin/activate")
    assert health(root) == Health.WELL


def test_a_colon_in_the_path_keeps_it_off_path(tmp_path: Path, copy: Copy) -> None:
    (tmp_path / "a:b").mkdir()
    copy(tmp_path / "a:b" / ".venv")
    assert health(tmp_path / "a:b") == Health.COLON


# -- the seal


def test_a_seal_takes_the_place_of_another(root: Path, copy: Copy) -> None:
    copy(root / ".venv")
    assert not bears_seal(found(root), "one")
    write_seal(found(root), "one")
    write_seal(found(root), "two")
    assert (bears_seal(found(root), "one"), bears_seal(found(root), "two")) == (False, True)
    assert [path.name for path in (root / ".venv").glob(".envd-seal*")] == [".envd-seal-two"]


def test_a_seal_does_not_follow_a_link(root: Path, copy: Copy) -> None:
    (root / "precious").write_text("mine")
    (copy(root / ".venv") / ".envd-seal-token").symlink_to(root / "precious")
    write_seal(found(root), "token")
    assert ((root / "precious").read_text(), bears_seal(found(root), "token")) == ("mine", True)


def test_a_seal_is_taken_out(root: Path, copy: Copy) -> None:
    copy(root / ".venv")
    write_seal(found(root), "token")
    remove_seal(found(root))
    assert not bears_seal(found(root), "token")


def test_an_environment_that_cannot_be_written_says_so(root: Path, copy: Copy) -> None:
    (copy(root / ".venv") / ".envd-seal-token/full").mkdir(parents=True)
    with pytest.raises(StateError, match=r"\.envd-seal-token cannot be made"):
        write_seal(found(root), "token")


# -- what is installed


def lib_is_a_file(venv: Path) -> None:
    shutil.rmtree(venv / "lib")
    (venv / "lib").touch()


def add_info(root: Path, name: str, metadata: str | None = None, *, record: bool = True) -> Path:
    info = root / f".venv/lib/python{VERSION}/site-packages" / name
    info.mkdir(parents=True)
    if record:
        (info / "RECORD").touch()
    if metadata is not None:
        (info / "METADATA").write_bytes(metadata.encode())
    return info


def test_installed_packages_are_read_from_their_names(root: Path, copy: Copy) -> None:
    copy(root / ".venv")
    for name in ("flask-3.1.0.dist-info", "Zope.Interface_X-7.0.post1.dist-info", "a-1+local.dist-info"):
        add_info(root, name)
    assert installed_versions(found(root)) == {"flask": "3.1.0", "zope-interface-x": "7.0.post1", "a": "1+local"}


def test_what_is_not_installed_completely_is_absent(root: Path, copy: Copy) -> None:
    copy(root / ".venv")
    add_info(root, "half-1.0.dist-info", record=False)
    for name in ("~lask-3.1.0.dist-info", "~-1.0.dist-info", "flask.dist-info", "flask", "old-1.0.egg-info", "__pycache__"):
        add_info(root, name)
    assert installed_versions(found(root)) == {}


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda venv: shutil.rmtree(venv / "lib"), id="no lib"),
        pytest.param(lib_is_a_file, id="a file for lib"),
        pytest.param(lambda venv: (venv / "pyvenv.cfg").write_text(""), id="an empty pyvenv.cfg"),
    ],
)
def test_an_environment_without_packages_has_none(root: Path, copy: Copy, harm: Callable[[Path], object]) -> None:
    harm(copy(root / ".venv"))
    assert (installed_versions(found(root)), installed_dists(found(root))) == ({}, {})


def test_packages_are_found_without_the_version(root: Path, copy: Copy) -> None:
    copy(root / ".venv")
    add_info(root, "flask-3.1.0.dist-info")
    (root / ".venv/pyvenv.cfg").write_text("home = /usr/bin\n")
    assert installed_versions(found(root)) == {"flask": "3.1.0"}


HEAD = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"


@pytest.mark.parametrize(
    ("metadata", "requires"),
    [
        pytest.param(HEAD, (), id="nothing"),
        pytest.param(
            HEAD + "Requires-Dist: leaf>=1; extra == 'x'\nProvides-Extra: x\nrequires-dist:  b [y] (>2)  \n",
            ("leaf>=1; extra == 'x'", "b [y] (>2)"),
            id="two, by any case",
        ),
        pytest.param(HEAD + "Requires-Dist: leaf @ https://h/x.whl\n", ("leaf @ https://h/x.whl",), id="an address"),
        pytest.param(HEAD + "\nRequires-Dist: evil\n", (), id="the description is not read"),
        pytest.param((HEAD + "Requires-Dist: leaf\n\nRequires-Dist: evil\n").replace("\n", "\r\n"), ("leaf",), id="CRLF"),
        pytest.param(
            HEAD + "License: All\n        \n        rights\n\t\nRequires-Dist: leaf\n\nRequires-Dist: evil\n",
            ("leaf",),
            id="a license of paragraphs",
        ),
        pytest.param(HEAD + "License: page\n \x0c\n and \u2028\nRequires-Dist: leaf\n", ("leaf",), id="a form feed"),
        pytest.param("", (), id="empty"),
        pytest.param("\0\x01" * 100, (), id="binary"),
        pytest.param(None, (), id="no file"),
    ],
)
def test_what_a_package_requires_is_read_from_its_metadata(
    root: Path, copy: Copy, metadata: str | None, requires: tuple[str, ...]
) -> None:
    copy(root / ".venv")
    add_info(root, "demo-1.0.dist-info", metadata)
    assert installed_dists(found(root)) == {"demo": Dist("demo", "1.0", requires)}


def test_metadata_that_is_a_fifo_or_huge_requires_nothing(root: Path, copy: Copy) -> None:
    copy(root / ".venv")
    os.mkfifo(add_info(root, "fifo-1.0.dist-info") / "METADATA")
    add_info(root, "huge-1.0.dist-info", HEAD + "Requires-Dist: leaf\n" * 250_000)
    assert [dist.requires for dist in installed_dists(found(root)).values()] == [(), ()]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        pytest.param({"commit_id": "1a2b3c4d"}, {"commit_id": "5d6e7f8a"}, ["~own 1.0 (1a2b3c4→5d6e7f8)"], id="another commit"),
        pytest.param({"commit_id": "1a2b3c4d"}, {"commit_id": "1a2b3c4d"}, [], id="the same"),
        pytest.param({"commit_id": "1a2b3c4d"}, None, [], id="from a repository and from an index"),
        pytest.param({"commit_id": 7}, ["5d6e7f8a"], [], id="what is no commit"),
    ],
)
def test_what_differs_between_two_environments(
    tmp_path: Path, copy: Callable[[Path], Path], before: object, after: object, words: list[str]
) -> None:
    for name, vcs, six in (("a", before, "six-1"), ("b", after, "six-2")):
        packages = copy(tmp_path / name) / f"lib/python{VERSION}/site-packages"
        for package in ("own-1.0", six):
            (packages / f"{package}.dist-info").mkdir()
            (packages / f"{package}.dist-info/RECORD").touch()
        if vcs is not None:
            (packages / "own-1.0.dist-info/direct_url.json").write_text(json.dumps({"url": "https://h/own", "vcs_info": vcs}))
    old, new = (find_venv(tmp_path, (name,)) for name in ("a", "b"))
    assert old is not None
    assert new is not None
    assert compare_venvs(old, new).words() == [*words, "~six 1→2"]
