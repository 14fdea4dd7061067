"""What uv is told of what its user has set for pip alone, and of the credentials for indexes that have names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from envd.adapters.installers.usersettings import settings_words, user_words

CORP = "https://corp.example/simple"


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("envd.system.usersettings._MACHINE", ())


def words(home: Path, variables: Mapping[str, str] = {}, *, indexes: bool = True) -> list[str]:  # it is only read
    return user_words({"HOME": str(home), "PIP_CONFIG_FILE": str(home / "pip.conf"), **variables}, indexes=indexes)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(f"[global]\nindex-url = {CORP}\n", [f"UV_DEFAULT_INDEX={CORP}"], id="the index"),
        pytest.param(
            f"[global]\nextra-index-url =\n  {CORP}\n  https://b.example/\n",
            [f"UV_INDEX={CORP} https://b.example/", "UV_INDEX_STRATEGY=unsafe-best-match"],
            id="more indexes, of which pip takes the best",
        ),
        pytest.param("[install]\nfind_links = /a /b\nno-index = true\n", ["UV_FIND_LINKS=/a,/b", "UV_NO_INDEX=1"], id="files"),
        pytest.param(
            f"[global]\nindex-url = https://a.example/\n[install]\nindex-url = {CORP}\n", [f"UV_DEFAULT_INDEX={CORP}"], id="install"
        ),
        pytest.param("[list]\nindex-url = https://a.example/\n", [], id="another command's"),
        pytest.param("[global]\ntrusted-host = a.example\n", ["UV_INSECURE_HOST=a.example"], id="a trusted host"),
        pytest.param("[global]\nproxy = http://p:1\n", ["ALL_PROXY=http://p:1"], id="a proxy"),
        pytest.param("[global]\ncert = /no/such/file\n", [], id="certificates that are not there"),
    ],
)
def test_what_is_set_for_pip_alone_is_told_to_uv(tmp_path: Path, text: str, told: list[str]) -> None:
    (tmp_path / "pip.conf").write_text(text)
    assert words(tmp_path) == told


def test_a_variable_counts_more_than_a_file(tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://a.example/\n")
    assert words(tmp_path, {"PIP_INDEX_URL": CORP}) == [f"UV_DEFAULT_INDEX={CORP}"]


def test_without_pips_files_nothing_is_read(tmp_path: Path) -> None:
    (tmp_path / ".pip").mkdir()
    (tmp_path / ".pip/pip.conf").write_text(f"[global]\nindex-url = {CORP}\n")
    assert user_words({"HOME": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}) == []


@pytest.mark.parametrize("name", ["UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"])
def test_uvs_own_variables_count_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / "pip.conf").write_text(f"[global]\nindex-url = {CORP}\ntrusted-host = h\n")
    assert words(tmp_path, {name: "https://a.example/"}) == ["UV_INSECURE_HOST=h"]


@pytest.mark.parametrize(
    "text", ['index-url = "https://a.example"', '[[index]]\nurl = "https://a.example"', "[pip]\nno-index = true"]
)
def test_uvs_own_file_counts_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "pip.conf").write_text(f"[global]\nindex-url = {CORP}\n")
    (tmp_path / ".config/uv").mkdir(parents=True)
    (tmp_path / ".config/uv/uv.toml").write_text(text)
    assert words(tmp_path) == []
    own = {"HOME": str(tmp_path)}
    assert settings_words(own) == ["--config-file", str(tmp_path / ".config/uv/uv.toml")]


def test_a_manifest_that_names_its_index_is_not_overridden(tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text(f"[global]\nindex-url = {CORP}\nextra-index-url = {CORP}\ntrusted-host = h\n")
    assert words(tmp_path, indexes=False) == ["UV_INSECURE_HOST=h"]


def test_credentials_for_named_indexes_are_handed_on_by_name(tmp_path: Path) -> None:
    (tmp_path / ".config/uv").mkdir(parents=True)
    (tmp_path / ".config/uv/uv.toml").write_text(f'[[index]]\nname = "in-house"\nurl = "{CORP}"\n')
    secrets = {f"UV_INDEX_{name}_PASSWORD": "s3cret" for name in ("IN_HOUSE", "OTHER", "CORP")}
    assert words(tmp_path, {"UV_INDEX": f"corp={CORP}", **secrets}) == [
        "UV_INDEX_CORP_PASSWORD=${UV_INDEX_CORP_PASSWORD}",
        "UV_INDEX_IN_HOUSE_PASSWORD=${UV_INDEX_IN_HOUSE_PASSWORD}",
    ]
