"""`envd status` for programs: exit codes and the keys of its JSON."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.stage.home import Home
from tests.stage.index import Index

SHAPE = {
    "version": int,
    "daemon": {"running": bool, "pid": None, "problem": str},
    "projects": [
        {
            "root": str,
            "label": str,
            "trust": {"state": str, "source": str, "refusal": None, "capabilities": []},
            "environment": {"name": str, "path": str, "python": str, "health": str, "active": bool},
            "manifest": {"file": str, "kind": str, "why": str, "groups": []},
            "packages": {"state": str, "problem": None, "wanted": int, "extra": int, "damaged": [], "extras": []},
            "last_sync": {
                "at": float,
                "seconds": float,
                "installer": str,
                "added": {"demo": str},
                "removed": {},
                "changed": {},
                "way": str,
                "copied": int,
                "conflicts": [],
            },
            "generations": [int],
        }
    ],
}


def shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return None if value is None else type(value)


def test_keys_and_types_of_json_are_a_promise(home: Home, index: Index) -> None:
    root = home.allowed(home.project(requirements="demo\n"))
    home.envd("sync", cwd=root)
    fields = home.envd("status", "--json", cwd=root).fields()
    assert fields["version"] == 1
    assert shape(fields) == SHAPE


def test_json_of_a_project_without_environment(home: Home) -> None:
    root = home.project(requirements="demo\n", venv=False)
    project = home.envd("status", "--json", cwd=root).fields()["projects"][0]
    assert (project["environment"], project["last_sync"]) == (None, None)


def test_json_says_what_is_active_and_whether_the_daemon_runs(home: Home) -> None:
    root = home.allowed(home.project())
    pid = home.start_daemon()
    home.variables["VIRTUAL_ENV"] = str(root / ".venv")
    fields = home.envd("status", "--json", cwd=root).fields()
    assert fields["projects"][0]["environment"]["active"] is True
    assert fields["daemon"] == {"running": True, "pid": pid, "problem": None}


def test_json_of_all(home: Home) -> None:
    for name in ("b", "a"):
        home.allowed(home.project(name))
    projects = home.envd("status", "--json", "--all").fields()["projects"]
    assert [project["label"] for project in projects] == ["a", "b"]


def test_extra_packages_are_counted(home: Home, index: Index) -> None:
    root = home.allowed(home.project(requirements="demo\n"))
    home.envd("sync", cwd=root)
    site = next((root / ".venv").glob("lib/*/site-packages"))
    (site / "byhand-1.0.dist-info").mkdir()
    (site / "byhand-1.0.dist-info/RECORD").touch()
    packages = home.envd("status", "--json", cwd=root).fields()["projects"][0]["packages"]
    assert (packages["state"], packages["wanted"], packages["extra"]) == ("in sync", 1, 1)
    assert "1 extra" in home.envd("status", cwd=root).out


def well(home: Home) -> Path:
    return home.allowed(home.project())


def elsewhere(home: Home) -> Path:
    return home.path


def without_environment(home: Home) -> Path:
    return home.allowed(home.project(requirements="demo\n", venv=False))


def unknown(home: Home) -> Path:
    return home.project()


def stale(home: Home) -> Path:
    return home.allowed(home.project(requirements="demo\n"))


def broken(home: Home) -> Path:
    root = home.allowed(home.project())
    (root / ".venv/pyvenv.cfg").unlink()
    return root


@pytest.mark.parametrize(
    ("situation", "code", "hint"),
    [
        pytest.param(well, 0, "", id="well"),
        pytest.param(elsewhere, 3, "envd init", id="no project"),
        pytest.param(without_environment, 3, "envd init", id="no environment"),
        pytest.param(unknown, 4, "envd allow", id="not allowed"),
        pytest.param(stale, 5, "envd sync", id="out of sync"),
        pytest.param(broken, 6, "envd init --clear", id="broken"),
    ],
)
@pytest.mark.parametrize("form", [(), ("--json",), ("--short",)], ids=["people", "json", "short"])
def test_check_says_it_by_its_exit_code(home: Home, situation: object, code: int, hint: str, form: tuple[str, ...]) -> None:
    assert callable(situation)
    ran = home.envd("status", "--check", *form, cwd=situation(home))
    assert ran.code == code
    assert hint in ran.err
    assert bool(ran.err) == bool(code)


def test_without_check_status_is_always_done(home: Home) -> None:
    assert home.envd("status", cwd=broken(home)).code == 0


def test_status_writes_nothing(home: Home) -> None:
    root = home.project()
    home.envd("status", cwd=root)
    assert sorted(path.name for path in home.path.iterdir()) == ["acme"]


def test_all_is_what_was_allowed_or_denied(home: Home) -> None:
    unknown, allowed, denied = home.project("unknown"), home.allowed(home.project("allowed")), home.project("denied")
    assert home.envd("ask", str(unknown)).code == 0
    assert home.envd("deny", cwd=denied).code == 0
    listed = home.envd("status", "--all", "--json").fields()["projects"]
    assert [project["root"] for project in listed] == [str(allowed), str(denied)]


def test_the_environment_of_a_project_above_is_named_where_it_is_active(home: Home) -> None:
    mono = home.allowed(home.project("mono"))
    service = home.allowed(home.project("mono/service", venv=False, requirements="demo\n"))
    alone = home.envd("status", cwd=service).out
    home.variables["VIRTUAL_ENV"] = str(mono / ".venv")
    assert "environment  none: envd init makes one\n" in alone
    assert "environment  none: envd init makes one · that of mono is active here\n" in home.envd("status", cwd=service).out
