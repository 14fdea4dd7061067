"""The daemon's log: one file that does not grow without bound."""

from __future__ import annotations

import logging
import logging.handlers
import os
from io import TextIOWrapper
from pathlib import Path


class _Private(logging.handlers.RotatingFileHandler):
    """Makes each new file with mode 0600."""

    def _open(self) -> TextIOWrapper:
        os.close(os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600))
        return super()._open()


def open_log(path: Path) -> logging.Logger:
    """Return the logger that writes to `path` (mode 0600, at most twice 512 KiB); a full disk does not stop the daemon."""
    logger = logging.getLogger("envd")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    handler = _Private(path, maxBytes=512 * 1024, backupCount=1, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger.handlers = [handler]
    logging.raiseExceptions = False
    return logger
