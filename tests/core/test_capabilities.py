"""Which line asks for more than wheels of known indexes: the kinds of lines of T10 and T11, and what is said of them."""

from __future__ import annotations

import pytest

from envd.core.capabilities import PYPI, Capability, Need, Place, command, index_identity, missing, needs_of, problem, remedy
from envd.core.requirements import parse_requirements

OURS = "https://pypi.corp.example/simple"
HERE = Place("requirements.txt:1", "/p", "/p", frozenset({PYPI, OURS}))
BUILD, INDEX, LOCAL = Capability.BUILD, Capability.INDEX, Capability.LOCAL

NOTHING: set[Capability] = set()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("flask", NOTHING, id="a name"),
        pytest.param("flask==3.0 --hash=sha256:00", NOTHING, id="a pin and a hash"),
        pytest.param("flask[async]>=2 ; os_name == 'posix'", NOTHING, id="extras and a marker"),
        pytest.param("-r dev.txt", NOTHING, id="-r beside it"),
        pytest.param("-c sub/../pins.txt", NOTHING, id="-c in the project, by a detour"),
        pytest.param("--pre", NOTHING, id="--pre"),
        pytest.param("--require-hashes", NOTHING, id="--require-hashes"),
        pytest.param("--no-index", NOTHING, id="--no-index"),
        pytest.param("--prefer-binary", NOTHING, id="--prefer-binary"),
        pytest.param("--only-binary :all:", NOTHING, id="--only-binary :all:"),
        pytest.param("--no-binary :none:", NOTHING, id="--no-binary :none:"),
        pytest.param(f"--index-url {OURS}/", NOTHING, id="--index-url of an index that is the user's"),
        pytest.param("--extra-index-url=HTTPS://me:s3@PYPI.corp.example/simple", NOTHING, id="the same, spelled otherwise"),
        pytest.param("x @ https://files.pythonhosted.org/packages/x-1-py3-none-any.whl", NOTHING, id="a wheel on PyPI by its URL"),
        pytest.param("--index-url https://evil.example/simple", {INDEX}, id="--index-url"),
        pytest.param("-i https://evil.example/simple", {INDEX}, id="-i"),
        pytest.param("-ihttps://evil.example/simple", {INDEX}, id="-i glued"),
        pytest.param("--index https://evil.example/simple", {INDEX}, id="--index-url cut short"),
        pytest.param("--pre --extra-index-url https://evil.example/", {INDEX}, id="--extra-index-url behind another option"),
        pytest.param("--index-url http://pypi.corp.example/simple", {INDEX}, id="the user's index without encryption"),
        pytest.param("--index-url https://pypi.corp.example/simple/evil", {INDEX}, id="below the user's index"),
        pytest.param("--index-url https://pypi.corp.example@evil.example/simple", {INDEX}, id="the user's index as a user name"),
        pytest.param("--extra-index-url ${URL}", {INDEX}, id="an index from a variable"),
        pytest.param("--find-links https://evil.example/", {INDEX}, id="--find-links"),
        pytest.param("-f ./wheels", {INDEX}, id="-f of a directory"),
        pytest.param("--trusted-host evil.example", {INDEX}, id="--trusted-host"),
        pytest.param("https://evil.example/x-1-py3-none-any.whl", {INDEX}, id="a wheel at a URL"),
        pytest.param("x @ https://evil.example/x-1-py3-none-any.whl#sha256=00", {INDEX}, id="a name at the URL of a wheel"),
        pytest.param("x @ http://files.pythonhosted.org/x-1-py3-none-any.whl", {INDEX}, id="a wheel without encryption"),
        pytest.param("-r https://evil.example/r.txt", {INDEX, BUILD}, id="-r of a URL, where anything may be"),
        pytest.param("-c https://evil.example/c.txt", {INDEX, BUILD}, id="-c of a URL"),
        pytest.param("https://pypi.org/x-1.tar.gz", {BUILD}, id="an archive at a URL"),
        pytest.param("x @ https://pypi.org/x-1.zip ; os_name == 'nt'", {BUILD}, id="a name at an archive"),
        pytest.param("git+https://github.com/a/x", {BUILD}, id="a repository"),
        pytest.param("x @ git+ssh://git@github.com/a/x@v1", {BUILD}, id="a name at a repository"),
        pytest.param("-e git+https://github.com/a/x#egg=x", {BUILD}, id="an editable repository"),
        pytest.param("-e .", {BUILD}, id="the project itself, editable"),
        pytest.param("-e./evil", {BUILD}, id="-e glued"),
        pytest.param("--editable=./evil[x]", {BUILD}, id="--editable="),
        pytest.param("--edit ./evil", {BUILD}, id="--editable cut short"),
        pytest.param("--pre -e ./evil", {BUILD}, id="-e behind another option"),
        pytest.param("-e x @ ./evil", {BUILD}, id="an editable with a name"),
        pytest.param("-e 'x", {BUILD}, id="a quote without its end"),
        pytest.param(".", {BUILD}, id="the project itself"),
        pytest.param("./evil", {BUILD}, id="a directory"),
        pytest.param("evil/sub", {BUILD}, id="a directory without a dot"),
        pytest.param("evil-1.tar.gz", {BUILD}, id="an archive beside it"),
        pytest.param("x @ file:///p/evil", {BUILD}, id="a file URL of a directory"),
        pytest.param("--no-binary :all:", {BUILD}, id="--no-binary :all:"),
        pytest.param("--no-binary=x", {BUILD}, id="--no-binary of one"),
        pytest.param("--only-binary :none:", {BUILD}, id="--only-binary taken back"),
        pytest.param("x --global-option=--evil", {BUILD}, id="an option for the build"),
        pytest.param("./wheels/x-1-py3-none-any.whl", {LOCAL}, id="a wheel that is a file"),
        pytest.param("x @ file:wheels/x-1-py3-none-any.whl", {LOCAL}, id="a wheel by a file URL"),
        pytest.param("-r ../x.txt", {LOCAL}, id="-r outside"),
        pytest.param("-r /etc/x.txt", {LOCAL}, id="-r of an absolute path"),
        pytest.param("-r sub/../../x.txt", {LOCAL}, id="-r outside by a detour"),
        pytest.param("-r /p-evil/x.txt", {LOCAL}, id="-r of a name that begins as the project's"),
        pytest.param("../evil", {BUILD, LOCAL}, id="a directory outside"),
        pytest.param("-e ../evil", {BUILD, LOCAL}, id="an editable outside"),
        pytest.param("x @ file:///p/%2e%2e/evil", {BUILD, LOCAL}, id="outside by a file URL with escapes"),
        pytest.param("https://[evil/x.whl", {INDEX}, id="a URL that is none"),
        pytest.param("???", NOTHING, id="no requirement at all"),
    ],
)
def test_a_line_asks_for(text: str, wanted: set[Capability]) -> None:
    (line,) = parse_requirements(text)
    assert {need.capability for need in needs_of(line, HERE)} == wanted


def test_a_path_counts_from_the_root_and_from_its_file() -> None:
    # uv reads it from the root, pip from the file.
    (line,) = parse_requirements("../evil")
    assert {need.capability for need in needs_of(line, Place("sub/r.txt:1", "/p/sub", "/p"))} == {BUILD, LOCAL}


def test_credentials_are_taken_out_of_what_is_shown() -> None:
    (line,) = parse_requirements("--index-url https://me:s3cret@evil.example/simple")
    (need,) = needs_of(line, HERE)
    assert str(need) == (
        "requirements.txt:1: --index-url https://***@evil.example/simple is a source of packages that is not yours yet"
    )


@pytest.mark.parametrize(
    ("needs", "said", "typed"),
    [
        pytest.param(
            [Need(BUILD, "r.txt:3", "-e .")], "r.txt:3: -e . runs code while it is installed", "envd allow --build", id="one"
        ),
        pytest.param(
            [Need(LOCAL, "r.txt:3", "../x"), Need(BUILD, "r.txt:3", "../x")],
            "r.txt:3: ../x takes a file of this machine, not of an index",
            "envd allow --build --local",
            id="two of one line",
        ),
        pytest.param(
            [Need(INDEX, "r.txt:1", "-f x"), Need(INDEX, "r.txt:2", "-f y"), Need(INDEX, "r.txt:4", "-f z")],
            "r.txt:1: -f x is a source of packages that is not yours yet (and 2 more lines)",
            "envd allow --index",
            id="three lines",
        ),
    ],
)
def test_the_first_line_and_the_command_are_named(needs: list[Need], said: str, typed: str) -> None:
    assert (problem(needs), remedy(needs)) == (said, typed)


def test_what_was_granted_is_not_missing() -> None:
    needs = (Need(BUILD, "a:1", "x"), Need(INDEX, "a:2", "y"))
    assert missing(needs, (BUILD,)) == needs[1:]
    assert missing(needs, (BUILD, INDEX)) == ()
    assert command(()) == "envd allow"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("https://h/simple", "https://h/simple/", True, id="a slash"),
        pytest.param("https://h/simple", "https://u:p@H/simple", True, id="credentials and capitals"),
        pytest.param("https://h/simple", "https://h:8443/simple", False, id="a port"),
        pytest.param("https://h/simple", "https://h/Simple", False, id="capitals in the path"),
        pytest.param("https://h/simple", "http://h/simple", False, id="a scheme"),
        pytest.param("", "https://h", False, id="nothing"),
    ],
)
def test_an_index_is_the_same_in_every_spelling(one: str, other: str, same: bool) -> None:
    assert (index_identity(one) == index_identity(other)) is same
