"""Other programs that activate environments."""

from __future__ import annotations

import pytest

from envd.core.rivals import PROJECT_FILES, rivals_in_project, rivals_in_rc


@pytest.mark.parametrize(
    ("line", "name"),
    [
        pytest.param('eval "$(pyenv virtualenv-init -)"', "pyenv-virtualenv", id="pyenv-virtualenv"),
        pytest.param("pyenv  virtualenv-init - | source", "pyenv-virtualenv", id="pyenv-virtualenv in fish"),
        pytest.param("plugins=(git autoswitch_virtualenv)", "autoswitch-virtualenv", id="a plugin"),
        pytest.param("source /usr/share/autoenv/activate.sh", "autoenv", id="autoenv"),
        pytest.param('eval "$(direnv hook bash)"', "", id="direnv alone activates nothing"),
        pytest.param('eval "$(pyenv init -)"', "", id="pyenv alone activates nothing"),
        pytest.param('# eval "$(pyenv virtualenv-init -)"', "", id="a comment"),
    ],
)
def test_what_an_rc_file_has_activate_environments(line: str, name: str) -> None:
    assert [(rival.line, rival.name) for rival in rivals_in_rc(f"first\n{line}\nlast\n")] == ([(2, name)] if name else [])


@pytest.mark.parametrize(
    ("file", "line", "found"),
    [
        pytest.param(".envrc", "layout python3", True, id="a layout"),
        pytest.param(".envrc", "layout_uv", True, id="a layout of one's own"),
        pytest.param(".envrc", "source .venv/bin/activate", True, id="activate"),
        pytest.param(".envrc", "export TOKEN=x", False, id="a variable"),
        pytest.param(".envrc", "layout node", False, id="another layout"),
        pytest.param("mise.toml", '_.python.venv = ".venv"', True, id="mise"),
        pytest.param(".mise.toml", 'python = "3.12"', False, id="a version"),
    ],
)
def test_what_a_project_has_activated_by_others(file: str, line: str, found: bool) -> None:
    assert file in PROJECT_FILES
    assert bool(rivals_in_project(file, f"{line}\n")) is found
