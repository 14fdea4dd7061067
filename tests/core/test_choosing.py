"""Which file decides, and why not the others."""

from __future__ import annotations

import pytest

from envd.core.choosing import Choice, Facts, ManifestKind, choose_manifest

ALL = frozenset({"uv", "poetry", "pdm", "pipenv"})


@pytest.mark.parametrize(
    ("files", "declares", "tools", "name"),
    [
        pytest.param("requirements.txt", False, ALL, "requirements.txt", id="requirements.txt alone"),
        pytest.param("requirements.txt pyproject.toml", False, ALL, "requirements.txt", id="a pyproject.toml for tools only"),
        pytest.param("requirements.txt pyproject.toml", True, ALL, "requirements.txt", id="requirements.txt before dependencies"),
        pytest.param("pyproject.toml", True, ALL, "pyproject.toml", id="dependencies"),
        pytest.param("pyproject.toml", False, ALL, "", id="nothing but tools"),
        pytest.param("pyproject.toml uv.lock requirements.txt pylock.toml", True, ALL, "uv.lock", id="uv.lock before all"),
        pytest.param("pyproject.toml uv.lock requirements.txt", True, frozenset(), "requirements.txt", id="uv.lock without uv"),
        pytest.param("pyproject.toml uv.lock", True, frozenset(), "pyproject.toml", id="uv.lock without uv, and dependencies"),
        pytest.param("uv.lock requirements.txt", False, ALL, "requirements.txt", id="uv.lock without pyproject.toml"),
        pytest.param("pyproject.toml poetry.lock requirements.txt", False, ALL, "poetry.lock", id="poetry.lock"),
        pytest.param("pyproject.toml poetry.lock", False, frozenset({"uv"}), "", id="poetry.lock without poetry"),
        pytest.param("pyproject.toml pdm.lock", True, ALL, "pdm.lock", id="pdm.lock"),
        pytest.param("Pipfile Pipfile.lock requirements.txt", False, ALL, "Pipfile.lock", id="Pipfile.lock"),
        pytest.param("Pipfile.lock requirements.txt", False, ALL, "requirements.txt", id="Pipfile.lock without Pipfile"),
        pytest.param("pylock.toml requirements.txt", False, frozenset(), "pylock.toml", id="pylock.toml before requirements.txt"),
        pytest.param("environment.yml requirements.txt", False, ALL, "requirements.txt", id="conda's file beside it"),
        pytest.param("environment.yml", False, ALL, "", id="conda's file alone"),
        pytest.param("", False, ALL, "", id="nothing"),
    ],
)
def test_the_first_that_can_be_used_decides(files: str, declares: bool, tools: frozenset[str], name: str) -> None:
    choice = choose_manifest(Facts(frozenset(files.split()), declares, tools))
    assert (choice.name if choice.kind is not ManifestKind.NONE else "") == name
    assert bool(choice.why) == bool(name)


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        pytest.param(
            Facts(frozenset({"pyproject.toml", "poetry.lock"})), "poetry.lock: it needs poetry, which is not here", id="poetry"
        ),
        pytest.param(
            Facts(frozenset({"environment.yml"})), "environment.yml: it is conda's; envd does not install from it", id="conda"
        ),
        pytest.param(Facts(frozenset({"pyproject.toml"})), "", id="tools only"),
        pytest.param(
            Facts(frozenset({"pyproject.toml", "uv.lock"}), named="uv.lock"),
            "uv.lock: tool.envd.manifest in pyproject.toml names it, but it needs uv, which is not here",
            id="named, and its tool is not here",
        ),
        *(
            pytest.param(
                Facts(frozenset({"pyproject.toml"}), named=name),
                f"{name}: tool.envd.manifest in pyproject.toml names it, and envd does not know that kind of file",
                id=f"named, of no known kind: {name}",
            )
            for name in ("setup.py", "my-pylock.toml", "pylock..toml", "pylock.a.b.toml", "pylock.dev.toml.bak")
        ),
    ],
)
def test_without_one_it_says_what_is_in_the_way(facts: Facts, problem: str) -> None:
    choice = choose_manifest(facts)
    assert (choice.kind, choice.problem) == (ManifestKind.NONE, problem)


def test_each_that_was_passed_over_has_its_reason() -> None:
    files = frozenset({"pyproject.toml", "uv.lock", "poetry.lock", "requirements.txt", "environment.yml"})
    assert choose_manifest(Facts(files, declares=True, tools=frozenset({"poetry"}))) == Choice(
        ManifestKind.POETRY_LOCK,
        "poetry.lock",
        "it locks every package, and poetry is here to read it",
        (
            ("uv.lock", "it needs uv, which is not here"),
            ("requirements.txt", "poetry.lock comes first"),
            ("pyproject.toml", "poetry.lock comes first"),
            ("environment.yml", "it is conda's; envd does not install from it"),
        ),
    )


@pytest.mark.parametrize(
    ("named", "kind"),
    [
        ("requirements/base.txt", ManifestKind.REQUIREMENTS),
        ("requirements.in", ManifestKind.REQUIREMENTS),
        ("requirements.txt", ManifestKind.REQUIREMENTS),
        ("deploy/pylock.toml", ManifestKind.PYLOCK),
        ("pylock.dev.toml", ManifestKind.PYLOCK),
        ("deploy/pylock.dev-2.toml", ManifestKind.PYLOCK),
        ("pyproject.toml", ManifestKind.PYPROJECT),
    ],
)
def test_what_the_project_names_decides(named: str, kind: ManifestKind) -> None:
    choice = choose_manifest(Facts(frozenset({"uv.lock", "pyproject.toml"}), declares=True, tools=ALL, named=named))
    assert (choice.kind, choice.name) == (kind, named)
