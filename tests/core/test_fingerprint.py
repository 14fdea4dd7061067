"""The fingerprint of a sync."""

from __future__ import annotations

import pytest

from envd.core.fingerprint import ManifestFile, fingerprint

FILES = (ManifestFile("requirements.txt", b"a\n"), ManifestFile("dev.txt", b"b\n"))


def test_the_same_input_gives_the_same_digest() -> None:
    assert fingerprint(FILES, "/usr 3.12", ("x",)) == fingerprint(list(FILES), "/usr 3.12", ["x"])


@pytest.mark.parametrize(
    ("files", "interpreter", "options"),
    [
        pytest.param((FILES[0], ManifestFile("dev.txt", b"b")), "/usr 3.12", ("x",), id="content"),
        pytest.param((FILES[0], ManifestFile("dev", b"b\n")), "/usr 3.12", ("x",), id="file name"),
        pytest.param((FILES[1], FILES[0]), "/usr 3.12", ("x",), id="order"),
        pytest.param(FILES[:1], "/usr 3.12", ("x",), id="a file less"),
        pytest.param((), "/usr 3.12", ("x",), id="no file"),
        pytest.param(FILES, "/usr 3.13", ("x",), id="interpreter"),
        pytest.param(FILES, "/usr 3.12", ("y",), id="option"),
        pytest.param(FILES, "/usr 3.12", (), id="no option"),
        pytest.param(FILES, "/usr 3.12x", (), id="option glued to the interpreter"),
        pytest.param((ManifestFile("requirements.txta", b"\n"), FILES[1]), "/usr 3.12", ("x",), id="content moved to the name"),
    ],
)
def test_every_difference_gives_another_digest(files: tuple[ManifestFile, ...], interpreter: str, options: tuple[str, ...]) -> None:
    assert fingerprint(files, interpreter, options) != fingerprint(FILES, "/usr 3.12", ("x",))


def test_names_that_are_not_utf8_are_digested() -> None:
    assert len(fingerprint([ManifestFile("\udcff.txt", b"\xff")], "/\udcff", ("\udcfe",))) == 64
