"""What a daemon keeps of the terminal that happened to start it: nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.stage.home import ENVD, Home

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_descriptors_are_its_own(home: Home, tmp_path: Path) -> None:
    secret = tmp_path / "open-in-the-shell"
    with secret.open("w") as file:
        subprocess.run([*ENVD, "daemon", "start"], env=home.variables, pass_fds=[file.fileno()], capture_output=True, check=True)
    reply = home.ping()
    assert reply is not None
    found = {number: os.readlink(f"/proc/{reply.pid}/fd/{number}") for number in os.listdir(f"/proc/{reply.pid}/fd")}
    assert found["0"] == "/dev/null"
    assert {found["1"], found["2"]} == {str(home.places.log)}
    strangers = [target for target in found.values() if "/dev/pts" in target or "pipe:" in target or target == str(secret)]
    assert strangers == []


def test_whoever_reads_the_output_of_start_is_let_go(home: Home) -> None:
    # As with `ssh host envd daemon start` and `$(envd daemon start)`: the end of the output comes with the end of the command.
    done = subprocess.run(
        ["sh", "-c", "echo $(envd daemon start)"], env=home.variables, capture_output=True, timeout=20, check=True
    )
    assert b"the daemon runs" in done.stdout


def test_directory_is_the_top(home: Home) -> None:
    home.envd("daemon", "start", cwd=home.project())
    reply = home.ping()
    assert reply is not None
    assert os.readlink(f"/proc/{reply.pid}/cwd") == "/"


def test_session_is_its_own_and_without_terminal(home: Home) -> None:
    pid = home.start_daemon()
    assert os.getsid(pid) != os.getsid(0)
    terminal = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[4]
    assert terminal == "0"


@pytest.mark.parametrize(
    "name",
    ["SECRET", "AWS_SECRET_ACCESS_KEY", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "UV_PYTHON", "LD_DEBUG_OUTPUT"],
)
def test_variable_is_not_inherited(home: Home, name: str) -> None:
    home.variables[name] = "/nowhere/x"
    ran = home.envd("daemon", "start")
    assert ran.code == 0, ran.err
    reply = home.ping()
    assert reply is not None
    names = [entry.partition(b"=")[0] for entry in Path(f"/proc/{reply.pid}/environ").read_bytes().split(b"\0")]
    assert name.encode() not in names
    assert b"HOME" in names


def test_path_lacks_relative_directories_and_environments(home: Home) -> None:
    root = home.project()
    wanted = home.variables["PATH"]
    home.variables["PATH"] = f"{root}/.venv/bin:.:bin:{wanted}"
    home.envd("daemon", "start")
    reply = home.ping()
    assert reply is not None
    variables = dict(entry.split(b"=", 1) for entry in Path(f"/proc/{reply.pid}/environ").read_bytes().split(b"\0") if entry)
    assert variables[b"PATH"].decode() == wanted
