"""The daemon: one per user, from its lock to its last word."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path

import envd
from envd.adapters.presence import Presence, hang_bells, read_presences
from envd.core.errors import DaemonUnreachable, EnvdError
from envd.core.protocol import Reply, Request, Verb
from envd.daemon.scheduler import Scheduler
from envd.daemon.server import Server
from envd.daemon.watcher import Watcher
from envd.operations.context import Context, open_tolerant_context
from envd.operations.packages import watched_files
from envd.operations.publish import publish
from envd.system.doorbell import Doorbell
from envd.system.files import write_atomic
from envd.system.locks import Held, hold
from envd.system.log import open_log
from envd.system.network import drain, open_network_watch
from envd.system.processes import end_children

_TICK = 60.0
# A log file that grows in a watched directory rings at each line.
_REST = 0.2
# An installer that is cut off leaves an environment in pieces.
_FINISH = 600.0
_SETTLE_CODE = 2.0
_SETTLE_NETWORK = 3.0
_CODE = Path(envd.__file__)


def run() -> None:
    """Be the daemon until told to stop; raises DaemonUnreachable when another one already is."""
    context, _ = open_tolerant_context()
    context.places.prepare()
    try:
        hold(context.places.lock)
    except Held:
        raise DaemonUnreachable("a daemon runs already", hint="envd daemon status") from None
    if asyncio.run(Daemon(open_log(context.places.log)).serve()):
        os.execv(sys.executable, [sys.executable, "-I", "-m", "envd", "daemon", "run"])  # noqa: S606  # this very program


class Daemon:
    """Ties the parts together: presences say which projects are active, the watcher what changed, the scheduler acts."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._started = time.time()
        self._presences: frozenset[Presence] = frozenset()
        self._files: dict[str, frozenset[Path]] = {}
        self._context, problem = open_tolerant_context()
        self._code = _identity(_CODE)
        self._settings = _identity(self._context.places.settings)
        self._restart = False
        self._tick: asyncio.TimerHandle | None = None
        self._doorbell = Doorbell()
        self._rings = True
        self._doors: dict[Path, tuple[int, int]] = {}
        self._resting: asyncio.TimerHandle | None = None
        self._missed = False
        self._network: socket.socket | None = None
        self._settling: asyncio.TimerHandle | None = None
        if problem:
            log.warning("%s (the defaults are in force)", problem)

    async def serve(self) -> bool:
        """Start up, run, shut down; returns whether the daemon is to be replaced by its new code."""
        await self._start_up()
        try:
            await self._stopping.wait()
        finally:
            await self._shut_down()
        return self._restart

    async def _start_up(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._watcher = Watcher(self._on_change_elsewhere, self._on_watch_failure)
        self._scheduler = Scheduler(self._fresh_context, self._log, on_checked=self._watch)
        self._server = Server(self._context.places.socket, self._handle, self._reply)
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._stopping.set)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self._loop.add_signal_handler(signal.SIGIO, self._ring)
        self._listen()
        self._network = open_network_watch()
        if self._network is not None:
            self._loop.add_reader(self._network, self._on_network, self._network)
        places = self._context.places
        await self._server.start()
        status = {"pid": os.getpid(), "started": self._started, "release": envd.__version__}
        write_atomic(places.status, json.dumps(status).encode())
        write_atomic(places.pid, f"{os.getpid()}\n".encode())
        self._log.info("started, pid %d, envd %s", os.getpid(), envd.__version__)
        self._publishing = self._loop.create_task(self._publish_all())
        self._ring()

    async def _shut_down(self) -> None:
        await self._server.stop()
        self._watcher.close()
        if self._tick is not None:
            self._tick.cancel()
        if self._network is not None:
            self._loop.remove_reader(self._network)
            self._network.close()
        await self._scheduler.finish(_FINISH)
        end_children()
        # Without the loop nobody would take its signal, and that ends a process.
        self._doorbell.hang(())
        for path in (self._context.places.status, self._context.places.pid):
            path.unlink(missing_ok=True)
        self._log.info("stopped")

    # -- what wakes the daemon

    def _listen(self) -> None:
        """Have it rung for the directories that matter; that of config.toml may come and go."""
        # Until nothing was made or moved between looking and hanging.
        while (doors := self._wanted_doors()) != self._doors:
            self._doors, self._rings = doors, self._doorbell.hang(doors)

    def _wanted_doors(self) -> dict[Path, tuple[int, int]]:
        places = self._context.places
        return {path: _inode(path) for path in (places.runtime, places.shells, _CODE.parent, _nearest(places.config))}

    def _ring(self) -> None:
        """Look now, or after a rest where it has just been done."""
        if self._resting is not None:
            self._missed = True
        elif not self._stopping.is_set():
            self._resting = self._loop.call_later(_REST, self._rested)
            self._look()

    def _rested(self) -> None:
        self._resting = None
        if self._missed:
            self._missed = False
            self._ring()

    def _look(self) -> None:
        """Look at the runtime directory: which shells are where, and whether the daemon still has a place and its code."""
        places = self._context.places
        if not places.socket.exists() or not places.shells.is_dir() or not _CODE.exists():
            self._log.info("the runtime directory or the code is gone")
            self._stopping.set()
            return
        self._listen()
        self._watcher.ring()
        if _identity(_CODE) != self._code:
            self._loop.call_later(_SETTLE_CODE, self._replace)
        if _identity(places.settings) != self._settings:
            self._settings = _identity(places.settings)
            self._publishing = self._loop.create_task(self._publish_all())
        hang_bells(places.shells)
        before, self._presences = self._presences, read_presences(places.shells)
        for presence in self._presences - before:
            self._scheduler.touch(presence.root)
        active = {presence.root for presence in self._presences}
        for root in {presence.root for presence in before} - active:
            self._scheduler.forget(root)
        self._watch()

    async def _publish_all(self) -> None:
        """Decide anew about every project that shells came to: settings or environments may have changed unseen."""
        context = self._fresh_context()
        for record in await asyncio.to_thread(context.store.projects):
            try:
                await asyncio.to_thread(publish, context, next(iter(record.walked), record.root))
            except (EnvdError, OSError) as error:
                self._log.info("%s: %s", record.root, error)

    def _replace(self) -> None:
        if _CODE.exists() and not self._stopping.is_set():
            self._log.info("envd was upgraded: starting anew")
            self._restart = True
        self._stopping.set()

    def _on_tick(self) -> None:
        """Once a minute while a project is active: forget shells that are gone, and look at everything for lost events."""
        for root in self._files:
            self._scheduler.touch(root)
        self._tick = None
        self._ring()

    def _on_change_elsewhere(self, paths: frozenset[str]) -> None:
        self._loop.call_soon_threadsafe(self._on_change, paths)

    def _on_change(self, paths: frozenset[str]) -> None:
        changed = {Path(path) for path in paths}
        shells = self._context.places.shells
        if any(path.parent == shells for path in changed):
            self._ring()
        for root, files in self._files.items():
            names = self._context.settings.names
            ours = {path for path in changed if path in files or (path.parent == Path(root) and path.name in names)}
            if ours or changed & {above for file in files for above in file.parents}:
                self._scheduler.touch(root)
        if changed & self._watcher.watched:
            self._watch(anew=True)

    def _on_watch_failure(self, reason: str) -> None:
        self._loop.call_soon_threadsafe(self._log.warning, "watching failed, looking once a minute: %s", reason)

    def _on_network(self, told: socket.socket) -> None:
        """Have what failed for want of the network tried again, once the new one has had time to come up."""
        drain(told)
        if self._settling is None:
            self._settling = self._loop.call_later(_SETTLE_NETWORK, self._network_settled)

    def _network_settled(self) -> None:
        self._settling = None
        self._scheduler.network_changed()

    # -- watching

    def _watch(self, *, anew: bool = False) -> None:
        if self._stopping.is_set():
            return
        roots = {presence.root for presence in self._presences}
        self._files = {root: watched_files(self._context, root) for root in roots}
        directories = {Path(root) for root in roots}
        directories |= {file.parent for files in self._files.values() for file in files}
        # One that is not there is waited for in the nearest one above it that is.
        directories = {_nearest(directory) for directory in directories}
        if not self._rings:
            directories.add(self._context.places.shells)
        if self._watcher.watch(directories, anew=anew):
            for root in roots:
                self._scheduler.touch(root)
        if roots and self._tick is None:
            self._tick = self._loop.call_later(_TICK, self._on_tick)

    def _fresh_context(self) -> Context:
        """Return the context with the settings of now, or with those before while config.toml is wrong, as in mid-edit."""
        context, problem = open_tolerant_context()
        self._context = replace(context, settings=self._context.settings) if problem else context
        return self._context

    # -- requests

    async def _handle(self, request: Request) -> Reply:
        if request.verb is Verb.STOP:
            self._loop.call_soon(self._stopping.set)
        if request.verb in (Verb.ASK, Verb.CHECK) and not os.path.isabs(request.path):
            return self._reply(f"not an absolute path: {request.path!r}")
        if request.verb is Verb.ASK:
            try:
                await asyncio.to_thread(publish, self._fresh_context(), request.path)
            except (EnvdError, OSError) as error:
                return self._reply(str(error))
        if request.verb in (Verb.ASK, Verb.CHECK):
            self._scheduler.touch(request.path)
        return self._reply()

    def _reply(self, error: str = "") -> Reply:
        return Reply(os.getpid(), envd.__version__, self._started, tuple(sorted(self._files)), error)


def _nearest(directory: Path) -> Path:
    return next((path for path in (directory, *directory.parents) if path.is_dir()), directory)


def _identity(path: Path) -> tuple[int, int]:
    """Return what tells one content of a file from the next."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return found.st_ino, found.st_mtime_ns


def _inode(path: Path) -> tuple[int, int]:
    """Return what tells a directory from another one of its name."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return found.st_dev, found.st_ino
