"""A small Ningbo that nobody lives in: the files that departments would send, the same for the same seed.

Start at `city.write_city`. Numbers and names here belong to no person: see `people`.
"""
