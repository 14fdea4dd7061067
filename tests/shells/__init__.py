"""The hooks, in real shells on a real terminal."""
