"""What people really have on their disks: each a clear error that names the file and the next step, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.stage.home import Home, Ran, snapshot
from tests.stage.index import Index, index_variables

STRANGER = 65534


def kept(root: Path) -> dict[str, object]:
    """Return the project but for the files that envd and uv keep in an environment."""
    files = {name: found for name, found in snapshot(root).items() if name not in (".venv/.lock", ".venv", ".")}
    return {name: found for name, found in files.items() if not name.startswith(".venv/.envd-seal-")}


def refused(home: Home, root: Path, words: str, code: int) -> Ran:
    """Run a command that must fail with one error, within its time, and leave the project as it is."""
    before = kept(root)
    ran = home.envd(*words.split(), cwd=root, deadline=30)
    assert ran.code == code, ran.out + ran.err
    assert ran.err.startswith("envd: ")
    assert kept(root) == before
    return ran


# -- environments


def empty_file(venv: Path) -> None:
    shutil.rmtree(venv)
    venv.touch()


def no_cfg(venv: Path) -> None:
    (venv / "pyvenv.cfg").unlink()


def empty_cfg(venv: Path) -> None:
    (venv / "pyvenv.cfg").write_text("")


def no_python(venv: Path) -> None:
    for python in (venv / "bin").glob("python*"):
        python.unlink()


def no_base(venv: Path) -> None:
    no_python(venv)
    (venv / "bin/python").symlink_to("/gone/python3")


def redirect_to_nothing(venv: Path) -> None:
    shutil.rmtree(venv)
    venv.write_text("../gone\n")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        pytest.param(empty_file, ".venv is a file that does not name an environment", id="empty file"),
        pytest.param(redirect_to_nothing, ".venv is a file that does not name an environment", id="names nothing"),
        pytest.param(no_cfg, ".venv has no pyvenv.cfg", id="half made"),
        pytest.param(empty_cfg, ".venv has a pyvenv.cfg that names no base Python", id="empty pyvenv.cfg"),
        pytest.param(no_python, ".venv has no Python in it", id="no Python"),
        pytest.param(no_base, ".venv was made with a Python that is gone", id="base gone"),
    ],
)
def test_a_broken_environment_is_named_with_the_way_to_mend_it(home: Home, harm: Callable[[Path], None], said: str) -> None:
    root = home.allowed(home.project(requirements="demo\n"))
    harm(root / ".venv")
    for words in ("sync", "sync --dry-run", "sync --check", "status --check"):
        ran = refused(home, root, words, 6)
        assert said in ran.err
        assert "hint: envd init --clear" in ran.err
    assert home.envd("allow", cwd=root).out.endswith(": envd init --clear\n")
    answer = home.answer(root)
    assert answer is not None
    assert (answer.verdict.value, answer.bin) == ("broken", "")
    assert said in answer.text


# -- manifests


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("gone")


def device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def writes(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


MANIFESTS = [
    pytest.param(fifo, "requirements.txt is a FIFO, not a file", id="FIFO"),
    pytest.param(directory, "requirements.txt is a directory, not a file", id="directory"),
    pytest.param(device, "requirements.txt is a device, not a file", id="device"),
    pytest.param(dangling, "requirements.txt leads nowhere", id="dangling link"),
    pytest.param(writes(b"demo\n<<<<<<< HEAD\nsix\n"), "requirements.txt:2 holds a conflict marker of git", id="conflict"),
    pytest.param(writes(b"demo\n\xff\xfe\n"), "requirements.txt:2 is not utf-8 text", id="not UTF-8"),
    pytest.param(writes(b"demo\nsi\0x\n"), "requirements.txt:2 holds a NUL character", id="NUL"),
    pytest.param(writes(b"demo\n" * 300_000), "requirements.txt is larger than 1024 KiB", id="huge"),
    pytest.param(writes(b"demo\n-r gone.txt\n"), "requirements.txt:2: gone.txt does not exist", id="missing include"),
    pytest.param(writes(b"demo\n-r\n"), "requirements.txt:2 includes a file without naming it", id="nameless include"),
]


@pytest.fixture
def synced(home: Home, index: Index) -> Path:
    """A project in sync, by hand."""
    home.configure("[sync]\nautomatic = false\n")
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    assert home.envd("sync", cwd=root).code == 0
    return root


@pytest.mark.parametrize(("harm", "said"), MANIFESTS)
def test_a_manifest_that_cannot_be_read_is_named_with_its_line(
    home: Home, synced: Path, harm: Callable[[Path], None], said: str
) -> None:
    harm(synced / "requirements.txt")
    for words, code in (("sync", 1), ("sync --check", 5)):
        assert said in refused(home, synced, words, code).err
    ran = home.envd("status", cwd=synced)
    assert ran.code == 0
    assert said in ran.out
    assert said in home.notice(synced)


@pytest.mark.parametrize("words", ["sync", "sync --dry-run", "sync --check"])
def test_conflict_markers_stop_everything_by_hand(home: Home, synced: Path, words: str) -> None:
    (synced / "requirements.txt").write_text("demo==1.0\n<<<<<<< HEAD\n")
    ran = refused(home, synced, words, 5 if "--check" in words else 1)
    assert "requirements.txt:2 holds a conflict marker of git" in ran.err
    assert ran.err.endswith("  hint: mend requirements.txt, then: envd sync\n")


def test_a_manifest_that_is_gone_is_no_manifest_in_order(home: Home, synced: Path) -> None:
    (synced / "requirements.txt").unlink()
    ran = refused(home, synced, "sync --check", 5)
    hint = "  hint: bring it back, or begin anew: envd init --clear\n"
    said = f"envd: the manifest that packages of acme were synced for is gone\n{hint}"
    assert ran.err == said
    assert refused(home, synced, "status --check", 5).err == said
    assert refused(home, synced, "sync", 5).err == said
    shutil.rmtree(synced / ".venv")
    assert home.envd("init", "--python", sys.executable, cwd=synced).code == 0
    for command in "sync", "status":
        assert home.envd(command, "--check", cwd=synced).code == 0


def test_a_gate_sees_that_files_of_a_package_are_gone(home: Home, synced: Path) -> None:
    for file in (synced / ".venv").rglob("demo.py"):
        file.unlink()
    for gate in "sync --check", "status --check":
        ran = refused(home, synced, gate, 5)
        assert ran.err == "envd: packages of acme are damaged: demo lacks demo.py\n  hint: envd sync --mend\n"
    assert "would be mended: demo lacks demo.py" in home.envd("sync", "--mend", "--dry-run", cwd=synced).out
    assert home.envd("sync", "--mend", cwd=synced).code == 0
    assert home.envd("sync", "--check", cwd=synced).code == 0


def test_what_failed_is_in_json_too(home: Home, synced: Path) -> None:
    (synced / "requirements.txt").write_text("demo==1.0\nno-such-thing\n")
    ran = home.envd("sync", "--json", cwd=synced)
    error = ran.fields()["error"]
    assert (error["exit_code"], error["message"].partition(": ")[0]) == (1, "requirements.txt:2")
    error = home.envd("sync", "--json", "--group", "nope", cwd=synced).fields()["error"]
    assert (error["exit_code"], error["message"]) == (2, "acme has no group nope")


def test_a_requirement_that_does_not_exist(home: Home, synced: Path) -> None:
    (synced / "requirements.txt").write_text("demo==1.0\nno-such-thing\n")
    ran = refused(home, synced, "sync", 1)
    assert ran.err.startswith("envd: requirements.txt:2: ")
    assert "no-such-thing" in ran.err
    assert ran.err.endswith("then: envd sync; all that was said: envd log\n")
    assert "no-such-thing" in home.envd("log", cwd=synced).out


def test_no_network(home: Home, synced: Path) -> None:
    home.variables.update(index_variables("http://127.0.0.1:9/simple/"))
    (synced / "requirements.txt").write_text("demo==1.0\nother\n")
    assert refused(home, synced, "sync", 1).err.startswith("envd: nothing could be fetched: ")
    assert "failed" in home.envd("status", "--short", cwd=synced).out


@pytest.mark.parametrize(
    ("files", "said", "hint"),
    [
        pytest.param(
            {"environment.yml": ""},
            "environment.yml: it is conda's; envd does not install from it",
            "write what pip installs into a requirements.txt, then: envd sync",
            id="conda",
        ),
        pytest.param(
            {"poetry.lock": ""},
            "poetry.lock: there is no pyproject.toml beside it",
            "bring pyproject.toml back, then: envd sync",
            id="a lock alone",
        ),
        pytest.param(
            {"pyproject.toml": '[tool.envd]\nmanifest = "base.txt"\n'},
            "pyproject.toml:2: tool.envd.manifest names base.txt, which does not exist",
            "mend pyproject.toml, then: envd sync",
            id="a manifest that is gone",
        ),
    ],
)
def test_no_manifest_that_can_be_used(home: Home, files: dict[str, str], said: str, hint: str) -> None:
    root = home.allowed(home.project())
    for name, text in files.items():
        (root / name).write_text(text)
    assert refused(home, root, "sync", 1).err == f"envd: {said}\n  hint: {hint}\n"


def test_a_group_without_a_name(home: Home, synced: Path) -> None:
    ran = home.envd("sync", "--group", "", cwd=synced)
    assert (ran.code, ran.err.splitlines()[0]) == (2, "envd: acme has no group without a name")


def test_who_may_write_is_told_with_the_way_to_mend_it(home: Home, synced: Path) -> None:
    (synced / ".venv").chmod(0o777)
    ran = refused(home, synced, "sync", 4)
    assert ran.err.endswith(f"(mode 777)\n  hint: chmod go-w {synced}/.venv, then: envd allow\n")
    (synced / ".venv").chmod(0o700)
    assert home.envd("sync", cwd=synced).code == 0


def test_what_is_installed_is_frozen_whatever_the_manifest_says(home: Home, synced: Path) -> None:
    (synced / "requirements.txt").write_text("<<<<<<< HEAD\n")
    assert home.envd("freeze", cwd=synced).out == "demo==1.0\n"
    refused(home, synced, "freeze --only-direct", 1)


# -- the user's own files


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("names = [\n\n", "(at ", id="unfinished"),
        pytest.param("\nnames = = 1\n", "at line 2, column 9", id="syntax"),
        pytest.param("[sync]\n[sync]\n", "at line 2", id="table twice"),
        pytest.param("name = ['x']\n", "unknown key name", id="unknown key"),
        pytest.param("names = 7\n", "names must be a list of directory names", id="wrong type"),
        pytest.param("names = ['../x']\n", "names must be a list of directory names", id="a path for a name"),
        pytest.param("[trust]\nroots = ['src']\n", "trust.roots must be a list of directories", id="relative root"),
        pytest.param("[sync]\ninstaller = 'poetry'\n", "sync.installer must be one of auto, uv, pip", id="unknown installer"),
        pytest.param("x = 1" + "0" * 5000, "config.toml", id="endless number"),
        pytest.param("x = " + "[" * 5000, "config.toml", id="deep"),
    ],
)
def test_a_wrong_configuration_is_named_with_file_and_line(home: Home, text: str, said: str) -> None:
    root = home.allowed(home.project())
    path = home.configure(text)
    for words in ("status", "allow", "sync", "deny"):
        ran = refused(home, root, words, 1)
        assert str(path) in ran.err
        assert said in ran.err
    assert path.read_text() == text
    answer = home.answer(root)
    assert answer is not None
    assert answer.verdict.value == "active"


def test_a_wrong_configuration_does_not_stop_the_prompt(home: Home) -> None:
    root = home.allowed(home.project())
    path = home.configure("names = 7\n")
    ran = home.envd("ask", str(root))
    assert ran.code == 0
    assert ran.err == f'envd: {path}: names must be a list of directory names, such as [".venv", "venv"]\n'
    answer = home.answer(root)
    assert answer is not None
    assert answer.verdict.value == "active"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a project away")
@pytest.mark.parametrize("part", [".", ".venv"], ids=["project", "environment"])
def test_a_foreign_owned_project_is_refused_and_its_owner_named(home: Home, part: str) -> None:
    root = home.project(requirements="demo\n")
    os.chown(root / part, STRANGER, -1)
    path = os.path.normpath(root / part)
    ran = refused(home, root, "allow", 4)
    assert ran.err.startswith(f"envd: acme cannot be allowed: {path} belongs to nobody\n")
    refused(home, root, "sync", 4)
    refused(home, root, "init --clear", 4)
    assert f"refused: {path} belongs to nobody" in home.envd("status", cwd=root).out
    assert home.store.trust(str(root)) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a home away")
@pytest.mark.case(51)
def test_the_home_of_somebody_else_is_not_written_to(home: Home) -> None:
    root = home.project()
    os.chown(home.path, STRANGER, -1)
    for words in ("allow", "deny", "daemon start", "setup --yes bash"):
        ran = home.envd(*words.split(), cwd=root)
        assert ran.code == 1
        assert "belongs to another user" in ran.err
    assert sorted(path.name for path in home.path.iterdir()) == ["acme"]


def test_a_read_only_state_directory_is_named(home: Home, obedient: tuple[str, ...]) -> None:
    root = home.project(requirements="demo\n")
    home.places.prepare()
    for path in (home.places.answers, home.places.shells, home.places.runtime, home.places.state):
        path.chmod(0o500)
    before = snapshot(home.path)
    for words in (["allow"], ["deny"], ["ask", str(root)]):
        ran = home.envd(*words, cwd=root, prefix=obedient)
        assert ran.code == 1, ran.out
        assert str(home.places.state) in ran.err
    assert home.envd("status", cwd=root, prefix=obedient).code == 0
    ran = home.envd("daemon", "run", cwd=root, prefix=obedient, deadline=20)
    assert ran.code == 1
    assert str(home.places.state) in ran.err
    assert snapshot(home.path) == before
    for path in (home.places.state, home.places.runtime, home.places.answers, home.places.shells):
        path.chmod(0o700)


def test_a_state_directory_that_became_read_only_keeps_what_was_decided(home: Home, obedient: tuple[str, ...]) -> None:
    root = home.allowed(home.project(requirements="demo\n"))
    history = next((home.places.state / "history").iterdir())
    before = snapshot(home.places.state)
    history.chmod(0o500)
    ran = home.envd("sync", cwd=root, prefix=obedient)
    assert ran.code == 1
    assert str(history) in ran.err
    assert home.envd("status", "--short", cwd=root, prefix=obedient).out.startswith("acme: .venv Python ")
    history.chmod(0o700)
    assert snapshot(home.places.state) == before


@pytest.mark.parametrize("mode", [0o777, 0o770], ids=oct)
def test_a_state_directory_that_others_may_write_is_refused(home: Home, mode: int) -> None:
    root = home.project()
    home.places.prepare()
    home.places.state.chmod(mode)
    ran = home.envd("allow", cwd=root)
    assert ran.code == 1
    assert f"{home.places.state} can be written by others" in ran.err
    assert f"hint: chmod 700 {home.places.state}" in ran.err


def test_a_state_directory_that_is_a_link_is_refused(home: Home) -> None:
    root = home.project()
    (home.path / "target").mkdir()
    home.places.state.parent.mkdir(parents=True)
    home.places.state.symlink_to(home.path / "target")
    assert "is not a directory" in refused(home, root, "allow", 1).err
    assert list((home.path / "target").iterdir()) == []


def test_a_directory_that_is_gone(home: Home) -> None:
    ran = home.run(["sh", "-c", "mkdir here && cd here && rmdir ../here && exec envd status"])
    assert ran.code == 3
    assert ran.err.endswith("envd: the current directory is gone\n  hint: cd\n")


@pytest.mark.case(58)
def test_terminal_codes_in_a_name_are_shown_not_obeyed(home: Home) -> None:
    root = home.project("a\x1b]0;x\x07b")
    for words in (["status"], ["allow"], ["status", "--short"], ["deny"], ["log"], ["ask", str(root / "gone")]):
        ran = home.envd(*words, cwd=root)
        assert "\x1b" not in ran.out + ran.err
        assert "\x07" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("redirection", "code"),
    [
        pytest.param(">&-", 0, id="no standard output"),
        pytest.param("2>&-", 0, id="no standard error"),
        pytest.param(">/dev/full", 1, id="full disk"),
    ],
)
def test_a_stream_that_cannot_be_written(home: Home, redirection: str, code: int) -> None:
    assert home.run(["sh", "-c", f'exec "$0" -I -m envd help {redirection}', sys.executable]).code == code


def test_terminal_codes_in_a_refusal_are_shown_not_obeyed(home: Home) -> None:
    root = home.project("a\x1b[31mb")
    root.chmod(0o777)
    ran = home.envd("allow", cwd=root)
    assert ran.code == 4
    assert "\x1b" not in ran.err
