"""Named tuples made at once."""

made = tuple.__new__
"""Build a named tuple from all its values, past the constructor in Python, which takes twice the time.

For the few that are built for every fact or every row of everybody: `made(Ignored, (row, why, None))`.
"""
