"""Facts of an example in one word: `education-awarded/bachelor`, `insurance-month-paid*61`.

    kind[/word[/word]][=quantity][*times | *months mo][@day]

The words are the kind's own (a level, a scheme and a level, a category and a level). Without `@day` a fact lies a
month before the as-of day; `*3` repeats it, each time a month earlier; `*24mo` begins a spell that many months
before the as-of day. Months of insurance end with the month before the as-of day, or with `@2024-12`.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple
from zlib import crc32

from domain.civil import add_months, month_index, month_of, month_text

FORM = "education-awarded/bachelor, insurance-month-paid*61, residence-registered*24mo"
_SHORT = re.compile(
    r"(?P<kind>[a-z]+(?:-[a-z]+)*)(?:/(?P<first>[a-z][a-z0-9_-]*))?(?:/(?P<second>[a-z][a-z0-9_-]*))?"
    r"(?:=(?P<quantity>\d{1,9}))?(?:\*(?P<times>[1-9]\d{0,3})(?P<months>mo)?)?(?:@(?P<day>\d{4}-\d{2}(?:-\d{2})?))?"
)


class _Shape(NamedTuple):
    """How a kind is written: the fields of its words, its day, its quantity, and what it needs beside."""

    words: tuple[str, ...]
    day: str
    quantity: str | None = None
    spell: str | None = None
    placed: bool = True


_PERMIT = _Shape((), "on", spell="permit")
_SHAPES: dict[str, _Shape] = {
    "insurance-month-paid": _Shape(("insurance", "standing"), "month"),
    "residence-registered": _Shape((), "registered_on", spell="spell"),
    "employment-started": _Shape(("basis",), "started_on", spell="spell"),
    "housing-started": _Shape(("tenure",), "started_on", spell="spell"),
    "education-awarded": _Shape(("level",), "awarded_on", placed=False),
    "skill-awarded": _Shape(("level",), "awarded_on", placed=False),
    "volunteer-hours-served": _Shape((), "served_on", quantity="minutes"),
    "blood-donated": _Shape((), "donated_on", quantity="millilitres"),
    "donation-made": _Shape(("gift",), "given_on", quantity="fen", spell="receipt"),
    "tax-paid": _Shape(("tax",), "paid_on", quantity="fen", spell="receipt"),
    "patent-granted": _Shape(("level",), "granted_on", quantity="holders", spell="patent", placed=False),
    "post-held": _Shape(("post",), "started_on", spell="spell"),
    "training-attended": _Shape(("course",), "attended_on", quantity="minutes"),
    "patrol-attended": _Shape((), "attended_on", quantity="minutes"),
    "honour-received": _Shape(("level",), "received_on"),
    "attested": _Shape(("scheme", "level"), "valid_from", quantity="quantity"),
    "restricted-fact": _Shape(("category", "level"), "acted_on"),
    "permit-issued": _PERMIT,
    "permit-endorsed": _PERMIT,
    "permit-suspended": _PERMIT,
    "permit-restored": _PERMIT,
    "permit-ended": _PERMIT,
    "points-reinstatement-requested": _PERMIT,
}


class NotShort(ValueError):
    """A word that is no fact in short notation; the text says why."""


def expand(text: str, as_of: date, place: str) -> list[dict[str, Any]]:
    """Write one word out as plain facts (domain/plain.py). Raises NotShort."""
    found = _SHORT.fullmatch(text)
    shape = _SHAPES.get(found["kind"]) if found else None
    if found is None or shape is None:
        raise NotShort(f"{text!r} is no fact in short notation")
    fields: dict[str, Any] = {"kind": found["kind"]}
    words = [word for word in (found["first"], found["second"]) if word]
    if len(words) > len(shape.words):
        raise NotShort(f"{text!r} has too many words")
    fields |= dict(zip(shape.words, words, strict=False))
    if shape.placed:
        fields["place"] = place
    if found["quantity"]:
        if shape.quantity is None:
            raise NotShort(f"{text!r}: {found['kind']} has no quantity")
        fields[shape.quantity] = int(found["quantity"])
    if found["months"] and shape.spell is None:
        raise NotShort(f"{text!r}: only spells last for months")
    return list(_repeated(fields, shape, found, as_of))


def _repeated(
    fields: dict[str, Any], shape: _Shape, found: "re.Match[str]", as_of: date
) -> Iterator[dict[str, Any]]:
    times = int(found["times"] or 1)
    if shape.day == "month":
        newest = month_of(found["day"]) if found["day"] else month_index(as_of) - 1
        for ago in range(times):
            yield {**fields, "month": month_text(newest - ago)}
        return
    first = _first_day(found, as_of)
    repeats = 1 if found["months"] else times
    for ago in range(repeats):
        day = add_months(first, -ago)
        spell = {} if shape.spell is None else {shape.spell: _spell_number(shape, found, ago)}
        yield {**fields, shape.day: day.isoformat(), **spell}


def _first_day(found: "re.Match[str]", as_of: date) -> date:
    if found["day"]:
        try:
            return date.fromisoformat(found["day"])
        except ValueError:
            raise NotShort(f"{found['day']} is no day") from None
    return add_months(as_of, -int(found["times"])) if found["months"] else add_months(as_of, -1)


def _spell_number(shape: _Shape, found: "re.Match[str]", ago: int) -> str:
    """Number a spell by its kind, its word and its place in a repetition: two words are two spells."""
    if shape.spell == "permit":
        return "P1"
    return f"{found['kind']}-{crc32(found[0].encode()) % 10_000:04d}-{ago + 1}"
