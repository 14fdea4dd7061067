"""Gather facts, let the core decide, act: what daemon and CLI both do, so that both behave alike."""
