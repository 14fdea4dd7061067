"""The operating system: files, locks, processes, paths and logs; psutil and platformdirs are imported here only."""
