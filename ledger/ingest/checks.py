"""What the law and plain sense ask of a fact beyond its form: dates in order, no minors, an organ's competence."""

from datetime import date

from domain.civil import age_on, month_index, month_of
from domain.competence import Grant, competent
from domain.facts import Fact, FactCorrected, FactVoided, FeedDelivered, RestrictedFact
from ledger.ingest.plans import plan_of
from ledger.ingest.verdicts import Code, refused

ADULT = 18


def check_days(fact: Fact, received_on: date) -> None:
    """Refuse a fact later than the day of receipt, and an end before its start.

    Raises RowRefused: future-date, end-before-start.
    """
    plan = plan_of(type(fact))
    for field in plan.past:
        day = getattr(fact, field)
        if day is not None and day > received_on:
            raise refused(Code.FUTURE_DATE, expected=f"≤ {received_on}", field=field)
    for field in plan.months:
        if month_of(getattr(fact, field)) > month_index(received_on):
            raise refused(Code.FUTURE_DATE, expected=f"≤ {received_on:%Y-%m}", field=field)
    for start, end in plan.ends:
        ends = getattr(fact, end)
        if ends is not None and ends < getattr(fact, start):
            raise refused(Code.END_BEFORE_START, expected=f"{start} ≤ {end}", field=end)


def check_restricted(fact: Fact, legal_basis: str | None, born_on: date | None) -> None:
    """Refuse a restricted fact without its legal basis, and one of an act before the 18th birthday.

    Source: 治安管理处罚法 (2025), 未成年人犯罪记录封存. `born_on` None: not known here.
    Raises RowRefused: no-legal-basis, minor-protected.
    """
    if not isinstance(fact, RestrictedFact):
        return
    if legal_basis is None:
        raise refused(Code.NO_LEGAL_BASIS, field="legal_basis")
    if born_on is not None and age_on(born_on, fact.acted_on) < ADULT:
        raise refused(Code.MINOR_PROTECTED, field="acted_on")


class Competence:
    """What one organ may say on one day, each question asked of the grants once."""

    def __init__(self, grants: tuple[Grant, ...], organ: str, on: date) -> None:
        self.grants = grants
        self.organ = organ
        self.on = on
        self._answers: dict[tuple[str, str | None], bool] = {}

    def check(self, fact: Fact) -> None:
        """Refuse what the organ may not say. A void needs no grant of its own: an organ can name only its entries.

        Raises RowRefused: kind-outside-grants, place-outside-grants, other-organ.
        """
        if isinstance(fact, FactCorrected):
            return self.check(fact.replacement)
        if isinstance(fact, FeedDelivered) and fact.organ != self.organ:
            raise refused(Code.OTHER_ORGAN, field="organ")
        if isinstance(fact, FactVoided):
            if any(grant.organ == self.organ for grant in self.grants):
                return None
            raise refused(Code.KIND_OUTSIDE_GRANTS, field="kind")
        kind = fact.fact_kind if isinstance(fact, FeedDelivered) else fact.kind_name()
        place = getattr(fact, "place", None)
        if self._may(kind, place):
            return None
        if place is None or not self._may(kind, None):
            raise refused(Code.KIND_OUTSIDE_GRANTS, field="kind")
        raise refused(Code.PLACE_OUTSIDE_GRANTS, field="place")

    def may_deliver(self, fact: type[Fact] | None) -> bool:
        """Say whether any row could be taken; `fact` is the kind of all rows where that is known."""
        if fact is None or fact is FactVoided:
            return any(grant.organ == self.organ for grant in self.grants)
        if fact in (FactCorrected, FeedDelivered):  # their kind stands in each row
            return self.may_deliver(None)
        return self._may(fact.kind_name(), None)

    def _may(self, kind: str, place: str | None) -> bool:
        question = (kind, place)
        answer = self._answers.get(question)
        if answer is None:
            answer = self._answers[question] = competent(self.grants, self.organ, kind, place, self.on)
        return answer
