"""The daemon's log."""

from __future__ import annotations

import stat
from pathlib import Path

from envd.system.log import open_log


def test_every_file_of_the_log_is_private(tmp_path: Path) -> None:
    path = tmp_path / "daemon.log"
    logger = open_log(path)
    try:
        for _ in range(3):
            logger.info("x" * 300_000)
    finally:
        for handler in logger.handlers:
            handler.close()
        logger.handlers = []
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["daemon.log", "daemon.log.1"]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]
