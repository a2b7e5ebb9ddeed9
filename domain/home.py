"""Where a resident is at home, and so where a score is asked for when nobody says where."""

from collections import Counter
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
    """Give the place to score at when none is named; None only where there is no document either.

    The permit's district; the only home; what the places of the facts share (one district, one city, one province);
    what the documents share. Where documents are of several provinces, the province with most of them counts.
    """
    permit, homes = places_of(knowledge, as_of)
    if permit is not None:
        return permit
    if len(homes) == 1:
        return homes[0]
    told = {row.place[:6] for rows in knowledge.rows.values() for row in rows if row.place is not None}
    return _shared(told) or _shared(_of_one_province(documents))


def _of_one_province(documents: Iterable[Document]) -> set[str]:
    authorities = [document.rulebook.authority for document in documents]
    counts = Counter(authority[:2] for authority in authorities)
    most = min(counts, key=lambda province: (-counts[province], province), default="")
    return {authority_prefix(authority) for authority in authorities if authority.startswith(most)}


def _shared(prefixes: set[str]) -> str | None:
    """Give the narrowest authority around all of them: a district, a city or a province.

    Of a chain, such as a province, its city and one district, it is the last.
    """
    ends = {one for one in prefixes if not any(other != one and other.startswith(one) for other in prefixes)}
    for length in (6, 4, 2):
        fronts = {one[:length] for one in ends}
        if len(fronts) == 1:
            return fronts.pop().ljust(6, "0")
    return None
