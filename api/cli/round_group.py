"""The group `points round`: its verbs stand in four files, by what they are about."""

from api.cli import applications, noticing, placing, provisional
from api.cli.rounds import round_

rounds = provisional.of_rounds(noticing.of_rounds(placing.of_rounds(applications.of_rounds(round_))))
