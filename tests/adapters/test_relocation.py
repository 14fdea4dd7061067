"""Paths of the clone in what an installer wrote there."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
from pathlib import Path

import pytest

from envd.adapters.relocation import own_records, relocate

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
    ("text", "relocated"),
    [
        pytest.param(
            "#!/bin/sh\n'''exec' '{}/Pete'\"'\"'s code/next/bin/python'",
            "#!/bin/sh\n'''exec' '/x/Pete'\"'\"'s é/bin/python'",
            id="sh",
        ),
        pytest.param("M = {{'x': '{}/Pete\\'s code/next/x'}}", "M = {{'x': '/x/Pete\\'s é/x'}}", id="Python"),
        pytest.param("file://{}/Pete%27s%20code/next/x", "file:///x/Pete%27s%20%C3%A9/x", id="a URL"),
        pytest.param("plain {}/Pete's code/next/x", "plain /x/Pete's é/x", id="none"),
    ],
)
def test_quotes_around_the_path_are_minded(tmp_path: Path, text: str, relocated: str) -> None:
    top = tmp_path / "Pete's code/next"
    (top / "bin").mkdir(parents=True)
    (top / "bin/demo").write_text(text.format(tmp_path))
    assert relocate(top, Path("/x/Pete's é"), set()) == ["bin/demo"]
    assert (top / "bin/demo").read_text() == relocated.format()


def test_quotes_of_json_are_minded(tmp_path: Path) -> None:
    top = tmp_path / "é/next"
    (top / "share").mkdir(parents=True)
    (top / "share/kernel.json").write_text(json.dumps([f"{top}/bin/python"]))
    assert relocate(top, tmp_path / "é", set()) == ["share/kernel.json"]
    assert json.loads((top / "share/kernel.json").read_text()) == [f"{tmp_path}/é/bin/python"]


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


@pytest.mark.parametrize("place", [str(PLACE), "/else/where"])
def test_absolute_paths_of_a_record_lead_to_the_clone(top: Path, place: str) -> None:
    info = packages(top) / "demo-1.0.dist-info"
    text = f"{place}/bin/demo,sha256=x,1\n/usr/bin/other,sha256=y,2\n{place}/lib/python3.12/site-packages/demo.pth,,\n"
    (info / "RECORD").write_text(text)
    own_records(top, {str(PLACE)})
    own = "../../../bin/demo,sha256=x,1\n/usr/bin/other,sha256=y,2\ndemo.pth,,\n"
    assert (info / "RECORD").read_text() == (own if place == str(PLACE) else text)


def test_absolute_paths_that_an_installer_wrote_become_relative(top: Path) -> None:
    info = packages(top) / "demo-1.0.dist-info"
    (info / "RECORD").write_text(f"{top}/bin/demo,,\n")
    relocate(top, PLACE, set())
    assert (info / "RECORD").read_text() == "../../../bin/demo,,\n"


def test_a_record_that_is_none_is_left_as_it_is(top: Path) -> None:
    record = packages(top) / "demo-1.0.dist-info/RECORD"
    record.write_bytes(f"{PLACE}/bin/demo,,\n".encode() + b"\xff\n")
    before = record.read_bytes()
    own_records(top, {str(PLACE)})
    assert record.read_bytes() == before
