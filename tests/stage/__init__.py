"""What integration tests stand on: a private user, a package index on loopback, and waiting for a condition."""
