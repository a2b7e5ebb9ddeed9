"""The command line `points`."""
