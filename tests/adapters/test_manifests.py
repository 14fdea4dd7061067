"""requirements.txt on disk, with all that it includes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from envd.adapters.manifests import has_manifest, load_file, manifest_paths
from envd.core.choosing import Wishes
from envd.core.errors import ManifestError, ManifestUnfinished


def put(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def test_a_closure_is_read_in_order_of_inclusion(tmp_path: Path) -> None:
    put(tmp_path, requirements="-r sub/dev.txt\na\n-c pins.txt\n", sub__dev="-r deep.txt\nb\n", sub__deep="c\n", pins="d==1\n")
    manifest = load_file(tmp_path, "requirements.txt")
    assert [file.path for file in manifest.files] == ["requirements.txt", "sub/dev.txt", "sub/deep.txt", "pins.txt"]
    assert [(where, line.name) for where, line in manifest.requirements] == [
        ("sub/deep.txt:1", "c"),
        ("sub/dev.txt:2", "b"),
        ("requirements.txt:2", "a"),
    ]


def test_a_circle_is_read_once(tmp_path: Path) -> None:
    put(tmp_path, requirements="-r b.txt\na\n", b="-r requirements.txt\n-r ./b.txt\nb\n")
    assert len(load_file(tmp_path, "requirements.txt").files) == 2


@pytest.mark.parametrize(
    ("data", "names"),
    [
        pytest.param(b"a\r\nb\r\n", ["a", "b"], id="CRLF"),
        pytest.param(b"\xef\xbb\xbfa\n", ["a"], id="UTF-8 with BOM"),
        pytest.param("a\nb\n".encode("utf-16"), ["a", "b"], id="UTF-16"),
        pytest.param(b"\xfe\xff" + "a\n".encode("utf-16-be"), ["a"], id="UTF-16 the other way round"),
        pytest.param(b"", [], id="empty"),
        pytest.param(b"# only\n", [], id="a comment"),
        pytest.param(b"-r https://h/r.txt\na\n", ["", "a"], id="a URL is not fetched, and asks for something"),
        pytest.param(b"-r https://h/r.txt\n", [""], id="nothing but a URL"),
        pytest.param(b"-c https://h/r.txt\n", [], id="a URL that constrains"),
        pytest.param(b"# Encoding: see README\na\n", ["a"], id="a word that is no encoding"),
        pytest.param("# -*- coding: latin-1 -*-\na  # caf\xe9\n".encode("latin-1"), ["a"], id="an encoding that is named"),
    ],
)
def test_what_is_asked_for_is_read(tmp_path: Path, data: bytes, names: list[str]) -> None:
    (tmp_path / "requirements.txt").write_bytes(data)
    manifest = load_file(tmp_path, "requirements.txt")
    assert ([line.name for _, line in manifest.requirements], manifest.is_empty) == (names, not names)


@pytest.mark.parametrize(
    ("data", "is_plain"),
    [
        pytest.param(b"a==1 \\\n  --hash=sha256:ab \\\n  # why\n", True, id="continued before an option"),
        pytest.param(b"a \\\n", True, id="continued by nothing"),
        pytest.param(b"a \\\n  ==1\n", False, id="continued within a requirement"),
        pytest.param(b"a @ https://${USER}@h/a.whl\n--index-url ${INDEX}\n", True, id="a variable in a URL"),
        pytest.param(b"a==${VERSION}\n", False, id="a variable elsewhere"),
        pytest.param(b"# coding: latin-1\na\n", True, id="another encoding of nothing but ASCII"),
        pytest.param(b"# coding: latin-1\na  # \xe9\n", False, id="another encoding"),
        pytest.param("a\n".encode("utf-16"), False, id="UTF-16"),
        pytest.param(b"a # why \\\n--index-url https://h/simple\n", False, id="a comment that pip continues and uv does not"),
        pytest.param(b"a # why \\\n# more\n", False, id="a comment continued by one"),
        pytest.param("a # why\u2028b\n".encode(), False, id="an end of line that uv does not know"),
        pytest.param(b"a # why\rb\n", False, id="a lone carriage return"),
    ],
)
def test_what_not_every_installer_reads_is_kept_without_its_files(tmp_path: Path, data: bytes, is_plain: bool) -> None:
    put(tmp_path, pins="b<2\n")
    (tmp_path / "asked.txt").write_bytes(data)
    (tmp_path / "requirements.txt").write_text("-c pins.txt\n-r asked.txt\n--pre\n-r https://h/more.txt\n")
    flat = load_file(tmp_path, "requirements.txt").flat
    if is_plain:
        assert flat == ()
        return
    assert [line.text for constrains, line in flat if constrains] == ["b<2"]
    others = [line.text for constrains, line in flat if not constrains]
    assert (others[0][:1], others[-2:]) == ("a", ["--pre", "-r https://h/more.txt"])


def test_variables_that_decide_are_told_from_credentials(tmp_path: Path) -> None:
    put(
        tmp_path,
        requirements="-r sub/more.txt\na==${A}\n",
        sub__more="b @ git+https://${TOKEN}@h/b@${TAG}\n-c pins.txt\n",
        sub__pins="c<${C}\n",
    )
    manifest = load_file(tmp_path, "requirements.txt")
    assert manifest.deciding == {"A", "TAG", "C"}
    assert {name for _, name in manifest.variables} == {"A", "TAG", "C", "TOKEN"}


def test_where_wheels_are_found_is_told_from_the_file_that_says_it(tmp_path: Path) -> None:
    (tmp_path / "sub/wheels").mkdir(parents=True)
    put(tmp_path, requirements="-r sub/asked.txt\n--find-links more\n", sub__asked="--find-links wheels\na \\\n ==1\n")
    texts = [line.text for _, line in load_file(tmp_path, "requirements.txt").flat]
    assert texts == [f"--find-links file://{tmp_path}/sub/wheels", "a  ==1", f"--find-links file://{tmp_path}/more"]


def test_what_constrains_may_be_asked_for_as_well(tmp_path: Path) -> None:
    put(tmp_path, requirements="-c base.txt\n-r base.txt\n", base="a\n")
    manifest = load_file(tmp_path, "requirements.txt")
    assert [line.name for _, line in manifest.requirements] == ["a"]
    assert [file.path for file in manifest.files] == ["requirements.txt", "base.txt"]


def test_behind_a_url_may_be_anything(tmp_path: Path) -> None:
    put(tmp_path, requirements="-r https://h/r.txt\na\n")
    assert not load_file(tmp_path, "requirements.txt").is_fully_named


def content(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda path: None, "does not exist", id="missing"),
        pytest.param(lambda path: path.symlink_to("gone"), "leads nowhere", id="dangling"),
        pytest.param(lambda path: path.mkdir(), "is a directory, not a file", id="directory"),
        pytest.param(os.mkfifo, "is a FIFO, not a file", id="FIFO"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), "is a device, not a file", id="/dev/zero"),
        pytest.param(content(b"a\n" * 1024 * 1024), "is larger than 1024 KiB", id="2 MB"),
    ],
)
@pytest.mark.parametrize("included", [pytest.param(False, id="itself"), pytest.param(True, id="included")])
def test_what_is_no_small_file_is_refused_at_once(
    tmp_path: Path, make: Callable[[Path], object], message: str, included: bool
) -> None:
    put(tmp_path, **({"requirements": "a\n-r x.txt\n"} if included else {}))
    make(tmp_path / ("x.txt" if included else "requirements.txt"))
    with pytest.raises(ManifestError) as caught:
        load_file(tmp_path, "requirements.txt")
    assert str(caught.value) == ("requirements.txt:2: x.txt " if included else "requirements.txt ") + message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"a\nb\0\n", "requirements.txt:2 holds a NUL character", id="NUL"),
        pytest.param(b"a\n\xff\xffb\n", "requirements.txt:2 is not utf-8 text", id="Latin-1"),
        pytest.param(b"\xff\xfea", "requirements.txt:1 is not utf-16 text", id="half of UTF-16"),
        pytest.param(b"# coding: hex\na\n", "requirements.txt:1: it is said to be hex: save it as UTF-8", id="no encoding of text"),
        pytest.param(
            b"a\n# coding: punycode\n",
            "requirements.txt:2: it is said to be punycode: save it as UTF-8",
            id="one that raises what it likes",
        ),
        pytest.param(
            b"# coding: utf-7\na # +AFw-\n--pre\n",
            "requirements.txt:1: it is said to be utf-7: save it as UTF-8",
            id="one that hides lines",
        ),
        pytest.param(b"a\n-r\n", "requirements.txt:2 includes a file without naming it", id="-r of nothing"),
    ],
)
def test_what_is_no_text_is_named_with_its_line(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "requirements.txt").write_bytes(data)
    with pytest.raises(ManifestError) as caught:
        load_file(tmp_path, "requirements.txt")
    assert str(caught.value) == message


def test_a_conflict_in_an_included_file_is_unfinished(tmp_path: Path) -> None:
    put(tmp_path, requirements="-r x.txt\n", x="a\n<<<<<<< HEAD\n")
    with pytest.raises(ManifestUnfinished, match=r"x\.txt:2 holds a conflict marker"):
        load_file(tmp_path, "requirements.txt")


def test_a_chain_without_end_is_cut(tmp_path: Path) -> None:
    put(tmp_path, requirements="-r 1.txt\n", **{str(n): f"-r {n + 1}.txt\n" for n in range(1, 300)})
    with pytest.raises(ManifestError, match="more than 200 files"):
        load_file(tmp_path, "requirements.txt")


def test_missing_files_are_among_those_to_watch(tmp_path: Path) -> None:
    put(tmp_path, requirements="-r gone.txt\n")
    assert manifest_paths(tmp_path, Wishes()) >= {tmp_path / "requirements.txt", tmp_path / "gone.txt"}


def test_a_url_makes_a_manifest_not_fully_named(tmp_path: Path) -> None:
    put(tmp_path, requirements="a\n./local\n")
    assert not load_file(tmp_path, "requirements.txt").is_fully_named


def test_a_dangling_manifest_is_there(tmp_path: Path) -> None:
    assert not has_manifest(tmp_path, Wishes())
    (tmp_path / "requirements.txt").symlink_to("gone")
    assert has_manifest(tmp_path, Wishes())
