"""pyproject.toml, groups and locks: what is read from them, and which line needs what."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from envd.adapters.manifests import Manifest, load_manifest, manifest_paths, offered_groups
from envd.core.capabilities import Capability
from envd.core.choosing import ManifestKind, Wishes
from envd.core.errors import ManifestError, ManifestUnfinished

UV = frozenset({"uv"})
ALL = frozenset({"uv", "poetry", "pdm", "pipenv"})
PYPROJECT = """\
[project]
name = "acme"
requires-python = ">=3.9"
dependencies = [
    "Flask>=2",
    'six==1.16.0 ; python_version < "4"',
]
[project.optional-dependencies]
Fast_Json = ["orjson"]
[dependency-groups]
test = ["pytest", {include-group = "typing"}]
typing = ["mypy"]
"""


def load(root: Path, *groups: str, tools: frozenset[str] = ALL) -> Manifest:
    manifest = load_manifest(root, Wishes(groups, tools))
    assert manifest is not None
    return manifest


def asked(manifest: Manifest) -> list[tuple[str, str]]:
    return [(where, line.name) for where, line in manifest.requirements]


def refused(root: Path, *groups: str) -> str:
    with pytest.raises(ManifestError) as caught:
        load(root, *groups)
    return str(caught.value)


# -- pyproject.toml


@pytest.mark.parametrize(
    ("groups", "more"),
    [
        pytest.param((), [], id="no group"),
        pytest.param(("fast-json",), ["orjson"], id="an extra, by its normalized name"),
        pytest.param(("test",), ["pytest", "mypy"], id="a group with one that it includes"),
        pytest.param(("no-such",), [], id="a group that there is not"),
    ],
)
def test_what_pyproject_declares(tmp_path: Path, groups: tuple[str, ...], more: list[str]) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    manifest = load(tmp_path, *groups)
    assert [name for _, name in asked(manifest)] == ["flask", "six", *more]
    assert asked(manifest)[:2] == [("pyproject.toml:5", "flask"), ("pyproject.toml:6", "six")]
    assert manifest.derived.splitlines()[:2] == ["Flask>=2", 'six==1.16.0 ; python_version < "4"']
    assert manifest.requires_python == (">=3.9", "pyproject.toml:3")
    assert manifest.groups.offered == ("fast-json", "test", "typing")


def test_an_empty_list_of_dependencies_is_a_manifest(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "acme"\ndependencies = []\n')
    manifest = load(tmp_path)
    assert (manifest.choice.kind, manifest.is_empty) == (ManifestKind.PYPROJECT, True)
    # Beside files of groups, which are all there is to install, it says nothing.
    (tmp_path / "requirements-dev.txt").write_text("six\n")
    assert load(tmp_path, "dev").choice.name == "requirements-dev.txt"


def test_what_an_empty_project_table_says_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "acme"\n')
    assert load_manifest(tmp_path, Wishes((), ALL)) is None


def test_the_indexes_of_uv_are_asked_about_and_followed(tmp_path: Path) -> None:
    indexes = """
[[tool.uv.index]]
url = "https://a.example/simple"
[[tool.uv.index]]
name = "only for sources"
url = "https://b.example/simple"
explicit = true
[[tool.uv.index]]
url = "https://c.example/simple"
default = true
"""
    (tmp_path / "pyproject.toml").write_text(f"{PYPROJECT}{indexes}")
    manifest = load(tmp_path)
    assert manifest.derived.splitlines() == [
        "--extra-index-url https://a.example/simple",
        "--index-url https://c.example/simple",
        "Flask>=2",
        'six==1.16.0 ; python_version < "4"',
    ]
    assert [(need.capability, need.where) for need in manifest.needs] == [
        (Capability.INDEX, "pyproject.toml:15"),
        (Capability.INDEX, "pyproject.toml:21"),
    ]
    assert asked(manifest) == [("pyproject.toml:5", "flask"), ("pyproject.toml:6", "six")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param('["six\\n-e ./evil"]', "is no requirement", id="a line break"),
        pytest.param('["-e ./evil"]', "is no requirement", id="an option"),
        pytest.param('["six --global-option=x"]', "is no requirement", id="an option behind a name"),
        pytest.param('["./evil"]', "is no requirement", id="a path"),
        pytest.param("[7]", "is no requirement", id="a number"),
        pytest.param('"six"', "is no list", id="a string"),
    ],
)
def test_what_is_no_requirement_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "a"\ndependencies = {text}\n')
    assert refused(tmp_path).startswith("pyproject.toml")
    assert said in refused(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[project\n", "pyproject.toml:1: ", id="no TOML"),
        pytest.param("[project]\n[project]\n", "pyproject.toml:2: ", id="a table twice"),
        pytest.param("[tool.envd]\nmanifest = 7\n", "pyproject.toml: tool.envd.manifest must be", id="a manifest that is a number"),
        pytest.param('[tool.envd]\ngroups = "dev"\n', "pyproject.toml: tool.envd.groups must be", id="groups that are no list"),
        pytest.param(
            '[tool.envd]\ngroups = ["dve"]\n[dependency-groups]\ndev = []\n',
            "pyproject.toml:2: tool.envd.groups asks for 'dve', and there are dev",
            id="a group that there is not",
        ),
        pytest.param(
            '[tool.envd]\ngroups = ["dve"]\n',
            "pyproject.toml:2: tool.envd.groups asks for 'dve', and there are none",
            id="no group",
        ),
        pytest.param(
            '[project]\ndependencies = ["six"]\n[tool.uv]\nconstraint-dependencies = ["six<2"]\n',
            "pyproject.toml:4: only uv's lock has what tool.uv.constraint-dependencies says",
            id="constraints of uv",
        ),
        pytest.param(
            '[project]\ndependencies = ["six"]\n[[tool.uv.index]]\nurl = "https://h/simple --pre"\n',
            "pyproject.toml:4: an index of tool.uv has no URL",
            id="an index that is more than a URL",
        ),
        pytest.param(
            '[project]\ndependencies = ["six"]\n[[tool.uv.index]]\nurl = "./wheels"\nformat = "flat"\n',
            "pyproject.toml:5: only uv's lock has an index of this format",
            id="an index of another format",
        ),
        pytest.param("x = [" * 500, "pyproject.toml:1: ", id="deep"),
    ],
)
def test_a_broken_pyproject_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert refused(tmp_path).startswith(said)


def test_a_local_project_that_pyproject_names_decides_too(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/pyproject.toml").write_text("[project]\nname = 'lib'\n")
    (tmp_path / "pyproject.toml").write_text(f'[project]\ndependencies = ["lib @ {(tmp_path / "lib").as_uri()}"]\n')
    before = load(tmp_path).files
    (tmp_path / "lib/pyproject.toml").write_text("[project]\nname = 'lib'\ndependencies = ['six']\n")
    assert load(tmp_path).files != before


def test_a_group_that_includes_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[dependency-groups]\na = [{include-group = "b"}]\nb = [{include-group = "a"}]\n')
    assert "includes itself" in refused(tmp_path, "a")


OWN_EXTRAS = """\
[project]
name = "Acme"
dependencies = ["six"]
[project.optional-dependencies]
web = ["flask"]
all = ["acme[web,dev]", "six"]
dev = ["pytest", "acme[all]"]
[dependency-groups]
ci = ["acme[web]"]
"""


@pytest.mark.parametrize(
    ("group", "names"),
    [("all", ["six", "flask", "pytest", "six"]), ("dev", ["six", "pytest", "flask", "six"]), ("ci", ["six", "flask"])],
)
def test_the_projects_own_extras_are_what_they_list(tmp_path: Path, group: str, names: list[str]) -> None:
    (tmp_path / "pyproject.toml").write_text(OWN_EXTRAS)
    manifest = load(tmp_path, group)
    assert [name for _, name in asked(manifest)] == list(dict.fromkeys(names))
    assert "acme" not in manifest.derived


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ("acme[none]", "pyproject.toml:4: there is no extra none"),
        ("acme[a]; python_version > '3'", "pyproject.toml:4: acme asks for itself under a marker"),
    ],
)
def test_an_own_extra_that_cannot_be_followed_is_refused(tmp_path: Path, listed: str, said: str) -> None:
    text = f'[project]\nname = "acme"\n[project.optional-dependencies]\nall = ["{listed}"]\na = ["six"]\n'
    (tmp_path / "pyproject.toml").write_text(text)
    assert refused(tmp_path, "all").startswith(said)


def test_a_conflict_in_pyproject_is_unfinished(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n<<<<<<< HEAD\n")
    with pytest.raises(ManifestUnfinished, match=r"pyproject\.toml:2 holds a conflict marker"):
        load(tmp_path)


def test_a_fifo_as_pyproject_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pyproject.toml")
    assert refused(tmp_path) == "pyproject.toml is a FIFO, not a file"


def test_what_only_uv_knows_the_source_of_takes_its_lock(tmp_path: Path) -> None:
    sources = '[tool.uv.sources]\nflask = { git = "https://host/flask" }\n'
    (tmp_path / "pyproject.toml").write_text(PYPROJECT + sources)
    assert refused(tmp_path) == "pyproject.toml:5: tool.uv.sources says where flask comes from, and only uv's lock has that"


def test_the_setting_of_a_linter_decides_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    before = load(tmp_path).files
    (tmp_path / "pyproject.toml").write_text(f"# more\n{PYPROJECT}[tool.ruff]\nline-length = 100\n")
    assert load(tmp_path).files == before
    (tmp_path / "pyproject.toml").write_text(PYPROJECT.replace("1.16.0", "1.17.0"))
    assert load(tmp_path).files != before


# -- requirements files as groups


@pytest.mark.parametrize(
    "name",
    ["requirements-dev.txt", "requirements_dev.txt", "requirements.dev.txt", "dev-requirements.txt", "requirements/dev.txt"],
)
def test_a_requirements_file_is_a_group(tmp_path: Path, name: str) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements.txt").write_text("flask\n")
    (tmp_path / name).write_text("pytest\n")
    assert offered_groups(tmp_path, Wishes()).offered == ("dev",)
    assert asked(load(tmp_path)) == [("requirements.txt:1", "flask")]
    assert asked(load(tmp_path, "dev")) == [("requirements.txt:1", "flask"), (f"{name}:1", "pytest")]
    assert load(tmp_path, "dev").options != load(tmp_path).options


def test_groups_alone_are_a_manifest_when_one_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/base.txt").write_text("flask\n")
    assert load_manifest(tmp_path, Wishes()) is None
    manifest = load(tmp_path, "base")
    assert (manifest.choice.name, asked(manifest)) == ("requirements/base.txt", [("requirements/base.txt:1", "flask")])


def test_the_project_may_name_its_manifest_and_groups(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    for name in ("base", "dev"):
        (tmp_path / f"requirements/{name}.txt").write_text(f"{name}\n")
    (tmp_path / "requirements.txt").write_text("other\n")
    (tmp_path / "pyproject.toml").write_text('[tool.envd]\nmanifest = "requirements/base.txt"\ngroups = ["dev"]\n')
    assert [name for _, name in asked(load(tmp_path))] == ["base", "dev"]


def test_a_manifest_that_is_named_outside_needs_leave(tmp_path: Path) -> None:
    root = tmp_path / "acme"
    root.mkdir()
    (tmp_path / "x.txt").write_text("flask\n")
    (root / "pyproject.toml").write_text('[tool.envd]\nmanifest = "../x.txt"\n')
    (need,) = load(root).needs
    assert str(need) == "pyproject.toml:2: the manifest ../x.txt takes a file of this machine, not of an index"


@pytest.mark.parametrize("link", ["file", "directory", "the manifest itself"])
def test_a_link_out_of_the_project_needs_leave_as_a_path_out_of_it_does(tmp_path: Path, link: str) -> None:
    root, out = tmp_path / "acme", tmp_path / "out"
    for directory in (root, out):
        directory.mkdir()
    (out / "more.txt").write_text("six\n")
    (root / "requirements.txt").write_text("idna\n-r " + ("to/more.txt" if link == "directory" else "more.txt") + "\n")
    if link == "directory":
        (root / "to").symlink_to(out)
    elif link == "file":
        (root / "more.txt").symlink_to("../out/more.txt")
    else:
        (root / "requirements.txt").unlink()
        (root / "requirements.txt").symlink_to("../out/more.txt")
    (need,) = load(root).needs
    assert need.capability is Capability.LOCAL
    assert need.where == ("requirements.txt" if link == "the manifest itself" else "requirements.txt:2")
    assert need.what.endswith(", a link that leads out of the project")


def test_a_link_within_the_project_needs_no_leave(tmp_path: Path) -> None:
    root = tmp_path / "acme"
    root.mkdir()
    (tmp_path / "by-link").symlink_to(root)
    (root / "base.txt").write_text("six\n")
    (root / "requirements.txt").symlink_to("base.txt")
    assert load(tmp_path / "by-link").needs == ()


def test_without_a_manifest_those_that_may_come_are_watched(tmp_path: Path) -> None:
    assert manifest_paths(tmp_path, Wishes()) >= {tmp_path / name for name in ("requirements.txt", "uv.lock", "pyproject.toml")}


# -- local projects and wheels


def test_a_local_wheel_and_a_local_project_decide(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/pyproject.toml").write_text("[project]\n")
    (tmp_path / "x-1-py3-none-any.whl").write_bytes(b"one")
    (tmp_path / "requirements.txt").write_text("-e ./lib[x]\n./x-1-py3-none-any.whl\n")
    before = load(tmp_path).files
    assert [file.path for file in before] == ["requirements.txt", "lib/pyproject.toml", "x-1-py3-none-any.whl"]
    (tmp_path / "lib/pyproject.toml").write_text("[project]\ndependencies = []\n")
    changed = load(tmp_path).files
    assert changed != before
    (tmp_path / "x-1-py3-none-any.whl").write_bytes(b"another")
    assert load(tmp_path).files != changed


# -- locks

UV_LOCK = """\
version = 1
requires-python = ">=3.9"

[[package]]
name = "acme"
version = "1"
source = {{ virtual = "." }}
dependencies = [{{ name = "six" }}, {{ name = "x", marker = "sys_platform == 'win32'" }}]

[package.dev-dependencies]
dev = [{{ name = "iniconfig" }}]
more = [{{ name = "click" }}]

[package.metadata]
requires-dist = [{{ name = "six", specifier = "==1.16.0" }}]

[package.metadata.requires-dev]
dev = [{{ name = "iniconfig" }}]
more = [{{ name = "click" }}]

[[package]]
name = "six"
version = "1.16.0"
source = {source}
"""
PYPI = '{ registry = "https://pypi.org/simple" }'
PROJECT = '[project]\nname = "acme"\nversion = "1"\ndependencies = ["six == 1.16.0"]\n[dependency-groups]\n'
PROJECT += 'dev = ["iniconfig"]\nmore = ["click"]\n'


def put_uv_lock(root: Path, source: str = PYPI, project: str = PROJECT) -> None:
    (root / "uv.lock").write_text(UV_LOCK.format(source=source))
    (root / "pyproject.toml").write_text(project)


@pytest.mark.parametrize(
    ("groups", "names"),
    [((), ["acme", "six", "x", "iniconfig"]), (("more",), ["acme", "six", "x", "iniconfig", "click"])],
    ids=["its own and dev", "with a group"],
)
def test_what_uv_lock_asks_for(tmp_path: Path, groups: tuple[str, ...], names: list[str]) -> None:
    put_uv_lock(tmp_path)
    manifest = load(tmp_path, *groups)
    assert (manifest.choice.kind, [name for _, name in asked(manifest)]) == (ManifestKind.UV_LOCK, names)
    assert manifest.needs == ()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        pytest.param(
            '{ registry = "https://evil.example/simple" }', "the index https://evil.example/simple is a source", id="index"
        ),
        pytest.param('{ git = "https://host/six#abc" }', "six from https://host/six#abc runs code", id="git"),
        pytest.param('{ editable = "lib" }', "six from lib runs code", id="editable"),
        pytest.param('{ directory = "../lib" }', "six from ../lib runs code", id="directory outside"),
        pytest.param('{ path = "six-1-py3-none-any.whl" }', "takes a file of this machine, not of an index", id="wheel"),
        pytest.param('{ url = "https://evil.example/six.tar.gz" }', "runs code", id="archive"),
        pytest.param(
            PYPI + '\nwheels = [{ url = "https://evil.example/six.whl" }]', "from https://evil.example", id="a file elsewhere"
        ),
    ],
)
def test_where_a_locked_package_comes_from_is_judged(tmp_path: Path, source: str, said: str) -> None:
    put_uv_lock(tmp_path, source)
    need = load(tmp_path).needs[0]
    assert need.where == "uv.lock:21"
    assert said in str(need)


PYLOCK = """\
lock-version = "1.0"
[[packages]]
name = "six"
version = "1.16.0"
{more}
wheels = [{{ url = "https://files.pythonhosted.org/six-1.16.0-py3-none-any.whl", hashes = {{ sha256 = "ab" }} }}]
"""


@pytest.mark.parametrize(
    ("more", "derived"),
    [
        pytest.param("", "six==1.16.0 --hash=sha256:ab\n", id="a wheel"),
        pytest.param("marker = \"os_name == 'nt'\"", "six==1.16.0 ; os_name == 'nt' --hash=sha256:ab\n", id="a marker"),
        pytest.param('vcs = { type = "git", url = "https://h/six" }', "", id="a repository, which only uv reads"),
        pytest.param('index = "https://evil.example/simple"', "", id="an index that is not the user's"),
        pytest.param(
            'sdist = { url = "https://evil.example/six.tar.gz", hashes = { sha256 = "ab" } }',
            "six==1.16.0 --hash=sha256:ab --hash=sha256:ab\n",
            id="a source, which is not built unasked",
        ),
    ],
)
def test_pylock_becomes_requirements_with_hashes(tmp_path: Path, more: str, derived: str) -> None:
    (tmp_path / "pylock.toml").write_text(PYLOCK.format(more=more))
    manifest = load(tmp_path)
    assert (manifest.derived, asked(manifest)) == (derived, [("pylock.toml:2", "six")])


@pytest.mark.parametrize(
    ("marker", "groups", "settled"),
    [
        pytest.param("'dev' in dependency_groups", (), None, id="a group that is not taken"),
        pytest.param("'dev' in dependency_groups", ("dev",), "python_version >= '3'", id="a group that is"),
        pytest.param("'dev' not in dependency_groups", ("dev",), None, id="without a group"),
        pytest.param("'main' in dependency_groups", (), "python_version >= '3'", id="a default group"),
        pytest.param("'Fast_Json' in extras", ("fast-json",), "python_version >= '3'", id="an extra"),
        pytest.param("os_name == 'nt' and 'x' in extras", (), None, id="never"),
        pytest.param(
            "os_name == 'nt' and ('x' in extras or 'main' not in dependency_groups)",
            (),
            "os_name == 'nt' and (python_version < '3' or python_version < '3')",
            id="more of it",
        ),
    ],
)
def test_groups_of_pylock_are_settled_in_its_markers(
    tmp_path: Path, marker: str, groups: tuple[str, ...], settled: str | None
) -> None:
    head = 'dependency-groups = ["dev", "main"]\ndefault-groups = ["main"]\nextras = ["Fast_Json"]\n'
    more = f'marker = "{marker}"'
    (tmp_path / "pylock.toml").write_text(head + PYLOCK.format(more=more) + 'index = "https://evil.example/simple"\n')
    # What is not taken asks for nothing.
    assert len(load(tmp_path, *groups).needs) == (settled is not None)
    (tmp_path / "pylock.toml").write_text(head + PYLOCK.format(more=more))
    assert offered_groups(tmp_path, Wishes((), ALL)).offered == ("dev", "fast-json", "main")
    manifest = load(tmp_path, *groups)
    assert manifest.derived == (f"six==1.16.0 ; {settled} --hash=sha256:ab\n" if settled else "")
    assert [line.marker for _, line in manifest.requirements] == ([settled] if settled else [])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        pytest.param('index = "https://evil.example/simple"', "the index https://evil.example/simple", id="index"),
        pytest.param('vcs = { type = "git", url = "https://h/six" }', "six from a repository runs code", id="repository"),
        pytest.param('directory = { path = "lib" }', "six from lib runs code", id="directory"),
    ],
)
def test_where_a_package_of_pylock_comes_from_is_judged(tmp_path: Path, more: str, said: str) -> None:
    (tmp_path / "pylock.toml").write_text(PYLOCK.format(more=more))
    assert said in str(load(tmp_path).needs[0])


def test_the_locks_of_other_tools_are_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.poetry]\npackage-mode = false\n[tool.poetry.group.dev.dependencies]\nx = '*'\n")
    source = '[package.source]\ntype = "git"\nurl = "https://h/six"\n'
    (tmp_path / "poetry.lock").write_text(f'[[package]]\nname = "six"\nversion = "1"\n{source}')
    manifest = load(tmp_path, "dev", tools=frozenset({"poetry"}))
    assert (manifest.choice.name, asked(manifest), manifest.groups.groups) == ("poetry.lock", [("poetry.lock:1", "six")], ("dev",))
    assert [str(need) for need in manifest.needs] == ["poetry.lock:1: six from https://h/six runs code while it is installed"]


def test_poetry_installs_the_project_itself_which_needs_leave(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "acme"\n')
    (tmp_path / "poetry.lock").write_text("")
    manifest = load(tmp_path)
    assert [str(need) for need in manifest.needs] == ["pyproject.toml:2: the project itself runs code while it is installed"]
    assert asked(manifest) == [("pyproject.toml:2", "acme")]


def test_pipfile_lock_is_read(tmp_path: Path) -> None:
    (tmp_path / "Pipfile").write_text("")
    lock = {
        "_meta": {"sources": [{"url": "https://evil.example/simple"}]},
        "default": {"six": {"version": "==1"}, "mine": {"path": "."}},
        "develop": {"iniconfig": {"version": "==2"}},
    }
    (tmp_path / "Pipfile.lock").write_text(json.dumps(lock, indent=1))
    manifest = load(tmp_path)
    assert [name for _, name in asked(manifest)] == ["six", "mine"]
    assert [name for _, name in asked(load(tmp_path, "dev"))] == ["six", "mine", "iniconfig"]
    assert [need.where for need in manifest.needs] == ["Pipfile.lock:5", "Pipfile.lock:13"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        pytest.param(
            "pylock.toml",
            "lock-version = '1.0'\n[[packages]]\nversion = '1'\n",
            "pylock.toml:2: a package has no name",
            id="no name",
        ),
        pytest.param("pylock.toml", "lock-version = '1.0'\npackages = 7\n", "pylock.toml: packages is no list", id="no list"),
        pytest.param("pylock.toml", "", "pylock.toml:1: it has no lock-version, not 1.0", id="an empty pylock.toml"),
        pytest.param("pylock.toml", "lock-version = '2.0'\n", "pylock.toml:1: its lock-version is '2.0'", id="a later format"),
        pytest.param("uv.lock", "", "uv.lock:1: it has no version, not 1", id="an empty uv.lock"),
        pytest.param("uv.lock", "version = 9\n", "uv.lock:1: its version is 9, not 1", id="a later uv.lock"),
        pytest.param("pylock.toml", "x = \n", "pylock.toml:1: ", id="no TOML"),
        pytest.param("Pipfile.lock", "{\n x\n}", "Pipfile.lock:2: ", id="no JSON"),
        pytest.param("pylock.toml", "<<<<<<< HEAD\n", "pylock.toml:1 holds a conflict marker", id="a conflict"),
    ],
)
def test_a_broken_lock_is_named_with_its_line(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / "Pipfile").write_text("")
    if name == "uv.lock":
        (tmp_path / "pyproject.toml").write_text('[project]\nname = "acme"\n')
    (tmp_path / name).write_text(text)
    assert refused(tmp_path).startswith(said)
