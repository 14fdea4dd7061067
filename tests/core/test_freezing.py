"""What is installed as lines, and a manifest with one more."""

from __future__ import annotations

import pytest

from envd.core.freezing import Pinned, direct_names, direct_source, with_dependency, with_line
from envd.core.packages import Dist


@pytest.mark.parametrize(
    ("pin", "text"),
    [
        pytest.param(Pinned("six", "1.0"), "six==1.0", id="from an index"),
        pytest.param(Pinned("six", "1.0", "git+https://h/six@abc"), "six @ git+https://h/six@abc", id="from a repository"),
        pytest.param(Pinned("six", "1.0", "-e /p/six"), "-e /p/six", id="editable"),
    ],
)
def test_a_package_is_one_line(pin: Pinned, text: str) -> None:
    assert pin.text == text


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        pytest.param({}, "", id="none"),
        pytest.param({"url": 7}, "", id="no URL"),
        pytest.param({"url": "https://h/x.whl\n-e ./evil"}, "", id="a line break"),
        pytest.param({"url": "https://me:s3@h/x.whl", "archive_info": {}}, "https://h/x.whl", id="credentials"),
        pytest.param({"url": "https://h/x", "vcs_info": {"vcs": "hg", "commit_id": "ab"}}, "hg+https://h/x@ab", id="a repository"),
        pytest.param({"url": "file:///p/x", "dir_info": {"editable": True}}, "-e /p/x", id="editable"),
        pytest.param({"url": "file:///p/x", "dir_info": {}}, "file:///p/x", id="a directory"),
    ],
)
def test_where_a_package_came_from(origin: dict[str, object], expected: str) -> None:
    assert direct_source(origin) == expected


def test_direct_is_what_is_named_or_needed_by_nothing() -> None:
    installed = {name: Dist(name, "1") for name in ("a", "b", "c")}
    assert direct_names(installed, asked=["b"], needed=["b", "c"]) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "x==1\n", id="empty"),
        pytest.param("a\n", "a\nx==1\n", id="one line"),
        pytest.param("a", "a\nx==1\n", id="without an end of line"),
        pytest.param("a\r\nb", "a\r\nb\r\nx==1\r\n", id="CRLF"),
        pytest.param("a \\\n", "a \\\n\nx==1\n", id="a backslash that continues nothing"),
        pytest.param("a \\", "a \\\n\nx==1\n", id="a backslash without an end of line"),
    ],
)
def test_a_requirements_file_has_one_line_more(text: str, expected: str) -> None:
    assert with_line(text, "x==1") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[project]\ndependencies = []\n", '[project]\ndependencies = ["x"]\n', id="empty"),
        pytest.param('[project]\ndependencies = ["a"]\n', '[project]\ndependencies = ["a", "x"]\n', id="in one line"),
        pytest.param('[project]\ndependencies = ["a",]\n', '[project]\ndependencies = ["a", "x"]\n', id="a comma behind it"),
        pytest.param(
            '[project]\ndependencies = [\n  "a[b]",  # ]\n]\nx = 1\n',
            '[project]\ndependencies = [\n  "a[b]",  # ]\n  "x",\n]\nx = 1\n',
            id="in several, with brackets",
        ),
        pytest.param('[project]\ndependencies = [\n  "a"\n]\n', '[project]\ndependencies = [\n  "a",\n  "x",\n]\n', id="no comma"),
        pytest.param('[tool.x]\ndependencies = ["a"]\n', "", id="of another table"),
        pytest.param('[project]\nname = "a"\n', "", id="no list"),
        pytest.param("[project]\ndependencies = [\n", "", id="a list without an end"),
    ],
)
def test_a_pyproject_has_one_dependency_more(text: str, expected: str) -> None:
    assert with_dependency(text, "x") == expected
