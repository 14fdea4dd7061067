"""Where envd keeps things: platformdirs' directories for this user, decided from HOME and the XDG variables alone."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from envd.core.errors import StateError
from envd.system.files import ensure_private


@dataclass(frozen=True, slots=True)
class Places:
    """The four directories; the runtime directory lies in the state, so that every session finds the same daemon."""

    config: Path
    state: Path
    data: Path

    @property
    def settings(self) -> Path:
        """Return the file of the user's settings, which need not exist."""
        return self.config / "config.toml"

    @property
    def answers(self) -> Path:
        """Return the top of the answers, which mirror the file system."""
        return self.state / "answers"

    @property
    def runtime(self) -> Path:
        """Return the directory of the socket, the lock and the daemon's status."""
        return self.state / "run"

    @property
    def shells(self) -> Path:
        """Return the directory in which each hook keeps one file that says where its shell is."""
        return self.runtime / "shells"

    @property
    def socket(self) -> Path:
        """Return the daemon's socket."""
        return self.runtime / "socket"

    @property
    def lock(self) -> Path:
        """Return the file whose lock the one daemon holds."""
        return self.runtime / "lock"

    @property
    def status(self) -> Path:
        """Return the file in which the daemon says its pid and when it started."""
        return self.runtime / "status.json"

    @property
    def pid(self) -> Path:
        """Return the file that holds the daemon's pid alone, for hooks to see at load whether one runs."""
        return self.runtime / "pid"

    @property
    def log(self) -> Path:
        """Return the daemon's log."""
        return self.state / "daemon.log"

    def prepare(self) -> None:
        """Make the directories of the state; raises StateError when they are not the user's own or cannot be made."""
        refuse_foreign_home()
        for directory in (self.state, self.answers, self.runtime, self.shells):
            ensure_private(directory)


def find_places() -> Places:
    """Return the places of the user who runs this process."""
    return Places(
        config=Path(platformdirs.user_config_path("envd", appauthor=False)),
        state=Path(platformdirs.user_state_path("envd", appauthor=False)),
        data=Path(platformdirs.user_data_path("envd", appauthor=False)),
    )


def refuse_foreign_home() -> None:
    """Raise StateError when HOME belongs to somebody else, as under sudo: files made there would lock its owner out."""
    home = os.environ.get("HOME", "")
    try:
        owner = os.stat(home).st_uid if home else os.geteuid()
    except OSError as error:
        raise StateError(f"HOME is {home}, which cannot be used: {error.strerror}") from None
    if owner != os.geteuid():
        raise StateError(f"HOME is {home}, which belongs to another user (uid {owner})", hint="sudo -H sets HOME as well")
