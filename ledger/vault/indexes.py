"""Keyed indexes: how the vault finds a person without holding a number or a name."""

from collections.abc import Iterable
from typing import NamedTuple

from domain.names import fold
from domain.person import Person
from ledger.canonical import canonical
from ledger.suites import Suite


class PersonIndex(NamedTuple):
    """A person as the vault knows one. `name` is None where the source sends no name."""

    document: bytes
    name: bytes | None


class Indexes:
    """Makes indexes under the vault's index key."""

    def __init__(self, suite: Suite, index_key: bytes) -> None:
        self._of_document = suite.keyed(suite.derive(index_key, b"points-ledger/document/1", b""))
        self._of_name = suite.keyed(suite.derive(index_key, b"points-ledger/name/1", b""))

    def of(self, person: Person) -> PersonIndex:
        """Index a person: the number by its type, the folded name by the number.

        A name's index is bound to its number: two persons of one name have two indexes, so that counting how often
        an index occurs tells nothing.
        """
        number = "".join(person.document_number.split()).upper()
        document = self._of_document(canonical([person.document_type, number]))
        if person.name is None:
            return PersonIndex(document, None)
        return PersonIndex(document, self._of_name(document + fold(person.name).encode()))

    def of_many(self, persons: Iterable[tuple[str, str, str, int]]) -> list[PersonIndex]:
        """Index persons by type, number and name (empty: none given), the numbers as an import has checked them."""
        of_document, of_name, found = self._of_document, self._of_name, []
        for kind, number, name, _ in persons:
            document = of_document(b'["%b","%b"]' % (kind.encode(), number.encode()))
            found.append(PersonIndex(document, of_name(document + fold(name).encode()) if name else None))
        return found
