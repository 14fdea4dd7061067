"""Which indexes a user has anyway."""

from __future__ import annotations

from pathlib import Path

import pytest

from envd.adapters.manifests.indexes import known_indexes
from envd.core.capabilities import PYPI

CORP = "https://corp.example/simple"


def test_pypi_is_everybodys(tmp_path: Path) -> None:
    assert PYPI in known_indexes({"HOME": str(tmp_path)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("PIP_INDEX_URL", CORP, id="PIP_INDEX_URL"),
        pytest.param("PIP_EXTRA_INDEX_URL", f"https://a.example/ {CORP}/", id="the second of PIP_EXTRA_INDEX_URL"),
        pytest.param("UV_DEFAULT_INDEX", f"corp={CORP}", id="UV_DEFAULT_INDEX with a name"),
        pytest.param("UV_INDEX", f"https://a.example/ corp={CORP}", id="UV_INDEX"),
        pytest.param("UV_EXTRA_INDEX_URL", "https://u:p@corp.example/simple/", id="UV_EXTRA_INDEX_URL with a password"),
    ],
)
def test_variables_name_them(tmp_path: Path, name: str, value: str) -> None:
    assert CORP in known_indexes({"HOME": str(tmp_path), name: value})


@pytest.mark.parametrize(
    ("place", "text"),
    [
        pytest.param(".config/pip/pip.conf", f"[global]\nindex-url = {CORP}\n", id="pip.conf"),
        pytest.param(".pip/pip.conf", f"[install]\nextra_index_url =\n  https://a.example/\n  {CORP}\n", id="the old pip.conf"),
        pytest.param(".config/uv/uv.toml", f'[[index]]\nname = "corp"\nurl = "{CORP}"\n', id="uv.toml"),
        pytest.param(".config/uv/uv.toml", f'[pip]\nextra-index-url = ["{CORP}"]\n', id="the pip part of uv.toml"),
    ],
)
def test_files_name_them(tmp_path: Path, place: str, text: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert CORP in known_indexes({"HOME": str(tmp_path)})


@pytest.mark.parametrize("text", ["[[[", "index = 7\n", "[pip]\nextra-index-url = 'x'\n", "\0"])
@pytest.mark.parametrize("place", [".config/pip/pip.conf", ".config/uv/uv.toml"])
def test_a_file_that_cannot_be_read_names_none(tmp_path: Path, place: str, text: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert known_indexes({"HOME": str(tmp_path)}) >= {PYPI}
