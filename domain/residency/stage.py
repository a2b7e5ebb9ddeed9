"""The whole life of a residence here, from registration to the end of the permit, as one word for a day."""

from datetime import date
from enum import StrEnum

from domain.knowledge import Knowledge
from domain.permit import PermitState, permit_on
from domain.residency.conditions import entitlement, registered_since
from domain.view import View


class Stage(StrEnum):
    """未登记, 已登记, 可申领, 正常, 待签注, 中止, 终止."""

    NONE = "none"
    REGISTERED = "registered"
    ELIGIBLE = "eligible"
    NORMAL = "normal"
    DUE = "due"
    SUSPENDED = "suspended"
    ENDED = "ended"


def stage_of(knowledge: Knowledge, place: str, on: date) -> Stage:
    """Say where somebody stands on the way to a permit and with it, at a place on a day."""
    permit = permit_on(knowledge.permits, on)
    state = permit.state(on)
    here = permit.place is not None and permit.place[:6] == place[:6]
    if state is not PermitState.NONE and here:
        if state is not PermitState.ENDED:
            return Stage(state.value)
        after = _before_issue(knowledge, place, on)
        return after if after is Stage.ELIGIBLE else Stage.ENDED
    return _before_issue(knowledge, place, on)


def _before_issue(knowledge: Knowledge, place: str, on: date) -> Stage:
    if entitlement(knowledge, place, on).is_met:
        return Stage.ELIGIBLE
    return Stage.NONE if registered_since(View(knowledge, place, on)) is None else Stage.REGISTERED
