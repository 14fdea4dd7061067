"""requirements.txt, line by line, as pip's reference "Requirements File Format" and pip itself read it."""

from __future__ import annotations

import pytest

from envd.core.requirements import Kind, Line, conflict_line, deciding_variables, normalized, parse_requirements

HASH = "--hash=sha256:" + "0" * 64


def package(value: str, name: str, extras: tuple[str, ...] = (), marker: str = "", number: int = 1) -> Line:
    return Line(number, Kind.PACKAGE, value, name, extras, marker)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("flask", package("flask", "flask"), id="a bare name"),
        pytest.param("Flask", package("Flask", "flask"), id="capitals"),
        pytest.param("Flask_SQL.Alchemy", package("Flask_SQL.Alchemy", "flask-sql-alchemy"), id="a name to normalize"),
        pytest.param("  flask  ", package("flask", "flask"), id="spaces around"),
        pytest.param("\tflask", package("flask", "flask"), id="a tab before"),
        pytest.param("a", package("a", "a"), id="a name of one letter"),
        pytest.param("3to2", package("3to2", "3to2"), id="a name that begins with a digit"),
        pytest.param("flask==3.0", package("flask==3.0", "flask"), id="pinned"),
        pytest.param("flask == 3.0", package("flask == 3.0", "flask"), id="pinned with spaces"),
        pytest.param("flask===3.0", package("flask===3.0", "flask"), id="arbitrary equality"),
        pytest.param("flask~=3.0", package("flask~=3.0", "flask"), id="compatible"),
        pytest.param("flask!=3.0,>=2,<4", package("flask!=3.0,>=2,<4", "flask"), id="several bounds"),
        pytest.param("flask>2", package("flask>2", "flask"), id="a bound"),
        pytest.param("flask (>=2)", package("flask (>=2)", "flask"), id="bounds in parentheses"),
        pytest.param("flask(>=2)", package("flask(>=2)", "flask"), id="glued parentheses"),
        pytest.param("flask==3.*", package("flask==3.*", "flask"), id="a wildcard"),
        pytest.param("flask[async]", package("flask[async]", "flask", ("async",)), id="an extra"),
        pytest.param("flask[async, dotenv]>=2", package("flask[async, dotenv]>=2", "flask", ("async", "dotenv")), id="two extras"),
        pytest.param("flask [async]", package("flask [async]", "flask", ("async",)), id="a space before the extra"),
        pytest.param("flask[]", package("flask[]", "flask"), id="no extra in the brackets"),
        pytest.param(
            'flask; python_version < "3.11"',
            package('flask; python_version < "3.11"', "flask", marker='python_version < "3.11"'),
            id="a marker",
        ),
        pytest.param(
            "flask>=2;sys_platform=='linux'",
            package("flask>=2;sys_platform=='linux'", "flask", marker="sys_platform=='linux'"),
            id="a glued marker",
        ),
        pytest.param(
            'flask[async]==3 ; os_name == "nt" and extra == "x"',
            package('flask[async]==3 ; os_name == "nt" and extra == "x"', "flask", ("async",), 'os_name == "nt" and extra == "x"'),
            id="everything",
        ),
        pytest.param(f"flask==3 {HASH}", package(f"flask==3 {HASH}", "flask"), id="a hash"),
        pytest.param(f"flask==3 {HASH} {HASH}", package(f"flask==3 {HASH} {HASH}", "flask"), id="two hashes"),
        pytest.param(
            f'flask==3 ; os_name == "nt" {HASH}',
            package(f'flask==3 ; os_name == "nt" {HASH}', "flask", marker='os_name == "nt"'),
            id="a hash behind a marker",
        ),
        pytest.param("flask --no-binary", package("flask --no-binary", "flask"), id="an option behind a name"),
        pytest.param("flask @ https://host/flask.whl", package("flask @ https://host/flask.whl", "flask"), id="a name at a URL"),
        pytest.param("flask@https://host/f.whl", package("flask@https://host/f.whl", "flask"), id="glued to its URL"),
        pytest.param(
            "flask[async] @ git+https://host/f@v1",
            package("flask[async] @ git+https://host/f@v1", "flask", ("async",)),
            id="an extra at a repository",
        ),
        pytest.param("flask @ file:///srv/f.whl", package("flask @ file:///srv/f.whl", "flask"), id="a name at a file"),
        pytest.param(
            "flask @ https://host/f.whl ; os_name == 'nt'",
            package("flask @ https://host/f.whl ; os_name == 'nt'", "flask", marker="os_name == 'nt'"),
            id="a marker behind a URL",
        ),
        pytest.param(
            "flask @ https://host/f.whl#sha256=ab",
            package("flask @ https://host/f.whl#sha256=ab", "flask"),
            id="a fragment is no comment",
        ),
        pytest.param("flask # for the web", package("flask", "flask"), id="a comment"),
        pytest.param("flask\t# for the web", package("flask", "flask"), id="a comment behind a tab"),
        pytest.param("flask==${VERSION}", package("flask==${VERSION}", "flask"), id="a variable"),
        pytest.param("flask\r\n", package("flask", "flask"), id="CRLF"),
        pytest.param("flask \\\n  ==3.0", package("flask   ==3.0", "flask"), id="continued"),
        pytest.param("fla\\\nsk", package("flask", "flask"), id="continued within a word"),
        pytest.param("flask \\", package("flask", "flask"), id="continued at the end of the file"),
        pytest.param("flask \\\n", package("flask", "flask"), id="continued into nothing"),
        pytest.param("flask \\\n# note", package("flask", "flask"), id="continued into a comment"),
        pytest.param("flask\\\n# note", package("flask", "flask"), id="glued to a continued comment"),
        pytest.param(f"flask==3 \\\n  {HASH}", package(f"flask==3   {HASH}", "flask"), id="a continued hash"),
        pytest.param("https://host/flask.whl", Line(1, Kind.UNNAMED, "https://host/flask.whl"), id="a URL"),
        pytest.param("git+https://host/f", Line(1, Kind.UNNAMED, "git+https://host/f"), id="a repository"),
        pytest.param("git+ssh://git@host/f#egg=f", Line(1, Kind.UNNAMED, "git+ssh://git@host/f#egg=f"), id="an egg"),
        pytest.param("file:///srv/f.whl", Line(1, Kind.UNNAMED, "file:///srv/f.whl"), id="a file URL"),
        pytest.param("./flask", Line(1, Kind.UNNAMED, "./flask"), id="a path"),
        pytest.param("../flask[x]", Line(1, Kind.UNNAMED, "../flask[x]"), id="a path with an extra"),
        pytest.param("/srv/flask", Line(1, Kind.UNNAMED, "/srv/flask"), id="an absolute path"),
        pytest.param("libs/flask", Line(1, Kind.UNNAMED, "libs/flask"), id="a path without a dot"),
        pytest.param(".", Line(1, Kind.UNNAMED, "."), id="the project itself"),
        pytest.param("flask-3.0-py3-none-any.whl", Line(1, Kind.UNNAMED, "flask-3.0-py3-none-any.whl"), id="a wheel's file name"),
        pytest.param("flask-3.0.tar.gz", Line(1, Kind.UNNAMED, "flask-3.0.tar.gz"), id="an archive's file name"),
        pytest.param("flask-3.0.ZIP", Line(1, Kind.UNNAMED, "flask-3.0.ZIP"), id="an archive in capitals"),
        pytest.param("${NAME}==3", Line(1, Kind.UNNAMED, "${NAME}==3"), id="a name from a variable"),
        pytest.param("flask#note", Line(1, Kind.UNNAMED, "flask#note"), id="no comment without a space"),
        pytest.param("-e .", Line(1, Kind.UNNAMED, "-e ."), id="-e"),
        pytest.param("-e.", Line(1, Kind.UNNAMED, "-e."), id="-e glued"),
        pytest.param("-e flask @ ./f", Line(1, Kind.UNNAMED, "-e flask @ ./f"), id="-e with a name"),
        pytest.param("--editable=./f", Line(1, Kind.UNNAMED, "--editable=./f"), id="--editable="),
        pytest.param("--editable ./f", Line(1, Kind.UNNAMED, "--editable ./f"), id="--editable"),
        pytest.param("-r dev.txt", Line(1, Kind.REQUIREMENTS, "dev.txt"), id="-r"),
        pytest.param("-rdev.txt", Line(1, Kind.REQUIREMENTS, "dev.txt"), id="-r glued"),
        pytest.param("-r=dev.txt", Line(1, Kind.REQUIREMENTS, "dev.txt"), id="-r= as uv reads it"),
        pytest.param("-r\tdev.txt", Line(1, Kind.REQUIREMENTS, "dev.txt"), id="-r and a tab"),
        pytest.param("-r   dev.txt # more", Line(1, Kind.REQUIREMENTS, "dev.txt"), id="-r and a comment"),
        pytest.param('-r "de v.txt"', Line(1, Kind.REQUIREMENTS, "de v.txt"), id="-r quoted"),
        pytest.param("-r 'de v.txt'", Line(1, Kind.REQUIREMENTS, "de v.txt"), id="-r in single quotes"),
        pytest.param("-r ../x/dev.txt", Line(1, Kind.REQUIREMENTS, "../x/dev.txt"), id="-r upwards"),
        pytest.param("--requirement dev.txt", Line(1, Kind.REQUIREMENTS, "dev.txt"), id="--requirement"),
        pytest.param("--requirement=dev.txt", Line(1, Kind.REQUIREMENTS, "dev.txt"), id="--requirement="),
        pytest.param("-r https://host/r.txt", Line(1, Kind.REQUIREMENTS, "https://host/r.txt"), id="-r of a URL"),
        pytest.param("-r", Line(1, Kind.REQUIREMENTS, ""), id="-r of nothing"),
        pytest.param("-c pins.txt", Line(1, Kind.CONSTRAINTS, "pins.txt"), id="-c"),
        pytest.param("-cpins.txt", Line(1, Kind.CONSTRAINTS, "pins.txt"), id="-c glued"),
        pytest.param("--constraint=pins.txt", Line(1, Kind.CONSTRAINTS, "pins.txt"), id="--constraint="),
        pytest.param("--constraint pins.txt", Line(1, Kind.CONSTRAINTS, "pins.txt"), id="--constraint"),
        pytest.param("-i https://host/", Line(1, Kind.OPTION, "-i https://host/"), id="-i"),
        pytest.param("--index-url https://h/", Line(1, Kind.OPTION, "--index-url https://h/"), id="--index-url"),
        pytest.param("--extra-index-url=https://h/", Line(1, Kind.OPTION, "--extra-index-url=https://h/"), id="--extra-index-url="),
        pytest.param("--no-index", Line(1, Kind.OPTION, "--no-index"), id="--no-index"),
        pytest.param("-f ./wheels", Line(1, Kind.OPTION, "-f ./wheels"), id="-f"),
        pytest.param("--find-links=./wheels", Line(1, Kind.OPTION, "--find-links=./wheels"), id="--find-links="),
        pytest.param("--trusted-host host", Line(1, Kind.OPTION, "--trusted-host host"), id="--trusted-host"),
        pytest.param("--pre", Line(1, Kind.OPTION, "--pre"), id="--pre"),
        pytest.param("--require-hashes", Line(1, Kind.OPTION, "--require-hashes"), id="--require-hashes is not --requirement"),
        pytest.param("--no-binary :all:", Line(1, Kind.OPTION, "--no-binary :all:"), id="--no-binary"),
        pytest.param("--only-binary=flask", Line(1, Kind.OPTION, "--only-binary=flask"), id="--only-binary="),
    ],
)
def test_a_line_is_what_pip_takes_it_for(text: str, expected: Line) -> None:
    assert parse_requirements(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="an empty file"),
        pytest.param("\n\n\n", id="empty lines"),
        pytest.param("   \t \n", id="blanks"),
        pytest.param("# flask", id="a comment"),
        pytest.param("   # flask", id="an indented comment"),
        pytest.param("#flask", id="a comment without a space"),
        pytest.param("# flask \\\n", id="a comment that ends in a backslash"),
        pytest.param("\\\n", id="a lone backslash"),
    ],
)
def test_what_asks_for_nothing_gives_no_line(text: str) -> None:
    assert parse_requirements(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a\nb\nc\n", [("a", 1), ("b", 2), ("c", 3)], id="lines"),
        pytest.param("a\r\nb\r\n", [("a", 1), ("b", 2)], id="CRLF"),
        pytest.param("a\rb", [("a", 1), ("b", 2)], id="CR"),
        pytest.param("# x\n\na \\\n\n\nb", [("a", 3), ("b", 6)], id="numbers are those of the first line"),
        pytest.param("a \\\n# x\nb", [("a", 1), ("b", 3)], id="a comment ends a continued line"),
        pytest.param("# x \\\na", [("a", 2)], id="a comment is not continued"),
        pytest.param("a\x0cb", [("a", 1), ("b", 2)], id="a form feed, as for str.splitlines"),
    ],
)
def test_lines_are_counted_and_joined(text: str, expected: list[tuple[str, int]]) -> None:
    assert [(line.value, line.number) for line in parse_requirements(text)] == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("flask", "flask", id="as it is"),
        pytest.param("Flask", "flask", id="capitals"),
        pytest.param("a_b", "a-b", id="underscore"),
        pytest.param("a.b", "a-b", id="dot"),
        pytest.param("a-_.b", "a-b", id="a run of them"),
    ],
)
def test_names_are_normalized_as_pep_503_says(name: str, expected: str) -> None:
    assert normalized(name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\n", 2, id="a whole conflict"),
        pytest.param("<<<<<<< HEAD", 1, id="the beginning"),
        pytest.param("a\n=======\nb", 2, id="the middle"),
        pytest.param("a\n>>>>>>> 1a2b3c (note)\n", 2, id="the end"),
        pytest.param("a\n||||||| base\n", 2, id="the base of diff3"),
        pytest.param("a\r\n=======\r\nb", 2, id="CRLF"),
        pytest.param("<<<<<<<", 1, id="nothing behind it"),
        pytest.param("", None, id="empty"),
        pytest.param("a==1\nb\n", None, id="none"),
        pytest.param("# <<<<<<< HEAD\n", None, id="in a comment"),
        pytest.param(" <<<<<<< HEAD\n", None, id="indented"),
        pytest.param("<<<<<< HEAD\n", None, id="six"),
        pytest.param("<<<<<<<< HEAD\n", None, id="eight"),
        pytest.param("========\n", None, id="a ruler"),
        pytest.param("<<<<<<<HEAD\n", None, id="no space"),
    ],
)
def test_a_conflict_marker_is_found_by_its_line(text: str, expected: int | None) -> None:
    assert conflict_line(text) == expected


@pytest.mark.parametrize(
    ("line", "names"),
    [
        pytest.param("demo==${V}", ["V"], id="a version"),
        pytest.param("demo @ git+https://${USER}:${TOKEN}@host/${PATH}@${TAG}", ["PATH", "TAG"], id="beside credentials"),
        pytest.param("demo @ https://${TOKEN}@${HOST}/demo.whl#sha256=${HASH}", ["HOST", "HASH"], id="a host and a digest"),
        pytest.param("demo @ https://host/demo.whl?token=${TOKEN}", [], id="a query"),
        pytest.param("--extra-index-url ${CORP}", ["CORP"], id="a whole URL"),
        pytest.param("-e ./${lower}/$UPPER", [], id="no variable"),
    ],
)
def test_variables_that_decide(line: str, names: list[str]) -> None:
    assert deciding_variables(line) == names
