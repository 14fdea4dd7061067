"""Offline first, gently in the background, and again when the network is another one."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
from pathlib import Path

import pytest
from tests.stage.home import Home
from tests.stage.index import Index, index_variables
from tests.stage.waiting import wait_until

from envd.adapters.venvs import find_venv, installed_versions
from envd.core.answer import SyncState
from envd.daemon.scheduler import Scheduler
from envd.operations.context import open_context

NOWHERE = index_variables("http://127.0.0.1:9/simple/")


def packages(root: Path) -> dict[str, str]:
    venv = find_venv(root, (".venv",))
    assert venv is not None
    return installed_versions(venv)


def with_uv(home: Home) -> None:
    home.configure('[sync]\nautomatic = false\ninstaller = "uv"\n')


def cached(home: Home, text: str) -> Path:
    """Return a project that was synced once, without its environment's packages: they are in the cache."""
    with_uv(home)
    root = home.allowed(home.project(requirements=text))
    assert home.envd("sync", cwd=root).code == 0
    (root / "requirements.txt").write_text("")
    assert home.envd("sync", cwd=root).code == 0
    assert packages(root) == {}
    # A kept generation would need no installer at all.
    shutil.rmtree(root / ".venv/.envd")
    (root / "requirements.txt").write_text(text)
    return root


def test_what_is_pinned_and_cached_needs_no_network(home: Home, index: Index) -> None:
    root = cached(home, "needy==1.0\ndemo==1.1 ; python_version > '3'\n")
    index.status = 500
    ran = home.envd("sync", cwd=root)
    assert ran.code == 0, ran.err
    assert packages(root) == {"needy": "1.0", "leaf": "1.0", "demo": "1.1"}
    assert [command.endswith(" --offline") for command in home.store.entries(str(root))[-1].commands] == [True]


def test_what_is_pinned_and_not_cached_is_fetched(home: Home, index: Index) -> None:
    with_uv(home)
    index.add("fresh", "1.0")
    root = home.allowed(home.project(requirements="fresh==1.0\n"))
    assert home.envd("sync", cwd=root).code == 0
    assert packages(root) == {"fresh": "1.0"}


def test_what_is_not_pinned_is_looked_up(home: Home, index: Index) -> None:
    root = cached(home, "demo\n")
    index.add("demo", "9.0")
    assert home.envd("sync", cwd=root).code == 0
    assert not any("--offline" in command for command in home.store.entries(str(root))[-1].commands)


def test_the_daemon_gives_way(home: Home, index: Index) -> None:
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    home.start_daemon()
    with home.shell_in(root):
        wait_until(lambda: home.record(root).state is SyncState.IN_SYNC, "the sync")
    assert "nice -n 10 " in home.store.entries(str(root))[-1].commands[0]
    assert home.envd("daemon", "stop").code == 0
    (root / "requirements.txt").write_text("demo==1.1\n")
    assert home.envd("sync", cwd=root).code == 0
    assert "nice -n 10 " not in home.store.entries(str(root))[-1].commands[0]


def test_another_network_is_tried_at_once(home: Home, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    root = home.allowed(home.project(requirements="demo\n"))

    async def story() -> None:
        for name, value in NOWHERE.items():
            monkeypatch.setenv(name, value)
        scheduler = Scheduler(open_context, logging.getLogger("test"), lambda: None)
        scheduler.touch(str(root))
        await until(lambda: home.record(root).state is SyncState.FAILED and bool(scheduler._later), "it failed")
        for name, value in index.variables().items():
            monkeypatch.setenv(name, value)
        scheduler.network_changed()
        await until(lambda: home.record(root).state is SyncState.IN_SYNC, "it was tried again")
        await scheduler.finish(10)

    async def until(condition: object, what: str) -> None:
        assert callable(condition)
        await asyncio.to_thread(wait_until, condition, what)

    asyncio.run(story())
    assert packages(root) == {"demo": "1.3"}


# -- what is said


def test_quiet_and_json(home: Home, index: Index) -> None:
    home.configure("[sync]\nautomatic = false\n")
    root = home.allowed(home.project(requirements="demo==1.0\n"))
    planned = json.loads(home.envd("sync", "--dry-run", "--json", cwd=root).out)
    assert planned == {
        "version": 1,
        "label": "acme",
        "state": "stale",
        "seconds": 0.0,
        "added": {"demo": "1.0"},
        "removed": {},
        "changed": {},
        "mended": [],
    }
    quiet = home.envd("sync", "-q", cwd=root)
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    (root / "requirements.txt").write_text("demo==1.1\n")
    fields = json.loads(home.envd("sync", "--json", cwd=root).out)
    assert (fields["state"], fields["changed"], fields["seconds"] > 0) == ("in sync", {"demo": ["1.0", "1.1"]}, True)
    assert json.loads(home.envd("sync", "--check", "--json", cwd=root).out)["state"] == "in sync"


def test_a_failure_is_why_and_what_and_what_to_do(home: Home, index: Index) -> None:
    with_uv(home)
    root = home.allowed(home.project(requirements="# pins\ndemo==9.9\n"))
    why, what, remedy = home.envd("sync", "-q", cwd=root).err.splitlines()
    assert why.startswith("envd: requirements.txt:2: ")
    assert what == "  so:   acme is not synced"
    assert remedy == "  hint: mend requirements.txt:2, then: envd sync; all that was said: envd log"
