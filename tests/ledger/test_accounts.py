"""One person with two accounts is one person: what takes two people, the database refuses the second account."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import psycopg
import pytest

from domain.errors import AccountOfAnother, AccountWithoutPerson, ApprovalTaken, SamePerson
from domain.facts import AccountAssigned, Stream
from domain.facts.governance import Action
from ledger.accounts import Accounts
from ledger.approvals import Approvals
from ledger.database import Database, Role
from ledger.entry import Hand
from ledger.streams import named
from tests.ledger.vaults import Given, given_ledger

FIRST, OTHER, SECOND, STRANGER, NOBODY = (
    Hand(f"officer:{one}", "ledger-keeper", source_class="manual") for one in ("a1", "a2", "b", "c", "d")
)
KEEPER = Hand("officer:keeper", "ledger-keeper", source_class="manual")
ONE, TWO = "工号0071", "工号0072"
ACTIONS: tuple[Action, ...] = get_args(Action)
REASON = "依规办理"


@pytest.fixture
def given(ledger_db: Database, tmp_path: Path) -> Iterator[Given]:
    """A ledger in which the first two accounts are one person's, and another is another's."""
    with given_ledger(ledger_db, tmp_path / "kek") as one:
        accounts = Accounts(one.desk.ledger)
        for hand, person in ((FIRST, ONE), (OTHER, f" {ONE} "), (SECOND, TWO)):
            accounts.assign(hand.recorded_by, person, KEEPER)
        yield one


def content(action: str) -> bytes:
    return hashlib.sha256(action.encode()).digest()


def asked(given: Given, action: Action = "ruling", hand: Hand = FIRST) -> Approvals:
    """Let somebody ask, and give what another is asked for."""
    approvals = given.desk.approvals
    assert not approvals.by_two(action, content(action), hand, REASON)
    return approvals


@pytest.mark.parametrize("action", ACTIONS)
def test_nothing_that_takes_two_people_is_done_by_two_accounts_of_one(given: Given, action: Action) -> None:
    approvals = asked(given, action)
    with pytest.raises(SamePerson):
        approvals.by_two(action, content(action), OTHER, REASON)

    assert approvals.people(action, content(action)) == ("officer:a1", None)
    assert approvals.by_two(action, content(action), SECOND, REASON)


def test_of_a_person_known_and_an_account_of_nobody_known_nobody_can_say_that_they_are_two(given: Given) -> None:
    approvals = asked(given)
    with pytest.raises(AccountWithoutPerson):
        approvals.by_two("ruling", content("ruling"), STRANGER, REASON)
    Accounts(given.desk.ledger).assign(STRANGER.recorded_by, "工号0073", KEEPER)

    assert approvals.by_two("ruling", content("ruling"), STRANGER, REASON)


def test_whoever_is_registered_after_asking_is_known_when_the_other_approves(given: Given) -> None:
    approvals = asked(given, hand=STRANGER)
    Accounts(given.desk.ledger).assign(STRANGER.recorded_by, TWO, KEEPER)

    with pytest.raises(SamePerson):
        approvals.by_two("ruling", content("ruling"), SECOND, REASON)


def test_two_accounts_of_nobody_known_are_two_as_their_names_are(given: Given) -> None:
    approvals = asked(given, hand=STRANGER)

    assert approvals.by_two("ruling", content("ruling"), NOBODY, REASON)


def test_what_a_token_says_counts_like_the_registry(given: Given) -> None:
    approvals = asked(given)
    with pytest.raises(SamePerson):
        approvals.by_two("ruling", content("ruling"), replace(STRANGER, person=ONE), REASON)
    with pytest.raises(AccountOfAnother):
        approvals.by_two("ruling", content("ruling"), replace(SECOND, person=ONE), REASON)

    assert approvals.by_two("ruling", content("ruling"), replace(STRANGER, person="工号0073"), REASON)


def test_two_tokens_of_one_person_are_one_where_nothing_is_registered(given: Given) -> None:
    approvals = asked(given, hand=replace(STRANGER, person="工号0073"))

    with pytest.raises(SamePerson):
        approvals.by_two("ruling", content("ruling"), replace(NOBODY, person="工号0073"), REASON)


def test_accounts_that_were_seen_with_one_person_are_told_together(given: Given) -> None:
    approvals = asked(given, hand=replace(STRANGER, person=ONE))

    assert approvals.accounts_like(FIRST) == {"officer:a1", "officer:a2", "officer:c"}
    assert approvals.accounts_like(NOBODY) == {"officer:d"}


def test_an_account_belongs_to_one_person_for_ever(given: Given) -> None:
    accounts = Accounts(given.desk.ledger)
    again = accounts.assign(FIRST.recorded_by, ONE, KEEPER)
    with pytest.raises(AccountOfAnother):
        accounts.assign(FIRST.recorded_by, TWO, KEEPER)

    assert not again.new
    assert [(one.account, one.assigned_by) for one in accounts.every() if one.account == "officer:a1"] == [
        ("officer:a1", "officer:keeper")
    ]


def test_the_ledger_tells_of_each_account_once_and_names_nobody(given: Given) -> None:
    [first], [other], [second] = (
        given.desk.ledger.history(named(Stream.APPROVAL, f"account/{hand.recorded_by}"))
        for hand in (FIRST, OTHER, SECOND)
    )
    facts = [entry.fact for entry in (first, other, second)]
    persons = [fact.person for fact in facts if isinstance(fact, AccountAssigned)]

    assert (persons[0] == persons[1], persons[0] == persons[2]) == (True, False)
    assert persons[0] != hashlib.sha256(ONE.encode()).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE points.accounts SET person = sha256('other')",
        "DELETE FROM points.accounts",
        "TRUNCATE points.accounts",
    ],
)
@pytest.mark.usefixtures("given")
def test_the_registry_is_only_added_to(change: str, ledger_db: Database) -> None:
    with ledger_db.connect(Role.APPENDER) as appender, pytest.raises(psycopg.errors.InsufficientPrivilege):
        appender.execute(change)
    with ledger_db.connect() as superuser, pytest.raises(psycopg.Error, match="append-only"):
        superuser.execute(change)


def test_nobody_approves_a_second_time_what_another_has_approved(given: Given) -> None:
    approvals = asked(given)
    approvals.by_two("ruling", content("ruling"), SECOND, REASON)

    with pytest.raises(ApprovalTaken):
        approvals.by_two("ruling", content("ruling"), OTHER, REASON)
