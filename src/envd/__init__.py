"""envd keeps the Python environment of the directory you stand in active and up to date."""

__version__ = "0.1.0"
