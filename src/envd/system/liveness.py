"""Which processes there are, and whether one is still the one it was; psutil is imported here only."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from dataclasses import dataclass

import psutil


def is_alive(pid: int, seen_at: float) -> bool:
    """Return whether the process that had this pid at `seen_at` (seconds since the epoch) still has it."""
    try:
        # A process that began clearly later has only inherited the number; two seconds cover the clock's granularity.
        return psutil.Process(pid).create_time() <= seen_at + 2
    except psutil.Error:
        return False


def end(pid: int, *, at_once: bool) -> None:
    """Ask a process to end, or end it `at_once` when it does not listen any more."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL if at_once else signal.SIGTERM)


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process in bytes, 0 when it is gone."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def words_of(pid: int) -> tuple[str, ...]:
    """Return the command line of a process, () when it is gone or says nothing."""
    try:
        return tuple(psutil.Process(pid).cmdline())
    except psutil.Error:
        return ()


@dataclass(frozen=True, slots=True)
class Program:
    """A process of this user that runs from some environment: `words` is its command line."""

    pid: int
    words: tuple[str, ...]

    @property
    def is_pip(self) -> bool:
        """Return whether it is a pip, which changes the environment that it runs from."""
        heads = [os.path.basename(word) for word in self.words[:3]]
        return "__pip-runner__.py" in heads or "pip" in heads[1:] or any(head.startswith("pip") for head in heads[:2])


def programs_of(venv: str) -> list[Program]:
    """Return the programs of this user that run from an environment, this process left out."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.uids().real == os.getuid():
                words = tuple(process.cmdline())
                if words and _is_from(process, words[0], venv):
                    found.append(Program(process.pid, words))
    return found


def _is_from(process: psutil.Process, word: str, venv: str) -> bool:
    # The interpreter of an environment is a link: what the process was called tells more than its file.
    if os.path.isabs(word):
        return word.startswith(f"{venv}/bin/") or process.exe().startswith(f"{venv}/bin/")
    if not process.exe():
        return False
    variables = process.environ()
    if "/" in word or variables.get("VIRTUAL_ENV") != venv:
        return process.exe().startswith(f"{venv}/bin/")
    found = shutil.which(word, path=variables.get("PATH", ""))
    return found is not None and found.startswith(f"{venv}/bin/")
