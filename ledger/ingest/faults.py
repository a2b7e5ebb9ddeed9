"""Every fault of a row, not only the first: who corrects a row by hand wants to do it once.

The Examiner stops at the first fault, and that decides the verdict. Here the field it names is filled with
something that holds, and the Examiner is asked again: so there is one place that says what a fault is, and what
depends on a part that is wrong is not blamed for it. Numbers put in belong to nobody: no place has the code
100000.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal, get_args, get_origin

from pydantic import ConfigDict, ValidationError, create_model

from domain.facts import Fact
from ledger.ingest.examine import Examiner
from ledger.ingest.plans import KINDS, REPLACEMENT, flat, plan_of
from ledger.ingest.values import typed
from ledger.ingest.verdicts import Finding, RowRefused

_MOST = 20
_PERSONS = {
    "document_number": "100000198503140014",
    "other_document_number": "100000198503140022",
    "document_type": None,
    "other_document_type": None,
    "name": None,
    "other_name": None,
    "subject": None,
    "other": None,
    "source_time": None,
    "source_id": None,
    "legal_basis": "x",
    "refers_to": "A-1",
}
"""What holds in the fields that are no part of a fact; None: nothing."""
_NUMBERS = {"subject": "document_number", "other": "other_document_number"}
_SAMPLES = ("2000-01-01", "2000-01", "330000", "1", "100", "A-1", "x", "a" * 64, "nb-x")


def faults_of(examiner: Examiner, cells: Mapping[str, Any], first: Finding) -> Finding:
    """Give the first fault with all others of the row, given by field names."""
    row, found, healed = dict(cells), [first], set[str]()
    while found[-1].field and found[-1].field not in healed and len(found) < _MOST:
        field = found[-1].field
        healed.add(field)
        if not _heal(examiner, row, field):
            break
        try:
            examiner.examine(row)
            break
        except RowRefused as refusal:
            finding = refusal.finding
        if finding.field in healed:
            break
        found.append(finding)
    return replace(first, more=tuple(found[1:]))


def _heal(examiner: Examiner, row: dict[str, Any], field: str) -> bool:
    """Put something that holds into a field; say whether that was possible."""
    if field in _PERSONS:
        row[field] = _PERSONS[field]
        if field in _NUMBERS:
            row[_NUMBERS[field]] = _PERSONS[_NUMBERS[field]]
        if field == "source_id" and not _fact(examiner, row, "kind").about.key:
            row[field] = "A-1"
        return True
    fact = _fact(examiner, row, REPLACEMENT if row.get(REPLACEMENT) else "kind")
    if field in {"kind", REPLACEMENT} or fact is Fact:
        return False
    own = plan_of(fact).own_name(field)
    if own not in fact.model_fields:
        row.pop(field, None)
        return True
    places = [
        grant.place_prefix.ljust(6, "0") for grant in examiner.terms.grants if grant.organ == examiner.terms.organ
    ]
    held = next(_that_hold(examiner, fact, field, (*(places if field == "place" else ()), *_SAMPLES)), None)
    row[field] = held
    return held is not None


def _fact(examiner: Examiner, row: Mapping[str, Any], field: str) -> type[Fact]:
    try:
        text = typed(row.get(field) or examiner.terms.constants.get(field) or "")
    except RowRefused:
        return Fact
    return KINDS.get(examiner.reader.words.get(field, {}).get(text, text), Fact)


def _that_hold(examiner: Examiner, fact: type[Fact], field: str, samples: tuple[str, ...]) -> Iterator[str]:
    plan, own = plan_of(fact), plan_of(fact).own_name(field)
    words = flat(fact.model_fields[own].annotation)[0]
    named = get_args(words) if get_origin(words) is Literal else ()
    for sample in (*map(str, named), *samples):
        try:
            alone(fact, own).model_validate({own: examiner.reader.converted(plan, field, sample)})
        except (RowRefused, ValidationError):
            continue
        yield sample


@lru_cache(maxsize=1024)
def alone(fact: type[Fact], field: str) -> Any:
    """Make a model of one field of a fact, as strict as the fact."""
    value: Any = {field: (fact.model_fields[field].rebuild_annotation(), ...)}
    return create_model("Alone", __config__=ConfigDict(**fact.model_config), **value)
