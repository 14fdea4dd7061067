"""Hearing that the network changed."""

from __future__ import annotations

import select
import sys

import pytest

from envd.system.network import drain, open_network_watch


@pytest.mark.skipif(sys.platform != "linux", reason="rtnetlink is Linux's")
def test_a_quiet_network_says_nothing_and_draining_does_not_block() -> None:
    watch = open_network_watch()
    if watch is None:
        pytest.skip("there is no rtnetlink here")
    with watch:
        drain(watch)
        assert select.select([watch], [], [], 0)[0] == []
        drain(watch)
