"""Mutual recognition 跨区互认: which points count in which place, and what a move would change."""

from domain.recognition.counting import NOTHING, Recognition, Territories, counted, validity_there
from domain.recognition.move import MoveTrial, PermitAfter, move_trial
from domain.recognition.places import Recognised, Standing, home_of, places_in_scope, recognise
from domain.recognition.telling import tell_move, tell_recognition

__all__ = [
    "NOTHING",
    "MoveTrial",
    "PermitAfter",
    "Recognised",
    "Recognition",
    "Standing",
    "Territories",
    "counted",
    "home_of",
    "move_trial",
    "places_in_scope",
    "recognise",
    "tell_move",
    "tell_recognition",
    "validity_there",
]
