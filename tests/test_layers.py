"""The shape of the source: imports point down, and each third party is let in at one place only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "envd"
MODULES = sorted(SOURCE.rglob("*.py"))
LAYERS = ("core", "system", "adapters", "operations", "daemon", "cli")
# What reads files, clocks, the environment or the network; PurePath is only a way to look at a string.
IMPURE = frozenset(
    "asyncio builtins ctypes datetime fcntl glob importlib io locale logging multiprocessing os platform random secrets select "
    "shutil signal socket subprocess sys tempfile threading time urllib uuid".split()
)


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer_of(module: str) -> str:
    return module.split(".")[1] if module.count(".") else ""


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def imports_of(path: Path) -> Iterator[str]:
    """Yield every module that a file imports, wherever in it, and modules that a table names as `module:attribute`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            for alias in node.names:
                yield f"{node.module}.{alias.name}"
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("envd.") and ":" in node.value
        ):
            yield node.value.partition(":")[0]


def unit_of(module: str) -> str:
    """Return the adapter that a module belongs to: `envd.adapters.shells.quoting` is of `shells`."""
    return module.split(".")[2] if module.startswith("envd.adapters.") else ""


modules = pytest.mark.parametrize("path", [pytest.param(path, id=name_of(path)) for path in MODULES])


@modules
def test_imports_point_down(path: Path) -> None:
    layer = layer_of(name_of(path))
    if layer in ("", "__main__"):
        return
    below = LAYERS[: LAYERS.index(layer) + 1]
    own = [module for module in imports_of(path) if module.startswith("envd.")]
    assert [module for module in own if layer_of(module) in LAYERS and layer_of(module) not in below] == []


@modules
def test_adapters_do_not_import_each_other(path: Path) -> None:
    own = unit_of(name_of(path))
    if own:
        assert {unit_of(module) for module in imports_of(path)} - {"", own} == set()


@pytest.mark.parametrize("name", ["watchfiles", "psutil", "platformdirs", "tomli", "packaging"])
def test_a_dependency_is_imported_in_one_file(name: str) -> None:
    found = [name_of(path) for path in MODULES if any(module.split(".")[0] == name for module in imports_of(path))]
    assert len(found) == 1, found


@pytest.mark.parametrize("path", [pytest.param(path, id=name_of(path)) for path in MODULES if layer_of(name_of(path)) == "core"])
def test_core_knows_neither_files_nor_clock_nor_environment(path: Path) -> None:
    imported = list(imports_of(path))
    assert [module for module in imported if module.split(".")[0] in IMPURE] == []
    assert [module for module in imported if module.startswith("pathlib") and not module.startswith("pathlib.Pure")] == []
    assert [node.lineno for node in ast.walk(tree_of(path)) if isinstance(node, ast.Name) and node.id in ("open", "input")] == []


@modules
def test_only_the_cli_prints(path: Path) -> None:
    if layer_of(name_of(path)) == "cli":
        return
    tree = tree_of(path)
    printed = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "print"]
    written = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in ("stdout", "stderr")]
    # A process that was started has a stdout, too; sys has the one that counts.
    written = [line for line in written if f"sys.std{''}" in path.read_text("utf-8").splitlines()[line - 1]]
    assert printed + written == []


@modules
def test_a_module_fits_in_a_head(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 300


@modules
def test_a_module_says_what_lives_in_it(path: Path) -> None:
    assert ast.get_docstring(tree_of(path))
