"""What an identity entry says of a person: a birth date only where the number is one that holds it."""

from datetime import date

import pytest

from domain.facts.identity import DocumentType
from domain.identifiers import resident_check_character
from domain.person import Person
from ledger.vault.minting import identity_minted


def number(first_seventeen: str) -> str:
    return first_seventeen + resident_check_character(first_seventeen)


@pytest.mark.parametrize(
    ("kind", "of", "born_on"),
    [
        ("resident-card", number("10000019850314001"), date(1985, 3, 14)),
        ("hmt-permit", number("81000019850314001"), date(1985, 3, 14)),
        ("hmt-permit", number("10000018991231001"), None),
        ("passport", number("10000018991231001"), None),
        ("passport", number("10000019850314001"), None),
    ],
)
def test_a_birth_date_is_read_off_numbers_that_hold_one(kind: DocumentType, of: str, born_on: date | None) -> None:
    assert identity_minted(Person(kind, of, "居民甲")).born_on == born_on
