"""Starting other processes: an installer to its end, the daemon on its own; and finding programs that may be run."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# What an installer or the daemon may inherit: who and where the user is, and how the user reaches the network.
_INHERITED = frozenset(
    """HOME USER LOGNAME LANG LANGUAGE TMPDIR TZ XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_RUNTIME_DIR
    HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy
    SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NETRC SSH_AUTH_SOCK
    PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_CERT PIP_CLIENT_CERT PIP_CACHE_DIR PIP_CONFIG_FILE PIP_KEYRING_PROVIDER
    UV_INDEX UV_DEFAULT_INDEX UV_INDEX_URL UV_EXTRA_INDEX_URL UV_FIND_LINKS UV_CACHE_DIR UV_CONFIG_FILE UV_NATIVE_TLS
    UV_SYSTEM_CERTS UV_KEYRING_PROVIDER UV_INDEX_STRATEGY UV_INSECURE_HOST UV_NO_INDEX UV_CONSTRAINT SSL_CLIENT_CERT
    PIP_TRUSTED_HOST PIP_PROXY PIP_NO_INDEX PIP_CONSTRAINT
    PIP_DEFAULT_TIMEOUT PIP_TIMEOUT PIP_RETRIES UV_HTTP_TIMEOUT UV_HTTP_RETRIES""".split()
)
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_OUTPUT_LIMIT = 256 * 1024


@dataclass(frozen=True, slots=True)
class Finished:
    """A process that ended: its exit code and its output, both streams together, at most the last 256 KiB."""

    code: int
    output: str


def scrubbed_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Return what a child may inherit of `variables`, with a PATH of absolute directories that are not in an environment.

    VIRTUAL_ENV, PYTHON*, UV_PYTHON and most of PIP_* redirect an installer; secrets are nobody's business.
    """
    kept = {name: value for name, value in variables.items() if name in _INHERITED or name.startswith("LC_")}
    kept["PATH"] = os.pathsep.join(safe_directories(variables.get("PATH", os.defpath)))
    return kept


def safe_directories(path: str) -> Iterator[str]:
    """Yield the absolute entries of a PATH that are not the bin directory of some environment."""
    for entry in path.split(os.pathsep):
        # By its real path: `bin/.` and a link to an environment's bin are that bin, too.
        if os.path.isabs(entry) and not os.path.exists(os.path.join(os.path.dirname(os.path.realpath(entry)), "pyvenv.cfg")):
            yield entry


def find_program(name: str, path: str) -> Path | None:
    """Return the program that `name` is on `path`, if its file belongs to this user or root and no one else may change it."""
    for directory in safe_directories(path):
        program = Path(directory, name)
        try:
            found = program.stat()
        except OSError:
            continue
        if os.access(program, os.X_OK) and found.st_uid in (0, os.geteuid()) and not found.st_mode & 0o002:
            return program
    return None


def run(
    command: Sequence[str], directory: Path, on_line: Callable[[str], None] | None = None, inherits: Sequence[int] = ()
) -> Finished:
    """Run a command to its end without a terminal, in a process group of its own, with scrubbed variables.

    Words before the program set variables for it: NAME=VALUE, and NAME=${NAME} hands on what this process has.

    When this process is interrupted meanwhile, so is the whole group. What it is given of `inherits` it keeps, even when
    this process is killed: an installer does not outlive its lock.
    """
    own = list(itertools.takewhile(_ASSIGNMENT.match, command))
    command = command[len(own) :]
    variables = {
        **scrubbed_variables(os.environ),
        "UV_PYTHON_DOWNLOADS": "never",
        "NO_COLOR": "1",
        "PYTHONIOENCODING": "utf-8",
        **dict(_assigned(word) for word in own),
    }
    try:
        process = subprocess.Popen(
            command,
            cwd=directory,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=inherits,
        )
    except OSError as error:
        return Finished(127, f"{command[0]}: {error.strerror}")
    with process, _registered(process):
        output = _collected(process, on_line)
    return Finished(process.returncode, output)


def _assigned(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, os.environ.get(name, "") if value == f"${{{name}}}" else value


def answer_of(command: Sequence[str], directory: Path, deadline: float) -> str:
    """Return what a command says on standard output, '' where it is not done within `deadline` seconds."""
    # Into a file: what it leaves running may hold a pipe open for good.
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                command,
                cwd=directory,
                env=scrubbed_variables(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            process.wait(deadline)
        except OSError:
            return ""
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return ""
        output.seek(0)
        return output.read(_OUTPUT_LIMIT).decode("utf-8", "surrogateescape")


def gently(command: Sequence[str]) -> list[str]:
    """Return a command that gives way to all that its user does: by nice(1), and ionice(1) where there is one."""
    own = list(itertools.takewhile(_ASSIGNMENT.match, command))
    words = []
    # Not the idle class: mq-deadline lets it wait for ten seconds at a time while anybody else writes (prio_aging_expire).
    for name, *options in (("nice", "-n", "10"), ("ionice", "-c", "2", "-n", "7")):
        program = find_program(name, os.environ.get("PATH", os.defpath))
        words += [str(program), *options] if program is not None else []
    return [*own, *words, *command[len(own) :]]


def _collected(process: subprocess.Popen[bytes], on_line: Callable[[str], None] | None) -> str:
    parts: list[str] = []
    size = 0
    try:
        for raw in process.stdout or ():
            line = raw.decode("utf-8", "replace")
            parts.append(line)
            size += len(line)
            while size > _OUTPUT_LIMIT and len(parts) > 1:
                size -= len(parts.pop(0))
            if on_line is not None and line.strip():
                on_line(line.strip())
    except BaseException:
        end_group(process.pid)
        raise
    return "".join(parts)


_children: set[int] = set()
_children_lock = threading.Lock()


@contextlib.contextmanager
def _registered(process: subprocess.Popen[bytes]) -> Iterator[None]:
    with _children_lock:
        _children.add(process.pid)
    try:
        yield
    finally:
        with _children_lock:
            _children.discard(process.pid)


def end_children() -> None:
    """Ask every command that `run` is still running to end."""
    with _children_lock:
        running = tuple(_children)
    for pid in running:
        end_group(pid)


def end_group(pid: int) -> None:
    """Send SIGTERM to the process group that `run` made for a command."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGTERM)


def start_detached(arguments: Sequence[str], log: Path) -> None:
    """Start `envd ARGUMENTS` in a session of its own: nothing of this terminal, its descriptors or its directory is kept."""
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as output:
        subprocess.Popen(
            [sys.executable, "-I", "-m", "envd", *arguments],
            cwd="/",
            env=scrubbed_variables(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
