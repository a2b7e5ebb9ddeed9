"""Keyed indexes: how the vault finds a person without holding a number or a name."""

from dataclasses import dataclass

from domain.names import fold
from domain.person import Person
from ledger.canonical import canonical
from ledger.suites import Suite


@dataclass(frozen=True, slots=True)
class PersonIndex:
    """A person as the vault knows one. `name` is None where the source sends no name."""

    document: bytes
    name: bytes | None


class Indexes:
    """Makes indexes under the vault's index key."""

    def __init__(self, suite: Suite, index_key: bytes) -> None:
        self._suite = suite
        self._documents = suite.derive(index_key, b"points-ledger/document/1", b"")
        self._names = suite.derive(index_key, b"points-ledger/name/1", b"")

    def of(self, person: Person) -> PersonIndex:
        """Index a person: the number by its type, the folded name by the number.

        A name's index is bound to its number: two persons of one name have two indexes, so that counting how often
        an index occurs tells nothing.
        """
        number = "".join(person.document_number.split()).upper()
        document = self._suite.mac(self._documents, canonical([person.document_type, number]))
        if person.name is None:
            return PersonIndex(document, None)
        return PersonIndex(document, self._suite.mac(self._names, document + fold(person.name).encode()))
