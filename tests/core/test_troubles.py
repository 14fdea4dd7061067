"""Failures that no manifest can mend: the network and the disk, told apart from what a requirement asks for."""

from __future__ import annotations

import pytest

from envd.core.schedule import is_of_the_network
from envd.core.troubles import trouble_in

PIP_REFUSED = """\
WARNING: Retrying (Retry(total=0, connect=None, read=None)) after connection broken by 'NewConnectionError('<pip._vendor.\
urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno 111] Connection refused')': /demo/
ERROR: Could not find a version that satisfies the requirement demo==1.0 (from versions: none)
ERROR: No matching distribution found for demo==1.0
"""
NOT_FOUND = "Could not find a version that satisfies the requirement demo==1.0 (from versions: none)"
SHUT = "Failed to download `demo==1.3` (HTTP status client error (401 Unauthorized) for url (http://h/files/demo.whl))"
FETCH = "Failed to fetch: http://h/simple/demo/ (Connection refused (os error 111))"


@pytest.mark.parametrize(
    ("output", "reason", "what"),
    [
        pytest.param("  cause: dns error\n", FETCH, f"nothing could be fetched: {FETCH}", id="uv"),
        pytest.param(
            PIP_REFUSED,
            NOT_FOUND,
            f"an index could not be reached (Connection refused), and nothing could be fetched: {NOT_FOUND}",
            id="pip",
        ),
        pytest.param(
            "  cause: invalid peer certificate: UnknownIssuer\n",
            FETCH,
            f"a server's certificate is not trusted here: {FETCH}",
            id="TLS",
        ),
        pytest.param(
            "error: Failed to initialize cache at `/ro`\n  cause: Read-only file system (os error 30)\n",
            "Failed to initialize cache at `/ro`",
            "the installer's cache cannot be written: Failed to initialize cache at `/ro`",
            id="a cache on a read-only file system",
        ),
        pytest.param("", SHUT, f"an index wants other credentials: {SHUT}", id="uv, not let in"),
        pytest.param(
            "",
            "HTTP error 403 while getting http://h/demo.whl",
            "an index wants other credentials: HTTP error 403 while getting http://h/demo.whl",
            id="pip, not let in",
        ),
        pytest.param(
            "  cause: No space left on device (os error 28)\n", "failed to write", "the disk is full: failed to write", id="full"
        ),
    ],
)
def test_what_no_manifest_can_mend_is_told(output: str, reason: str, what: str) -> None:
    trouble = trouble_in(output, reason)
    assert trouble is not None
    assert trouble.what == what
    assert "envd sync" in trouble.hint
    assert is_of_the_network(trouble.what) is ("fetch" in what.lower())


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        pytest.param(NOT_FOUND, NOT_FOUND, id="a package that there is not"),
        pytest.param(
            PIP_REFUSED.replace("versions: none", "versions: 0.9"),
            NOT_FOUND.replace("none", "0.9"),
            id="a first try that failed, and a version that there is not",
        ),
        pytest.param("", "Failed to build `foo==1` (timed out waiting for the compiler)", id="the words in a build's failure"),
        pytest.param("Connection refused\n", "Preparing metadata did not run: boom", id="the word in a build's output"),
    ],
)
def test_what_a_manifest_asks_for_is_left_to_it(output: str, reason: str) -> None:
    assert trouble_in(output, reason) is None
