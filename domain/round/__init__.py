"""Rounds 申请批次: from the window to the last place accepted: folds over facts, and decisions."""

from domain.round.application import Application, ItemState, Offer, evolve_application
from domain.round.decisions import (
    answer_place,
    close,
    extend,
    file,
    lock,
    offer_place,
    publish_seed,
    return_item,
    review_item,
    supplement,
    transfer,
    withdraw,
)
from domain.round.notice import masked, notice
from domain.round.outcome import free_places, next_offers, ranking_of
from domain.round.state import Round, RoundState, evolve_round

__all__ = [
    "Application",
    "ItemState",
    "Offer",
    "Round",
    "RoundState",
    "answer_place",
    "close",
    "evolve_application",
    "evolve_round",
    "extend",
    "file",
    "free_places",
    "lock",
    "masked",
    "next_offers",
    "notice",
    "offer_place",
    "publish_seed",
    "ranking_of",
    "return_item",
    "review_item",
    "supplement",
    "transfer",
    "withdraw",
]
