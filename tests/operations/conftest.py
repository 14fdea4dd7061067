import pytest

pytest.register_assert_rewrite("tests.stage.home", "tests.stage.waiting")

from tests.stage.fixtures import caches, home, index, installer, obedient  # noqa: E402  # after the line above

__all__ = ["caches", "home", "index", "installer", "obedient"]
