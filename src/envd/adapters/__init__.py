"""What envd works with: installers, environments, git, its store, sockets, shells. They do not import each other."""
