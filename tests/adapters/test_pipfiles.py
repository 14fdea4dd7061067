"""Pipfile.lock beside its Pipfile; the digests are those that pipenv 2026.10.3 wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envd.adapters.manifests import load_manifest, manifest_paths
from envd.core.choosing import Wishes
from envd.core.errors import ManifestError, ManifestUnfinished

PIPENV = Wishes((), frozenset({"pipenv"}))
PLAIN = """\
[[source]]
url = "https://pypi.org/simple"
verify_ssl = true
name = "pypi"

[packages]
six = "==1.16.0"
idna = {version = ">=3", markers = "python_version >= '3.8'"}

[dev-packages]
iniconfig = "*"

[requires]
python_version = "3.11"

[scripts]
go = "python -c 'print(1)'"

[pipenv]
allow_prereleases = true
"""
CATEGORIES = """\
[[source]]
url = "https://pypi.org/simple"
verify_ssl = true
name = "pypi"
[[source]]
url = "https://${USER_X}:${PW}@pypi.org/simple"
verify_ssl = false
name = "other"

[packages]
"ruamel.yaml" = {version="*", extras=["jinja2"], index="pypi"}
[packages.idna]
version = "*"

[docs]
click = "*"
"é" = "*"
[tests]
six = "*"
"""
OF_PLAIN = "2ba1fd20203f97b119e1df06b812b5c7e9219b62263f4f905085cf9514d415e7"
OF_CATEGORIES = "d3a79beed052252eabbcc828681b2785ab204ff88ab6eb9874241399955022b0"
# As plette has it, of which pipenv was before it took names for the same in any spelling.
OF_CATEGORIES_BEFORE = "8ae45b4c708b4e7ccd75cebae6ce1319cc4d52fdb4162dadf1fc77d7e71efe7d"
OF_NO_SOURCE = "83b3df86404322b5e9c6d1f3a782fd8510f976dafa4940f849d7e79258978aaa"


def put(root: Path, pipfile: str, digest: str | None) -> None:
    meta = {} if digest is None else {"hash": {"sha256": digest}}
    (root / "Pipfile").write_text(pipfile)
    (root / "Pipfile.lock").write_text(json.dumps({"_meta": meta, "default": {"six": {"version": "==1.16.0"}}}, indent=4))


@pytest.mark.parametrize(
    ("pipfile", "digest"),
    [
        pytest.param(PLAIN, OF_PLAIN, id="one source"),
        pytest.param(CATEGORIES, OF_CATEGORIES, id="two sources and categories"),
        pytest.param(CATEGORIES, OF_CATEGORIES_BEFORE, id="an earlier pipenv"),
        pytest.param(
            PLAIN.replace("print(1)", "print(2)").replace("true\n\n[packages]", "true\n[packages]"), OF_PLAIN, id="a script"
        ),
        pytest.param(PLAIN.replace("allow_prereleases = true", ""), OF_PLAIN, id="a setting of pipenv"),
        pytest.param(CATEGORIES.replace('"ruamel.yaml"', "Ruamel_Yaml"), OF_CATEGORIES, id="a name otherwise spelled"),
        pytest.param('[packages]\nidna = "*"\n', OF_NO_SOURCE, id="no source, of which nothing can be said"),
        pytest.param(PLAIN, "", id="no digest"),
        pytest.param(PLAIN, None, id="nothing of a digest"),
        pytest.param("", OF_PLAIN, id="an empty Pipfile"),
    ],
)
def test_a_lock_of_its_pipfile_is_followed(tmp_path: Path, pipfile: str, digest: str | None) -> None:
    put(tmp_path, pipfile, digest)
    manifest = load_manifest(tmp_path, PIPENV)
    assert manifest is not None
    assert [line.name for _, line in manifest.requirements] == ["six"]


@pytest.mark.parametrize(
    ("pipfile", "digest"),
    [
        pytest.param(PLAIN.replace("1.16.0", "1.17.0"), OF_PLAIN, id="another pin"),
        pytest.param(PLAIN.replace("iniconfig", "pytest"), OF_PLAIN, id="another name for development"),
        pytest.param(PLAIN.replace("3.11", "3.12"), OF_PLAIN, id="another Python"),
        pytest.param(PLAIN.replace("pypi.org", "h"), OF_PLAIN, id="another source"),
        pytest.param(CATEGORIES.replace("click", "rich"), OF_CATEGORIES, id="another name in a category"),
    ],
)
def test_a_lock_of_another_pipfile_is_not(tmp_path: Path, pipfile: str, digest: str) -> None:
    put(tmp_path, pipfile, digest)
    with pytest.raises(ManifestError) as caught:
        load_manifest(tmp_path, PIPENV)
    assert (str(caught.value), caught.value.hint) == (
        "Pipfile.lock:4: it was made from another Pipfile than that of now",
        "pipenv lock",
    )
    assert tmp_path / "Pipfile" in manifest_paths(tmp_path, PIPENV)


def test_a_conflict_in_a_pipfile_is_unfinished(tmp_path: Path) -> None:
    put(tmp_path, f"{PLAIN}<<<<<<< HEAD\n", OF_PLAIN)
    with pytest.raises(ManifestUnfinished, match=r"^Pipfile:21 holds a conflict marker"):
        load_manifest(tmp_path, PIPENV)


def test_a_broken_pipfile_is_named(tmp_path: Path) -> None:
    put(tmp_path, "\n[packages\n", OF_PLAIN)
    with pytest.raises(ManifestError, match=r"^Pipfile:2: "):
        load_manifest(tmp_path, PIPENV)
