"""What is in force: voids, corrections, spells and their ends, birth dates, each at a position."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain import facts
from domain.facts import Fact, Known, Ref
from domain.knowledge import NATURAL_KEYS, FactRow, Knowledge, Role, Why, in_force, natural_key, rows_of

SUBJECT = UUID(int=7)


def entry(position: int, fact: Fact, refers_to: int | None = None) -> list[FactRow]:
    target = None if refers_to is None else Ref(stream=SUBJECT, version=refers_to)
    return rows_of(Known(fact, position, Ref(stream=SUBJECT, version=position), target))


def registered(spell: str = "R1", on: str = "2020-01-10") -> Fact:
    return facts.ResidenceRegistered(registered_on=date.fromisoformat(on), place="330212", spell=spell)


def ended(spell: str = "R1", on: str = "2022-03-01") -> Fact:
    return facts.ResidenceEnded(ended_on=date.fromisoformat(on), place="330212", spell=spell)


def known(*entries: list[FactRow], as_at: int | None = None) -> Knowledge:
    return in_force([row for rows in entries for row in rows], as_at)


def ends(knowledge: Knowledge, as_of: str = "2030-01-01") -> list[str]:
    day = date.fromisoformat(as_of)
    return [str(fact.end(day)) for fact in knowledge.of("residence-registered")]


def void(from_date: str | None = None) -> Fact:
    if from_date is None:
        return facts.FactVoided(reason="source-error")
    return facts.FactVoided(reason="revoked", effect="from_date", from_date=date.fromisoformat(from_date))


def test_a_spell_named_a_closer_has_no_end() -> None:
    assert ends(known(entry(1, registered()))) == ["None"]


def test_a_closer_ends_its_own_spell_only() -> None:
    assert ends(known(entry(1, registered("R1")), entry(2, registered("R2")), entry(3, ended("R2")))) == [
        "None",
        "2022-03-01",
    ]


def test_a_closer_may_come_before_its_opener() -> None:
    assert ends(known(entry(1, ended()), entry(2, registered()))) == ["2022-03-01"]


def test_of_two_closers_the_earlier_day_ends_the_spell() -> None:
    assert ends(known(entry(1, registered()), entry(2, ended(on="2023-01-01")), entry(3, ended()))) == [
        "2022-03-01"
    ]


def test_a_voided_closer_ends_nothing() -> None:
    assert ends(known(entry(1, registered()), entry(2, ended()), entry(3, void(), refers_to=2))) == ["None"]


def test_a_closer_void_from_a_day_on_ends_the_spell_for_readers_before_that_day() -> None:
    knowledge = known(entry(1, registered()), entry(2, ended()), entry(3, void("2024-01-01"), refers_to=2))

    assert (ends(knowledge, "2023-12-31"), ends(knowledge, "2024-01-01")) == (["2022-03-01"], ["None"])


def test_a_closer_after_the_facts_own_end_does_not_lengthen_it() -> None:
    job = facts.EmploymentStarted(started_on=date(2020, 1, 1), until=date(2021, 1, 1), place="330212", spell="E1")
    left = facts.EmploymentEnded(ended_on=date(2022, 1, 1), place="330212", spell="E1")
    knowledge = known(entry(1, job), entry(2, left))

    assert [str(f.end(date(2030, 1, 1))) for f in knowledge.of("employment-started")] == ["2021-01-01"]


def test_a_closer_counts_from_its_own_position_on() -> None:
    rows = [entry(1, registered()), entry(5, ended())]

    assert (ends(known(*rows, as_at=4)), ends(known(*rows, as_at=5))) == (["None"], ["2022-03-01"])


def test_a_move_ends_one_spell_and_begins_another() -> None:
    moved = facts.ResidenceMoved(moved_on=date(2021, 6, 1), place="330203", spell="R1", new_spell="R2")

    assert ends(known(entry(1, registered()), entry(2, moved))) == ["2021-06-01", "None"]


def test_a_voided_move_leaves_the_resident_where_he_was() -> None:
    moved = facts.ResidenceMoved(moved_on=date(2021, 6, 1), place="330203", spell="R1", new_spell="R2")

    assert ends(known(entry(1, registered()), entry(2, moved), entry(3, void(), refers_to=2))) == ["None"]


def test_a_void_is_not_known_before_its_position() -> None:
    rows = [entry(1, registered()), entry(4, void(), refers_to=1)]

    assert (len(known(*rows, as_at=3).of("residence-registered")), known(*rows, as_at=4).facts) == (1, {})


def test_a_voided_fact_is_kept_among_the_ignored_with_its_cause() -> None:
    [ignored] = known(entry(1, registered()), entry(4, void(), refers_to=1)).ignored

    assert (ignored.why, ignored.row.position, ignored.because and ignored.because.position) == (Why.VOID, 1, 4)


def test_a_void_of_a_void_changes_nothing() -> None:
    rows = [entry(1, registered()), entry(2, void(), refers_to=1), entry(3, void(), refers_to=2)]

    assert known(*rows).facts == {}


@pytest.mark.parametrize("days", [["2024-01-01", "2023-01-01"], ["2023-01-01", "2024-01-01"]])
def test_of_two_voids_from_a_day_the_earlier_day_counts(days: list[str]) -> None:
    knowledge = known(entry(1, registered()), *(entry(2 + n, void(day), refers_to=1) for n, day in enumerate(days)))

    assert [str(f.void_from) for f in knowledge.of("residence-registered")] == ["2023-01-01"]


@pytest.mark.parametrize("days", [["2024-01-01", None], [None, "2024-01-01"]])
def test_a_void_from_the_start_is_stronger_than_one_from_a_day(days: list[str | None]) -> None:
    voids = (entry(2 + n, void(day), refers_to=1) for n, day in enumerate(days))

    assert known(entry(1, registered()), *voids).facts == {}


def test_a_void_of_nothing_changes_nothing() -> None:
    assert ends(known(entry(1, registered()), entry(2, void(), refers_to=99), entry(3, void()))) == ["None"]


def corrected(replacement: Fact) -> Fact:
    return facts.FactCorrected.model_validate({"reason": "source-error", "replacement": replacement})


def test_a_correction_replaces_its_target_from_its_position_on() -> None:
    rows = [entry(1, registered(on="2020-01-10")), entry(3, corrected(registered(on="2019-01-10")), refers_to=1)]

    starts = [str(f.row.starts_on) for at in (2, 3) for f in known(*rows, as_at=at).of("residence-registered")]

    assert starts == ["2020-01-10", "2019-01-10"]


def test_a_corrected_correction_leaves_only_the_last_word() -> None:
    rows = [
        entry(1, registered(on="2020-01-10")),
        entry(2, corrected(registered(on="2019-01-10")), refers_to=1),
        entry(3, corrected(registered(on="2018-01-10")), refers_to=2),
    ]

    assert [str(f.row.starts_on) for f in known(*rows).of("residence-registered")] == ["2018-01-10"]


def test_of_two_corrections_of_one_entry_the_first_known_counts() -> None:
    rows = [
        entry(1, registered(on="2020-01-10")),
        entry(2, corrected(registered(on="2019-01-10")), refers_to=1),
        entry(3, corrected(registered(on="2018-01-10")), refers_to=1),
    ]
    knowledge = known(*rows)

    assert [str(fact.row.starts_on) for fact in knowledge.of("residence-registered")] == ["2019-01-10"]
    assert [(one.row.ref_version, one.because and one.because.ref_version) for one in knowledge.ignored] == [
        (1, 2),
        (3, 3),
    ]


def test_a_second_correction_does_not_count_when_the_first_is_void() -> None:
    rows = [
        entry(1, registered(on="2020-01-10")),
        entry(2, corrected(registered(on="2019-01-10")), refers_to=1),
        entry(3, corrected(registered(on="2018-01-10")), refers_to=1),
        entry(4, void(), refers_to=2),
    ]

    assert known(*rows).of("residence-registered") == []


def test_a_correction_of_what_was_void_counts() -> None:
    rows = [
        entry(1, registered(on="2020-01-10")),
        entry(2, void(), refers_to=1),
        entry(3, corrected(registered(on="2019-01-10")), refers_to=1),
    ]

    assert [str(fact.row.starts_on) for fact in known(*rows).of("residence-registered")] == ["2019-01-10"]


def test_a_voided_correction_does_not_bring_its_target_back() -> None:
    rows = [entry(1, registered()), entry(2, corrected(registered()), refers_to=1), entry(3, void(), refers_to=2)]

    assert known(*rows).facts == {}


def minted(born_on: str | None) -> Fact:
    born = date.fromisoformat(born_on) if born_on else None
    return facts.IdentityMinted(document_type="passport", document_number="E12345678", name="无名", born_on=born)


def test_the_newest_identity_entry_says_the_birth_date() -> None:
    rows = [entry(1, minted("1980-01-01")), entry(5, facts.ParticularsCorrected(born_on=date(1985, 1, 1)))]

    assert [str(known(*rows, as_at=at).born_on) for at in (1, 4, 5)] == ["1980-01-01", "1980-01-01", "1985-01-01"]


def test_a_voided_correction_of_the_birth_date_gives_the_old_one_back() -> None:
    rows = [
        entry(1, minted("1980-01-01")),
        entry(5, facts.ParticularsCorrected(born_on=date(1985, 1, 1))),
        entry(6, void(), refers_to=5),
    ]

    assert str(known(*rows).born_on) == "1980-01-01"


def test_a_correction_of_something_else_says_nothing_about_the_birth_date() -> None:
    assert str(
        known(entry(1, minted("1980-01-01")), entry(2, facts.ParticularsCorrected(sex="female"))).born_on
    ) == ("1980-01-01")


def test_the_newest_identity_entry_that_says_it_gives_the_sex() -> None:
    told = known(
        entry(1, facts.ParticularsCorrected(sex="male")),
        entry(2, facts.ParticularsCorrected(sex="female")),
        entry(3, facts.ParticularsCorrected(born_on=date(1985, 1, 1))),
    )

    assert (told.sex, str(told.born_on)) == ("female", "1985-01-01")


def test_permit_facts_are_kept_apart_from_facts_that_count() -> None:
    issued = facts.PermitIssued(on=date(2022, 1, 1), place="330212", permit="P1")
    knowledge = known(entry(1, issued))

    assert (knowledge.facts, [f.row.kind for f in knowledge.permits]) == ({}, ["permit-issued"])


def test_rows_need_not_come_in_order() -> None:
    rows = [*entry(1, registered()), *entry(2, ended()), *entry(3, void(), refers_to=2)]

    assert in_force(reversed(rows)) == in_force(rows)


COUNTED: list[dict[str, Any]] = [
    {"kind": "insurance-month-paid.v1", "month": "2024-05", "place": "330212"},
    {"kind": "education-awarded.v1", "level": "bachelor", "awarded_on": "2010-07-01"},
    {"kind": "skill-awarded.v1", "level": "l3", "awarded_on": "2010-07-01"},
    {"kind": "volunteer-hours-served.v1", "served_on": "2024-05-01", "place": "330212", "minutes": 90},
    {"kind": "blood-donated.v1", "donated_on": "2024-05-01", "place": "330212", "millilitres": 200},
    {"kind": "honour-received.v1", "level": "city", "received_on": "2024-05-01", "place": "330212"},
    {"kind": "attested.v1", "scheme": "military", "place": "330213", "valid_from": "2024-05-01"},
    {
        "kind": "restricted-fact.v1",
        "category": "offence",
        "level": "minor",
        "place": "330212",
        "acted_on": "2024-05-01",
    },
]


@pytest.mark.parametrize("fields", COUNTED, ids=lambda f: f["kind"])
def test_two_reports_of_one_fact_have_one_natural_key(fields: dict[str, Any]) -> None:
    fact = facts.BY_TOPIC[fields["kind"]].model_validate(fields, strict=False)
    [first], [second] = entry(1, fact), entry(2, fact)

    assert natural_key(first) == natural_key(second)


def test_every_kind_that_counts_and_has_a_natural_key_has_it_in_its_row() -> None:
    named = {
        fact.kind_name()
        for fact in facts.ALL
        if fact.measured is not Fact.measured and fact.about.key and (fact.about.opens or not fact.about.closes)
    }

    assert named <= NATURAL_KEYS.keys()


def test_a_row_names_its_entry_and_its_role() -> None:
    [row] = entry(3, registered())

    assert (row.role, row.ref) == (Role.FACT, Ref(stream=SUBJECT, version=3))
