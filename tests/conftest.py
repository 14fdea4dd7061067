"""What holds for all tests: asserts of what they share are told as fully as their own, and what they start hears its signals."""

import signal

import pytest

pytest.register_assert_rewrite("tests.stage", "tests.cli.transcript")

# A run that was put into the background ignores the one, a run under nohup the other, and so would everything that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
