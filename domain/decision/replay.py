"""A decision recomputed: the same bytes, or where they differ, or which inputs are gone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from domain.decision.record import Decision, Inputs, bound, decide
from domain.programme.document import ProgrammeDocument
from domain.rulebook.resolution import RulebookSet

Verdict = Literal["same", "differs", "incomplete", "other_rules"]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay found. `paths` say where records differ, or which inputs are not what was bound.

    `incomplete`: an input was expunged since, so that only commitments can speak for it; `other_rules`: the rules
    given are not those of the decision.
    """

    verdict: Verdict
    paths: tuple[str, ...] = ()


def replay(decision: Decision, document: ProgrammeDocument, rulebooks: RulebookSet, inputs: Inputs) -> Replayed:
    """Recompute a decision from what is kept. Pure; refuses nothing."""
    record = decision.record
    rules = {"programme.hash": (record["programme"]["hash"], document.hash)}
    rules["rulebooks"] = (record["rulebooks"], rulebooks.hash)
    others = tuple(path for path, (told, given) in rules.items() if told != given)
    if others:
        return Replayed("other_rules", others)
    bindings = bound(inputs)
    lost = tuple(_lost(record["inputs"], bindings))
    if lost:
        return Replayed("incomplete", lost)
    again = decide(document, rulebooks, inputs, str(record["engine"]), bindings)
    if again.bytes == decision.bytes:
        return Replayed("same")
    return Replayed("differs", tuple(sorted(_differences(record, again.record, ""))))


def _lost(told: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    """Name entries that were read and are not there any more; other differences of the inputs are differences."""
    for index, person in enumerate(told["people"]):
        have = given["people"][index]["entries"] if index < len(given["people"]) else []
        for entry in person["entries"]:
            if entry not in have:
                yield f"inputs.people[{index}].entries {entry[0]}/{entry[1]}"


def _differences(told: Any, given: Any, path: str) -> Iterator[str]:
    if isinstance(told, Mapping) and isinstance(given, Mapping):
        for name in sorted({*told, *given}):
            yield from _differences(told.get(name), given.get(name), f"{path}.{name}".removeprefix("."))
    elif isinstance(told, list) and isinstance(given, list) and len(told) == len(given):
        for index, (first, second) in enumerate(zip(told, given, strict=True)):
            yield from _differences(first, second, f"{path}[{index}]")
    elif told != given:
        yield path
