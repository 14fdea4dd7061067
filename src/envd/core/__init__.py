"""Decisions and values: no input or output, no clock, no environment variables."""
