"""Twenty residents scored under every shipped table, five months after it came into force, at its own authority.

`python -m tests.rulebooks.golden` writes scores.json anew; what it then says is to be looked at, not trusted.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from domain.civil import add_months
from domain.evaluation import evaluate_lines
from domain.rulebook import Document
from domain.shorthand import expand
from tests.domain.given import library
from tests.rulebooks.golden.residents import RESIDENTS

SCORES = Path(__file__).parent / "scores.json"
MONTHS_IN_FORCE = 5
Told = dict[str, Any]


class Scored(NamedTuple):
    """A table by name and first day, and what each resident has under it."""

    table: str
    residents: dict[str, Told]


def name_of(document: Document) -> str:
    """Give a table's name: its document and the day from which it is in force."""
    return f"{document.rulebook.doc} {document.rulebook.effective.from_}"


def lines_for(document: Document) -> list[str]:
    """Write each resident as a line of a file, with the days that a table's own day gives them."""
    as_of, place = day_of(document), document.rulebook.authority
    lines = []
    for name, (age_months, words) in RESIDENTS.items():
        facts = [fact for word in words for fact in expand(word, as_of, place)]
        born_on = add_months(as_of, -age_months).isoformat()
        lines.append(json.dumps({"subject": name, "born_on": born_on, "facts": facts}))
    return lines


def day_of(document: Document) -> date:
    """Give the day on which residents are scored under a table."""
    return add_months(document.rulebook.effective.from_, MONTHS_IN_FORCE)


def scored_under(document: Document) -> Scored:
    """Score all residents under one table alone, each from a line of a file."""
    place = document.rulebook.authority
    told = evaluate_lines(lines_for(document), [document], day_of(document), place, disputed=True)
    return Scored(name_of(document), {one["subject"]: summary(one) for one in told})


def summary(told: Told) -> Told:
    """Give the total and the rows that are not zero; a hold by its name, and a total that a table refuses."""
    rows = {line["item"]: line["points"] for line in told["lines"] if "item" in line}
    held = sorted(line["hold"] for line in told["lines"] if "hold" in line)
    return {
        "total": told["total"],
        "rows": {item: points for item, points in rows.items() if float(points)},
        **({"held": held} if held else {}),
        **({} if told["valid"] else {"valid": False}),
    }


def scores() -> dict[str, dict[str, Told]]:
    """Score every resident under every shipped table."""
    return dict(sorted(scored_under(document) for document in library().documents))


def written() -> dict[str, dict[str, Told]]:
    """Read the scores as they were written down."""
    loaded: dict[str, dict[str, Told]] = json.loads(SCORES.read_text(encoding="utf-8"))
    return loaded
