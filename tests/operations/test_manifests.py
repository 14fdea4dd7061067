"""Every kind of manifest, synced end to end: what is installed, what decides, and what is said when it cannot be."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from tests.stage.home import Home, Ran
from tests.stage.index import Index, make_wheel, source_files
from tests.stage.waiting import wait_until

from envd.adapters.installers import find_tool
from envd.adapters.venvs import find_venv, installed_versions
from envd.core.answer import SyncState

MANUAL = "[sync]\nautomatic = false\n"
PROJECT = """\
[project]
name = "acme"
version = "1"
requires-python = ">=3.9"
dependencies = ["demo==1.0"]
[project.optional-dependencies]
fast = ["leaf"]
[dependency-groups]
dev = ["other"]
"""


def packages(root: Path) -> dict[str, str]:
    venv = find_venv(root, (".venv",))
    assert venv is not None
    return installed_versions(venv)


def synced(home: Home, root: Path, *words: str) -> Ran:
    ran = home.envd("sync", *words, cwd=root)
    assert ran.code == 0, ran.err
    return ran


@pytest.fixture
def project(home: Home, index: Index) -> Path:
    root = home.allowed(home.project())
    (root / "pyproject.toml").write_text(PROJECT)
    return root


def test_pyproject_with_extras_and_groups(home: Home, project: Path, installer: str) -> None:
    synced(home, project)
    assert packages(project) == {"demo": "1.0"}
    synced(home, project, "--group", "dev", "--group", "fast")
    assert packages(project) == {"demo": "1.0", "other": "2.0", "leaf": "1.0"}
    # What was asked for by hand stays asked for: the next change must not take it away.
    (project / "pyproject.toml").write_text(PROJECT.replace("demo==1.0", "demo==1.1"))
    synced(home, project)
    assert packages(project) == {"demo": "1.1", "other": "2.0", "leaf": "1.0"}
    synced(home, project, "--no-group", "dev")
    assert packages(project) == {"demo": "1.1", "leaf": "1.0"}


def test_a_group_that_could_not_be_synced_is_not_remembered(home: Home, index: Index, project: Path, installer: str) -> None:
    (project / "pyproject.toml").write_text(PROJECT.replace('["other"]', '["no-such-thing"]'))
    synced(home, project)
    ran = home.envd("sync", "--group", "dev", cwd=project)
    assert (ran.code, "  so:   acme is not synced; its groups are as before\n" in ran.err) == (1, True)
    assert (home.record(project).groups, home.envd("status", "--check", cwd=project).code) == ((), 0)
    synced(home, project, "--group", "fast")
    index.wheels.pop("demo-1.1-py3-none-any.whl")
    (project / "pyproject.toml").write_text(PROJECT.replace("demo==1.0", "demo==1.1"))
    assert home.envd("sync", "--no-group", "fast", cwd=project).code == 1
    assert home.record(project).groups == ("fast",)


def test_a_group_that_waits_for_a_capability_is_remembered(home: Home, index: Index, project: Path, installer: str) -> None:
    synced(home, project)
    index.add_source("built", "1.0")
    (project / "pyproject.toml").write_text(PROJECT.replace('["other"]', '["built"]'))
    assert home.envd("sync", "--group", "dev", cwd=project).code == 4
    assert home.envd("allow", "--build", cwd=project).code == 0
    synced(home, project)
    assert packages(project) == {"demo": "1.0", "built": "1.0"}


def test_a_group_that_there_is_not_is_answered_with_those_that_there_are(home: Home, project: Path) -> None:
    ran = home.envd("sync", "--group", "nope", cwd=project)
    assert (ran.code, ran.err) == (2, "envd: acme has no group nope\n  hint: there are dev, fast for pyproject.toml (envd why)\n")


def test_a_group_that_another_manifest_does_not_have_is_named(home: Home, index: Index, project: Path) -> None:
    synced(home, project, "--group", "dev")
    (project / "requirements.txt").write_text("demo==1.0\n")
    synced(home, project)
    said = "has no group dev, which was asked for by hand"
    assert said in home.envd("status", cwd=project).out
    assert "requirements.txt has no such group" in home.envd("why", cwd=project).out
    # It is remembered for the manifest that has it, until it is taken back.
    synced(home, project, "--no-group", "dev")
    assert said not in home.envd("status", cwd=project).out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["--no-group", "dve"], "the group dve was not asked for", id="one that there is not"),
        pytest.param(["--group", "dev", "--no-group", "dev"], "the group dev is to be both synced and not", id="both"),
    ],
)
def test_a_group_that_is_not_there_to_be_left_out_is_refused(home: Home, project: Path, words: list[str], said: str) -> None:
    ran = home.envd("sync", *words, cwd=project)
    assert (ran.code, ran.err.splitlines()[0]) == (2, f"envd: {said}")


def test_a_group_of_the_project_that_another_manifest_has_is_no_error(home: Home, index: Index, project: Path) -> None:
    (project / "pyproject.toml").write_text(f'{PROJECT}[tool.envd]\ngroups = ["dev"]\nnote = "hi"\n')
    (project / "requirements.txt").write_text("demo==1.0\n")
    synced(home, project)
    # A key that means nothing stops nobody, and is named.
    assert "pyproject.toml:12" in home.envd("why", cwd=project).out
    assert "tool.envd has no key 'note', only manifest and groups" in " ".join(home.envd("why", cwd=project).out.split())


def test_the_only_group_can_be_left_out_again(home: Home, index: Index) -> None:
    root = home.allowed(home.project())
    (root / "requirements-dev.txt").write_text("demo==1.0\n")
    synced(home, root, "--group", "dev")
    assert home.envd("sync", "--no-group", "dev", cwd=root).code == 0
    assert home.record(root).groups == ()


def test_exact_shows_what_leaving_a_group_out_removes(home: Home, index: Index, project: Path) -> None:
    synced(home, project, "--group", "dev")
    index.add("mine", "1.0")
    uv = find_tool("uv")
    by_hand = [str(uv), "pip", "install", "--python", str(project / ".venv/bin/python"), "mine"]
    assert home.run(by_hand, project).code == 0
    ran = home.envd("sync", "--exact", "--no-group", "dev", cwd=project)
    assert (ran.code, "-mine 1.0" in ran.err, "-other 2.0" in ran.err) == (2, True, True)
    assert (home.record(project).groups, packages(project)["other"]) == (("dev",), "2.0")
    # What belongs to a group that is being asked for is nothing to remove.
    synced(home, project, "--no-group", "dev")
    ran = home.envd("sync", "--exact", "--group", "dev", "--yes", cwd=project)
    assert (ran.code, "other" in ran.err, packages(project)) == (0, False, {"demo": "1.0", "other": "2.0"})


def test_why_says_that_the_project_itself_is_not_installed(home: Home, project: Path) -> None:
    assert "itself is not installed" not in home.envd("why", cwd=project).out
    (project / "pyproject.toml").write_text(f"[build-system]\nrequires = []\n{PROJECT}")
    assert "acme itself is not installed" in home.envd("why", cwd=project).out


def test_groups_of_the_settings_are_synced_where_there_are_such(home: Home, index: Index) -> None:
    settings = home.configure('[sync]\nautomatic = false\ngroups = ["dev", "docs"]\n')
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    (root / "requirements-dev.txt").write_text("-r requirements.txt\nother\n")
    synced(home, root)
    assert packages(root) == {"demo": "1.0", "other": "2.0"}
    ran = home.envd("sync", "--no-group", "dev", cwd=root)
    assert (ran.code, ran.err) == (2, f"envd: the group dev is in sync.groups\n  hint: take it out of {settings}\n")


def test_an_error_in_pyproject_names_its_line(home: Home, project: Path) -> None:
    (project / "pyproject.toml").write_text(PROJECT.replace("demo==1.0", "demo==9.9"))
    ran = home.envd("sync", cwd=project)
    assert (ran.code, ran.err.startswith("envd: pyproject.toml:5: ")) == (1, True)


def lock(home: Home, root: Path) -> None:
    uv = find_tool("uv")
    if uv is None:
        pytest.skip("uv is not installed beside this interpreter")
    ran = home.run([str(uv), "lock", "--quiet"], root)
    assert ran.code == 0, ran.err


def test_uv_lock_is_followed(home: Home, project: Path) -> None:
    lock(home, project)
    before = (project / "uv.lock").read_bytes()
    marker = project / ".venv/kept"
    marker.touch()
    assert "+demo 1.0" in home.envd("sync", "--dry-run", cwd=project).out
    synced(home, project)
    assert packages(project) == {"demo": "1.0", "other": "2.0"}  # uv syncs the group dev unasked
    synced(home, project, "--group", "fast")
    assert packages(project) == {"demo": "1.0", "other": "2.0", "leaf": "1.0"}
    synced(home, project, "--no-group", "fast")
    assert packages(project) == {"demo": "1.0", "other": "2.0"}
    assert ((project / "uv.lock").read_bytes(), marker.exists()) == (before, True)


NAMED_INDEX = """
[[tool.uv.index]]
name = "in-house"
url = "{url}"
"""


@pytest.mark.parametrize("locked", [True, False], ids=["uv.lock", "pyproject.toml alone"])
def test_the_credentials_of_a_named_index_are_handed_on(home: Home, index: Index, project: Path, locked: bool) -> None:
    project.joinpath("pyproject.toml").write_text(PROJECT + NAMED_INDEX.format(url=index.url))
    if locked:
        lock(home, project)
    index.credentials = "me:secret"
    refused = home.envd("sync", cwd=project)
    assert (refused.code, refused.err.startswith("envd: an index wants other credentials: ")) == (1, True)
    assert "export UV_INDEX_IN_HOUSE_USERNAME and UV_INDEX_IN_HOUSE_PASSWORD, or put them into ~/.netrc" in refused.err
    home.variables.update(UV_INDEX_IN_HOUSE_USERNAME="me", UV_INDEX_IN_HOUSE_PASSWORD="secret")
    synced(home, project)
    assert packages(project)["demo"] == "1.0"
    assert b"secret" not in b"".join(path.read_bytes() for path in home.places.state.rglob("*") if path.is_file())


def test_a_stale_uv_lock_is_neither_followed_nor_rewritten(home: Home, project: Path) -> None:
    lock(home, project)
    before = (project / "uv.lock").read_bytes()
    (project / "pyproject.toml").write_text(PROJECT.replace("demo==1.0", "demo==1.1"))
    ran = home.envd("sync", cwd=project)
    assert (ran.code, ran.err) == (1, "envd: pyproject.toml:5: uv.lock does not know 'demo==1.1' yet\n  hint: uv lock\n")
    assert (packages(project), (project / "uv.lock").read_bytes()) == ({}, before)


def test_an_environment_of_another_python_is_not_made_anew(home: Home, project: Path) -> None:
    lock(home, project)
    (project / ".python-version").write_text("3.99\n")
    synced(home, project)
    assert ".python-version says 3.99" in home.envd("status", cwd=project).out
    (project / "pyproject.toml").write_text(PROJECT.replace(">=3.9", ">=3.99"))
    ran = home.envd("sync", cwd=project)
    assert ran.code == 6
    assert ran.err.startswith("envd: pyproject.toml:4: the project asks for Python >=3.99, .venv has 3.")
    assert packages(project) == {"demo": "1.0", "other": "2.0"}


def test_pylock_is_followed_with_its_hashes(home: Home, index: Index, project: Path, installer: str) -> None:
    lock(home, project)
    uv = find_tool("uv")
    words = ["export", "--quiet", "--frozen", "--no-dev", "--no-emit-project", "--format", "pylock.toml", "-o", "pylock.toml"]
    assert home.run([str(uv), *words], project).code == 0
    for name in ("uv.lock", "pyproject.toml"):
        (project / name).unlink()
    text = (project / "pylock.toml").read_text()
    if "hashes" not in text:
        pytest.skip("this uv writes no hashes for this index")
    synced(home, project)
    assert packages(project) == {"demo": "1.0"}


def test_groups_of_pylock(home: Home, index: Index, project: Path, installer: str) -> None:
    lock(home, project)
    uv = find_tool("uv")
    words = ["export", "--quiet", "--frozen", "--no-emit-project", "--format", "pylock.toml", "-o", "pylock.toml"]
    assert home.run([str(uv), *words], project).code == 0
    for name in ("uv.lock", "pyproject.toml"):
        (project / name).unlink()
    text = (project / "pylock.toml").read_text()
    marked = text.replace('name = "other"\n', 'name = "other"\nmarker = "\'dev\' in dependency_groups"\n')
    (project / "pylock.toml").write_text(f'dependency-groups = ["dev"]\n{marked}')
    synced(home, project)
    assert packages(project) == {"demo": "1.0"}
    synced(home, project, "--group", "dev")
    assert packages(project) == {"demo": "1.0", "other": "2.0"}
    synced(home, project, "--no-group", "dev")
    assert packages(project) == {"demo": "1.0"}
    (project / "pylock.toml").write_text(f'dependency-groups = ["dev"]\ndefault-groups = ["dev"]\n{marked}')
    synced(home, project)
    assert packages(project) == {"demo": "1.0", "other": "2.0"}
    synced(home, project, "--group", "dev")
    ran = home.envd("sync", "--no-group", "dev", cwd=project)
    assert (ran.code, ran.err.splitlines()[0]) == (2, "envd: the group dev is one of default-groups in pylock.toml")


def test_a_pylock_that_has_a_name_is_followed(home: Home, index: Index, project: Path, installer: str) -> None:
    digest = hashlib.sha256(index.wheels["demo-1.0-py3-none-any.whl"]).hexdigest()
    wheel = f'wheels = [{{ url = "{index.url}demo-1.0-py3-none-any.whl", hashes = {{ sha256 = "{digest}" }} }}]\n'
    (project / "pylock.dev.toml").write_text(f'lock-version = "1.0"\n[[packages]]\nname = "demo"\nversion = "1.0"\n{wheel}')
    (project / "pyproject.toml").write_text(f'{PROJECT}[tool.envd]\nmanifest = "pylock.dev.toml"\n')
    synced(home, project)
    assert packages(project) == {"demo": "1.0"}


def test_groups_of_a_pylock_that_only_uv_reads(home: Home, index: Index, project: Path, installer: str) -> None:
    (project / "pyproject.toml").unlink()
    (project / "mine-1.0-py3-none-any.whl").write_bytes(make_wheel("mine", "1.0"))
    wheel = '[packages.archive]\npath = "mine-1.0-py3-none-any.whl"\nhashes = { sha256 = "%s" }\n'
    digest = hashlib.sha256((project / "mine-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    marked = '[[packages]]\nname = "mine"\nversion = "1.0"\nmarker = "\'dev\' in dependency_groups"\n' + wheel % digest
    head = 'lock-version = "1.0"\ncreated-by = "me"\ndependency-groups = ["dev"]\n'
    (project / "pylock.toml").write_text(head + marked)
    synced(home, project)
    assert packages(project) == {}
    assert home.envd("allow", "--local", "--build", cwd=project).code == 0
    ran = home.envd("sync", "--group", "dev", cwd=project)
    if installer == "uv":
        assert (ran.code, packages(project)) == (0, {"mine": "1.0"})
    else:
        assert (ran.code, "pylock.toml: pip cannot install from it" in ran.err) == (1, True)


@pytest.mark.parametrize("named_by", ["index", "url"])
def test_a_package_of_pylock_comes_from_where_the_lock_says(
    home: Home, index: Index, project: Path, installer: str, named_by: str
) -> None:
    (project / "pyproject.toml").unlink()
    with Index() as other:
        # The user's index has a demo 1.0 of its own.
        other.add_with("demo", "1.0", {"demo.py": "version = 'theirs'\n"})
        name = "demo-1.0-py3-none-any.whl"
        digest = hashlib.sha256(other.wheels[name]).hexdigest()
        url = other.url.replace("simple/", f"files/{name}")
        entry = f'[[packages]]\nname = "demo"\nversion = "1.0"\nindex = "{other.url}"\n'
        wheel = f'wheels = [{{ name = "{name}", url = "{url}", hashes = {{ sha256 = "{digest}" }} }}]\n'
        entry = entry if named_by == "index" else entry.replace(other.url, index.url)
        (project / "pylock.toml").write_text(f'lock-version = "1.0"\ncreated-by = "me"\n{entry}{wheel}')
        ran = home.envd("sync", cwd=project)
        assert (ran.code, "envd allow --index" in ran.err) == (4, True)
        assert home.envd("allow", "--index", cwd=project).code == 0
        ran = home.envd("sync", cwd=project)
        if installer == "pip":
            assert (ran.code, "pylock.toml: pip cannot install from it" in ran.err) == (1, True)
            return
        assert ran.code == 0, ran.err
    assert home.run([str(project / ".venv/bin/python"), "-c", "import demo; print(demo.version)"]).out == "theirs\n"


def test_a_lock_for_other_machines_is_not_installed_here(home: Home, index: Index, project: Path, installer: str) -> None:
    (project / "pyproject.toml").unlink()
    head = 'lock-version = "1.0"\ncreated-by = "me"\nenvironments = ["sys_platform == \'win32\'", "python_version < \'3\'"]\n'
    digest = hashlib.sha256(index.wheels["demo-1.0-py3-none-any.whl"]).hexdigest()
    wheel = f'wheels = [{{ url = "{index.url}demo-1.0-py3-none-any.whl", hashes = {{ sha256 = "{digest}" }} }}]\n'
    (project / "pylock.toml").write_text(f'{head}[[packages]]\nname = "demo"\nversion = "1.0"\n{wheel}')
    for words in (("sync",), ("sync", "--dry-run")):
        ran = home.envd(*words, cwd=project)
        said = "pylock.toml: it was made for (sys_platform == 'win32') or (python_version < '3'), which this Python here is not"
        assert (ran.code, said in ran.err) == (1, True), ran.err
    assert packages(project) == {}


def test_the_last_dependency_of_a_project_leaves(home: Home, index: Index, project: Path, installer: str) -> None:
    synced(home, project)
    (project / "pyproject.toml").write_text(PROJECT.replace('["demo==1.0"]', "[]").partition("[project.optional")[0])
    ran = home.envd("status", "--check", cwd=project)
    assert (ran.code, "pyproject.toml asks for nothing any more" in ran.out) == (5, True)
    synced(home, project)
    assert packages(project) == {}
    # What is put in by hand goes into that list, and no other file.
    undone = home.envd("undo", cwd=project)
    assert (undone.code, packages(project)) == (0, {"demo": "1.0"}), undone.err
    assert home.envd("freeze", "--add", "demo", cwd=project).code == 0
    assert ('dependencies = ["demo>=1.0"]' in (project / "pyproject.toml").read_text(), list(project.glob("req*"))) == (True, [])


def test_what_only_pip_reads_is_synced_by_either(home: Home, index: Index, project: Path, installer: str) -> None:
    (project / "pyproject.toml").unlink()
    home.variables["DEMO"] = "1.1"
    (project / "pins.txt").write_text("leaf \\\n  <=1.0\n")
    (project / "sub").mkdir()
    (project / "sub/more.txt").write_bytes("# coding: latin-1\nother  # caf\xe9\n".encode("latin-1"))
    (project / "requirements.txt").write_text("demo==${DEMO}\nneedy \\\n  >=1.0, \\\n  <2\n-r sub/more.txt\n-c pins.txt\n")
    synced(home, project)
    assert packages(project) == {"demo": "1.1", "needy": "1.0", "leaf": "1.0", "other": "2.0"}
    (project / "pins.txt").write_text("leaf \\\n  >1.0\n")
    ran = home.envd("sync", cwd=project)
    assert (ran.code, packages(project)["leaf"]) == (1, "1.0")


def test_a_lock_whose_tool_is_not_here_is_named(home: Home) -> None:
    root = home.allowed(home.project())
    (root / "pyproject.toml").write_text("")
    (root / "pdm.lock").write_text("")
    ran = home.envd("sync", cwd=root)
    assert (ran.code, ran.err) == (
        1,
        "envd: pdm.lock: it needs pdm, which is not here\n  hint: put pdm on your PATH, then: envd sync\n",
    )


def test_conda_is_reported(home: Home) -> None:
    root = home.allowed(home.project())
    (root / "environment.yml").write_text("name: x\n")
    assert "environment.yml: it is conda's; envd does not install from it" in home.envd("status", cwd=root).out


def test_variables_reach_the_installer_and_no_log(home: Home, index: Index, installer: str) -> None:
    root = home.allowed(home.project(requirements="--extra-index-url ${CORP}\ndemo==1.0\n"))
    home.envd("allow", "--index", cwd=root)
    ran = home.envd("sync", cwd=root)
    assert (ran.code, ran.err) == (
        1,
        "envd: requirements.txt:1: ${CORP} is not set here\n  hint: export CORP=…, then: envd sync\n",
    )
    home.variables["CORP"] = index.url.replace("://", "://me:s3cret@")
    synced(home, root)
    assert packages(root) == {"demo": "1.0"}
    kept = b"".join(path.read_bytes() for path in home.places.state.rglob("*") if path.is_file())
    assert (b"s3cret" in kept, b"CORP=${CORP}" in kept) == (False, True)


def test_a_variable_with_another_value_is_another_manifest(home: Home, index: Index, installer: str) -> None:
    root = home.allowed(home.project(requirements="demo==${DEMO}\n"))
    home.variables["DEMO"] = "1.0"
    synced(home, root)
    home.variables["DEMO"] = "1.1"
    assert home.envd("status", "--check", cwd=root).code == 5
    synced(home, root)
    assert packages(root) == {"demo": "1.1"}
    # What was kept for the other value is not taken for this one, and is for that.
    assert home.envd("undo", cwd=root).code == 0
    assert (packages(root), home.record(root).state) == ({"demo": "1.0"}, SyncState.PAUSED)
    home.variables["DEMO"] = "1.0"
    assert home.envd("status", "--check", cwd=root).code == 0


def test_where_a_variable_is_not_set_what_was_synced_with_it_stays(home: Home, index: Index) -> None:
    root = home.allowed(home.project(requirements="demo==${DEMO}\n"))
    home.start_daemon()
    home.variables["DEMO"] = "1.0"
    synced(home, root)
    home.variables["DEMO"] = "1.1"
    synced(home, root)
    del home.variables["DEMO"]
    assert home.envd("status", "--check", cwd=root).code == 0
    with home.shell_in(root):
        (root / "requirements.txt").write_text("demo==${DEMO}\nleaf\n")
        wait_until(lambda: home.record(root).state is SyncState.FAILED, "the daemon has no such variable")
        assert "${DEMO} is not set here" in home.notice(root)
        (root / "requirements.txt").write_text("demo==${DEMO}\n")
        wait_until(lambda: home.record(root).state is SyncState.IN_SYNC, "it is as it was synced")
    assert packages(root) == {"demo": "1.1"}


def test_another_commit_of_the_same_version_is_a_change(home: Home, index: Index) -> None:
    if find_tool("uv") is None:
        pytest.skip("pip leaves a package of the same version as it is")
    repository = home.path / "own"
    repository.mkdir()
    home.git("init", "-q", cwd=repository)
    for tag in ("v1", "v2"):
        for file, text in source_files("own", "1.0").items():
            (repository / file).write_text(f"{text}{'# more' if tag == 'v2' and file.endswith('.py') else ''}")
        for words in (["add", "."], ["commit", "-qm", tag], ["tag", tag]):
            home.git(*words, cwd=repository)
    commits = [home.git("rev-parse", f"{tag}^0", cwd=repository).out[:7] for tag in ("v1", "v2")]
    line = f"own @ git+file://{repository}@v1\n"
    root = home.allowed(home.project(requirements=line))
    assert home.envd("allow", "--build", "--local", cwd=root).code == 0
    synced(home, root)
    (root / "requirements.txt").write_text(line.replace("v1", "v2"))
    said = f"~own 1.0 ({'→'.join(commits)})"
    assert said in synced(home, root).out
    record = home.record(root).synced
    assert (record and record.placed) == {"own": "1.0"}
    assert f"~own 1.0 ({'→'.join(reversed(commits))})" in home.envd("undo", cwd=root).out


def test_a_local_wheel_that_changed_is_installed_anew(home: Home, index: Index, installer: str) -> None:
    root = home.project(requirements="./mine-1.0-py3-none-any.whl\n")
    wheel = root / "mine-1.0-py3-none-any.whl"
    wheel.write_bytes(make_wheel("mine", "1.0"))
    home.configure(f'[sync]\nautomatic = false\ninstaller = "{installer}"\n')
    home.envd("allow", "--local", cwd=root)
    synced(home, root)
    wheel.write_bytes(make_wheel("mine", "1.0", ("leaf",)))
    synced(home, root)
    assert packages(root) == {"mine": "1.0", "leaf": "1.0"}


def test_the_daemon_follows_a_lock_that_appears(home: Home, index: Index) -> None:
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    (root / "requirements").mkdir()
    home.start_daemon()
    with home.shell_in(root):
        wait_until(lambda: packages(root) == {"demo": "1.0"}, "the first sync")
        (root / "requirements.txt").unlink()
        (root / "pyproject.toml").write_text(PROJECT.replace("demo==1.0", "demo==1.1"))
        wait_until(lambda: packages(root) == {"demo": "1.1"}, "the other manifest is followed")
        wait_until(lambda: home.record(root).state is SyncState.IN_SYNC, "it is in sync")


def test_why(home: Home, index: Index) -> None:
    root = home.allowed(home.project(requirements="demo==1.0\n-e ./x\n"))
    (root / "requirements-dev.txt").write_text("other\n")
    (root / "pyproject.toml").write_text("[tool.ruff]\n")
    (root / "pdm.lock").write_text("")
    (root / ".python-version").write_text("3.99\n")
    home.configure('[sync]\ninstaller = "pip"\n')
    said = [" ".join(line.split()) for line in home.envd("why", cwd=root).out.splitlines()]
    assert said[:-1] == [
        "environment .venv: the first of .venv, venv, env that is one",
        "trust allowed: by envd allow",
        "manifest requirements.txt: there is no lock that could be used",
        "not pdm.lock: it needs pdm, which is not here",
        "not pyproject.toml: requirements.txt comes first",
        "groups none: there is dev: envd sync --group NAME",
        "needs build requirements.txt:2: -e ./x runs code while it is installed: envd allow --build",
        "installer pip: sync.installer is pip",
    ]
    assert said[-1].startswith("python .python-version says 3.99: .venv has 3.")
    fields = home.envd("why", "--json", cwd=root).fields()
    assert fields["version"] == 1
    assert fields["reasons"][2] == {
        "of": "manifest",
        "what": "requirements.txt",
        "why": "there is no lock that could be used",
    }


def test_what_a_tool_without_a_dry_run_would_do_is_read_from_its_lock(home: Home, index: Index) -> None:
    root = home.allowed(home.project())
    pipenv = home.base / "bin/pipenv"
    pipenv.write_text("#!/bin/sh\nexit 1\n")
    pipenv.chmod(0o755)
    (root / "Pipfile").touch()
    lock = {"default": {"demo": {"version": "==1.0"}, "leaf": {"version": "==1.0", "markers": "python_version < '3'"}}}
    (root / "Pipfile.lock").write_text(json.dumps(lock))
    ran = home.envd("sync", "--dry-run", cwd=root)
    assert (ran.code, ran.out) == (0, "acme would change 1 package (pipenv):\n  +demo 1.0\n")
    assert home.envd("sync", "--check", cwd=root).code == 5
