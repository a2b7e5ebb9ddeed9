"""Conditions, exemptions, tiers and order of a programme; when an unmet condition could be met; money."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain import facts
from domain.facts import Fact, ParticularsCorrected
from domain.programme import Case, Eligibility, Person, Programme, evaluate, given_points, granted, payments
from domain.programme.case import Sex
from domain.programme.outlook import Outlook, by_itself, outlook
from domain.programme.telling import tell
from domain.rulebook import RulebookSet
from tests.domain.given import (
    CIXI,
    QIANWAN,
    YINZHOU,
    ZHEJIANG,
    Given,
    attested,
    born,
    employment,
    housing,
    in_force_at,
    insured,
    offence,
    permit,
    residence,
    table,
    worth,
)

ON = "2025-06-15"
LABEL = {"zh": "条件", "en": "condition"}


def day(text: str) -> date:
    return date.fromisoformat(text)


def condition(kind: str, **fields: Any) -> dict[str, Any]:
    return {"id": kind, "kind": kind, "clause": "c", "label": LABEL, **fields}


def programme(*require: dict[str, Any], **fields: Any) -> Programme:
    return Programme.model_validate(
        {
            "doc": "test.use",
            "programme": "use",
            "label": LABEL,
            "authority": YINZHOU,
            "effective": {"from": "2020-01-01"},
            "source": "s",
            "counted_on": {"day": "applied_on", "clause": "c"},
            "score": {"clause": "c"},
            "require": list(require),
            **fields,
        }
    )


def person(*known: Fact, sex: Sex | None = None, points: Any = None) -> Person:
    return Person(Given(*known).known(), sex, None if points is None else given_points(points))


def case(applicant: Person, on: str = ON, books: RulebookSet | None = None, **fields: Any) -> Case:
    town = fields.get("town")
    return Case(applicant, town or YINZHOU, day(on), day(on), rulebooks=books or RulebookSet(()), **fields)


def found(told: Programme, *known: Fact, on: str = ON, **fields: Any) -> Eligibility:
    return evaluate(told, case(person(*known), on, **fields))


ISSUED = permit("permit-issued", "2025-01-01")
MONTHS = condition("measured", measure={"kind": "months", "of": "insurance-month-paid", "run": "last"}, at_least=6)


@pytest.mark.parametrize(
    ("place", "of", "met"),
    [
        (YINZHOU, "authority", True),
        (CIXI, "authority", False),
        (CIXI, "city", True),
        ("330381", "city", False),
        ("330381", "province", True),
        ("330212003", "town", True),
        ("330212004", "town", False),
    ],
)
def test_a_permit_counts_where_the_condition_asks_for_it(place: str, of: str, met: object) -> None:
    told = programme(condition("permit", of=of))

    assert found(told, permit("permit-issued", "2025-01-01", place), town="330212003").met is met


def test_no_permit_is_a_state_that_can_be_asked_for() -> None:
    told = programme(condition("permit", **{"is": ["none"]}))

    assert [
        found(told).met,
        found(told, ISSUED).met,
        found(told, permit("permit-issued", "2025-01-01", CIXI)).met,
    ] == [
        *(True, False, True),
    ]


def test_a_permit_valid_at_registration_and_still_on_the_check_day() -> None:
    told = programme(condition("permit", on=["counted_on", "check_day"]))
    lapsing = permit("permit-issued", "2024-07-01")

    assert [found(told, lapsing, check_day=day(on)).met for on in ("2025-06-30", "2025-07-01")] == [True, False]


def test_what_is_missing_is_a_number_and_the_facts_are_named() -> None:
    finding = found(programme(MONTHS), *insured("2025-02", 4)).findings[0]

    assert (finding.met, finding.best.found, finding.best.missing, len(finding.best.used)) == (False, 4, 2, 4)


def test_a_back_paid_month_breaks_a_run_of_normal_ones() -> None:
    measure = {"kind": "months", "of": "insurance-month-paid", "run": "last", "standing": ["normal"]}
    told = programme(condition("measured", measure=measure, at_least=6))
    paid = [*insured("2024-12", 3), *insured("2025-03", 1, standing="back-paid"), *insured("2025-04", 2)]

    assert found(told, *paid).findings[0].best.found == 2


def test_a_bound_from_above_is_met_by_nothing() -> None:
    none = condition(
        "measured", measure={"kind": "count", "of": "restricted-fact/offence", "window": "60mo"}, at_most=0
    )

    assert [found(programme(none), *known).met for known in ([], [offence("minor", "2024-01-01")])] == [True, False]


@pytest.mark.parametrize(
    ("sex", "birthday", "met"),
    [
        ("male", "1965-06-16", True),
        ("male", "1965-06-15", False),
        ("female", "1975-06-16", True),
        ("female", "1975-06-15", False),
        (None, "1990-01-01", False),
    ],
)
def test_the_age_of_retirement_differs_by_sex(sex: Sex | None, birthday: str, met: object) -> None:
    told = programme(condition("age", below={"male": 60, "female": 50}))

    assert evaluate(told, case(person(born(birthday), sex=sex))).met is met


def test_the_sex_that_the_ledger_knows_is_asked() -> None:
    told = programme(condition("age", below={"male": 60, "female": 50}))
    he, she = ParticularsCorrected(sex="male"), ParticularsCorrected(sex="female")

    assert [evaluate(told, case(person(born("1970-01-01"), known))).met for known in (he, she)] == [True, False]


def test_two_parents_may_be_wanted_or_all_there_are() -> None:
    both, all_there_are = condition("permit", who="parents", need=2), condition("permit", who="parents", need="all")
    holder, other = person(ISSUED), person()

    def met(rule: dict[str, Any], *parents: Person) -> bool:
        return evaluate(programme(rule), case(person(), parents=parents)).met

    assert [met(both, holder, holder), met(both, holder), met(all_there_are, holder)] == [True, False, True]
    assert [met(all_there_are, holder, other), met(all_there_are)] == [False, False]


def test_points_that_are_not_in_effect_do_not_reach_a_threshold() -> None:
    books = table(
        attested("worth"),
        schemes=[{"id": "worth"}],
        validity={
            "none": "accruing",
            "normal": "effective",
            "due": "effective",
            "suspended": {"state": "paused", "resumes": "on_request"},
            "ended": {"state": "lost"},
        },
    )
    told = programme(condition("score", at_least=40))
    earned = worth("worth", 40)

    evaluated = [found(told, earned, books=books), found(told, earned, ISSUED, books=books)]

    assert [(each.met, each.points and each.points.state) for each in evaluated] == [
        (False, "not_in_effect"),
        (True, "scored"),
    ]


def certified(points_e4: int, on: str, place: str = YINZHOU, **fields: Any) -> Fact:
    return facts.ScoreCertified(
        year=2025,
        place=place,
        counted_on=day("2025-03-31"),
        as_at=1,
        rulebooks="0" * 64,
        points_e4=points_e4,
        certified_on=day(on),
        **fields,
    )


def test_a_certified_score_is_the_one_certified_last_and_none_counts_zero() -> None:
    told = programme(condition("score", at_least=45), score={"kind": "certified", "year": 2025, "clause": "c"})
    first, second = certified(440_000, "2025-04-01"), certified(455_000, "2025-05-01")

    texts = [
        found(told, *known).points for known in ([], [first], [second, first], [certified(9, "2025-04-01", CIXI)])
    ]

    assert [points and (points.text, points.state) for points in texts] == [
        ("0.00", "not_taken_part"),
        ("44.00", "scored"),
        ("45.50", "scored"),
        ("0.00", "not_taken_part"),
    ]


def test_a_certificate_that_is_over_counts_nothing() -> None:
    told = programme(score={"kind": "certified", "year": 2025, "clause": "c"})
    points = found(told, certified(455_000, "2025-04-01", valid_to=day("2025-06-15"))).points

    assert points is not None
    assert (points.total, points.state) == (0, "not_in_effect")


def test_the_better_parent_counts_or_both_added() -> None:
    def total(who: str) -> str:
        told = programme(score={"who": who, "clause": "c"})
        parents = (person(points=30), person(points="42.5"))
        points = evaluate(told, case(person(), parents=parents)).points
        assert points is not None
        return points.text

    assert [total("best_parent"), total("both_parents"), total("self")] == ["42.50", "72.50", "0.00"]


def test_an_exemption_takes_away_what_it_names_and_nothing_else() -> None:
    told = programme(
        condition("score", at_least=30),
        condition("permit"),
        exempt=[
            {
                "id": "cleaner",
                "clause": "c",
                "label": LABEL,
                "when": [
                    condition("measured", measure={"kind": "state", "of": "post-held/sanitation"}, at_least=1)
                ],
                "from": ["score"],
            }
        ],
    )
    post = facts.PostHeld(started_on=day("2024-01-01"), place=YINZHOU, spell="S1", post="sanitation")

    assert [found(told, *known).unmet for known in ([], [post], [post, ISSUED])] == [
        ["score", "permit"],
        ["permit"],
        [],
    ]


def test_any_of_several_is_enough_and_all_of_several_are_not_less() -> None:
    inner = [condition("permit"), {**MONTHS, "id": "months"}]
    either, both = condition("any_of", among=inner), condition("all_of", among=inner)

    assert [found(programme(rule), ISSUED).met for rule in (either, both)] == [True, False]
    assert [part.met for part in found(programme(both), ISSUED).findings[0].parts] == [True, False]


def test_a_household_is_granted_once_for_life() -> None:
    told = programme(condition("never_granted", programmes=["rental"], who="household", need="all"))
    grant = facts.BenefitStarted(
        programme="rental",
        application="A1",
        place=CIXI,
        first_month="2019-10",
        months=12,
        granted_on=day("2019-09-20"),
    )

    assert evaluate(told, case(person(), spouse=person())).met
    assert not evaluate(told, case(person(), spouse=person(grant))).met
    assert not evaluate(told, case(person(grant), on="2039-01-01")).met


def test_a_contract_long_enough_is_in_force_and_made_for_as_long() -> None:
    told = programme(condition("term", of="employment-started", at_least="12mo"))
    spans = [
        ("2025-01-01", "2026-01-01"),
        ("2025-01-01", "2025-12-31"),
        ("2023-01-01", "2025-06-01"),
        ("2025-06-01", None),
    ]

    assert [found(told, employment(start, until)).met for start, until in spans] == [True, False, False, True]


def test_who_gained_local_hukou_needs_no_points_place() -> None:
    told = programme(condition("no_local_hukou"))

    assert [
        found(told, facts.LocalHukouGained(on=day("2025-05-01"), place=place)).met for place in (YINZHOU, CIXI)
    ] == [False, True]


def test_a_hold_bars_what_it_bars() -> None:
    books = table(
        attested("worth"),
        schemes=[{"id": "worth"}],
        holds=[{"of": "restricted-fact/offence", "lasts": "24mo", "effect": "ineligible"}],
    )
    told = programme(condition("not_held"))

    assert [found(told, *known, books=books).met for known in ([], [offence("minor", "2025-01-01")])] == [
        True,
        False,
    ]


def test_the_live_score_is_that_of_the_tables_in_force() -> None:
    told = programme(condition("score", at_least=60))
    known = [born("1990-01-01"), ISSUED, *insured("2020-01", 60), residence("2015-01-01")]
    points = found(told, *known, books=in_force_at(YINZHOU, ON)).points

    assert points is not None
    assert points.text == Given(*known).scored(in_force_at(YINZHOU, ON), on=ON).score.points(8000)


def test_an_item_that_lapsed_earns_nothing_and_another_fills_the_cap() -> None:
    books = table(
        attested("first", category="both"),
        attested("second", category="both"),
        schemes=[{"id": "first"}, {"id": "second"}],
        categories=[{"id": "both", "cap": 30}],
    )
    known = [worth("first", 20), worth("second", 20)]
    totals = [
        found(programme(), *known, books=books, lapsed=frozenset(lapsed)).points
        for lapsed in ([], ["first"], ["test.0/second"], ["first", "second"])
    ]

    assert [points and points.text for points in totals] == ["30.00", "20.00", "20.00", "0.00"]


def disputed(item: str = "zj.common/insurance", number: str = "D-1", on: str = "2025-05-01") -> Fact:
    return facts.DisputeOpened(
        place=YINZHOU, dispute=number, item=item, says="no-data", opened_on=day(on), year=2025
    )


RULED = facts.DisputeWithdrawn(place=YINZHOU, dispute="D-1", withdrawn_on=day("2025-06-15"))


@pytest.mark.parametrize(
    ("known", "on", "items", "met"),
    [
        ([], ON, None, True),
        ([disputed()], ON, None, False),
        ([disputed()], "2025-04-30", None, True),
        ([disputed(), RULED], "2025-06-14", None, False),
        ([disputed(), RULED], ON, None, True),
        ([disputed(), RULED, disputed(number="D-2")], ON, None, False),
        ([disputed()], ON, ["zj.common/education"], True),
        ([disputed()], ON, ["zj.common/education", "zj.common/insurance"], False),
    ],
)
def test_an_open_dispute_bars_where_a_programme_asks_for_none(
    known: list[Fact], on: str, items: list[str] | None, met: object
) -> None:
    told = programme(condition("no_open_dispute", items=items))

    assert found(told, *known, on=on).met is met


def test_a_dispute_of_the_spouse_bars_where_the_couple_is_asked() -> None:
    told = programme(condition("no_open_dispute", who="couple", need="all"))
    both = case(person(), spouse=person(disputed()))

    assert [evaluate(told, both).met, evaluate(told, case(person(), spouse=person())).met] == [False, True]


def test_an_open_dispute_is_told_with_what_would_end_it() -> None:
    view = ahead(programme(condition("no_open_dispute")), disputed())

    assert told_ahead(view) == [("no_open_dispute", ON, "ruled")]
    assert "现有1件在办异议" in list(tell(view.found))[1]
    assert "1 open disputes; wanted: 0 open disputes → at the earliest" in list(tell(view.found, "en"))[1]


def ahead(told: Programme, *known: Fact, on: str = ON, books: RulebookSet | None = None, **fields: Any) -> Outlook:
    asked = case(person(*known), on, books, **fields)
    return outlook(told, asked, evaluate(told, asked), day(on))


def told_ahead(view: Outlook) -> list[tuple[str, str | None, str | None]]:
    return [
        (f.id, f.not_before.isoformat() if f.not_before else None, f.if_) for f in view.found.findings if not f.met
    ]


def test_four_months_of_six_are_six_in_two_months_if_insurance_goes_on() -> None:
    # Paid February to May, asked on 15 June: with June and July paid, six are full on 1 August.
    assert told_ahead(ahead(programme(MONTHS), *insured("2025-02", 4))) == [("measured", "2025-08-01", "goes_on")]


def test_who_is_not_insured_begins_this_month() -> None:
    assert told_ahead(ahead(programme(MONTHS))) == [("measured", "2025-12-01", "begins")]


def test_a_permit_comes_when_the_half_year_is_full() -> None:
    known = [residence("2025-03-10"), employment("2025-03-10")]

    assert told_ahead(ahead(programme(condition("permit")), *known)) == [("permit", "2025-09-10", "apply")]


def test_a_suspended_permit_can_be_endorsed_today() -> None:
    assert told_ahead(ahead(programme(condition("permit")), permit("permit-issued", "2024-01-01"))) == [
        ("permit", ON, "apply")
    ]


def test_a_year_of_permit_without_a_gap_is_counted_with_endorsements_in_time() -> None:
    year = condition("measured", measure={"kind": "spells", "of": "permit", "run": "last"}, at_least=24)

    assert told_ahead(ahead(programme(year), ISSUED)) == [("measured", "2027-01-01", "goes_on")]


def test_a_record_ceases_to_bar_when_its_window_is_over() -> None:
    none = condition(
        "measured", measure={"kind": "count", "of": "restricted-fact/offence", "window": "60mo"}, at_most=0
    )

    assert told_ahead(ahead(programme(none), offence("minor", "2021-03-04"))) == [
        ("measured", "2026-03-04", "goes_on")
    ]


@pytest.mark.parametrize(
    ("registered_on", "expected"),
    [("2024-06-20", "2026-06-20"), ("2024-07-01", "2026-07-01"), ("2024-07-02", None)],
)
def test_what_things_come_to_by_themselves_is_the_same_on_every_day_of_a_month(
    registered_on: str, expected: str | None
) -> None:
    lived = condition("measured", measure={"kind": "spells", "of": "residence-registered"}, at_least=24)
    told, lives = programme(lived), person(residence(registered_on))
    days = [date(2025, 6, 1) + timedelta(days=passed) for passed in range(30)]
    cases = [(replace(case(lives), counted_on=on, applied_on=on), on) for on in days]
    found_on = {by_itself(told, asked, evaluate(told, asked), on) for asked, on in cases}

    assert found_on == {None if expected is None else day(expected)}


def test_a_score_grows_by_months_that_go_on() -> None:
    # 0.5 a month: 30 months to May are 15.00; June brings 15.50 as soon as it is paid, July 16.00 on its first day.
    known = [ISSUED, *insured("2022-12", 30)]
    view = ahead(programme(condition("score", at_least=16)), *known, books=ZHEJIANG)

    assert told_ahead(view) == [("score", "2025-07-01", "goes_on")]


def test_points_that_wait_for_a_permit_come_with_it() -> None:
    # 120 months registered are 30.00, in effect from the day on which a permit could be issued.
    known = [residence("2010-01-01"), employment("2020-01-01")]
    view = ahead(programme(condition("score", at_least=30)), *known, books=ZHEJIANG)

    assert told_ahead(view) == [("score", ON, "apply")]


def test_what_can_never_be_met_has_no_day() -> None:
    told = programme(
        condition("born", **{"from": "2018-09-01", "to": "2019-09-01"}),
        condition("age", below=35),
        condition("permit"),
    )
    view = ahead(told, born("1980-01-01"))

    assert [when for _, when, _ in told_ahead(view)] == [None, None, "2025-12-15"]
    assert view.not_before is None


def test_the_whole_is_not_before_its_last_part() -> None:
    view = ahead(programme(MONTHS, condition("permit")), *insured("2025-02", 4), residence("2025-03-10"))

    assert view.not_before == day("2025-09-10")


def test_what_is_met_already_is_met_today() -> None:
    assert ahead(programme(condition("permit")), ISSUED).not_before == day(ON)


def test_a_zone_without_a_code_of_the_standard_is_an_authority_like_others() -> None:
    told = programme(condition("permit"), authority=QIANWAN)

    assert found(told, permit("permit-issued", "2025-01-01", QIANWAN)).met


MONEY = {
    "clause": "c",
    "starts": "month_after_application",
    "months": 36,
    "pays": "quarterly",
    "money": [
        {"id": "centre", "zone": "centre", "label": LABEL, "clause": "c", "fen_per_month": 31_700},
        {"id": "else", "label": LABEL, "clause": "c", "fen_per_month": 23_100},
    ],
}


def test_money_begins_in_the_month_after_the_application_and_lasts_36_months() -> None:
    grant = granted(programme(benefit=MONEY), "centre", day("2023-12-31"))

    assert grant is not None
    assert (grant.as_json()["first_month"], grant.as_json()["last_month"], grant.fen_per_month) == (
        *("2024-01", "2026-12"),
        31_700,
    )


@pytest.mark.parametrize(
    ("pays", "count", "first"), [("monthly", 36, 1), ("quarterly", 13, 2), ("yearly", 4, 8), ("once", 1, 36)]
)
def test_payments_follow_the_calendar_and_add_up(pays: str, count: int, first: int) -> None:
    grant = granted(programme(benefit=MONEY), "outside", day("2023-04-10"))

    assert grant is not None
    paid = list(payments(grant, pays))
    assert (len(paid), paid[0].fen // 23_100, sum(payment.fen for payment in paid)) == (count, first, 36 * 23_100)


def test_the_reported_household_of_yinzhou_has_808_yuan_for_october_and_november() -> None:
    rent = {"id": "rent", "label": LABEL, "clause": "c", "square_metres": 36, "fen_per_square_metre": 2800}
    row = {**rent, "percent": 40, "round_up_to_fen": 100}
    grant = granted(programme(benefit={**MONEY, "money": [row]}), None, day("2021-09-20"))

    assert grant is not None
    assert sum(payment.fen for payment in list(payments(grant, "monthly"))[:2]) == 80_800


def test_both_tongues_say_what_is_missing() -> None:
    told = programme(MONTHS, condition("permit"), exempt=[])
    view = ahead(told, *insured("2025-02", 4), housing("rent", "2025-01-01"))

    assert "现有4个月,要求6个月 → 最早 2025-08-01 (若现状持续)" in "\n".join(tell(view.found))
    assert "4 months; wanted: 6 months → at the earliest 2025-08-01" in "\n".join(tell(view.found, "en"))
