"""How the laws are tried: without a deadline, for the machine is shared and a slow example is no wrong one."""

from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")
