"""Baking the constants into the hooks, and the baked hooks in the real shells."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from envd.adapters.shells import SHELLS, Constants, bake, find_shell, mark_of
from envd.adapters.shells.files import shipped
from envd.core.errors import StateError, UsageError

# How each shell is started bare, and how it says each constant and then each name, with a NUL behind every one.
STARTS = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}
SAY = {
    "bash": 'printf "%s\\0" "$__envd_answers" "$__envd_shells" "$__envd_python" "${__envd_names[@]}"',
    "zsh": 'printf "%s\\0" "$__envd_answers" "$__envd_shells" "$__envd_python" "${__envd_names[@]}"',
    "fish": 'printf "%s\\0" "$__envd_answers" "$__envd_shells" "$__envd_python" $__envd_names',
}
HOSTILE = [
    pytest.param("plain", id="plain"),
    pytest.param("two words  and  more ", id="spaces"),
    pytest.param("it's", id="an apostrophe"),
    pytest.param('a "quoted" word', id="double quotes"),
    pytest.param("`touch x`", id="backticks"),
    pytest.param("$(touch x)", id="a command"),
    pytest.param("(touch x)", id="a command of fish"),
    pytest.param("$HOME ${HOME} $x", id="variables"),
    pytest.param("a\\b", id="a backslash"),
    pytest.param("a\\'b\\\\", id="backslashes and an apostrophe"),
    pytest.param("\\", id="a backslash alone"),
    pytest.param("grüße 🐍 日本", id="unicode"),
    pytest.param("\u2018a\u2019 \u201ab\u201b \u201cc\u201d", id="curly quotes"),
    pytest.param("~ * ? [a] {a,b} !x %n #y", id="what shells expand"),
    pytest.param("; exit 7 & | < >", id="what ends a command"),
    pytest.param("a\nexit 7\n# envd: end of constants", id="lines"),
    pytest.param("\t\x1b[2J\x07", id="control characters"),
    pytest.param("-n", id="an option"),
]


def constants(name: str) -> Constants:
    home = Path("/home") / name
    return Constants(home / "answers", home / "shells", home / "bin/python", (".venv", name, f"{name} 2"))


def values(given: Constants) -> list[str]:
    return [str(given.answers), str(given.shells), str(given.python), *given.names]


def baked(name: str, given: Constants) -> str:
    shell = SHELLS[name]
    return bake(shell, shipped("shell", shell.hook).read_text("utf-8"), given)


def program(name: str) -> str:
    """Return a shell's path; skips by name on a machine without it, and fails where all are promised."""
    found = shutil.which(name)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"{name} is not on PATH")
    if found is None:
        pytest.skip(f"{name} is not on PATH")
    return found


def load(name: str, hook: str, base: Path) -> subprocess.CompletedProcess[bytes]:
    """Have a shell load a hook, which may not say anything, and then say the constants."""
    path = base / "hook"
    path.write_text(hook, "utf-8")
    home = base / "home"
    home.mkdir()
    return subprocess.run(
        [program(name), *STARTS[name], "-c", f"source {path}; {SAY[name]}"],
        cwd=home,
        env={"PATH": os.defpath, "HOME": str(home), "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize("name", list(STARTS))
@pytest.mark.parametrize("word", HOSTILE)
def test_a_baked_hook_loads_in_silence_and_has_these_values(tmp_path: Path, name: str, word: str) -> None:
    given = constants(word)
    finished = load(name, baked(name, given), tmp_path)
    assert (finished.returncode, finished.stderr.decode()) == (0, "")
    assert finished.stdout.decode().split("\0")[:-1] == values(given)
    assert not list((tmp_path / "home").rglob("x"))


@pytest.mark.parametrize("name", list(STARTS))
def test_bytes_that_are_not_utf_8_come_back(tmp_path: Path, name: str) -> None:
    given = constants("\udcff\udc80'x")
    path = tmp_path / "hook"
    path.write_bytes(baked(name, given).encode("utf-8", "surrogateescape"))
    command = [program(name), *STARTS[name], "-c", f"source {path}; {SAY[name]}"]
    variables = {"PATH": os.defpath, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    finished = subprocess.run(command, cwd=tmp_path, env=variables, stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
    assert (finished.returncode, finished.stderr) == (0, b"")
    assert [os.fsdecode(word) for word in finished.stdout.split(b"\0")[:-1]] == values(given)


@pytest.mark.parametrize("name", list(STARTS))
def test_a_hook_may_be_loaded_from_a_hostile_path(tmp_path: Path, name: str) -> None:
    given = constants("x")
    path = tmp_path / 'it\'s $(touch x) \\ \u2018\u2019 "q"' / SHELLS[name].hook
    path.parent.mkdir()
    path.write_text(baked(name, given), "utf-8")
    line = SHELLS[name].load(SHELLS[name].quote(str(path)))
    options = ["-i"] if name == "fish" else []  # its line does nothing in a script
    finished = subprocess.run(
        [program(name), *STARTS[name], *options, "-c", f"{line}\n{SAY[name]}"],
        cwd=tmp_path,
        env={"PATH": os.defpath, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "TERM": "dumb"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert (finished.returncode, finished.stderr.decode()) == (0, "")
    assert finished.stdout.decode().split("\0")[:-1] == values(given)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("name", list(SHELLS))
def test_a_line_for_a_hook_that_is_gone_says_nothing(name: str) -> None:
    line = SHELLS[name].load(SHELLS[name].quote("/gone/it's"))
    if name == "pwsh":
        assert line == "if ([IO.File]::Exists('/gone/it''s')) { . '/gone/it''s' }"
        return
    command = [program(name), *STARTS[name], "-c", f"{line}\necho on"]
    finished = subprocess.run(command, env={"PATH": os.defpath}, stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, b"on\n", b"")


@pytest.mark.parametrize("name", list(SHELLS))
@pytest.mark.parametrize("word", HOSTILE)
def test_baking_writes_each_value_as_this_shell_quotes_it(name: str, word: str) -> None:
    given, quote = constants(word), SHELLS[name].quote
    text = baked(name, given)
    for value in values(given):
        assert quote(value) in text


@pytest.mark.parametrize("name", list(SHELLS))
@pytest.mark.parametrize("word", HOSTILE)
def test_baking_changes_nothing_but_the_constants(name: str, word: str) -> None:
    shell = SHELLS[name]
    original = shipped("shell", shell.hook).read_text("utf-8")
    before, middle = original.split("# envd: constants\n")
    after = middle.split("# envd: end of constants\n")[1]
    text = baked(name, constants(word))
    assert text.startswith(f"{before}# envd: constants\n")
    assert text.endswith(f"# envd: end of constants\n{after}")


@pytest.mark.parametrize("name", list(SHELLS))
def test_baking_again_replaces_what_was_baked(name: str) -> None:
    once = baked(name, constants("one"))
    assert bake(SHELLS[name], once, constants("two")) == baked(name, constants("two"))


@pytest.mark.parametrize("name", list(SHELLS))
def test_a_shipped_hook_has_the_names_that_hold_without_settings(name: str) -> None:
    shell = SHELLS[name]
    text = shipped("shell", shell.hook).read_text("utf-8")
    nowhere = dataclasses.replace(constants("x"), names=(".venv", "venv", "env"))
    assert len(bake(shell, text, nowhere).splitlines()) == len(text.splitlines())


def test_powershell_reads_back_what_was_baked() -> None:
    word = "it's $(x) `n \\ \u2018a\u2019"
    text = baked("pwsh", constants(word))
    block = text.split("# envd: constants\n")[1].split("    # envd: end of constants\n")[0]
    doubled = "it''s $(x) `n \\ \u2018\u2018a\u2019\u2019"
    assert block == (
        f"    $__envd_answers = '/home/{doubled}/answers'\n"
        f"    $__envd_shells = '/home/{doubled}/shells'\n"
        f"    $__envd_python = '/home/{doubled}/bin/python'\n"
        f"    $__envd_names = @('.venv', '{doubled}', '{doubled} 2')\n"
        f"    $__envd_mark = '{mark_of(text)}'\n"
    )


@pytest.mark.parametrize("name", SHELLS)
def test_a_mark_is_that_of_one_hook(name: str) -> None:
    marks = {mark_of(baked(name, constants(word))) for word in ("a", "b")}
    assert len(marks) == 2
    assert "" not in marks
    assert mark_of(baked(name, constants("a"))) in marks


@pytest.mark.parametrize(("name", "expected"), [*((name, name) for name in SHELLS), ("powershell", "pwsh")])
def test_a_shell_is_found_by_its_name(name: str, expected: str) -> None:
    assert find_shell(name).name == expected


def test_a_shell_that_there_is_no_hook_for_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        find_shell("csh")
    assert (str(caught.value), caught.value.hint) == ("no hook for 'csh'", "there is one for bash, zsh, fish, pwsh")


def test_a_file_that_was_not_shipped_is_named() -> None:
    with pytest.raises(StateError, match=r"has no shell/envd\.csh"):
        shipped("shell", "envd.csh")
