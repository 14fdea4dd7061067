"""What holds for all tests: asserts of what they share are told as fully as their own."""

import pytest

pytest.register_assert_rewrite("tests.stage", "tests.cli.transcript")
