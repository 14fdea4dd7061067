from tests.stage.fixtures import caches, home, index, installer, obedient

__all__ = ["caches", "home", "index", "installer", "obedient"]
