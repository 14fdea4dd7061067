from tests.stage.fixtures import caches, home, index, installer, obedient  # after the line above

__all__ = ["caches", "home", "index", "installer", "obedient"]
