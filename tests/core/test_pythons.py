"""requires-python and .python-version against a version."""

from __future__ import annotations

import pytest

from envd.core.pythons import allows, matches_pin


@pytest.mark.parametrize(
    ("specifiers", "version", "expected"),
    [
        pytest.param(">=3.10", "3.10.0", True, id="at the bound"),
        pytest.param(">=3.10", "3.9.18", False, id="below it"),
        pytest.param(">=3.10", "3.10", True, id="without a micro version"),
        pytest.param(">=3.8,<3.12", "3.12.0", False, id="at the upper bound"),
        pytest.param(">=3.8, <3.12", "3.11.9", True, id="between"),
        pytest.param("<4", "3.14.0", True, id="one number"),
        pytest.param("~=3.10", "3.12.1", True, id="compatible"),
        pytest.param("~=3.10", "4.0", False, id="compatible, next major"),
        pytest.param("~=3.10.2", "3.11.0", False, id="compatible to the micro"),
        pytest.param("~=3.10.2", "3.10.1", False, id="compatible, below"),
        pytest.param("==3.12.*", "3.12.7", True, id="wildcard"),
        pytest.param("==3.12.*", "3.1.2", False, id="wildcard, another"),
        pytest.param("!=3.12.*", "3.12.7", False, id="not a wildcard"),
        pytest.param("==3.12", "3.12.0", True, id="equal but for a zero"),
        pytest.param(">3.12", "3.12.1", True, id="greater"),
        pytest.param(">=3.12", "3.12.0rc1", True, id="a candidate counts as its release"),
        pytest.param("", "3.12.1", True, id="nothing asked"),
        pytest.param("whatever", "3.12.1", True, id="no specifier"),
        pytest.param(">=3.13", "", True, id="an unknown version"),
    ],
)
def test_requires_python(specifiers: str, version: str, expected: bool) -> None:
    assert allows(specifiers, version) is expected


@pytest.mark.parametrize(
    ("pin", "version", "expected"),
    [
        ("3.12", "3.12.7", True),
        ("3.12.7", "3.12.7", True),
        ("3.12.1", "3.12.7", False),
        ("3.1", "3.12.7", False),
        ("cpython-3.12", "3.12.7", True),
        ("python3.11", "3.12.7", False),
        ("system", "3.12.7", True),
        ("pypy3.10", "3.12.7", True),
    ],
)
def test_python_version_file(pin: str, version: str, expected: bool) -> None:
    assert matches_pin(pin, version) is expected
