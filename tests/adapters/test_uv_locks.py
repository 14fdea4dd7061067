"""uv.lock beside its pyproject.toml, as uv 0.13 writes it: an old one is refused, one that is not is never."""

from __future__ import annotations

from pathlib import Path

import pytest

from envd.adapters.manifests import load_manifest, manifest_paths
from envd.core.choosing import Wishes
from envd.core.errors import ManifestError, ManifestUnfinished

UV = Wishes((), frozenset({"uv"}))


def put(root: Path, lock: str, project: str, **others: str) -> None:
    (root / "uv.lock").write_text(f'version = 1\nrevision = 5\nrequires-python = ">=3.10"\n{lock}')
    for name, text in {"": project, **others}.items():
        (root / name).mkdir(exist_ok=True)
        (root / name / "pyproject.toml").write_text(text)


def refused(root: Path) -> str:
    """Return what is said of a lock that is refused, an empty string for one that is followed."""
    try:
        load_manifest(root, UV)
    except ManifestError as error:
        return f"{error}{'' if error.hint == 'uv lock' else error.hint}"
    return ""


LOCK = """
[[package]]
name = "acme-app"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "six" }]

[package.dev-dependencies]
dev = [{ name = "iniconfig" }, { name = "mypy" }, { name = "pytest" }]

[package.metadata]
requires-dist = [
    { name = "acme-app", extras = ["fast-json"], marker = "extra == 'all'" },
    { name = "attrs", marker = "python_full_version < '3.12' and os_name == 'posix' and extra == 'marked'", specifier = ">=20" },
    { name = "blinker", git = "https://github.com/pallets-eco/blinker?rev=1.9.0" },
    { name = "click", specifier = ">=8" },
    { name = "colorama", marker = "sys_platform == 'win32'" },
    { name = "iniconfig", marker = "extra == 'all'" },
    { name = "never", marker = "python_version < '0'" },
    { name = "numpy", marker = "python_full_version < '3.12'", specifier = "<2" },
    { name = "numpy", marker = "python_full_version >= '3.12'", specifier = ">=2" },
    { name = "orjson", marker = "extra == 'fast-json'", specifier = ">=3" },
    { name = "packaging", specifier = ">=20.0,!=21.0" },
    { name = "requests", extras = ["socks", "use-chardet-on-py3"], specifier = ">=2" },
    { name = "ruamel-yaml", specifier = "~=0.18.0" },
    { name = "six", marker = "(sys_platform == 'darwin' or sys_platform == 'linux') and extra == 'marked'", specifier = ">=1" },
    { name = "six", specifier = ">=1.10,<2" },
    { name = "torch", specifier = ">=2", index = "https://download.pytorch.org/whl/cpu" },
    { name = "typing-extensions" },
]
provides-extras = ["fast-json", "all", "marked", "empty"]

[package.metadata.requires-dev]
dev = [
    { name = "iniconfig" },
    { name = "mypy", specifier = ">=1" },
    { name = "pytest", specifier = ">=8" },
]
none = []
typing-x = [{ name = "mypy", specifier = ">=1" }]
"""
PROJECT = """\
[project]
name = "Acme.App"
version = "1"
requires-python = ">=3.10"
dependencies = [
    "Six >= 1.10 , < 2",
    "ruamel.yaml~=0.18.0",
    "colorama; sys_platform == 'win32'",
    "typing_extensions ; python_version >= '3.8'",
    "never; os_name == 'nt' and sys_platform == 'linux'",
    "click (>=v8.0)",
    "packaging!=21.0,>=20.0",
    "requests[use_chardet_on_py3,Socks]>=2",
    "numpy<2 ; python_version < '3.12'",
    "numpy>=2 ; python_version >= '3.12'",
    "blinker @ git+https://github.com/pallets-eco/blinker@1.9.0",
    "torch>=2",
]
[project.optional-dependencies]
Fast_Json = ["orjson>=3"]
all = ["acme-app[fast-json]", "iniconfig"]
marked = [
    "attrs>=20; python_version < '3.12' and os_name == 'posix'",
    "six>=1; platform_system == 'Linux' or sys_platform == 'darwin'",
]
empty = []
[dependency-groups]
Dev = ["pytest>=8", {include-group = "Typing_X"}]
typing_x = ["mypy>=1"]
none = []
[tool.uv]
dev-dependencies = ["iniconfig"]
[tool.uv.sources]
torch = { index = "pytorch" }
"""


def test_a_lock_of_now_is_followed(tmp_path: Path) -> None:
    put(tmp_path, LOCK, PROJECT)
    assert refused(tmp_path) == ""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param('"torch>=2",', '"torch>=2", "httpx",', "pyproject.toml:17: uv.lock does not know 'httpx' yet", id="one more"),
        pytest.param('"torch>=2"', '"torch>=3"', "pyproject.toml:17: uv.lock does not know 'torch>=3' yet", id="another specifier"),
        pytest.param('    "torch>=2",\n', "", "uv.lock:31: pyproject.toml does not ask for torch any more", id="one less"),
        pytest.param(
            '"torch>=2"', '"torch[x]>=2"', "pyproject.toml:17: uv.lock does not know 'torch[x]>=2' yet", id="an extra of another"
        ),
        pytest.param(
            "click (>=v8.0)",
            "click>=8; python_version < '3.12'",
            """pyproject.toml:11: uv.lock does not know "click>=8; python_version < '3.12'" yet""",
            id="a marker more",
        ),
        pytest.param(
            "colorama; sys_platform == 'win32'",
            "colorama",
            "pyproject.toml:8: uv.lock does not know 'colorama' yet",
            id="a marker less",
        ),
        pytest.param(
            '["orjson>=3"]', '["orjson>=3", "six"]', "pyproject.toml:20: uv.lock does not know 'six' yet", id="one more in an extra"
        ),
        pytest.param(
            ', "iniconfig"]', "]", "uv.lock:21: pyproject.toml does not ask for iniconfig any more", id="one less in an extra"
        ),
        pytest.param(
            '"pytest>=8"', '"pytest>=8", "six"', "pyproject.toml:28: uv.lock does not know 'six' yet", id="one more in a group"
        ),
        pytest.param('"pytest>=8", ', "", "uv.lock:40: pyproject.toml does not ask for pytest any more", id="one less in a group"),
        pytest.param(
            '["mypy>=1"]', '["mypy>=2"]', "pyproject.toml:29: uv.lock does not know 'mypy>=2' yet", id="in a group that is included"
        ),
        pytest.param(
            "none = []", 'none = ["six"]', "pyproject.toml:30: uv.lock does not know 'six' yet", id="in a group that was empty"
        ),
        pytest.param(
            'dev-dependencies = ["iniconfig"]',
            "dev-dependencies = []",
            "uv.lock:38: pyproject.toml does not ask for iniconfig any more",
            id="in the group of before PEP 735",
        ),
    ],
)
def test_a_lock_of_before_is_not(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in PROJECT
    put(tmp_path, LOCK, PROJECT.replace(before, after))
    assert refused(tmp_path) == said


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("typing_extensions ; python_version >= '3.8'", "typing-extensions", id="a marker that holds anyway"),
        pytest.param('    "ruamel.yaml~=0.18.0",\n', '    "Ruamel_Yaml ~= 0.18.0",\n', id="a name otherwise spelled"),
        pytest.param('{include-group = "Typing_X"}', '"mypy>=1"', id="a group without its include-group"),
        pytest.param("@1.9.0", "@main", id="a revision, which is not compared"),
        pytest.param('"torch>=2"', "\"torch>=2 ; sys_platform == 'linux'\"", id="a source, which has markers of its own"),
        pytest.param('["acme-app[fast-json]", ', '["acme-app[fast-json,marked]", ', id="an extra of its own"),
    ],
)
def test_what_may_be_the_same_is_no_difference(tmp_path: Path, before: str, after: str) -> None:
    assert before in PROJECT
    put(tmp_path, LOCK, PROJECT.replace(before, after))
    assert refused(tmp_path) == ""


BUILT_LOCK = """
[[package]]
name = "acme"
source = { editable = "." }

[package.metadata]
requires-dist = [
    { name = "click", marker = "extra == 'all'", specifier = ">=8.0.0rc1" },
    { name = "click", marker = "extra == 'b'", specifier = ">=8.0.0rc1" },
    { name = "idna", marker = "sys_platform == 'linux' and extra == 'a'", specifier = ">=3" },
    { name = "idna", marker = "sys_platform == 'linux' and extra == 'all'", specifier = ">=3" },
    { name = "ruamel-yaml", specifier = "~=0.18.0" },
]
provides-extras = ["a", "all", "b"]
"""
BUILT = """\
[project]
name = "acme"
dynamic = ["version"]
dependencies = ["ruamel.yaml~=0.18.0"]
[project.optional-dependencies]
a = ["idna>=3; sys_platform=='linux'"]
all = ["acme[a]", "acme[b]; sys_platform=='linux'"]
b = ["click>=8.0.0-rc.1"]
[build-system]
build-backend = "hatchling.build"
"""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param("", "", "", id="extras as what they list, from hatchling"),
        pytest.param(
            'b = ["click>=8.0.0-rc.1"]', "b = []", "uv.lock:11: pyproject.toml does not ask for click any more", id="one less"
        ),
        pytest.param('["acme[a]", ', "[", "uv.lock:14: pyproject.toml does not ask for idna any more", id="an extra less"),
        pytest.param('["version"]', '["version", "dependencies", "optional-dependencies"]', "", id="what stands elsewhere"),
        pytest.param(
            "~=0.18.0", "~=0.19.0", "pyproject.toml:4: uv.lock does not know 'ruamel.yaml~=0.19.0' yet", id="another version"
        ),
        pytest.param('"hatchling.build"', '"poetry.core.masonry.api"', "", id="by poetry-core"),
        pytest.param(
            '~=0.18.0"]\n[project.optional-dependencies]\n',
            '~=0.18,>=0.18.0"]\n[build-system]\nbuild-backend = "poetry.core.masonry.api"\n[project.optional-dependencies]\n',
            "",
            id="in the words of poetry-core",
        ),
        pytest.param('dependencies = ["ruamel.yaml~=0.18.0"]\n', "", "", id="in setup.py, it may be"),
    ],
)
def test_what_a_build_backend_told_uv(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in BUILT
    text = BUILT.replace(before, after, 1)
    put(
        tmp_path, BUILT_LOCK, text if text.count("[build-system]") == 1 else text.partition('[build-system]\nbuild-backend = "h')[0]
    )
    assert refused(tmp_path) == said


GROUPS = "[package.metadata]\n[package.metadata.requires-dev]\n"
NAMED = '[project]\nname = "acme"\n'


@pytest.mark.parametrize(
    ("lock", "project", "said"),
    [
        pytest.param("", '[project]\nname = "acme"\n', "", id="nothing in either"),
        pytest.param(
            "",
            '[project]\nname = "acme"\ndependencies = ["six"]\n',
            "pyproject.toml:3: uv.lock does not know 'six' yet",
            id="the first dependency",
        ),
        pytest.param(
            '[package.metadata]\nrequires-dist = [{ name = "six" }]\n',
            '[project]\nname = "acme"\n[tool.poetry]\npackages = []\n',
            "",
            id="poetry's",
        ),
        pytest.param(
            '[package.metadata]\nrequires-dist = [{ name = "six" }]\n',
            '[project]\nname = "acme"\n',
            "uv.lock:11: pyproject.toml does not ask for six any more",
            id="the last dependency",
        ),
        pytest.param(
            'dependencies = [{ name = "six" }]\n', '[project]\nname = "acme"\ndependencies = ["six"]\n', "", id="of an early uv"
        ),
        pytest.param(
            "[package.metadata]\nrequires-dist = [{ name = \"six\", marker = \"extra == 'a' or extra == 'b'\" }]\n",
            '[project]\nname = "acme"\n',
            "",
            id="a marker of two extras",
        ),
        pytest.param(
            f'{GROUPS}a = [{{ name = "six", marker = "python_full_version >= \'3.12\'" }}]\n',
            f'{NAMED}[dependency-groups]\na = ["six"]\n[tool.uv.dependency-groups]\na = {{requires-python = ">=3.12"}}\n',
            "",
            id="a group for some Pythons",
        ),
        pytest.param(
            f'{GROUPS}a = [{{ name = "acme", extras = ["x"] }}]\nb = [{{ name = "acme", extras = ["x"] }}]\n',
            f'{NAMED}[dependency-groups]\na = [{{include-group = "b"}}]\nb = ["acme[x]"]\n',
            "",
            id="a group of its own extra",
        ),
    ],
)
def test_little_is_compared_as_well(tmp_path: Path, lock: str, project: str, said: str) -> None:
    put(tmp_path, f'\n[[package]]\nname = "acme"\nversion = "1"\nsource = {{ virtual = "." }}\n\n{lock}', project)
    assert refused(tmp_path) == said


WORKSPACE_LOCK = """
[manifest]
members = ["acme", "m1", "m2"]

[[package]]
name = "acme"
source = { virtual = "." }
dependencies = [{ name = "m1" }]

[package.metadata]
requires-dist = [{ name = "m1", extras = ["x"], editable = "m1" }]

[[package]]
name = "m1"
source = { editable = "m1" }

[package.metadata]
requires-dist = [
    { name = "click", marker = "extra == 'x'" },
    { name = "lib", directory = "lib" },
]

[package.metadata.requires-dev]
dev = [{ name = "iniconfig" }]

[[package]]
name = "m2"
source = { virtual = "m2" }

[[package]]
name = "lib"
source = { directory = "lib" }

[package.metadata]
requires-dist = [{ name = "idna" }]

[[package]]
name = "old"
source = { directory = "old" }

[package.metadata]
requires-dist = [{ name = "idna" }]
"""
M1 = """\
[project]
name = "M1"
dependencies = ["lib>=1"]
[project.optional-dependencies]
x = ["click"]
[dependency-groups]
dev = ["iniconfig"]
"""
M2 = '[project]\nname = "m2"\ndependencies = []\n'
LIB = '[project]\nname = "lib"\ndependencies = ["idna"]\n[dependency-groups]\ndev = ["pytest"]\n'
ROOT = """\
[project]
name = "acme"
dependencies = ["m1[x]"]
[tool.uv.sources]
m1 = { workspace = true }
lib = { path = "lib" }
"""


def put_workspace(root: Path, *, m1: str = M1, m2: str = M2, lib: str = LIB) -> None:
    put(root, WORKSPACE_LOCK, ROOT, m1=m1, m2=m2, lib=lib, old="[tool.poetry]\n")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({}, "", id="nothing"),
        pytest.param(
            {"m1": M1.replace('"lib>=1"', '"lib>=1", "six"')}, "m1/pyproject.toml:3: uv.lock does not know 'six' yet", id="more"
        ),
        pytest.param(
            {"m1": M1.replace('["click"]', "[]")}, "uv.lock:22: m1/pyproject.toml does not ask for click any more", id="less"
        ),
        pytest.param(
            {"m1": M1.replace('"iniconfig"', '"six"')}, "m1/pyproject.toml:7: uv.lock does not know 'six' yet", id="in a group"
        ),
        pytest.param(
            {"m2": M2.replace("[]", '["six"]')}, "m2/pyproject.toml:3: uv.lock does not know 'six' yet", id="in a virtual one"
        ),
        pytest.param(
            {"lib": LIB.replace('"idna"', "")}, "uv.lock:38: lib/pyproject.toml does not ask for idna any more", id="in no member"
        ),
    ],
)
def test_the_members_of_a_workspace_are_compared(tmp_path: Path, changed: dict[str, str], said: str) -> None:
    put_workspace(tmp_path, **changed)
    assert refused(tmp_path) == said


def test_the_members_of_a_workspace_decide_and_are_watched(tmp_path: Path) -> None:
    put_workspace(tmp_path)
    before = load_manifest(tmp_path, UV)
    put_workspace(tmp_path, m2=M2 + 'requires-python = ">=3.11"\n')
    after = load_manifest(tmp_path, UV)
    assert before is not None
    assert after is not None
    assert before.files != after.files
    put_workspace(tmp_path, m2=M2.replace("[]", '["six"]'))
    assert manifest_paths(tmp_path, UV) >= {tmp_path / name / "pyproject.toml" for name in ("m1", "m2", "lib")}


def test_a_member_with_a_conflict_is_unfinished(tmp_path: Path) -> None:
    put_workspace(tmp_path, m2="<<<<<<< HEAD\n")
    with pytest.raises(ManifestUnfinished, match=r"^m2/pyproject\.toml:1 holds a conflict marker"):
        load_manifest(tmp_path, UV)


def test_a_broken_member_is_named(tmp_path: Path) -> None:
    put_workspace(tmp_path, m2="\n[project\n")
    with pytest.raises(ManifestError, match=r"^m2/pyproject\.toml:2: "):
        load_manifest(tmp_path, UV)


@pytest.mark.parametrize(
    ("group", "said"),
    [('["idna"]', ""), ('["idna", "six"]', "pyproject.toml:2: uv.lock does not know 'six' yet")],
    ids=["as locked", "one more"],
)
def test_the_root_of_a_workspace_that_is_no_package_has_groups(tmp_path: Path, group: str, said: str) -> None:
    head = '\n[manifest]\nmembers = ["m2"]\n\n[manifest.dependency-groups]\ndev = [{ name = "idna" }]\n'
    lock = f'{head}\n[[package]]\nname = "m2"\nsource = {{ virtual = "m2" }}\n'
    put(tmp_path, lock, f'[dependency-groups]\ndev = {group}\n[tool.uv.workspace]\nmembers = ["m2"]\n', m2=M2)
    assert refused(tmp_path) == said
