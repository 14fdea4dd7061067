"""Manifests on disk: what a project's packages are to be, read from its requirements files."""

from envd.adapters.manifests.requirements import NAME, Manifest, has_manifest, load_manifest, manifest_paths

__all__ = ["NAME", "Manifest", "has_manifest", "load_manifest", "manifest_paths"]
