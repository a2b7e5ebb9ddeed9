"""Programmes 积分应用 as data: who may have what points are for, in which order, and what is given."""

from domain.programme.case import Case, Person, Points, given_points, points_of
from domain.programme.document import ProgrammeDocument, read_programme
from domain.programme.evaluation import Eligibility, evaluate
from domain.programme.examples import check_programme, counted_on
from domain.programme.finding import Finding
from domain.programme.lottery import drawn
from domain.programme.model import Programme
from domain.programme.money import Grant, Payment, granted, payments
from domain.programme.points import points_for
from domain.programme.ranking import Entrant, Ranked, Ranking, rank

__all__ = [
    "Case",
    "Eligibility",
    "Entrant",
    "Finding",
    "Grant",
    "Payment",
    "Person",
    "Points",
    "Programme",
    "ProgrammeDocument",
    "Ranked",
    "Ranking",
    "check_programme",
    "counted_on",
    "drawn",
    "evaluate",
    "given_points",
    "granted",
    "payments",
    "points_for",
    "points_of",
    "rank",
    "read_programme",
]
