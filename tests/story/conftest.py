"""The fixtures of the story: a user with envd, a daemon and an index."""

from tests.stage.fixtures import caches, home

__all__ = ["caches", "home"]
