"""A person as a department names one: a document and a name. Personal: never logged, never in an error's text."""

from dataclasses import dataclass

from domain.facts.identity import DocumentType


@dataclass(frozen=True, slots=True)
class Person:
    """Who a row is about. `name` may be missing where a source sends none: then only a known number matches."""

    document_type: DocumentType
    document_number: str
    name: str | None = None

    def __repr__(self) -> str:
        return f"Person({self.document_type})"
