"""The fixtures of the integration tests; a conftest.py imports those it offers."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.stage.home import Home, obeying
from tests.stage.index import Index


@pytest.fixture(scope="session")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One download cache for all tests of a run."""
    return tmp_path_factory.mktemp("caches")


@pytest.fixture
def home(tmp_path: Path, caches: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A user of its own; this process, too, has that user's variables for the test."""
    found = Home(tmp_path, caches)
    for name in ("VIRTUAL_ENV", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)
    for name, value in found.variables.items():
        monkeypatch.setenv(name, value)
    try:
        yield found
    finally:
        found.end()


@pytest.fixture
def index(home: Home) -> Iterator[Index]:
    """An index that the processes of this home use instead of the real one."""
    with Index() as found:
        home.variables.update(found.variables())
        yield found


@pytest.fixture(params=["uv", "pip"])
def installer(request: pytest.FixtureRequest, home: Home) -> str:
    """Each installer in turn, as config.toml names it."""
    name: str = request.param
    if name == "uv" and not os.path.exists(os.path.join(sys.prefix, "bin", "uv")):
        pytest.skip("uv is not installed beside this interpreter")
    if name == "pip" and importlib.util.find_spec("pip") is None:
        pytest.skip("this interpreter has no pip")
    home.configure(f'[sync]\ninstaller = "{name}"\n')
    return name


@pytest.fixture
def obedient() -> tuple[str, ...]:
    """What makes a command obey mode bits, root's as well."""
    words = obeying()
    if words is None:
        pytest.skip("root cannot be made to obey mode bits here (setpriv)")
    return words
