"""The group `points round`: its verbs stand in three files, by what they are about."""

from api.cli import applications, noticing, placing
from api.cli.rounds import round_

rounds = noticing.of_rounds(placing.of_rounds(applications.of_rounds(round_)))
