"""What was found of one condition: met or not, how much of what is wanted, what is missing, on which facts."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from domain.factrow import FactRow
from domain.notation import Label
from domain.score import RefName, ref_name


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one person on one day. `found` and `wanted` are numbers in `unit`, or words.

    `missing` is how much more is needed, where that is a number.
    """

    met: bool
    found: int | str | None = None
    wanted: int | str | None = None
    missing: int | str | None = None
    unit: str = ""
    used: tuple[FactRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a condition, for all people and days asked about.

    `best` is of the person for whom it is met, or who lacks least. `people` counts those for whom it is met and
    those wanted. `exempt_by` names the exemption by which an unmet condition does not bar. `not_before` is the
    earliest day on which it could be met, and `if_` what that supposes; both are worked out on request.
    """

    id: str
    kind: str
    clause: str
    label: Label
    met: bool
    best: Found
    people: tuple[int, int]
    placeholder: bool = False
    exempt_by: str | None = None
    parts: tuple["Finding", ...] = ()
    not_before: date | None = None
    if_: str | None = None

    @property
    def bars(self) -> bool:
        """Say whether it stands in the way."""
        return not self.met and self.exempt_by is None

    def exempted(self, by: str) -> "Finding":
        """Give the same, exempted."""
        return replace(self, exempt_by=by)

    def as_json(self, name: RefName = ref_name) -> dict[str, Any]:
        """Give everything as JSON values."""
        best = self.best
        told: dict[str, Any] = {
            "id": self.id,
            "kind": self.kind,
            "clause": self.clause,
            "label": {"zh": self.label.zh, "en": self.label.en},
            "met": self.met,
            "found": best.found,
            "wanted": best.wanted,
            "missing": best.missing,
            "unit": best.unit,
            "people": list(self.people),
            "placeholder": self.placeholder,
            "exempt_by": self.exempt_by,
            "used": [name(row) for row in best.used],
        }
        if self.parts:
            told["among"] = [part.as_json(name) for part in self.parts]
        if self.not_before is not None:
            told["not_before"], told["if"] = self.not_before.isoformat(), self.if_
        return told
