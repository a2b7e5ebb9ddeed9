"""THE RULES. Pure: no database, no web, no clock, no randomness, no environment."""
