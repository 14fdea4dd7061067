"""`envd setup`: what it writes, what it leaves alone, and that taking it back leaves nothing."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from pathlib import Path

import pytest
from tests.stage.home import Home, snapshot
from tests.stage.index import Index
from tests.stage.waiting import wait_until

BASH = "# mine\nalias ll='ls -l'\n"
SHELLS = ("bash", "zsh", "fish", "pwsh")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the rc file is what login shells read")


def rc_of(home: Home, shell: str) -> Path:
    names = {
        "bash": ".bashrc",
        "zsh": ".zshrc",
        "fish": ".config/fish/config.fish",
        "pwsh": ".config/powershell/profile.ps1",
    }
    return home.path / names[shell]


@pytest.fixture
def bashrc(home: Home) -> Path:
    path = home.path / ".bashrc"
    path.write_text(BASH)
    return path


def test_dry_run_shows_a_diff_and_writes_nothing(home: Home, bashrc: Path) -> None:
    before = snapshot(home.path)
    ran = home.envd("setup", "--dry-run", "bash", "zsh")
    assert ran.code == 0
    assert "+++ ~/.bashrc" in ran.out
    assert "+# >>> envd >>>" in ran.out
    assert "+# <<< envd <<<" in ran.out
    assert "~/.zshrc" in ran.out
    assert snapshot(home.path) == before


def test_print_gives_the_lines_and_leaves_the_rc_file(home: Home, bashrc: Path) -> None:
    ran = home.envd("setup", "--print", "bash")
    assert ran.code == 0
    hook = home.places.data / "hooks/envd.bash"
    assert f"[ ! -r '{hook}' ] || . '{hook}'" in ran.out.splitlines()
    assert bashrc.read_text() == BASH


@pytest.mark.parametrize("shell", SHELLS)
def test_yes_puts_one_guarded_block_into_the_rc_file(home: Home, shell: str) -> None:
    rc = rc_of(home, shell)
    rc.parent.mkdir(parents=True, exist_ok=True)
    rc.write_text("# mine\n")
    ran = home.envd("setup", "--yes", shell)
    assert ran.code == 0, ran.err
    text = rc.read_text()
    assert text.startswith("# mine\n# >>> envd >>>")
    assert text.endswith("# <<< envd <<<\n")
    assert text.count("envd >>>") == 1
    assert str(home.places.data / "hooks") in text


@pytest.mark.parametrize("shell", SHELLS)
def test_twice_changes_nothing(home: Home, shell: str) -> None:
    assert home.envd("setup", "--yes", shell).code == 0
    before = {name: found for name, found in snapshot(home.path).items() if not name.startswith(".local/state")}
    ran = home.envd("setup", "--yes", shell)
    assert ran.code == 0
    assert "+++" not in ran.out
    after = {name: found for name, found in snapshot(home.path).items() if not name.startswith(".local/state")}
    assert after == before


def test_the_daemon_runs_afterwards(home: Home, bashrc: Path) -> None:
    home.envd("setup", "--yes", "bash")
    assert home.ping() is not None


def test_a_new_bash_has_the_hook(home: Home, bashrc: Path) -> None:
    home.envd("setup", "--yes", "bash")
    ran = home.run(["bash", "--rcfile", str(bashrc), "-ic", 'type -t envd; printf %s "$__envd_answers"'])
    assert ran.out == f"function\n{home.places.answers}"


def test_without_a_terminal_and_without_yes_nothing_is_written(home: Home, bashrc: Path) -> None:
    before = snapshot(home.path)
    ran = home.envd("setup", "bash")
    assert ran.code == 2
    assert ran.err == "envd: nobody can be asked here\n  hint: envd setup --yes, or --print and put the lines in yourself\n"
    assert snapshot(home.path) == before


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("alias x=y", id="no final newline"),
        pytest.param("", id="empty"),
        pytest.param("\n", id="newline"),
        pytest.param("a\n\n\n", id="blank lines"),
        pytest.param("# \xe9\n", id="Latin"),
    ],
)
@pytest.mark.case(82)
def test_remove_leaves_home_as_it_was(home: Home, text: str) -> None:
    (home.path / ".bashrc").write_bytes(text.encode("latin-1"))
    (home.path / ".zshrc").write_bytes(text.encode("latin-1"))
    before = snapshot(home.path)
    assert home.envd("setup", "--yes", *SHELLS).code == 0
    assert snapshot(home.path) != before
    ran = home.envd("setup", "--remove", "--yes")
    assert ran.code == 0, ran.err
    assert snapshot(home.path) == before
    wait_until(lambda: not home.daemons(), "no daemon is left")


def test_remove_after_use_leaves_home_as_it_was(home: Home, bashrc: Path) -> None:
    root = home.project()
    before = snapshot(home.path)
    assert home.envd("setup", "--yes", "bash").code == 0
    assert home.envd("allow", cwd=root).code == 0
    assert home.envd("setup", "--remove", "--yes").code == 0
    assert snapshot(home.path) == before


def test_remove_takes_what_is_kept_for_a_project_that_was_moved(home: Home, index: Index, bashrc: Path) -> None:
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    assert home.envd("sync", cwd=root).code == 0
    moved = home.allowed(root.rename(root.with_name("moved")))
    (moved / "requirements.txt").write_text("demo==1.1\n")
    home.envd("sync", cwd=moved)
    assert any((moved / ".venv/.envd").iterdir())
    assert home.envd("setup", "--remove", "--yes").code == 0
    assert not (moved / ".venv/.envd").exists()


def test_remove_keeps_the_users_configuration_and_what_others_put_beside_it(home: Home, bashrc: Path) -> None:
    home.configure("[sync]\nautomatic = false\n")
    other = home.path / ".local/share/bash-completion/completions/other"
    other.parent.mkdir(parents=True)
    other.write_text("complete other\n")
    before = snapshot(home.path)
    home.envd("setup", "--yes", "bash")
    home.envd("setup", "--remove", "--yes")
    assert snapshot(home.path) == before


@pytest.mark.parametrize("word", ["deny", "forget"])
def test_remove_takes_the_seal_of_what_is_not_allowed_any_more(home: Home, bashrc: Path, word: str) -> None:
    root = home.project()
    before = snapshot(root)
    assert home.envd("allow", cwd=root).code == 0
    assert home.envd(word, cwd=root).code == 0
    assert home.envd("setup", "--remove", "--yes").code == 0
    assert snapshot(root) == before


def test_remove_keeps_the_configuration_that_lies_in_the_state(home: Home, bashrc: Path) -> None:
    # As on macOS, where all directories are one.
    for name in ("CONFIG", "STATE", "DATA"):
        home.variables[f"XDG_{name}_HOME"] = str(home.path / "Library")
    place = home.path / "Library/envd"
    place.mkdir(parents=True)
    (place / "config.toml").write_text("[sync]\nautomatic = false\n")
    assert home.envd("setup", "--yes", "bash").code == 0
    assert home.envd("setup", "--remove", "--yes").code == 0
    assert [path.name for path in place.iterdir()] == ["config.toml"]


def test_remove_does_without_the_data_that_somebody_removed(home: Home, bashrc: Path) -> None:
    assert home.envd("setup", "--yes", "bash").code == 0
    shutil.rmtree(home.places.data)
    ran = home.envd("setup", "--remove", "--yes")
    assert ran.code == 0, ran.err
    assert bashrc.read_text() == BASH
    assert not home.places.data.exists()


@pytest.mark.parametrize("word", ["bash", "--print"])
def test_remove_is_for_all_shells_and_says_so(home: Home, bashrc: Path, word: str) -> None:
    assert home.envd("setup", "--yes", "bash").code == 0
    before = bashrc.read_text()
    assert home.envd("setup", "--remove", "--yes", word).code == 2
    assert bashrc.read_text() == before


def test_without_a_home_nothing_is_written(home: Home) -> None:
    del home.variables["HOME"]
    ran = home.envd("setup", "--yes", "bash")
    assert ran.code == 1
    assert "HOME is ''" in ran.err
    assert list(home.path.iterdir()) == []


def test_remove_dry_run_writes_nothing(home: Home, bashrc: Path) -> None:
    home.envd("setup", "--yes", "bash")
    before = bashrc.read_text()
    ran = home.envd("setup", "--remove", "--dry-run")
    assert ran.code == 0
    assert "-# >>> envd >>>" in ran.out
    assert "removes ~/.local/share/envd and ~/.local/state/envd" in ran.out
    assert bashrc.read_text() == before
    assert home.ping() is not None


def test_remove_takes_the_block_out_of_what_was_written_around_it(home: Home, bashrc: Path) -> None:
    home.envd("setup", "--yes", "bash")
    bashrc.write_text("# first\n" + bashrc.read_text() + "# last\n")
    home.envd("setup", "--remove", "--yes")
    assert bashrc.read_text() == "# first\n" + BASH + "# last\n"


def test_remove_without_setup_is_no_error(home: Home, bashrc: Path) -> None:
    before = snapshot(home.path)
    assert home.envd("setup", "--remove", "--yes").code == 0
    assert snapshot(home.path) == before


def test_a_linked_rc_file_is_left_alone_and_the_lines_are_printed(home: Home) -> None:
    dotfiles = home.path / "dotfiles"
    dotfiles.mkdir()
    (dotfiles / "bashrc").write_text(BASH)
    (home.path / ".bashrc").symlink_to(dotfiles / "bashrc")
    ran = home.envd("setup", "--yes", "bash")
    assert ran.code == 0
    assert f"~/.bashrc is a link to {dotfiles}/bashrc: put these lines there yourself" in ran.out
    assert f". '{home.places.data}/hooks/envd.bash'" in ran.out
    assert (home.path / ".bashrc").is_symlink()
    assert (dotfiles / "bashrc").read_text() == BASH


def test_of_files_that_are_left_alone_only_their_own_lines_are_printed(home: Home) -> None:
    (home.path / "dotfiles").mkdir()
    for name in ("bashrc", "zshrc"):
        (home.path / "dotfiles" / name).write_text("# mine\n")
        (home.path / f".{name}").symlink_to(f"dotfiles/{name}")
    ran = home.envd("setup", "--scripts", "--yes", "bash", "zsh", "fish")
    assert ran.code == 0, ran.err
    told = ran.out.partition("~/.bashrc is a link to dotfiles/bashrc: put these lines there yourself\n")[2]
    bash, _, rest = told.partition("~/.zshrc is a link to dotfiles/zshrc: put these lines there yourself\n")
    assert [line.partition("hooks/")[2] for line in bash.splitlines()] == [
        f"envd.bash' ] || . '{home.places.data}/hooks/envd.bash'",
        "envd-scripts.bash'",
    ]
    load, complete, *_, end = rest.splitlines()
    assert "hooks/envd.zsh" in load
    assert "fpath" in complete
    assert end == "envd is connected to fish; bash and zsh once the lines above are in"
    assert "BASH_ENV" in (home.path / ".profile").read_text()
    assert "envd-scripts.zsh" in (home.path / ".zshenv").read_text()


def test_where_all_is_left_alone_nothing_is_said_to_be_connected(home: Home) -> None:
    (home.path / ".bashrc").symlink_to("dotfiles")
    (home.path / "dotfiles").write_text("# mine\n")
    ran = home.envd("setup", "--yes", "bash")
    assert ran.out.splitlines()[-1] == "envd is connected to bash once the lines above are in"


def test_a_block_in_a_linked_file_is_to_be_taken_out_by_hand(home: Home, bashrc: Path) -> None:
    home.envd("setup", "--yes", "--scripts", "bash")
    (home.path / ".profile").rename(home.path / "dotfiles")
    (home.path / ".profile").symlink_to("dotfiles")
    ran = home.envd("setup", "--yes", "--no-scripts", "bash")
    said = "~/.profile is a link to dotfiles: take the block between >>> envd >>> and <<< envd <<< out"
    assert said in ran.out.splitlines()
    assert ran.out.splitlines()[-1] == "envd is connected to bash; a shell that is opened now has it"


@on_linux
def test_login_shells_that_miss_the_rc_file_are_told_of(home: Home, bashrc: Path) -> None:
    profile = home.path / ".bash_profile"
    profile.write_text("# mine\n")
    ran = home.envd("setup", "--yes", "bash")
    told = "login shells read ~/.bash_profile, which does not read ~/.bashrc: put this line into ~/.bash_profile yourself\n"
    line = ran.out.partition(told)[2].splitlines()[0]
    assert profile.read_text() == "# mine\n"
    profile.write_text(f"{line}\n")
    assert home.run(["bash", "-lic", "type -t envd"]).out == "function\n"
    assert "login shells" not in home.envd("setup", "--yes", "bash").out


@on_linux
def test_without_a_file_that_login_shells_read_one_is_to_be_made(home: Home, bashrc: Path) -> None:
    ran = home.envd("setup", "--yes", "bash")
    assert "put this line into ~/.bash_profile yourself\n[ ! -r ~/.bashrc ] || . ~/.bashrc\n" in ran.out
    assert not (home.path / ".bash_profile").exists()


def by_hand(home: Home, shell: str, *words: str) -> str:
    """Return the lines that a person puts into the rc file of a shell."""
    printed = home.envd("setup", "--print", *words, shell).out.partition(", in ")[0]
    return "".join(f"{line}\n" for line in printed.splitlines() if not line.startswith("#"))


@pytest.mark.parametrize("shell", SHELLS)
def test_lines_that_were_put_in_by_hand_will_do(home: Home, shell: str) -> None:
    rc = rc_of(home, shell)
    rc.parent.mkdir(parents=True, exist_ok=True)
    text = "# mine\n" + by_hand(home, shell)
    rc.write_text(text)
    hook = home.places.data / "hooks" / {"pwsh": "envd.ps1"}.get(shell, f"envd.{shell}")
    hook.write_text("# of before\n")
    ran = home.envd("setup", "--yes", shell)
    assert ran.out.splitlines()[-1] == f"envd is connected to {shell}; a shell that is opened now has it"
    assert "put these lines there" not in ran.out
    assert rc.read_text() == text
    assert hook.read_text() != "# of before\n"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('eval "$(envd hook bash)"', id="evaluated"),
        pytest.param('. "$HOME/.local/share/envd/hooks/envd.bash"', id="by home"),
        pytest.param("source ~/.local/share/envd/hooks/envd.bash", id="by a tilde"),
    ],
)
def test_a_line_of_ones_own_will_do(home: Home, bashrc: Path, line: str) -> None:
    bashrc.write_text(f"{BASH}{line}\n")
    assert home.envd("setup", "--yes", "bash").code == 0
    assert bashrc.read_text() == f"{BASH}{line}\n"


def test_a_line_that_is_a_comment_will_not_do(home: Home, bashrc: Path) -> None:
    bashrc.write_text('# eval "$(envd hook bash)"\n')
    home.envd("setup", "--yes", "bash")
    assert "# >>> envd >>>" in bashrc.read_text()


def test_lines_by_hand_get_what_they_lack_for_scripts(home: Home, bashrc: Path) -> None:
    bashrc.write_text(by_hand(home, "bash"))
    before = bashrc.read_text()
    home.envd("setup", "--yes", "--scripts", "bash")
    added = bashrc.read_text().removeprefix(before)
    assert "export BASH_ENV" in added
    assert "envd.bash" not in added
    home.envd("setup", "--yes", "--no-scripts", "bash")
    assert bashrc.read_text() == before


def test_lines_for_scripts_that_were_put_in_by_hand_will_do(home: Home, bashrc: Path) -> None:
    text = by_hand(home, "bash", "--scripts")
    bashrc.write_text(text)
    home.envd("setup", "--yes", "--scripts", "bash")
    assert bashrc.read_text() == text


def test_a_linked_rc_file_that_has_the_lines_is_no_obstacle(home: Home) -> None:
    (home.path / "dotfiles").write_text(by_hand(home, "bash"))
    (home.path / ".bashrc").symlink_to("dotfiles")
    ran = home.envd("setup", "--yes", "bash")
    assert ran.out.splitlines()[-1] == "envd is connected to bash; a shell that is opened now has it"
    assert "put these lines there" not in ran.out


def test_remove_names_the_files_with_lines_of_somebodys_own(home: Home, bashrc: Path) -> None:
    bashrc.write_text(f'{BASH}eval "$(envd hook bash)"\n')
    profile = home.path / ".profile"
    profile.write_text(". ~/.local/share/envd/hooks/envd.bash\n")
    (home.path / ".zshrc").write_text("# envd hook zsh\n")
    home.envd("setup", "--yes", "bash")
    before = bashrc.read_text(), profile.read_text()
    ran = home.envd("setup", "--remove", "--yes")
    assert ran.code == 0, ran.err
    for name in ("~/.bashrc", "~/.profile"):
        assert f"{name} loads envd by a line that is not envd's: take it out yourself (grep -n envd {name})\n" in ran.out
    assert "zshrc" not in ran.out
    assert (bashrc.read_text(), profile.read_text()) == before


def test_a_read_only_rc_file_is_left_alone_and_the_lines_are_printed(home: Home, bashrc: Path, obedient: tuple[str, ...]) -> None:
    bashrc.chmod(0o400)
    ran = home.envd("setup", "--yes", "bash", prefix=obedient)
    assert ran.code == 0, ran.err
    assert "~/.bashrc is read-only: put these lines there yourself" in ran.out
    assert f". '{home.places.data}/hooks/envd.bash'" in ran.out
    assert bashrc.read_text() == BASH


def test_the_mode_of_the_rc_file_stays_and_a_backup_is_kept(home: Home, bashrc: Path) -> None:
    bashrc.chmod(0o640)
    home.envd("setup", "--yes", "bash")
    assert stat.S_IMODE(bashrc.stat().st_mode) == 0o640
    assert (home.places.data / "backups/.bashrc").read_text() == BASH


def test_files_of_one_name_are_backed_up_each(home: Home) -> None:
    home.variables["ZDOTDIR"] = str(home.path / ".config/zsh")
    (home.path / ".config/zsh").mkdir(parents=True)
    for name in (".zshenv", ".config/zsh/.zshenv"):
        (home.path / name).write_text(f"# {name}\n")
    home.envd("setup", "--yes", "--scripts", "zsh")
    for name in (".zshenv", ".config/zsh/.zshenv"):
        assert (home.places.data / "backups" / name.replace("/", "%")).read_text() == f"# {name}\n"


def test_an_rc_file_that_is_no_file_is_an_error(home: Home) -> None:
    (home.path / ".bashrc").mkdir()
    ran = home.envd("setup", "--yes", "bash")
    assert "~/.bashrc" in ran.out + ran.err
    assert (home.path / ".bashrc").is_dir()


def test_somebody_elses_completions_are_not_replaced(home: Home, bashrc: Path) -> None:
    other = home.path / ".local/share/bash-completion/completions/envd"
    other.parent.mkdir(parents=True)
    other.write_text("mine\n")
    ran = home.envd("setup", "--yes", "bash")
    assert ran.code == 1
    assert f"{other} is there and not envd's" in ran.err
    assert f"hint: move it away: mv {other} {other}.old" in ran.err
    assert other.read_text() == "mine\n"
    assert bashrc.read_text() == BASH


def test_rc_directories_that_variables_move_are_followed(home: Home) -> None:
    moved = home.path / "zsh"
    moved.mkdir()
    home.variables["ZDOTDIR"] = str(moved)
    assert home.envd("setup", "--yes", "zsh").code == 0
    assert (moved / ".zshrc").exists()
    assert not (home.path / ".zshrc").exists()


@pytest.fixture
def moved(home: Home) -> Path:
    """Have ~/.zshenv move zsh's files, as nobody but zsh knows; returns where to."""
    if shutil.which("zsh", path=home.variables["PATH"]) is None:
        pytest.skip("zsh is not on PATH")
    (home.path / ".zshenv").write_text("export ZDOTDIR=$HOME/.config/zsh; print a word\n")
    return home.path / ".config/zsh"


def test_what_zsh_itself_says_of_its_directory_is_followed(home: Home, moved: Path) -> None:
    assert home.envd("setup", "--yes", "zsh").code == 0
    assert not (home.path / ".zshrc").exists()
    assert home.run(["zsh", "-ic", "whence -w envd"]).out.splitlines()[-1] == "envd: function"
    assert "✓ zsh: ~/.config/zsh/.zshrc loads envd\n" in home.envd("doctor").out


def test_a_zsh_that_does_not_start_is_not_waited_for(home: Home, moved: Path) -> None:
    (home.path / ".zshenv").write_text("sleep 600\n")
    assert home.envd("setup", "--yes", "zsh", deadline=60).code == 0
    assert (home.path / ".zshrc").exists()


def test_remove_looks_at_home_and_where_the_files_were_moved(home: Home, moved: Path) -> None:
    home.envd("setup", "--yes", "--scripts", "zsh")
    (home.path / ".zshrc").write_text((moved / ".zshrc").read_text())
    assert home.envd("setup", "--remove", "--yes").code == 0
    assert list(moved.parent.rglob(".z*")) == []
    assert not (home.path / ".zshrc").exists()
    assert (home.path / ".zshenv").read_text() == "export ZDOTDIR=$HOME/.config/zsh; print a word\n"


def test_remove_finds_what_was_set_up_before_the_files_were_moved(home: Home) -> None:
    home.envd("setup", "--yes", "--scripts", "zsh")
    home.variables["ZDOTDIR"] = str(home.path / "zsh")
    assert home.envd("setup", "--remove", "--yes").code == 0
    assert [path.name for path in home.path.glob(".z*")] == []


def test_nothing_of_a_project_is_read_where_it_is_run(home: Home, bashrc: Path) -> None:
    root = home.project()
    witness = home.path / "ran"
    for name in ("asyncio.py", "sitecustomize.py", "envd.py"):
        (root / name).write_text(f"open({str(witness)!r}, 'w')\n")
    assert home.envd("setup", "--yes", "bash", cwd=root).code == 0
    assert home.ping() is not None
    assert not os.path.exists(witness)


# -- the hooks for scripts

SCRIPTS = {"bash": ".profile", "zsh": ".zshenv"}


def without_envd(home: Home) -> dict[str, object]:
    return {name: found for name, found in snapshot(home.path).items() if name.split("/")[0] not in (".local", ".cache")}


def test_scripts_are_set_up_by_choice(home: Home) -> None:
    home.envd("setup", "--yes", "bash", "zsh", "fish")
    for name in (".profile", ".zshenv", ".config/fish/conf.d/envd.fish"):
        assert not os.path.lexists(home.path / name)
    assert "BASH_ENV" not in rc_of(home, "bash").read_text()


def test_scripts_run_in_the_environment_of_their_directory(home: Home) -> None:
    root = home.allowed(home.project())
    ran = home.envd("setup", "--yes", "--scripts", "bash", "zsh", "fish")
    assert ran.code == 0, ran.err
    tell = 'printf "%s\\n" "$VIRTUAL_ENV"'
    for command in (["zsh", "-c", tell], ["fish", "-c", tell], ["bash", "-lc", f"exec bash -c '{tell}'"]):
        if shutil.which(command[0]):
            assert home.run(command, root).out == f"{root}/.venv\n", command


@pytest.mark.parametrize("knows", ["the environment", ".zshenv"])
def test_scripts_of_a_zsh_whose_files_are_moved_are_reached(home: Home, moved: Path, knows: str) -> None:
    root = home.allowed(home.project())
    if knows == "the environment":
        (home.path / ".zshenv").unlink()
        home.variables["ZDOTDIR"] = str(moved)
    assert home.envd("setup", "--yes", "--scripts", "zsh").code == 0
    home.variables.pop("ZDOTDIR", "")
    tell = 'printf "%s\\n" "$VIRTUAL_ENV"'
    assert home.run(["zsh", "-c", tell], root).out.splitlines()[-1] == f"{root}/.venv"
    # A zsh that is handed the variable reads nothing in the home.
    home.variables["ZDOTDIR"] = str(moved)
    assert home.run(["zsh", "-c", tell], root).out == f"{root}/.venv\n"


def test_a_directory_that_zsh_hands_on_to_nobody_gets_no_file_for_scripts(home: Home, moved: Path) -> None:
    (home.path / ".zshenv").write_text("ZDOTDIR=$HOME/.config/zsh\n")
    home.envd("setup", "--yes", "--scripts", "zsh")
    assert "envd-scripts.zsh" in (home.path / ".zshenv").read_text()
    assert not (moved / ".zshenv").exists()


@pytest.mark.parametrize("there", [(), (".bash_profile",), (".bash_login",), (".profile",), (".profile", ".bash_profile")])
def test_the_file_that_a_login_reads_is_chosen(home: Home, there: tuple[str, ...]) -> None:
    for name in there:
        (home.path / name).write_text("# mine\n")
    home.envd("setup", "--yes", "--scripts", "bash")
    found = [name for name in (".bash_profile", ".bash_login", ".profile") if "BASH_ENV" in _text(home.path / name)]
    assert found == [there[-1] if there else ".profile"]


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_a_bash_env_of_the_users_own_is_kept(home: Home, tmp_path: Path) -> None:
    home.envd("setup", "--yes", "--scripts", "bash")
    home.variables["BASH_ENV"] = "/mine"
    assert home.run(["bash", "-lc", 'echo "$BASH_ENV"']).out == "/mine\n"


def test_set_up_again_keeps_what_was_chosen(home: Home) -> None:
    home.envd("setup", "--yes", "--scripts", "bash", "zsh", "fish")
    before = snapshot(home.path)
    assert home.envd("setup", "--yes", "bash", "zsh", "fish").code == 0
    assert {
        name for name, found in snapshot(home.path).items() if before.get(name) != found and ".local/state" not in name
    } == set()


@pytest.mark.parametrize("back", [("setup", "--yes", "--no-scripts", "bash", "zsh", "fish"), ("setup", "--yes", "--remove")])
def test_scripts_are_taken_back(home: Home, bashrc: Path, back: tuple[str, ...]) -> None:
    if "--remove" not in back:
        home.envd("setup", "--yes", "bash", "zsh", "fish")
    before = without_envd(home)
    home.envd("setup", "--yes", "--scripts", "bash", "zsh", "fish")
    assert without_envd(home) != before
    assert home.envd(*back).code == 0
    assert without_envd(home) == before


def test_the_lines_for_scripts_are_printed(home: Home) -> None:
    ran = home.envd("setup", "--print", "--scripts", "bash", "zsh")
    assert "# bash, in .profile\n" in ran.out
    assert "# zsh, in .zshenv\n" in ran.out
    assert ran.out.count("export BASH_ENV=") == 2
