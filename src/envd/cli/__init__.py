"""The command line: words in, text and an exit code out. Only this package prints."""
