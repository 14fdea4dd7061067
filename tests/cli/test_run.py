"""`envd run`: the command is in the environment, and everything else about it is its own."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from tests.stage.home import ENVD, Home

PYTHON = "import os, sys; print(sys.prefix, *map(os.environ.get, ('VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT', 'PYTHONHOME')))"


@pytest.fixture
def acme(home: Home) -> Path:
    return home.allowed(home.project())


def test_a_program_of_the_environment_runs_in_it(home: Home, acme: Path) -> None:
    (acme / "sub").mkdir()
    home.variables["PYTHONHOME"] = "/nowhere"
    ran = home.run(["env", "-u", "PYTHONHOME", *ENVD, "run", "python", "-c", PYTHON], acme / "sub")
    assert ran.out.split() == [f"{acme}/.venv", f"{acme}/.venv", "acme", "None"]


def test_pythonhome_does_not_lead_away(home: Home, acme: Path) -> None:
    home.variables["PYTHONHOME"] = ""
    assert home.envd("run", "sh", "-c", 'echo "[${PYTHONHOME-unset}]"', cwd=acme).out == "[unset]\n"


def test_its_programs_come_first(home: Home, acme: Path) -> None:
    ran = home.envd("run", "sh", "-c", 'echo "$PATH"', cwd=acme)
    assert ran.out == f"{acme}/.venv/bin:{home.variables['PATH']}\n"


@pytest.mark.parametrize("words", [("--",), ()], ids=["after --", "without"])
def test_words_are_handed_on_as_they_are(home: Home, acme: Path, words: tuple[str, ...]) -> None:
    ran = home.envd("run", *words, "printf", "<%s>", "-x", "--help", "a b", "", "--", cwd=acme)
    assert ran.out == "<-x><--help><a b><><-->"


@pytest.mark.parametrize("code", [0, 1, 7, 255])
def test_the_exit_code_is_the_commands(home: Home, acme: Path, code: int) -> None:
    assert home.envd("run", "sh", "-c", f"exit {code}", cwd=acme).code == code


def test_it_takes_the_place_of_envd(home: Home, acme: Path) -> None:
    with subprocess.Popen(
        [*ENVD, "run", "sh", "-c", "echo $$; exec cat"],
        cwd=acme,
        env={**home.variables, "PWD": str(acme)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) == process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == -signal.SIGTERM


def test_a_pipe_that_is_closed_ends_it_as_usual(home: Home, acme: Path) -> None:
    script = f"{' '.join(ENVD)} run sh -c 'yes; echo $? >&2' | head -n 1"
    assert home.run(["bash", "-c", script], acme).err in ("", "141\n")
    ran = home.envd("run", "python", "-c", "import signal; print(signal.getsignal(signal.SIGPIPE) is signal.SIG_IGN)", cwd=acme)
    assert ran.out == "True\n"  # Python's own doing, also without envd
    status = home.envd("run", "sh", "-c", "grep SigIgn /proc/self/status", cwd=acme).out
    if status:
        assert int(status.split()[1], 16) & (1 << (signal.SIGPIPE - 1)) == 0


def test_what_is_not_there_is_127_and_what_cannot_run_126(home: Home, acme: Path) -> None:
    missing = home.envd("run", "no-such-command", cwd=acme)
    assert (missing.code, missing.err) == (127, "envd: no-such-command: there is no such command, in .venv or on PATH\n")
    (acme / "data").write_text("")
    refused = home.envd("run", "./data", cwd=acme)
    assert (refused.code, refused.err) == (126, "envd: ./data: Permission denied\n")


def test_without_a_command_it_is_wrong_usage(home: Home, acme: Path) -> None:
    ran = home.envd("run", cwd=acme)
    assert (ran.code, ran.err) == (2, "envd: envd run is told no command\n  hint: envd run python -V\n")


def test_nothing_runs_where_nothing_may(home: Home) -> None:
    outside = home.envd("run", "touch", "ran")
    root = home.project("other")
    unknown = home.envd("run", "touch", "ran", cwd=root)
    assert (outside.code, unknown.code, unknown.err) == (3, 4, "envd: other is not allowed\n  hint: envd allow\n")
    assert not (root / "ran").exists()
    assert not (home.path / "ran").exists()


def test_a_broken_environment_says_how_to_mend_it(home: Home, acme: Path) -> None:
    python = acme / ".venv/bin/python"
    python.unlink()
    os.symlink("/nowhere/python", python)
    ran = home.envd("run", "true", cwd=acme)
    assert ran.code == 6
    assert "hint: envd init --clear" in ran.err


def test_without_an_environment_of_its_own_it_takes_that_of_the_hooks(home: Home, acme: Path) -> None:
    service = home.allowed(home.project("acme/service", venv=False, requirements="demo\n"))
    ran = home.envd("run", "sh", "-c", 'echo "$VIRTUAL_ENV $VIRTUAL_ENV_PROMPT"', cwd=service)
    assert ran.out == f"{acme}/.venv acme\n"
    home.envd("deny", cwd=acme)
    assert home.envd("run", "true", cwd=service).err == "envd: service has no environment\n  hint: envd init\n"


def test_without_an_environment_it_says_how_to_make_one(home: Home) -> None:
    root = home.allowed(home.project(venv=False, requirements="demo\n"))
    ran = home.envd("run", "true", cwd=root)
    assert (ran.code, "envd init" in ran.err) == (3, True)
