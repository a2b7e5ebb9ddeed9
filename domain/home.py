"""Where a resident is at home, and so where a score is asked for when nobody says where."""

from collections.abc import Iterable
from datetime import date

from domain.knowledge import Knowledge
from domain.permit import permit_on
from domain.places import authority_prefix
from domain.rulebook import Document


def places_of(knowledge: Knowledge, as_of: date) -> tuple[str | None, list[str]]:
    """Give the district of the permit, and every district where the resident is at home on a day.

    At home: where the permit was issued, and where a registration of residence is in force.
    """
    permit = permit_on(knowledge.permits, as_of).place
    places = {permit[:6]} if permit else set()
    for residence in knowledge.of("residence-registered"):
        row, end = residence.row, residence.end(as_of)
        begun = row.starts_on is not None and row.starts_on <= as_of
        over = (end is not None and end <= as_of) or (
            residence.void_from is not None and residence.void_from <= as_of
        )
        if begun and not over and row.place is not None:
            places.add(row.place[:6])
    return permit[:6] if permit else None, sorted(places)


def usual_place(knowledge: Knowledge, as_of: date, documents: Iterable[Document]) -> str | None:
    """Give the place to score at when none is named: the permit's, the only home, or what the documents share.

    Documents of one province, city and district share the district; of two districts, their city; of two provinces
    nothing, and then there is no such place.
    """
    permit, homes = places_of(knowledge, as_of)
    if permit is not None:
        return permit
    if len(homes) == 1:
        return homes[0]
    prefixes = sorted({authority_prefix(document.rulebook.authority) for document in documents}, key=len)
    shared = ""
    for prefix in prefixes:
        if not all(other.startswith(prefix) or prefix.startswith(other) for other in prefixes):
            break
        shared = prefix
    return shared.ljust(6, "0") if shared else None
