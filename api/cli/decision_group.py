"""The group `decision`, put together: its verbs stand in two files."""

from api.cli.bundling import bundle_
from api.cli.decisions import decision

decision.command("bundle")(bundle_)
decisions = decision
