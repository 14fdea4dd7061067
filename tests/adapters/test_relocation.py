"""Paths of the clone in what an installer wrote there."""

from __future__ import annotations

import base64
import csv
import hashlib
from pathlib import Path

import pytest

from envd.adapters.relocation import relocate

PLACE = Path("/home/me/acme/.venv")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    top = tmp_path / "next"
    packages = top / "lib/python3.12/site-packages"
    (packages / "demo-1.0.dist-info").mkdir(parents=True)
    (packages / "demo/deep").mkdir(parents=True)
    (top / "bin").mkdir()
    return top


def packages(top: Path) -> Path:
    return top / "lib/python3.12/site-packages"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("bin/demo", id="a script"),
        pytest.param("share/demo/kernel.json", id="data"),
        pytest.param("lib/python3.12/site-packages/__editable___demo_finder.py", id="an editable's finder"),
        pytest.param("lib/python3.12/site-packages/demo.pth", id="a pth file"),
        pytest.param("lib/python3.12/site-packages/demo-1.0.dist-info/direct_url.json", id="metadata"),
    ],
)
def test_where_installers_write_paths_the_place_is_named(top: Path, name: str) -> None:
    path = top / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{top}/bin/python\nx\n")
    path.chmod(0o755)
    assert relocate(top, PLACE, set()) == [name]
    assert path.read_text() == f"#!{PLACE}/bin/python\nx\n"
    assert path.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    ("name", "data"),
    [
        pytest.param("lib/python3.12/site-packages/demo/deep/mod.py", b"%s", id="a module"),
        pytest.param("bin/binary", b"\0%s", id="a binary"),
        pytest.param("bin/demo", b"#!/usr/bin/env python\n", id="a script without the path"),
    ],
)
def test_all_else_stays(top: Path, name: str, data: bytes) -> None:
    data = data.replace(b"%s", bytes(top))
    (top / name).write_bytes(data)
    assert relocate(top, PLACE, set()) == []
    assert (top / name).read_bytes() == data


def test_what_was_there_before_stays(top: Path) -> None:
    script = top / "bin/old"
    script.write_text(f"#!{top}/bin/python\n")
    assert relocate(top, PLACE, {script.stat().st_ino}) == []


def test_record_has_the_new_digest_and_size(top: Path) -> None:
    script, info = top / "bin/demo", packages(top) / "demo-1.0.dist-info"
    script.write_text(f"#!{top}/bin/python\n")
    (info / "RECORD").write_text('../../../bin/demo,sha256=old,1\n"a,b.py",sha256=abc,3\ndemo-1.0.dist-info/RECORD,,\n')
    relocate(top, PLACE, set())
    data = script.read_bytes()
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    with (info / "RECORD").open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["../../../bin/demo", f"sha256={digest}", str(len(data))],
            ["a,b.py", "sha256=abc", "3"],
            ["demo-1.0.dist-info/RECORD", "", ""],
        ]
