"""Reading config.toml: every error names the file, and for syntax the line."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from envd.adapters.config import load_settings
from envd.core.errors import SettingsError
from envd.core.settings import Settings


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "config.toml") == Settings()


def test_below_a_path_that_is_too_long_there_is_no_file(tmp_path: Path) -> None:
    assert load_settings(tmp_path / ("x" * 300) / "config.toml") == Settings()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", Settings(), id="empty"),
        pytest.param(b'names = ["env"]\n', Settings(names=("env",)), id="a name"),
        pytest.param(b'\xef\xbb\xbfnames = ["env"]\n', Settings(names=("env",)), id="a byte order mark"),
        pytest.param(b'[sync]\r\ninstaller = "pip"\r\n', Settings(installer="pip"), id="CRLF"),
        pytest.param('names = ["ümgebung"]'.encode(), Settings(names=("ümgebung",)), id="UTF-8"),
    ],
)
def test_settings_are_read(tmp_path: Path, content: bytes, expected: Settings) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    assert load_settings(path) == expected


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param(b"names = \n", "line 1", id="no value"),
        pytest.param(b"\n\nnames = [\n\n[sync]\n", "line 5", id="a list that is not closed"),
        pytest.param(b"\n\nnames = [", "line 3", id="a list that is not closed at the end"),
        pytest.param(b'\n"', "line 2", id="a string that is not closed"),
        pytest.param(b'names = ["a"]\nnames = ["b"]\n', "line 2", id="a key twice"),
        pytest.param(b'names = ["a"]\nnames = ["b"]', "line 2", id="a key twice at the end"),
        pytest.param(b"[sync]\n[sync]\n", "line 2", id="a table twice"),
        pytest.param(b"\n# \0\n", "line 2", id="a NUL in a comment"),
        pytest.param(b'\nnames = ["\0"]\n', "line 2", id="a NUL in a string"),
        pytest.param(b"\n\nnames = ['\xff']\n", "line 3", id="a byte that is not UTF-8"),
        pytest.param(b"\xff\xfen\0", "line 1", id="UTF-16"),
        pytest.param(b"<<<<<<< HEAD\n", "line 1", id="a conflict marker"),
    ],
)
def test_an_error_of_syntax_names_file_and_line(tmp_path: Path, content: bytes, line: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.hint == f"mend it: $EDITOR {path}"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(os.mkfifo, " is a FIFO, not a file", id="a FIFO"),
        pytest.param(Path.mkdir, " is a directory, not a file", id="a directory"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), " is a device, not a file", id="/dev/zero"),
        pytest.param(lambda path: path.write_bytes(b"#" * 10_000_000), " is larger than 256 KiB", id="10 MB"),
        pytest.param(lambda path: path.write_bytes(b"a = " + b"[" * 500), ": ", id="500 lists in one another"),
        pytest.param(lambda path: path.write_bytes(b"a = " + b"[" * 100_000), ": ", id="100,000 lists in one another"),
        pytest.param(lambda path: path.write_bytes(b"[" + b"a." * 50_000 + b"b]"), ": ", id="50,000 tables in one another"),
        pytest.param(lambda path: path.write_bytes(b"a = " + b"9" * 5000), ": ", id="an integer of 5,000 digits"),
        pytest.param(lambda path: path.write_text("names = 1"), ": names must be a list", id="a wrong value"),
        pytest.param(lambda path: path.write_text("x = 1"), ": unknown key x", id="an unknown key"),
    ],
)
def test_what_cannot_be_settings_is_an_error_that_names_the_file(
    tmp_path: Path, make: Callable[[Path], object], message: str
) -> None:
    path = tmp_path / "config.toml"
    make(path)
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert str(caught.value).startswith(f"{path}{message}")
    assert len(str(caught.value).splitlines()) == 1
