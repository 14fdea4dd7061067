"""Whose credentials an installer is told of: those of the indexes that the project names, by the variables' names alone."""

from __future__ import annotations

import pytest

from envd.adapters.manifests.credentials import credential_variables, with_references
from envd.adapters.manifests.pyproject import Pyproject
from envd.core.choosing import ManifestKind

URL = "https://pypi.example.org/simple"


@pytest.mark.parametrize("kind", [ManifestKind.UV_LOCK, ManifestKind.PYPROJECT], ids=lambda kind: kind.name)
def test_uv_reads_them_by_the_name_of_the_index(kind: ManifestKind) -> None:
    pyproject = Pyproject({"tool": {"uv": {"index": [{"name": "in-house.2", "url": URL}, {"url": URL}, {"name": "a b"}]}}})
    assert credential_variables(kind, pyproject) == ("UV_INDEX_IN_HOUSE_2_USERNAME", "UV_INDEX_IN_HOUSE_2_PASSWORD")


def test_poetry_reads_them_by_the_name_of_the_source() -> None:
    pyproject = Pyproject({"tool": {"poetry": {"source": [{"name": "in-house", "url": URL}]}}})
    names = ("POETRY_HTTP_BASIC_IN_HOUSE_USERNAME", "POETRY_HTTP_BASIC_IN_HOUSE_PASSWORD")
    assert credential_variables(ManifestKind.POETRY_LOCK, pyproject) == names


def test_other_manifests_have_none() -> None:
    pyproject = Pyproject({"tool": {"uv": {"index": [{"name": "in-house", "url": URL}]}}})
    assert credential_variables(ManifestKind.REQUIREMENTS, pyproject) == ()


@pytest.mark.parametrize(
    ("url", "variables", "text"),
    [
        pytest.param(URL, {}, URL, id="none is set"),
        pytest.param(
            URL, {"UV_INDEX_X_USERNAME": "me"}, "https://${UV_INDEX_X_USERNAME}@pypi.example.org/simple", id="a token for a name"
        ),
        pytest.param(
            URL,
            {"UV_INDEX_X_USERNAME": "me", "UV_INDEX_X_PASSWORD": "it"},
            "https://${UV_INDEX_X_USERNAME}:${UV_INDEX_X_PASSWORD}@pypi.example.org/simple",
            id="both",
        ),
        pytest.param(
            URL, {"UV_INDEX_X_PASSWORD": "it"}, "https://:${UV_INDEX_X_PASSWORD}@pypi.example.org/simple", id="a password"
        ),
        pytest.param(
            URL,
            {"UV_INDEX_X_USERNAME": "me", "UV_INDEX_X_PASSWORD": "a/b"},
            "https://${UV_INDEX_X_USERNAME}@pypi.example.org/simple",
            id="what would end the host",
        ),
        pytest.param("https://u:p@h/simple", {"UV_INDEX_X_USERNAME": "me"}, "https://u:p@h/simple", id="the URL has its own"),
        pytest.param("./wheels", {"UV_INDEX_X_USERNAME": "me"}, "./wheels", id="no URL"),
    ],
)
def test_a_url_refers_to_what_is_set(url: str, variables: dict[str, str], text: str) -> None:
    assert with_references("x", url, variables) == text
    assert with_references("", url, variables) == url
