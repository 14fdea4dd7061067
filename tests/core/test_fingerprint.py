"""The fingerprint of a sync."""

from __future__ import annotations

import pytest

from envd.core.fingerprint import ManifestFile, fingerprint, with_variables

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


BASE = fingerprint(FILES, "/usr 3.12", ())
OTHER = fingerprint(FILES[:1], "/usr 3.12", ())


def of(digest: str = BASE, **values: str) -> str:
    return with_variables(digest, values, ())


@pytest.mark.parametrize(
    ("values", "known", "expected"),
    [
        pytest.param({}, [], BASE, id="no variable"),
        pytest.param({"A": "1"}, [of(A="2")], of(A="1"), id="set here"),
        pytest.param({"A": None}, [], BASE, id="nothing is known"),
        pytest.param({"A": None}, [of(A="2")], of(A="2"), id="not set here: as it was synced"),
        pytest.param({"A": None}, [BASE], BASE, id="synced before values counted"),
        pytest.param({"A": "1"}, [BASE], of(A="1"), id="and set here"),
        pytest.param({"A": "1", "B": None}, [of(A="2", B="3")], of(A="1", B="3"), id="one of two is set"),
        pytest.param({"A": None}, [of(OTHER, A="2")], of(A="2"), id="synced for other files"),
        pytest.param({"A": None}, [of(OTHER, A="2"), of(A="1")], of(A="2"), id="what was synced before that is not gone back to"),
        pytest.param({"A": None}, [OTHER, "", of(A="1")], of(A="1"), id="not synced, but undone or failed with it"),
        pytest.param(
            {"A": "1", "B": None}, [OTHER, of(A="2", B="3"), of(A="1", B="4")], of(A="1", B="4"), id="of those that agree"
        ),
        pytest.param({"A": None}, [of(A="1", B="2")], of(A="1"), id="one that is asked for no more"),
        pytest.param({"A": "https://me:one@h/"}, [], of(A="https://me:two@h/"), id="credentials are no part of it"),
    ],
)
def test_values_of_variables_are_part_of_it(values: dict[str, str | None], known: list[str], expected: str) -> None:
    assert with_variables(BASE, values, known) == expected


def test_values_are_told_apart_and_not_shown() -> None:
    assert len({BASE, of(A="1"), of(A="2"), of(B="1"), of(A=""), of(OTHER, A="1"), of(A="https://h/")}) == 7
    assert "s3cret" not in of(A="s3cret", B="https://me:s3cret@h/")
    assert len(of(A="\udcff")) > 64
