"""The background process: start-up, main loop, shut-down, watcher and scheduler."""
