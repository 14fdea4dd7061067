"""Manifests on disk: which file decides what a project's packages are to be, and what it says."""

from envd.adapters.manifests.finding import (
    asked_python,
    find_manifest,
    has_manifest,
    load_file,
    load_manifest,
    manifest_paths,
    offered_groups,
    own_package,
    unknown_settings,
)
from envd.adapters.manifests.model import Groups, Manifest
from envd.adapters.manifests.pyproject import dependencies_in

__all__ = [
    "Groups",
    "Manifest",
    "asked_python",
    "dependencies_in",
    "find_manifest",
    "has_manifest",
    "load_file",
    "load_manifest",
    "manifest_paths",
    "offered_groups",
    "own_package",
    "unknown_settings",
]
