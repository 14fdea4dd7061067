"""Hearing that the network changed: an address or a route came or went. Linux tells by rtnetlink(7), macOS by a routing socket."""

from __future__ import annotations

import contextlib
import socket
import sys

# RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE, RTMGRP_IPV6_IFADDR, RTMGRP_IPV6_ROUTE
_GROUPS = 0x10 | 0x40 | 0x100 | 0x400
_ROUTE_PROTOCOL = 0


def open_network_watch() -> socket.socket | None:
    """Return a socket that becomes readable when the network changes, None where there is none to be had."""
    try:
        if sys.platform == "linux":
            watch = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _ROUTE_PROTOCOL)
            watch.bind((0, _GROUPS))
        else:  # route(4) of macOS, untested there
            watch = socket.socket(socket.AF_ROUTE, socket.SOCK_RAW, 0)
    except (OSError, AttributeError):
        return None
    watch.setblocking(False)
    return watch


def drain(watch: socket.socket) -> None:
    """Read and forget what the socket holds; that something came is all there is to know."""
    with contextlib.suppress(BlockingIOError, OSError):
        while watch.recv(65536):
            pass
