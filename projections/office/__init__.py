"""The office 经办: what is done with programmes. Each use case looks at what is known, decides, and appends.

Both doors call these: the verbs of the command line, and the routes.
"""

from projections.office.base import Knowing, Office

__all__ = ["Knowing", "Office"]
