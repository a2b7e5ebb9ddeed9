"""The group `decision`, put together: its verbs stand in three files."""

from api.cli.bundling import bundle_
from api.cli.decisions import decision
from api.cli.replaying import replay_

decision.command("replay")(replay_)
decision.command("bundle")(bundle_)
decisions = decision
