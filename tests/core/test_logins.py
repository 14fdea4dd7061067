"""Login shells: what keeps them from the rc file, and which command line is one's."""

from __future__ import annotations

import pytest

from envd.core.logins import Gap, find_gap, is_login

LINE = "[ ! -r ~/.bashrc ] || . ~/.bashrc"
GUARDED = f'[ -z "${{BASH_VERSION-}}" ] || {LINE}'
READS = 'if [ -f "$HOME/.bashrc" ]; then\n  . "$HOME/.bashrc"\nfi\n'


def gap(profile: str | None = None, login: str | None = None, shared: str | None = None) -> Gap | None:
    return find_gap(".bashrc", [(".bash_profile", profile), (".bash_login", login), (".profile", shared)], ["/d/envd.bash"])


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"shared": READS}, id="Debian's"),
        pytest.param({"profile": "[ ! -r ~/.bashrc ] || . ~/.bashrc\n"}, id="the line"),
        pytest.param({"profile": "for f in ~/.{path,bashrc}; do . $f; done\n"}, id="in a list"),
        pytest.param({"profile": ". ~/.profile\n", "shared": READS}, id="by way of .profile"),
        pytest.param({"profile": ". '/d/envd.bash'\n"}, id="the hook itself"),
        pytest.param({"profile": READS, "shared": "# mine\n"}, id="by the first"),
    ],
)
def test_login_shells_that_read_the_rc_file_have_no_gap(files: dict[str, str]) -> None:
    assert gap(**files) is None


@pytest.mark.parametrize(
    ("files", "file", "line"),
    [
        pytest.param({"profile": "# mine\n"}, ".bash_profile", LINE, id="the first"),
        pytest.param({"profile": "# .bashrc\n"}, ".bash_profile", LINE, id="a comment"),
        pytest.param({"profile": "", "shared": READS}, ".bash_profile", LINE, id="the first hides the rest"),
        pytest.param({"login": "# mine\n", "shared": READS}, ".bash_login", LINE, id="the second"),
        pytest.param({"shared": "# mine\n"}, ".profile", GUARDED, id="the one that sh reads too"),
    ],
)
def test_the_file_that_is_read_is_named_with_the_line_for_it(files: dict[str, str], file: str, line: str) -> None:
    assert gap(**files) == Gap(f"login shells read ~/{file}, which does not read ~/.bashrc", file, line)


def test_where_there_is_none_one_is_to_be_made() -> None:
    text = "login shells do not read ~/.bashrc, for want of a ~/.bash_profile that does"
    assert gap() == Gap(text, ".bash_profile", LINE)


@pytest.mark.parametrize(
    ("words", "login"),
    [
        pytest.param("-bash", True, id="as login and tmux say it"),
        pytest.param("/usr/bin/bash -l", True, id="by a letter"),
        pytest.param("bash -il", True, id="among letters"),
        pytest.param("bash --login", True, id="by a word"),
        pytest.param("bash", False, id="plain"),
        pytest.param("bash -lc true", False, id="a command"),
        pytest.param("bash -l script", False, id="a script"),
        pytest.param("bash --noprofile", False, id="another option"),
        pytest.param("-zsh", False, id="another shell"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_which_command_line_is_a_login_shells(words: str, login: bool) -> None:
    assert is_login(words.split(), "bash") is login
