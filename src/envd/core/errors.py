"""The one tree of errors: the class carries the exit code, the message says what happened, the hint what to type next."""

from __future__ import annotations

from collections.abc import Sequence

from envd.core import capabilities
from envd.core.capabilities import Need

DONE = 0


class EnvdError(Exception):
    """An error a user can cause or mend; `hint` is a command to paste, or an empty string.

    `consequence` is what did not come about because of it, where the message only says why.
    """

    exit_code = 1
    consequence = ""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Ended(SystemExit):
    """A signal came that ends the process: its number, and what is said of the work that it cut off."""

    def __init__(self, number: int, said: str = "") -> None:
        super().__init__(128 + number)
        self.number = number
        self.said = said


class UsageError(EnvdError):
    """The command line asks for something that does not exist."""

    exit_code = 2


class NoProject(EnvdError):
    """No project in this directory or above it."""

    exit_code = 3


class NotAllowed(EnvdError):
    """The project is not allowed, or may not be."""

    exit_code = 4


class CapabilityMissing(NotAllowed):
    """Lines of a manifest ask for what the project was not allowed to do; the message names the first by file and line."""

    def __init__(self, needs: Sequence[Need]) -> None:
        super().__init__(capabilities.problem(needs), hint=capabilities.remedy(needs))
        self.needs = tuple(needs)


class OutOfSync(EnvdError):
    """Packages and manifests differ and the caller asked to be told by the exit code."""

    exit_code = 5


class BrokenVenv(EnvdError):
    """The environment cannot be used as it is."""

    exit_code = 6


class DaemonUnreachable(EnvdError):
    """The daemon is needed and does not answer."""

    exit_code = 7


class DaemonHangs(DaemonUnreachable):
    """The daemon is there and does not answer in time."""


class NotExecutable(EnvdError):
    """The command that was to run cannot be started, with the exit code of shells for it (POSIX 2.8.2)."""

    exit_code = 126


class NotFound(EnvdError):
    """The command that was to run is not there, with the exit code of shells for it."""

    exit_code = 127


class ManifestError(EnvdError):
    """A manifest cannot be read; the message begins with its file and line."""


class ManifestUnfinished(ManifestError):
    """A manifest that somebody is in the middle of: conflict markers, or gone while git works."""


class InstallFailed(EnvdError):
    """The installer failed; the message is its reason in one line."""


class SettingsError(EnvdError):
    """The configuration file is wrong; the message names the file and, for syntax, the line."""


class StateError(EnvdError):
    """envd's own directories cannot be used: not ours, open to others, read-only or full."""
