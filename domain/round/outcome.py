"""What follows from a round: the ranking, the offers, and the offers after some were declined."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from domain.programme.lottery import drawn
from domain.programme.ranking import ALL, Entrant, Ranking, Ties, rank
from domain.round.application import Application, Offer
from domain.round.state import Round


class Standing(NamedTuple):
    """An application with what its programme found: whether the conditions are met, and the key of the order."""

    application: Application
    key: tuple[int, ...]
    met: bool = True


def ranking_of(current: Round, standings: Iterable[Standing], ties: Ties) -> Ranking:
    """Rank the applications that stand. Without a seed a contested tie waits where the rule is a lottery."""
    return _ranked(
        current, [each for each in standings if each.application.stands(current)], dict(current.places), ties
    )


def next_offers(current: Round, standings: Iterable[Standing], ties: Ties, on: date) -> Ranking:
    """Rank who has no place yet for the places that are free on a day: not taken, not waiting for an answer.

    Who declined, or let the day go by, is passed over; the place goes to the next of the ranking.
    """
    standing = [each for each in standings if each.application.stands(current)]
    free = free_places(current, (each.application for each in standing), on)
    waiting = [each for each in standing if not each.application.offers]
    return _ranked(current, waiting, free, ties)


def free_places(current: Round, applications: Iterable[Application], on: date) -> dict[str, int]:
    """Count the free places of each unit on a day."""
    free = dict(current.places)
    for application in applications:
        offer = application.place(on)
        if offer is not None and offer.unit in free:
            free[offer.unit] = max(0, free[offer.unit] - 1)
    return free


def is_passed_on(current: Round, offer: Offer, others: Iterable[Application], today: date) -> bool:
    """Say whether the place of an offer went to somebody after the offer's day, and none of the unit is left."""
    taken = [one for other in others if (one := other.place(today)) is not None and one.unit == offer.unit]
    is_late = any(one.taken_on > offer.answer_by for one in taken)
    return is_late and len(taken) >= current.places.get(offer.unit, len(taken) + 1)


def _ranked(current: Round, standings: list[Standing], free: Mapping[str, int], ties: Ties) -> Ranking:
    entrants = [
        Entrant(each.application.number, each.key, _choices(current, each.application), each.met)
        for each in standings
    ]
    draw = None
    if current.seed is not None:
        draw = drawn(current.seed, current.name, [entrant.application for entrant in entrants])
    return rank(entrants, free, ties, draw)


def _choices(current: Round, application: Application) -> tuple[str, ...]:
    if set(current.places) == {ALL}:
        return (ALL,)
    return application.choices or ((application.town,) if application.town else ())
