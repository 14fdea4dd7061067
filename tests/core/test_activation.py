"""What a program in an environment finds on PATH."""

from __future__ import annotations

import pytest

from envd.core.activation import activated

BIN = "/p/.venv/bin"
PATHS = [
    pytest.param("/usr/bin:/bin", f"{BIN}:/usr/bin:/bin", id="first"),
    pytest.param("", BIN, id="alone"),
    pytest.param(f"{BIN}:/usr/bin", f"{BIN}:/usr/bin", id="once where it is first"),
    pytest.param(BIN, BIN, id="once where it is alone"),
    pytest.param(f"/usr/bin:{BIN}", f"{BIN}:/usr/bin:{BIN}", id="first where it is further down"),
    pytest.param(f"{BIN}2:/usr/bin", f"{BIN}:{BIN}2:/usr/bin", id="first where another begins alike"),
]


@pytest.mark.parametrize(("before", "after"), PATHS)
def test_its_programs_are_first_on_path(before: str, after: str) -> None:
    assert activated({"PATH": before}, "/p/.venv", BIN, "p")["PATH"] == after
