"""Where two versions of a programme differ in substance: `require[points].at_least 30 → 40`."""

from collections.abc import Iterable

from domain.programme.document import ProgrammeDocument
from domain.rulebook.difference import DocumentChange, documents_changed

SUBSTANCE = (
    *("programme", "authority", "effective", "subject", "counted_on", "window", "score"),
    *("require", "exempt", "tiers", "order_by", "quota", "benefit", "provisional"),
    *("schemes", "untranslatable"),
)


def programme_changes(olds: Iterable[ProgrammeDocument], news: Iterable[ProgrammeDocument]) -> list[DocumentChange]:
    """Compare two sets of programmes by name; wording, sources and examples do not matter."""
    return documents_changed(olds, news, SUBSTANCE)
