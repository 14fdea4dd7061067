"""A user of envd who exists for one test: home, directories and variables of its own, and the processes that it starts."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from tests.stage.waiting import wait_until

from envd.adapters.ipc import call
from envd.adapters.store import Store
from envd.core.answer import Answer
from envd.core.capabilities import Capability
from envd.core.errors import DaemonUnreachable
from envd.core.protocol import Reply, Request, Verb
from envd.core.records import ProjectRecord
from envd.core.settings import Settings
from envd.operations.context import Context
from envd.system.places import Places

ENVD = (sys.executable, "-I", "-m", "envd")
# How the machine reaches the index is the machine's affair; nothing else of the developer's gets in.
_NETWORK = re.compile(
    r"(SSL_CERT_FILE|SSL_CERT_DIR|PIP_CERT|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|(https?|all|no)_proxy)", re.IGNORECASE
)
_GITCONFIG = "[user]\nname = A\nemail = a@example.org\n[init]\ndefaultBranch = main\n[pull]\nrebase = true\n"
_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True)
class Ran:
    """A command that ended."""

    code: int
    out: str
    err: str

    def fields(self) -> Any:
        """Return the JSON on standard output."""
        return json.loads(self.out)


class Home:
    """One user. `variables` is the whole environment that its processes start with."""

    def __init__(self, base: Path, caches: Path) -> None:
        self.base = Path(os.path.realpath(base))
        self.path = self.base / "home"
        self.path.mkdir(mode=0o755)
        programs = self.base / "bin"
        programs.mkdir()
        script = programs / "envd"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -m envd "$@"\n')
        script.chmod(0o755)
        state = self.path / ".local/state"
        self.places = Places(self.path / ".config/envd", state / "envd", self.path / ".local/share/envd")
        self.store = Store(self.places)
        self.context = Context(self.places, self.store, Settings(), str(self.path))
        self.variables = {
            **{name: value for name, value in os.environ.items() if _NETWORK.fullmatch(name)},
            "HOME": str(self.path),
            "XDG_CONFIG_HOME": str(self.path / ".config"),
            "XDG_STATE_HOME": str(state),
            "XDG_DATA_HOME": str(self.path / ".local/share"),
            "XDG_CACHE_HOME": str(self.path / ".cache"),
            "XDG_RUNTIME_DIR": str(self.base / "runtime"),
            "UV_CACHE_DIR": str(caches / "uv"),
            "PIP_CACHE_DIR": str(caches / "pip"),
            "PATH": f"{programs}:{_PATH}",
            "LANG": "C.UTF-8",
            "COLUMNS": "200",
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    # -- running things

    def envd(self, *words: str, cwd: Path | None = None, deadline: float = 90, prefix: Sequence[str] = ()) -> Ran:
        """Run `envd WORDS` to its end; whatever happens, there must be no traceback."""
        return self.run([*prefix, *ENVD, *words], cwd, deadline)

    def run(self, command: Sequence[str], cwd: Path | None = None, deadline: float = 90) -> Ran:
        """Run a command as this user to its end."""
        done = subprocess.run(
            command,
            cwd=cwd or self.path,
            env={**self.variables, "PWD": str(cwd or self.path)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=deadline,
            check=False,
        )
        ran = Ran(done.returncode, done.stdout.decode("utf-8", "surrogateescape"), done.stderr.decode("utf-8", "surrogateescape"))
        assert "Traceback" not in ran.out + ran.err, ran.err
        return ran

    def begin(self, *words: str, cwd: Path | None = None) -> subprocess.Popen[bytes]:
        """Start `envd WORDS`; the home ends it with everything else if the test does not."""
        return subprocess.Popen(
            [*ENVD, *words],
            cwd=cwd or self.path,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def git(self, *words: str, cwd: Path) -> Ran:
        """Run git, which must succeed."""
        config = self.path / ".gitconfig"
        if not config.exists():
            config.write_text(_GITCONFIG)
        ran = self.run(["git", *words], cwd)
        assert ran.code == 0, ran.err
        return ran

    # -- projects

    def project(self, name: str = "acme", requirements: str | None = None, *, venv: bool = True) -> Path:
        """Make a project below home and return its root."""
        root = self.path / name
        root.mkdir(parents=True)
        if venv:
            self.make_venv(root / ".venv")
        if requirements is not None:
            (root / "requirements.txt").write_text(requirements)
        return root

    def make_venv(self, path: Path) -> Path:
        """Make an environment without pip and return where, even where venv itself refuses the name."""
        draft = self.base / "draft-venv"
        plain = ":" not in str(path) and str(path).isprintable()
        venv.EnvBuilder(symlinks=True).create(path if plain else draft)
        if not plain:
            (draft / "bin/activate").unlink()  # it holds the path, and so would tell of the move
            draft.rename(path)
        return path

    def lend_python(self, root: Path) -> Path:
        """Have the environment of a project made with a Python that can be taken away, and return its directory."""
        base, python, cfg = self.base / "python", root / ".venv/bin/python", root / ".venv/pyvenv.cfg"
        (base / "bin").mkdir(parents=True)
        (base / "bin/python3").symlink_to(os.path.realpath(python))
        python.unlink()
        python.symlink_to(base / "bin/python3")
        cfg.write_text(re.sub("(?m)^home = .*", f"home = {base}/bin", cfg.read_text()))
        return base

    def configure(self, text: str) -> Path:
        """Write config.toml and return where it is."""
        self.places.settings.parent.mkdir(parents=True, exist_ok=True)
        self.places.settings.write_text(text)
        return self.places.settings

    def allowed(self, root: Path, *capabilities: Capability) -> Path:
        """Allow a project without a daemon: nothing is synced by that."""
        from envd.operations.consent import Target, allow

        allow(self.context, Target(str(root)), capabilities)
        return root

    def record(self, root: Path) -> ProjectRecord:
        """Return what envd remembers of a project."""
        return self.store.project(str(root))

    def answer(self, walked: Path) -> Answer | None:
        """Return what hooks find for a directory."""
        return self.store.published(str(walked))

    def notice(self, root: Path) -> str:
        """Return the newest notice of a project."""
        return self.record(root).notice.text

    def syncs(self, root: Path) -> int:
        """Return how many syncs the log of a project holds."""
        return len(self.store.entries(str(root)))

    # -- the daemon

    def ping(self, deadline: float = 1.0) -> Reply | None:
        """Return the daemon's reply, or None."""
        return self.ask(Verb.PING, deadline=deadline)

    def ask(self, verb: Verb, path: str = "", deadline: float = 5.0) -> Reply | None:
        """Return the daemon's reply to a request, or None."""
        try:
            return call(self.places.socket, Request(verb, path), deadline)
        except DaemonUnreachable:
            return None

    def start_daemon(self) -> int:
        """Start the daemon and return its pid."""
        ran = self.envd("daemon", "start")
        assert ran.code == 0, ran.err
        reply = self.ping(10)
        assert reply is not None
        return reply.pid

    def daemons(self) -> list[int]:
        """Return the pids of all daemons of this user."""
        wanted = [*ENVD[1:], "daemon", "run"]
        return [process.pid for process in self._processes() if _cmdline(process)[1:] == wanted]

    @contextlib.contextmanager
    def shell_in(self, root: Path) -> Iterator[int]:
        """Have a living process that a hook said to be in a project, as hooks say it, for the block."""
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=self.variables) as process:
            note = self.places.shells / str(process.pid)
            note.write_bytes(os.fsencode(root) + b"\0")
            yield process.pid
            note.unlink(missing_ok=True)
            assert process.stdin is not None
            process.stdin.close()

    def _processes(self) -> list[psutil.Process]:
        """Return the living processes that were started with this home: they are this test's and nobody else's."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if (
                    process.pid != os.getpid()
                    and process.environ().get("HOME") == str(self.path)
                    and process.status() != psutil.STATUS_ZOMBIE
                ):
                    found.append(process)
        return found

    def end(self) -> None:
        """End everything that was started with this home."""
        while mine := self._processes():
            for process in mine:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            wait_until(lambda: not any(map(_lives, mine)), "the processes of this test ended")  # called at once


def _cmdline(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


def _lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def snapshot(top: Path) -> dict[str, object]:
    """Return everything below a directory: kinds, modes, contents and where links lead."""
    found: dict[str, object] = {}
    for path in sorted((top, *top.rglob("*"))):
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode):
            found[str(path.relative_to(top))] = (mode, path.read_bytes())
        else:
            found[str(path.relative_to(top))] = (mode, os.readlink(path) if stat.S_ISLNK(mode) else "")
    return found


# Root is not stopped by mode bits unless it gives this up (capabilities(7)).
def obeying() -> tuple[str, ...] | None:
    """Return what makes a command obey the mode bits of files, None where that cannot be had."""
    if os.geteuid() != 0:
        return ()
    words = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
    if shutil.which("setpriv") is None:
        return None
    return words if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0 else None
