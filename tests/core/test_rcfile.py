"""The block in a shell's rc file: putting it in, renewing it, taking it out."""

from __future__ import annotations

import pytest

from envd.core.rcfile import is_by_hand, says, with_block, without_block

LINES = ("[ ! -r '/d/envd.bash' ] || . '/d/envd.bash'",)
OTHER = (". '/elsewhere'", "fpath=('/x' $fpath)")
HALF = "# >>> envd >>>\n"
END = "# <<< envd <<<\n"

FILES = [
    pytest.param(None, id="no file"),
    pytest.param("", id="an empty file"),
    pytest.param("\n", id="an empty line"),
    pytest.param("\n\n\n", id="empty lines"),
    pytest.param("export A=1\n", id="one line"),
    pytest.param("export A=1", id="no end of line"),
    pytest.param("export A=1\n\n\n", id="empty lines at the end"),
    pytest.param("export A=1\n   ", id="blanks at the end"),
    pytest.param("export A=1\r\nexport B=2\r\n", id="CRLF"),
    pytest.param("export A=1\r\nexport B=2", id="CRLF without an end"),
    pytest.param("export A=1\r", id="CR at the end"),
    pytest.param("export A=1 \\\n", id="a continued line"),
    pytest.param("cat <<E\nx\nE\n", id="a here-document"),
    pytest.param("\ufeffexport A=1\n", id="BOM"),
    pytest.param("# \udcff\udc80\n", id="bytes that are not UTF-8"),
    pytest.param("a\x0cb\x85c\u2028d", id="what str.splitlines splits at"),
    pytest.param("a\0b\n", id="NUL"),
    pytest.param(" # >>> envd >>>\n # <<< envd <<<\n", id="an indented block of somebody"),
    pytest.param(HALF + "export A=1\n", id="a block without its end"),
    pytest.param(END + "export A=1\n", id="an end without its block"),
    pytest.param(END + "export A=1\n" + HALF, id="end and beginning the wrong way round"),
    pytest.param("x" * 100_000 + "\n", id="a long line"),
]


@pytest.mark.parametrize("text", FILES)
def test_taking_the_block_out_gives_the_very_file_back(text: str | None) -> None:
    assert without_block(with_block(text, LINES)) == text


@pytest.mark.parametrize("text", FILES)
def test_putting_the_block_in_again_changes_nothing(text: str | None) -> None:
    once = with_block(text, LINES)
    assert with_block(once, LINES) == once


@pytest.mark.parametrize("text", FILES)
def test_a_renewed_block_is_taken_out_as_the_first_was(text: str | None) -> None:
    assert without_block(with_block(with_block(text, OTHER), LINES)) == text


@pytest.mark.parametrize("text", FILES)
def test_renewing_gives_what_putting_in_would_have_given(text: str | None) -> None:
    assert with_block(with_block(text, OTHER), LINES) == with_block(text, LINES)


@pytest.mark.parametrize("text", FILES)
def test_a_file_without_the_block_is_left_alone(text: str | None) -> None:
    assert text is None or without_block(text) == text


@pytest.mark.parametrize(
    ("text", "later", "expected"),
    [
        pytest.param("export A=1\n", "export B=2\n", "export A=1\nexport B=2\n", id="written below"),
        pytest.param("export A=1", "export B=2\n", "export A=1\nexport B=2\n", id="written below a line that had no end"),
        pytest.param(None, "export B=2\n", "export B=2\n", id="written into the file that envd made"),
        pytest.param("", "export B=2", "export B=2", id="written into an empty file"),
    ],
)
def test_what_was_written_below_the_block_stays(text: str | None, later: str, expected: str) -> None:
    assert without_block(with_block(text, LINES) + later) == expected


@pytest.mark.parametrize(
    ("above", "below"),
    [
        pytest.param("export A=1\n", "export B=2\n", id="lines around"),
        pytest.param("export A=1\n", "", id="at the end"),
        pytest.param("", "export B=2\n", id="at the beginning"),
    ],
)
def test_a_block_is_renewed_where_it_stands(above: str, below: str) -> None:
    assert with_block(above + with_block("", OTHER) + below, LINES) == above + with_block("", LINES) + below


def test_what_stands_behind_half_a_block_is_not_taken_for_the_block() -> None:
    text = with_block(HALF + "export A=1\n", LINES)
    assert without_block(text) == HALF + "export A=1\n"


SIGNS = ("/d/envd.bash", "$HOME/d/envd.bash", "~/d/envd.bash", "envd hook bash")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param(LINES[0], True, id="the line of the block"),
        pytest.param("  source /d/envd.bash", True, id="a line of one's own"),
        pytest.param('. "$HOME"/d/envd.bash', True, id="a variable in quotes"),
        pytest.param('. "${HOME}/d/envd.bash"', True, id="a variable in braces"),
        pytest.param("[ -r ~/d/envd.bash ] && . ~/d/envd.bash # envd", True, id="a comment behind it"),
        pytest.param('eval "$(envd hook bash)"', True, id="evaluated"),
        pytest.param('eval "$("$HOME/.local/bin/envd"  hook bash)"', True, id="evaluated by its path"),
        pytest.param("# . /d/envd.bash", False, id="a comment"),
        pytest.param("true; # envd hook bash", False, id="a comment behind another line"),
        pytest.param("echo $#; . /d/envd.bash", True, id="no comment"),
        pytest.param("rm /d/envd.bash.old", False, id="another file"),
        pytest.param(". /other/d/envd.bash", False, id="another directory"),
        pytest.param("envd hook zsh", False, id="another shell"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_what_somebody_wrote_by_hand_is_recognised(line: str, said: bool) -> None:
    text = f"first\n{line}\nlast\n"
    assert says(text, SIGNS) is said
    assert is_by_hand(text, SIGNS) is said


def test_what_the_block_says_is_not_by_hand() -> None:
    text = with_block("first\n", LINES)
    assert says(text, SIGNS)
    assert not is_by_hand(text, SIGNS)
    assert not is_by_hand(text + LINES[0] + "\n", SIGNS)
    assert is_by_hand(with_block(LINES[0] + "\n", ("other",)), SIGNS)


def test_the_block_reads_so() -> None:
    assert with_block("a\n", LINES) == f"a\n# >>> envd >>>\n{LINES[0]}\n# <<< envd <<<\n"
