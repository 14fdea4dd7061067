"""`envd doctor`: what is right, what is not, and the way to mend it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.shells.terminal import Terminal
from tests.stage.home import Home, snapshot

import envd
from envd.adapters.shells import mark_of

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the rc file is what login shells read")

Found = dict[str, dict[str, Any]]


def examined(home: Home, cwd: Path | None = None, **variables: str) -> Found:
    """Return what doctor finds, by its text; the exit code must say whether there is a problem."""
    home.variables.update(variables)
    ran = home.envd("doctor", "--json", cwd=cwd)
    document = json.loads(ran.out)
    found = {finding["text"]: finding for finding in document["findings"]}
    assert document["version"] == 1
    assert ran.code == int(any(finding["problem"] for finding in found.values()))
    return found


def problem(found: Found, start: str) -> str:
    """Return the way to mend the one problem whose text begins so."""
    (finding,) = [finding for text, finding in found.items() if text.startswith(start)]
    assert finding["problem"]
    return str(finding["mend"])


def test_looking_changes_nothing(home: Home) -> None:
    before = snapshot(home.path)
    assert not examined(home)[f"envd {envd.__version__}"]["problem"]
    assert snapshot(home.path) == before


def test_after_setup_nothing_is_wrong(home: Home) -> None:
    assert home.envd("setup", "--yes").code == 0
    found = examined(home, SHELL="/bin/bash")
    assert "bash: ~/.bashrc loads envd" in found
    assert [text for text, finding in found.items() if finding["problem"]] == []


def test_the_shell_that_one_works_in_has_to_be_connected(home: Home) -> None:
    text = "bash: ~/.bashrc does not load envd"
    assert problem(examined(home, SHELL="/bin/bash"), text) == "envd setup bash"
    assert not examined(home, SHELL="/bin/other")[text]["problem"]


def test_a_hook_that_is_evaluated_will_do(home: Home) -> None:
    (home.path / ".bashrc").write_text('eval "$(envd hook bash)"\n')
    assert not examined(home, SHELL="/bin/bash")["bash: ~/.bashrc evaluates the hook"]["problem"]


def test_a_comment_is_no_hook(home: Home) -> None:
    (home.path / ".bashrc").write_text('# eval "$(envd hook bash)"\n')
    assert problem(examined(home, SHELL="/bin/bash"), "bash: ~/.bashrc does not load envd") == "envd setup bash"


def test_a_hook_that_was_put_in_by_hand_will_do(home: Home) -> None:
    (home.path / ".bashrc").write_text(home.envd("setup", "--print", "bash").out)
    assert not examined(home, SHELL="/bin/bash")["bash: ~/.bashrc loads envd"]["problem"]


def test_a_linked_rc_file_is_to_be_changed_by_hand_and_then_will_do(home: Home) -> None:
    (home.path / "dotfiles").write_text("# mine\n")
    (home.path / ".bashrc").symlink_to("dotfiles")
    found = examined(home, SHELL="/bin/bash")
    mend = problem(found, "bash: ~/.bashrc does not load envd, and is a link to dotfiles")
    assert mend == "envd setup bash --print, and put these lines there yourself"
    (home.path / "dotfiles").write_text(home.envd("setup", "--print", "bash").out)
    assert not examined(home)["bash: ~/.bashrc loads envd"]["problem"]


def test_a_shell_that_has_the_hook_from_another_file_is_no_fault(home: Home) -> None:
    text = "bash: ~/.bashrc does not load envd; this shell has the hook all the same"
    assert home.envd("setup", "--print", "bash").code == 0
    mark = mark_of((home.places.data / "hooks/envd.bash").read_text())
    found = examined(home, SHELL="/bin/bash", ENVD_HOOK=f"bash {mark} first")
    assert found[text]["remark"]
    assert found[text]["mend"] == "where no file that it reads does: envd setup bash"
    assert problem(examined(home, ENVD_HOOK="bash 0123 first"), "bash: ~/.bashrc does not load envd") == "envd setup bash"


@on_linux
def test_login_shells_that_miss_the_hook_are_remarked_on(home: Home) -> None:
    text = "bash: login shells read ~/.bash_profile, which does not read ~/.bashrc"
    (home.path / ".bash_profile").write_text("# mine\n")
    assert text not in examined(home)
    assert home.envd("setup", "--yes", "bash").code == 0
    found = examined(home)[text]
    assert (found["remark"], found["mend"]) == (True, "put into ~/.bash_profile: [ ! -r ~/.bashrc ] || . ~/.bashrc")
    (home.path / ".bash_profile").write_text(". ~/.bashrc\n")
    assert text not in examined(home)


@on_linux
def test_a_login_shell_that_misses_the_hook_has_a_problem(home: Home) -> None:
    (home.path / ".bash_profile").write_text("PS1='@@> '\n")
    assert home.envd("setup", "--yes", "bash").code == 0
    terminal = Terminal(["/bin/bash", "-l"], {**home.variables, "TERM": "dumb"}, home.path)
    try:
        terminal.wait_for_line("@@> ")
        terminal.type(f"{home.base}/bin/envd doctor\n")
        terminal.wait_for("✗ bash: login shells read ~/.bash_profile, which does not read ~/.bashrc\n")
        terminal.wait_for("✗ this shell has no hook\n    open a new shell\n")
    finally:
        terminal.close()


def test_a_hook_of_other_settings_is_to_be_written_anew(home: Home) -> None:
    assert home.envd("setup", "--yes").code == 0
    home.configure('names = ["env"]\n')
    assert problem(examined(home), "bash: its hook is from another envd") == "envd setup"


def test_wrong_settings_are_named(home: Home) -> None:
    home.configure("names = 3\n")
    found = examined(home)
    (text,) = [text for text in found if "names must be" in text]
    assert found[text]["mend"] == "mend ~/.config/envd/config.toml: until then prompts and daemon go by the defaults"


def test_another_activator_is_named_with_its_line(home: Home) -> None:
    (home.path / ".bashrc").write_text('# mine\neval "$(pyenv virtualenv-init -)"\n')
    assert "take that line out" in problem(examined(home), "~/.bashrc:2: pyenv-virtualenv activates environments as well")


def test_a_project_and_its_other_activator(home: Home) -> None:
    root = home.project()
    (root / ".envrc").write_text("layout python\n")
    found = examined(home, root)
    assert problem(found, "acme is not allowed") == "envd allow"
    assert problem(found, ".envrc:1: direnv activates environments as well") == "take that line out, or: envd deny"


@pytest.mark.parametrize(
    ("variables", "text", "mend"),
    [
        pytest.param({}, "acme is not active here", "open a new shell", id="no hook"),
        pytest.param({"ENVD_HOOK": "bash"}, "acme is not active here", "envd on", id="off"),
        pytest.param({"VIRTUAL_ENV": "/x/venv"}, "/x/venv is active, by hand", "deactivate", id="by hand"),
    ],
)
def test_why_an_environment_is_not_active(home: Home, variables: dict[str, str], text: str, mend: str) -> None:
    root = home.allowed(home.project())
    assert problem(examined(home, root, **variables), text) == mend


def test_an_active_environment_has_to_come_first(home: Home) -> None:
    root = home.allowed(home.project())
    venv, path = root / ".venv", home.variables["PATH"]
    active = examined(home, root, VIRTUAL_ENV=str(venv), PATH=f"{venv}/bin:{path}")
    assert not active["acme is active, its Python comes first on PATH"]["problem"]
    other = home.path / "other"
    other.mkdir()
    (other / "python").symlink_to("/bin/true")
    found = examined(home, root, PATH=f"{other}:{venv}/bin:{path}")
    assert problem(found, f"acme is active, and the Python that comes first on PATH is in {other}") == "envd off; envd on"


def test_a_broken_environment_comes_with_its_remedy(home: Home) -> None:
    root = home.allowed(home.project())
    python = root / ".venv/bin/python"
    python.unlink()
    os.symlink("/nowhere/python", python)
    assert problem(examined(home, root), "acme: .venv ") == "envd init --clear"


def test_for_people_there_is_a_line_and_a_way(home: Home) -> None:
    ran = home.envd("doctor", cwd=home.project())
    assert ran.code == 1
    assert "✗ acme is not allowed\n    envd allow\n" in ran.out
    assert f"✓ envd {envd.__version__}\n" in ran.out


def test_a_daemon_that_runs_is_named(home: Home) -> None:
    pid = home.start_daemon()
    assert not examined(home)[f"daemon: pid {pid}"]["problem"]
