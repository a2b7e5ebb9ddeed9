"""The entry of a new subject: identity-minted, the same for every organ and every attempt."""

from uuid import UUID

from domain.facts import IdentityMinted
from domain.identifiers import is_resident_number, resident_birth_date, resident_sex
from domain.person import Person
from ledger.entry import Entry, Hand, Request

VAULT_ORGAN = "vault"
"""The organ of identity entries. An organ is part of a request's key: under its own name each would record anew."""


_HMT_RESIDENTS = ("81", "82", "83")
"""港澳台居民居住证: their numbers are made by GB 11643 too. A passport's digits say nothing."""


def identity_minted(person: Person) -> IdentityMinted:
    """State who was minted; birth date and sex are read off a resident number that holds.

    Programmes ask for the sex: a retirement age differs by it.
    """
    if person.name is None:
        raise TypeError("a subject is minted for a number and a name")
    number = person.document_number
    made_alike = is_resident_number(number) and (
        person.document_type == "resident-card"
        or (person.document_type == "hmt-permit" and number.startswith(_HMT_RESIDENTS))
    )
    return IdentityMinted(
        document_type=person.document_type,
        document_number=number,
        name=person.name,
        born_on=resident_birth_date(number) if made_alike else None,
        sex=resident_sex(number) if made_alike else None,
    )


def minting_entry(person: Person, subject: UUID, recorded_by: str, batch_id: UUID | None = None) -> Entry:
    """Give the entry to append for a `minted` resolution.

    Its key depends on the subject alone, so appending it again after a crash gives the first receipt. Where the row
    that comes again spells the name in another way, the answer is a conflict: the entry is there, which is all that
    is wanted, so take a conflict for a receipt.
    """
    hand = Hand(recorded_by=recorded_by, organ=VAULT_ORGAN, channel="vault", batch_id=batch_id)
    request = Request("vault", str(subject), "identity-minted", str(subject))
    return Entry(subject, hand, request, identity_minted(person))
