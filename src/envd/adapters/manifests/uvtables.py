"""[tool.uv] of a pyproject.toml that is followed without uv's lock: its indexes, and what nobody else can follow."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator

from envd.adapters.manifests.credentials import with_references
from envd.adapters.manifests.locked import list_of, table_of
from envd.adapters.manifests.pyproject import Pyproject
from envd.core.errors import ManifestError
from envd.core.requirements import Line, normalized, parse_requirements

# They decide about what is only found while packages are resolved, and requirements have no words for that.
_ONLY_UV = ("constraint-dependencies", "override-dependencies", "exclude-dependencies")


def refuse_what_only_uv_has(pyproject: Pyproject, asked: Collection[tuple[str, Line]]) -> None:
    """Raise ManifestError for what decides about these requirements and stands in words that only uv's lock has."""
    table = pyproject.tool("uv")
    sourced = {normalized(name) for name in table_of(table.get("sources"))}
    for where, line in asked:
        if line.name in sourced:
            raise ManifestError(
                f"{where}: tool.uv.sources says where {line.name} comes from, and only uv's lock has that", hint="uv lock"
            )
    key = next((key for key in _ONLY_UV if table.get(key)), "")
    if key:
        raise ManifestError(f"{pyproject.where(key)}: only uv's lock has what tool.uv.{key} says", hint="uv lock")


def index_lines(pyproject: Pyproject) -> Iterator[tuple[str, Line, str]]:
    """Yield the indexes that [tool.uv] names as lines of a requirements file, each with its place and as it is installed from.

    The latter refers to the variables that hold its credentials. One that is `explicit` is for tool.uv.sources alone. Raises
    ManifestError for what is no URL.
    """
    table = pyproject.tool("uv")
    entries = [table_of(entry) for entry in list_of(table.get("index"))]
    flat = next((entry for entry in entries if entry.get("format", "simple") != "simple"), None)
    if flat is not None:
        where = pyproject.where(str(flat.get("format")))
        raise ManifestError(f"{where}: only uv's lock has an index of this format", hint="uv lock")
    named = [(entry.get("url"), bool(entry.get("default")), entry.get("name")) for entry in entries if not entry.get("explicit")]
    named += [(url, False, "") for url in list_of(table.get("extra-index-url"))]
    named += [(table["index-url"], True, "")] if "index-url" in table else []
    for url, is_default, name in named:
        where = pyproject.where(url) if isinstance(url, str) else pyproject.where("tool.uv")
        if not isinstance(url, str) or not url.isprintable() or len(url.split()) != 1:
            raise ManifestError(f"{where}: an index of tool.uv has no URL")
        option = "--index-url" if is_default else "--extra-index-url"
        (line,) = parse_requirements(f"{option} {url}")
        yield where, line, f"{option} {with_references(name if isinstance(name, str) else '', url, os.environ)}"
