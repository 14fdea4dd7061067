"""The user's settings."""

from __future__ import annotations

from typing import Any

import pytest

from envd.core.errors import SettingsError
from envd.core.settings import Settings, parse_settings


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param({}, Settings(), id="empty"),
        pytest.param({"names": ["env", ".venv"]}, Settings(names=("env", ".venv")), id="names"),
        pytest.param({"names": ["mein env", "umgebung-ä"]}, Settings(names=("mein env", "umgebung-ä")), id="odd names"),
        pytest.param({"trust": {"roots": ["~/src", "/srv"]}}, Settings(trusted_roots=("~/src", "/srv")), id="roots"),
        pytest.param({"trust": {"roots": []}}, Settings(), id="no roots"),
        pytest.param({"trust": {}, "sync": {}}, Settings(), id="empty tables"),
        pytest.param({"sync": {"automatic": False}}, Settings(automatic=False), id="not automatic"),
        pytest.param({"sync": {"wait": True}}, Settings(wait_for_programs=True), id="waiting"),
        pytest.param({"sync": {"generations": 0}}, Settings(generations=0), id="none kept"),
        pytest.param({"sync": {"generations_megabytes": 1}}, Settings(generations_megabytes=1), id="little kept"),
        pytest.param({"sync": {"installer": "pip"}}, Settings(installer="pip"), id="installer"),
        pytest.param(
            {"names": ["e"], "sync": {"automatic": False, "installer": "uv"}, "trust": {"roots": ["/s"]}},
            Settings(("e",), ("/s",), False, "uv"),
            id="everything",
        ),
    ],
)
def test_settings_are_read(document: dict[str, Any], expected: Settings) -> None:
    assert parse_settings(document, "config.toml") == expected


NAMES = 'names must be a list of directory names, such as [".venv", "venv"]'
MEGABYTES = "sync.generations_megabytes must be a number of megabytes, 0 or more"
ROOTS = "trust.roots must be a list of directories that begin with / or ~/"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        pytest.param({"nmaes": []}, "unknown key nmaes", id="unknown"),
        pytest.param({"sync": {"auto": True}}, "unknown key sync.auto", id="unknown in a table"),
        pytest.param({"sync": True}, "unknown key sync", id="a value where a table belongs"),
        pytest.param({"names": {"a": 1}}, "unknown key names.a", id="a table where a value belongs"),
        pytest.param({"names": []}, NAMES, id="no name"),
        pytest.param({"names": ".venv"}, NAMES, id="a string of names"),
        pytest.param({"names": [1]}, NAMES, id="a number for a name"),
        pytest.param({"names": [""]}, NAMES, id="an empty name"),
        pytest.param({"names": ["."]}, NAMES, id="the directory itself"),
        pytest.param({"names": [".."]}, NAMES, id="the parent"),
        pytest.param({"names": ["a/b"]}, NAMES, id="a path"),
        pytest.param({"names": ["/abs"]}, NAMES, id="an absolute path"),
        pytest.param({"names": ["a\0b"]}, NAMES, id="a NUL"),
        pytest.param({"names": ["a\nb"]}, NAMES, id="a newline"),
        pytest.param({"names": ["a\x1b[m"]}, NAMES, id="an escape"),
        pytest.param({"sync": {"generations": -1}}, "sync.generations must be a number from 0 to 100", id="fewer than none"),
        pytest.param({"sync": {"generations": 101}}, "sync.generations must be a number from 0 to 100", id="too many kept"),
        pytest.param({"sync": {"generations": True}}, "sync.generations must be a number from 0 to 100", id="a truth for a number"),
        pytest.param({"sync": {"generations_megabytes": "2 GB"}}, MEGABYTES, id="words for a size"),
        pytest.param({"trust": {"roots": "/src"}}, ROOTS, id="a string of roots"),
        pytest.param({"trust": {"roots": ["src"]}}, ROOTS, id="a relative root"),
        pytest.param({"trust": {"roots": [""]}}, ROOTS, id="an empty root"),
        pytest.param({"trust": {"roots": ["/"]}}, ROOTS, id="everything"),
        pytest.param({"trust": {"roots": ["//"]}}, ROOTS, id="everything, twice"),
        pytest.param({"trust": {"roots": ["~root/x"]}}, ROOTS, id="somebody else's home"),
        pytest.param({"trust": {"roots": ["/a\0"]}}, ROOTS, id="a NUL in a root"),
        pytest.param({"trust": {"roots": [7]}}, ROOTS, id="a number for a root"),
        pytest.param({"sync": {"automatic": "no"}}, "sync.automatic must be true or false", id="a word for a truth"),
        pytest.param({"sync": {"automatic": 1}}, "sync.automatic must be true or false", id="a number for a truth"),
        pytest.param({"sync": {"installer": "conda"}}, "sync.installer must be one of auto, uv, pip", id="an unknown installer"),
        pytest.param({"sync": {"installer": ["uv"]}}, "sync.installer must be one of auto, uv, pip", id="a list of installers"),
    ],
)
def test_a_wrong_setting_is_named(document: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings(document, "config.toml")
    assert str(caught.value) == f"config.toml: {message}"


def test_an_unknown_key_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings({"x": 1}, "config.toml")
    assert caught.value.hint == (
        "the keys are names, trust.roots, sync.automatic, sync.generations, sync.generations_megabytes, sync.wait, sync.groups, "
        "sync.installer, shell.wrap_cd, shell.wait"
    )
