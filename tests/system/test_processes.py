"""Starting other processes, and finding programs that may be run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from envd.system.processes import answer_of, end_children, find_program, run, safe_directories, scrubbed_variables

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.mark.parametrize(
    "name",
    [
        "SECRET",
        "AWS_SECRET_ACCESS_KEY",
        "GITHUB_TOKEN",
        "VIRTUAL_ENV",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONSTARTUP",
        "UV_PYTHON",
        "UV_PROJECT_ENVIRONMENT",
        "UV_TARGET",
        "PIP_TARGET",
        "PIP_USER",
        "PIP_PREFIX",
        "PIP_REQUIRE_VIRTUALENV",
        "LD_PRELOAD",
        "GIT_DIR",
        "GIT_CONFIG_COUNT",
        "BASH_ENV",
        "ENV",
        "__envd_state",
    ],
)
def test_a_variable_that_is_a_secret_or_redirects_is_not_inherited(name: str) -> None:
    assert name not in scrubbed_variables({name: "x", "PATH": "/usr/bin"})


@pytest.mark.parametrize(
    "name",
    ["HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "https_proxy", "NO_PROXY", "SSL_CERT_FILE", "PIP_INDEX_URL", "UV_CACHE_DIR"],
)
def test_a_variable_that_says_who_and_where_the_user_is_is_inherited(name: str) -> None:
    assert scrubbed_variables({name: "x"})[name] == "x"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/usr/bin:/bin", "/usr/bin:/bin", id="absolute"),
        pytest.param(":/usr/bin:.:bin:", "/usr/bin", id="the current directory in three ways"),
        pytest.param("", "", id="empty"),
        pytest.param("{base}/.venv/bin:/bin", "/bin", id="an environment's bin"),
        pytest.param("{base}/.venv/bin/:/bin", "/bin", id="with a slash"),
        pytest.param("{base}/.venv/bin/.:/bin", "/bin", id="with a dot"),
        pytest.param("{base}/.venv/bin/../bin:/bin", "/bin", id="by a detour"),
        pytest.param("{base}/link:/bin", "/bin", id="by a link"),
        pytest.param("{base}/gone:/bin", "{base}/gone:/bin", id="a directory that is not there"),
    ],
)
def test_a_path_keeps_absolute_directories_that_are_in_no_environment(tmp_path: Path, path: str, expected: str) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "pyvenv.cfg").touch()
    (tmp_path / "link").symlink_to(".venv/bin")
    assert ":".join(safe_directories(path.format(base=tmp_path))) == expected.format(base=tmp_path)


def fake(directory: Path, mode: int = 0o755) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    program = directory / "uv"
    program.write_text("#!/bin/sh\n")
    program.chmod(mode)
    return program


def test_a_program_is_found_by_its_absolute_path(tmp_path: Path) -> None:
    assert find_program("uv", f"/nowhere:{tmp_path}") is None
    program = fake(tmp_path)
    assert find_program("uv", f"/nowhere:{tmp_path}") == program


@pytest.mark.parametrize(
    "mode",
    [
        pytest.param(0o777, id="writable by all"),
        pytest.param(0o757, id="writable by others"),
        pytest.param(0o644, id="not executable"),
    ],
)
def test_a_program_that_may_not_be_run_is_passed_over(tmp_path: Path, mode: int) -> None:
    fake(tmp_path / "bad", mode)
    good = fake(tmp_path / "good")
    assert find_program("uv", f"{tmp_path / 'bad'}:{tmp_path / 'good'}") == good


def test_a_fake_uv_in_an_environment_is_passed_over(tmp_path: Path) -> None:
    fake(tmp_path / ".venv" / "bin")
    (tmp_path / ".venv" / "pyvenv.cfg").touch()
    assert find_program("uv", str(tmp_path / ".venv" / "bin")) is None


@as_root
def test_a_program_of_another_user_is_passed_over(tmp_path: Path) -> None:
    os.chown(fake(tmp_path), NOBODY, NOBODY)
    assert find_program("uv", str(tmp_path)) is None


def test_a_link_to_a_program_that_all_may_write_is_passed_over(tmp_path: Path) -> None:
    fake(tmp_path / "shared", 0o777)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").symlink_to("../shared/uv")
    assert find_program("uv", str(tmp_path / "bin")) is None


def test_a_dangling_link_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "uv").symlink_to("gone")
    assert find_program("uv", str(tmp_path)) is None


@pytest.mark.parametrize(
    ("script", "code", "output"),
    [
        pytest.param("echo a; echo b >&2; exit 3", 3, "a\nb\n", id="both streams and the code"),
        pytest.param("printf '\\377'", 0, "\ufffd", id="bytes that are not UTF-8"),
        pytest.param("pwd", 0, "/\n", id="the directory"),
        pytest.param("cat", 0, "", id="nothing to read"),
        pytest.param("echo ${SECRET-none}", 0, "none\n", id="a secret"),
    ],
)
def test_a_command_is_run_to_its_end(monkeypatch: pytest.MonkeyPatch, script: str, code: int, output: str) -> None:
    monkeypatch.setenv("SECRET", "x")
    finished = run(["/bin/sh", "-c", script], Path("/"))
    assert (finished.code, finished.output) == (code, output)


def test_a_command_that_is_not_there_says_so() -> None:
    assert run(["/nowhere/uv"], Path("/")).output == "/nowhere/uv: No such file or directory"


def test_of_much_output_the_end_is_kept() -> None:
    finished = run([sys.executable, "-c", "for n in range(100_000): print(n)"], Path("/"))
    assert len(finished.output) <= 256 * 1024
    assert finished.output.endswith("99998\n99999\n")


def test_lines_are_reported_as_they_come() -> None:
    lines: list[str] = []
    run(["/bin/sh", "-c", "echo ' a '; echo; echo b"], Path("/"), lines.append)
    assert lines == ["a", "b"]


def test_ending_the_children_ends_the_whole_group() -> None:
    up = threading.Event()
    codes: list[int] = []

    def work() -> None:
        codes.append(run(["/bin/sh", "-c", "(echo up; exec cat /dev/zero > /dev/null)"], Path("/"), lambda _line: up.set()).code)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    assert up.wait(10)
    end_children()
    worker.join(10)
    assert codes == [-signal.SIGTERM]


def test_an_interrupted_run_takes_its_command_with_it(tmp_path: Path) -> None:
    def interrupt(_line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(["/bin/sh", "-c", "echo $$ > pid; echo up; exec cat /dev/zero > /dev/null"], tmp_path, interrupt)
    assert subprocess.run(["/bin/kill", "-0", (tmp_path / "pid").read_text().strip()], capture_output=True, check=False).returncode


def test_words_before_the_program_are_its_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOKEN", "s3cret")
    monkeypatch.delenv("GONE", raising=False)
    words = ["PLACE=/a b", "TOKEN=${TOKEN}", "GONE=${GONE}"]
    finished = run([*words, "/bin/sh", "-c", 'echo "$PLACE $TOKEN [$GONE]" "$1"', "x", "NOT=ONE"], tmp_path)
    assert finished.output == "/a b s3cret [] NOT=ONE\n"


def test_what_a_command_says_is_returned_without_its_errors(tmp_path: Path) -> None:
    assert answer_of(["/bin/sh", "-c", "echo said; echo wrong >&2"], tmp_path, 30) == "said\n"


def test_what_a_command_leaves_running_is_not_waited_for(tmp_path: Path) -> None:
    started = time.monotonic()
    assert answer_of(["/bin/sh", "-c", "sleep 20 & echo said"], tmp_path, 15) == "said\n"
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("command", [["/bin/sleep", "600"], ["/nowhere"]])
def test_a_command_that_is_late_or_absent_says_nothing(tmp_path: Path, command: list[str]) -> None:
    assert answer_of(command, tmp_path, 0.1) == ""
