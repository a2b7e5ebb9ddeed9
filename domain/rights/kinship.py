"""Near relatives 近亲属 (Civil Code art. 1045), as far as ties in the ledger show them.

Spouse, parents, children, brothers and sisters, grandparents and grandchildren. A guardian is none by that alone.
"""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from uuid import UUID

from domain.facts.rights import Relation
from domain.family import Tie

_DAY = timedelta(days=1)


def relation(deceased: UUID, relative: UUID, ties: Iterable[Tie], died_on: date) -> Relation | None:
    """Say what somebody was to the deceased; None where no tie shows a near relative.

    A marriage that death ended counts: it held on the day before. Descent does not end.
    """
    known = list(ties)
    couples = (tie for tie in known if tie.tie == "spouse" and tie.holds_on(died_on - _DAY))
    descent = {(tie.subject, tie.other) for tie in known if tie.tie == "child"}
    parents, children = _parents(descent, deceased), _children(descent, deceased)
    is_one: dict[Relation, bool] = {
        "spouse": any({deceased, relative} == {tie.subject, tie.other} for tie in couples),
        "parent": relative in parents,
        "child": relative in children,
        "sibling": relative != deceased and bool(parents & _parents(descent, relative)),
        "grandparent": bool(parents & _children(descent, relative)),
        "grandchild": bool(children & _parents(descent, relative)),
    }
    return next((word for word, holds in is_one.items() if holds), None)


def _parents(descent: Collection[tuple[UUID, UUID]], who: UUID) -> set[UUID]:
    return {parent for parent, child in descent if child == who}


def _children(descent: Collection[tuple[UUID, UUID]], who: UUID) -> set[UUID]:
    return {child for parent, child in descent if parent == who}
