"""What would run code or reach a new index: the sync stops before it, says which line it is, and goes on once it was allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.shells.terminal import Terminal
from tests.stage.home import ENVD, Home
from tests.stage.index import Index, make_wheel, source_files
from tests.stage.waiting import wait_until

from envd.adapters.venvs import find_venv, installed_versions
from envd.core.answer import SyncState
from envd.core.capabilities import Capability


def packages(root: Path) -> dict[str, str]:
    venv = find_venv(root, (".venv",))
    assert venv is not None
    return installed_versions(venv)


def source_tree(path: Path, name: str = "evil") -> None:
    path.mkdir(parents=True)
    for file, text in source_files(name, "1.0").items():
        (path / file).write_text(text)


def ran(home: Home) -> bool:
    return (home.path / "ran").exists()


def local_project(home: Home, root: Path, index: Index) -> str:
    source_tree(root / "evil")
    return "./evil"


def editable(home: Home, root: Path, index: Index) -> str:
    source_tree(root / "evil")
    return "-e ./evil"


def outside(home: Home, root: Path, index: Index) -> str:
    source_tree(home.path / "evil")
    return "-e ../evil"


def repository(home: Home, root: Path, index: Index) -> str:
    source_tree(home.path / "evil")
    home.git("init", "-q", cwd=home.path / "evil")
    home.git("add", ".", cwd=home.path / "evil")
    home.git("commit", "-qm", "x", cwd=home.path / "evil")
    return f"git+file://{home.path}/evil#egg=evil"


def another_index(home: Home, root: Path, index: Index) -> str:
    return f"--extra-index-url {index.url.replace('127.0.0.1', 'localhost')}\nother"


def find_links(home: Home, root: Path, index: Index) -> str:
    (root / "wheels").mkdir()
    (root / "wheels/evil-1.0-py3-none-any.whl").write_bytes(make_wheel("evil", "1.0"))
    return "--find-links ./wheels\nevil"


def local_wheel(home: Home, root: Path, index: Index) -> str:
    (root / "evil-1.0-py3-none-any.whl").write_bytes(make_wheel("evil", "1.0"))
    return "./evil-1.0-py3-none-any.whl"


def include_outside(home: Home, root: Path, index: Index) -> str:
    (home.path / "more.txt").write_text("other\n")
    return "-r ../more.txt"


@pytest.mark.parametrize(
    ("make", "flags"),
    [
        pytest.param(local_project, ["--build"], id="a local project"),
        pytest.param(editable, ["--build"], id="an editable project"),
        pytest.param(outside, ["--build", "--local"], id="an editable project outside"),
        pytest.param(repository, ["--build"], id="a repository"),
        pytest.param(another_index, ["--index"], id="another index"),
        pytest.param(find_links, ["--index"], id="--find-links"),
        pytest.param(local_wheel, ["--local"], id="a wheel that is a file"),
        pytest.param(include_outside, ["--local"], id="-r outside"),
    ],
)
def test_a_line_stops_the_sync_until_it_is_allowed(
    home: Home, index: Index, installer: str, make: object, flags: list[str]
) -> None:
    assert callable(make)
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    line = make(home, root, index)
    (root / "requirements.txt").write_text(f"demo==1.0\n{line}\n")
    for words in (("sync",), ("sync", "--dry-run")):
        stopped = home.envd(*words, cwd=root)
        assert stopped.code == 4
        assert stopped.err.startswith("envd: requirements.txt:2: ")
        assert stopped.err.endswith(f"\n  hint: envd allow {' '.join(flags)}\n")
    assert (packages(root), ran(home)) == ({}, False)
    assert home.notice(root).startswith("acme paused: requirements.txt:2: ")
    assert home.notice(root).endswith(f": envd allow {' '.join(flags)}")
    assert home.envd("allow", *flags, cwd=root).code == 0
    done = home.envd("sync", cwd=root)
    assert done.code == 0, done.err
    assert {"demo", "evil"} & set(packages(root)) >= {"demo"}
    assert len(packages(root)) == 2


def test_a_package_without_a_wheel_is_not_built_unasked(home: Home, index: Index, installer: str) -> None:
    index.add_source("evil", "1.0")
    root = home.allowed(home.project(requirements="demo==1.0\nevil\n"))
    for words in (("sync", "--dry-run"), ("sync",), ("sync",)):
        stopped = home.envd(*words, cwd=root)
        assert (stopped.code, stopped.err) == (
            4,
            "envd: requirements.txt:2: evil, of which there is no wheel, runs code while it is installed\n"
            "  hint: envd allow --build\n",
        )
    assert (packages(root), ran(home)) == ({}, False)
    assert home.record(root).state is SyncState.PAUSED
    home.envd("allow", "--build", cwd=root)
    assert home.envd("sync", cwd=root).code == 0
    assert (packages(root), ran(home)) == ({"demo": "1.0", "evil": "1.0"}, True)


def test_a_version_that_has_a_wheel_is_taken_before_one_that_has_none(home: Home, index: Index, installer: str) -> None:
    index.add_source("demo", "9.0")
    root = home.allowed(home.project(requirements="demo\n"))
    assert home.envd("sync", cwd=root).code == 0
    assert packages(root) == {"demo": "1.3"}


def test_a_package_that_is_nowhere_is_no_question_of_trust(home: Home, index: Index, installer: str) -> None:
    index.add_source("evil", "1.0")
    root = home.allowed(home.project(requirements="nowhere\n"))
    assert home.envd("sync", cwd=root).code == 1


def test_settings_beside_the_project_name_no_index(home: Home, index: Index) -> None:
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    for place in (root, home.path):
        (place / "uv.toml").write_text('index-url = "http://127.0.0.1:9/simple"\n[pip]\ntarget = "elsewhere"\n')
    home.configure('[sync]\ninstaller = "uv"\n')
    ended = home.envd("sync", cwd=root)
    assert ended.code == 0, ended.err
    assert packages(root) == {"demo": "1.0"}


@pytest.mark.parametrize("word", ["deny", "forget"])
def test_deny_and_forget_take_back_what_was_granted(home: Home, index: Index, word: str) -> None:
    home.configure("[sync]\nautomatic = false\n")
    root = home.project(requirements="demo\n./evil\n")
    source_tree(root / "evil")
    home.envd("allow", "--build", cwd=root)
    assert home.envd(word, cwd=root).code == 0
    home.allowed(root)
    assert home.envd("sync", cwd=root).code == 4


def test_allowing_again_keeps_what_was_granted_and_adds_to_it(home: Home) -> None:
    root = home.project()
    for words in (("--index",), (), ("--build",)):
        home.envd("allow", *words, cwd=root)
    record = home.store.trust(str(root))
    assert record is not None
    assert record.capabilities == (Capability.BUILD, Capability.INDEX)


def test_another_directory_in_its_place_has_nothing_granted(home: Home) -> None:
    root = home.project()
    home.envd("allow", "--build", cwd=root)
    root.rename(home.path / "kept")
    home.allowed(home.project())
    record = home.store.trust(str(root))
    assert record is not None
    assert record.capabilities == ()


def test_a_worktree_may_do_what_its_project_may(home: Home, index: Index) -> None:
    root = home.project(requirements="./evil\n", venv=False)
    source_tree(root / "evil")
    home.git("init", "-q", cwd=root)
    home.git("add", ".", cwd=root)
    home.git("commit", "-qm", "x", cwd=root)
    home.envd("allow", "--build", cwd=root)
    home.git("worktree", "add", "-q", "-b", "tree", str(home.path / "tree"), cwd=root)
    home.make_venv(home.path / "tree/.venv")
    ended = home.envd("sync", cwd=home.path / "tree")
    assert ended.code == 0, ended.err


def test_the_daemon_stops_before_a_branch_that_brings_code(home: Home, index: Index) -> None:
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    source_tree(root / "evil")
    home.start_daemon()
    with home.shell_in(root):
        wait_until(lambda: home.record(root).state is SyncState.IN_SYNC, "the first sync")
        (root / "requirements.txt").write_text("demo==1.0\n# new\n-e ./evil\n")
        wait_until(lambda: home.record(root).state is SyncState.PAUSED, "the sync is held back")
        assert home.notice(root) == (
            "acme paused: requirements.txt:3: -e ./evil runs code while it is installed: envd allow --build"
        )
        assert not ran(home)
        assert home.envd("allow", "--build", cwd=root).code == 0
        wait_until(lambda: "evil" in packages(root), "what was allowed is synced")


def test_init_asks_as_well(home: Home, index: Index) -> None:
    index.add("pip", "99.0")
    root = home.project(requirements="demo==1.0\n", venv=False)
    source_tree(root / "evil")
    (root / "dev.txt").write_text("./evil\n")
    stopped = home.envd("init", "-r", "dev.txt", cwd=root)
    assert (stopped.code, "dev.txt:1: ./evil runs code" in stopped.err) == (4, True)
    assert not (root / ".venv").exists()
    home.envd("allow", "--build", cwd=root)
    done = home.envd("init", "-r", "dev.txt", cwd=root)
    assert done.code == 0, done.err
    assert "evil" in packages(root)


# -- at a terminal


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 4), ("", 4)], ids=["yes", "no", "return"])
def test_at_a_terminal_sync_asks(home: Home, index: Index, answer: str, code: int) -> None:
    root = home.allowed(home.project(requirements="demo==1.0\n-e ./evil\n"))
    source_tree(root / "evil")
    terminal = Terminal(["/bin/sh", "-c", f"{' '.join(ENVD)} sync; echo ended with $?"], home.variables, root)
    try:
        terminal.wait_for(r"requirements\.txt:2: -e \./evil runs code while it is installed")
        terminal.wait_for(r"may it run code while packages are installed\? \(from now on, in this project\) \[y/N\]")
        assert not ran(home)
        terminal.type(f"{answer}\r")
        terminal.wait_for(f"ended with {code}")
    finally:
        terminal.close()
    assert ran(home) == (code == 0)


def test_at_a_terminal_allow_asks(home: Home, index: Index) -> None:
    root = home.project(requirements="-e ./evil\n")
    source_tree(root / "evil")
    terminal = Terminal(["/bin/sh", "-c", f"{' '.join(ENVD)} allow; echo ended with $?"], home.variables, root)
    try:
        terminal.wait_for(r"\[y/N\]")
        terminal.type("y\r")
        terminal.wait_for("ended with 0")
    finally:
        terminal.close()
    record = home.store.trust(str(root))
    assert record is not None
    assert record.capabilities == (Capability.BUILD,)


def test_status_says_what_is_allowed_and_what_is_held_back(home: Home) -> None:
    root = home.project(requirements="-e ./evil\n")
    source_tree(root / "evil")
    allowed = home.envd("allow", "--index", cwd=root)
    assert allowed.out == (
        "acme is allowed; its packages are held back: requirements.txt:1: -e ./evil runs code while it is installed: "
        "envd allow --build\n"
    )
    said = home.envd("status", cwd=root).out
    assert "allowed (envd allow) · may use index\n" in said
    assert "paused · requirements.txt:1: -e ./evil runs code while it is installed: envd allow --build" in said


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("demo==1.0 # x \\\n--index-url {url}\n", id="a comment that is continued"),
        pytest.param("--pre # x \\\n--index-url {url}\ndemo==1.0\n", id="a comment behind an option"),
    ],
)
def test_what_uv_reads_is_what_was_judged(home: Home, index: Index, text: str) -> None:
    with Index() as evil:
        root = home.allowed(home.project(requirements=text.format(url=evil.url)))
        ran = home.envd("sync", cwd=root)
        assert ran.code == 0, ran.err
        assert not evil.asked


def test_credentials_stay_variables_in_what_is_written_for_uv(home: Home) -> None:
    root = home.allowed(home.project(requirements="demo \\\n @ https://u:${TOKEN}@127.0.0.1:9/demo-1.0-py3-none-any.whl\n"))
    home.variables["TOKEN"] = "s3cret"
    assert home.envd("allow", "--index", cwd=root).code == 0
    assert home.envd("sync", cwd=root).code == 1
    written = [path for path in home.places.state.rglob("*") if path.is_file() and "s3cret" in path.read_text(errors="replace")]
    assert written == []
