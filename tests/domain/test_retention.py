"""What bars an erasure: periods by kind, disputes and their remedies, benefits, rounds, legal holds."""

from datetime import date
from pathlib import Path

import pytest

from domain.facts import (
    ApplicationFiled,
    ApplicationWithdrawn,
    BenefitStarted,
    BenefitStopped,
    DisputeOpened,
    DisputeRuled,
    DisputeWithdrawn,
    Fact,
    FactVoided,
    HumanReviewAsked,
    HumanReviewed,
    InsuranceMonthPaid,
    NoticeStarted,
    RankingPublished,
    RestrictedFact,
    RoundCancelled,
    RoundOpened,
    RulingServed,
)
from domain.retention import (
    NOTHING_KEPT,
    BenefitRuns,
    DisputeRuns,
    HoldStands,
    HoldUnknown,
    LegalHoldBars,
    NotUnderRestriction,
    Obstacle,
    RemedyRuns,
    RestrictionStands,
    RetentionRuns,
    RoundRuns,
    Said,
    Schedule,
    ScheduleUnsound,
    Story,
    lift_hold,
    lift_restriction,
    obstacles,
    place_hold,
    read_schedule,
    refuse,
    restrict,
)
from domain.round import Round, evolve_round
from ledger.retention import HOUSE, schedule_in

DIGEST = "ab" * 32
LAW = "{basis: law, text: t}"
PLACE = "330212"
RECORDED, TODAY = date(2026, 3, 1), date(2027, 1, 4)
MONTH = InsuranceMonthPaid(month="2026-01", place=PLACE)
OFFENCE = RestrictedFact(category="offence", level="detention", place=PLACE, acted_on=date(2025, 3, 1))
OPENED = DisputeOpened(
    place=PLACE, dispute="D-1", item="zj.common/insurance", says="no-data", opened_on=RECORDED, year=2025
)
RULED = DisputeRuled(
    place=PLACE,
    dispute="D-1",
    ruled_on=RECORDED,
    outcome="maintained",
    reason="依据",
    department="hr-bureau",
    rulebooks=DIGEST,
    as_at=7,
)
STARTED = BenefitStarted(
    programme="rental",
    application="A-1",
    place=PLACE,
    first_month="2026-04",
    months=3,
    granted_on=RECORDED,
    fen_per_month=100,
)
FILED = ApplicationFiled(round="cx.school-2026", application="A-1", filed_on=RECORDED)
ROUND = evolve_round(
    Round(),
    RoundOpened(
        round="cx.school-2026",
        programme="school",
        content=DIGEST,
        place=PLACE,
        opens_on=RECORDED,
        closes_on=date(2026, 4, 1),
        counted_on=RECORDED,
    ),
)
PUBLISHED = evolve_round(ROUND, RankingPublished(round=ROUND.name, content=DIGEST, published_on=RECORDED))
TOLD = evolve_round(
    PUBLISHED,
    NoticeStarted(round=ROUND.name, content=DIGEST, starts_on=RECORDED, removed_on=date(2027, 1, 5)),
)


def schedule(**years: int) -> Schedule:
    periods = [
        {
            "id": kind.replace("-", "_"),
            "label": kind,
            "kinds": [kind],
            "years": count,
            "source": {"basis": "house", "text": "默认"},
        }
        for kind, count in ((kind.replace("_", "-"), count) for kind, count in years.items())
    ]
    return read_schedule({"schedule": "test", "label": "test", "periods": periods, "released_by": ["wrong-person"]})


def story(*facts: Fact | tuple[Fact, int], on: date = RECORDED, within: Round | None = None) -> Story:
    """Tell facts in order, from version 1 on, all recorded on one day; a pair names what a fact refers to."""
    said = []
    for version, each in enumerate(facts, 1):
        fact, refers_to = each if isinstance(each, tuple) else (each, None)
        said.append(Said(version, fact.kind_name(), on, fact, refers_to))
    return Story(said, {} if within is None else {within.name: within})


def test_a_kind_is_kept_for_its_years_from_the_day_on_which_it_was_recorded() -> None:
    kept = schedule(insurance_month_paid=1)

    assert obstacles(kept, story(MONTH, MONTH), date(2027, 2, 28)) == [
        Obstacle("retention", "insurance_month_paid", date(2027, 3, 1), (1, 2), "house: 默认")
    ]
    assert obstacles(kept, story(MONTH), date(2027, 3, 1)) == []
    assert obstacles(kept, story(OFFENCE), RECORDED) == []


def test_a_case_is_kept_from_its_last_entry_on() -> None:
    kept = schedule(dispute_opened=1)
    case = kept.model_copy(update={"periods": [kept.periods[0].model_copy(update={"counted_from": "case"})]})
    said = [
        Said(1, "dispute-opened", date(2024, 1, 1), OPENED),
        Said(
            2,
            "dispute-withdrawn",
            RECORDED,
            DisputeWithdrawn(place=PLACE, dispute="D-1", withdrawn_on=RECORDED),
        ),
    ]

    assert obstacles(kept, Story(said), TODAY) == []
    assert [one.until for one in obstacles(case, Story(said), TODAY)] == [date(2027, 3, 1)]


def test_of_one_entry_its_own_period_counts_alone() -> None:
    kept = schedule(insurance_month_paid=5, restricted_fact=0)

    assert obstacles(kept, story(MONTH, OFFENCE), TODAY, entry=2) == []
    assert len(obstacles(kept, story(MONTH, OFFENCE), TODAY)) == 1


def test_what_was_never_theirs_is_not_kept_for_a_period() -> None:
    kept = schedule(insurance_month_paid=5)
    void = FactVoided(reason="wrong-person")
    other = FactVoided(reason="source-error")

    assert obstacles(kept, story(MONTH, (void, 1)), TODAY) == []
    assert [one.why for one in obstacles(kept, story(MONTH, (other, 1)), TODAY)] == ["retention"]


def test_an_open_dispute_bars_and_so_does_the_time_for_its_remedies() -> None:
    served = RulingServed(
        place=PLACE,
        dispute="D-1",
        served_on=RECORDED,
        reconsideration_by=date(2026, 5, 1),
        lawsuit_by=date(2026, 9, 1),
    )
    of = [
        obstacles(NOTHING_KEPT, story(*facts), on)
        for facts, on in (
            ((OPENED,), TODAY),
            ((OPENED, RULED), TODAY),
            ((OPENED, RULED, served), date(2026, 9, 1)),
            ((OPENED, RULED, served), date(2026, 9, 2)),
        )
    ]

    assert [[(one.why, one.until) for one in found] for found in of] == [
        [("dispute", None)],
        [("remedy", None)],
        [("remedy", date(2026, 9, 2))],
        [],
    ]


def test_a_human_review_that_was_asked_for_bars_until_it_is_done() -> None:
    asked = HumanReviewAsked(decision=DIGEST, asked_on=RECORDED)
    done = HumanReviewed(decision=DIGEST, reviewed_on=TODAY, outcome="upheld", reason="依据")

    assert [one.why for one in obstacles(NOTHING_KEPT, story(asked), TODAY)] == ["dispute"]
    assert obstacles(NOTHING_KEPT, story(asked, done), TODAY) == []


def test_a_benefit_bars_while_it_is_owed() -> None:
    stopped = BenefitStopped(programme="rental", application="A-1", from_month="2026-04", reason="withdrawn")

    assert obstacles(NOTHING_KEPT, story(STARTED), TODAY) == [Obstacle("benefit", "rental", date(2026, 7, 1))]
    assert obstacles(NOTHING_KEPT, story(STARTED, stopped), TODAY) == []


def test_an_application_bars_until_its_rounds_ranking_hangs_out_no_more() -> None:
    withdrawn = ApplicationWithdrawn(round=ROUND.name, application="A-1", withdrawn_on=RECORDED)
    cancelled = evolve_round(ROUND, RoundCancelled(round=ROUND.name, on=RECORDED, reason="依据"))
    told = [
        [one.until for one in obstacles(NOTHING_KEPT, story(FILED, within=within), TODAY)]
        for within in (ROUND, PUBLISHED, TOLD, cancelled)
    ]

    assert told == [[None], [None], [date(2027, 1, 5)], []]
    assert obstacles(NOTHING_KEPT, story(FILED, withdrawn, within=ROUND), TODAY) == []
    assert obstacles(NOTHING_KEPT, story(FILED, within=TOLD), date(2027, 1, 5)) == []


def test_a_legal_hold_bars_until_it_is_lifted_and_is_placed_once() -> None:
    held = place_hold(story(MONTH), "H-1", "调取证据通知", None, RECORDED, DIGEST)
    lifted = lift_hold(story(MONTH, held), "H-1", "解除通知", TODAY, DIGEST)

    assert [one.why for one in obstacles(NOTHING_KEPT, story(MONTH, held), TODAY)] == ["hold"]
    assert obstacles(NOTHING_KEPT, story(MONTH, held, lifted), TODAY) == []
    for again in (story(held), story(held, lifted)):
        with pytest.raises(HoldStands):
            place_hold(again, "H-1", "依据", None, TODAY, DIGEST)
    with pytest.raises(HoldUnknown):
        lift_hold(story(held, lifted), "H-1", "依据", TODAY, DIGEST)


def test_a_hold_and_a_restriction_are_lifted_by_no_void() -> None:
    held = place_hold(story(), "H-1", "调取证据通知", None, RECORDED, DIGEST)
    kept = restrict(story(), "个人信息保护法第四十七条", RECORDED, DIGEST)
    void = FactVoided(reason="source-error")

    assert [one.why for one in obstacles(NOTHING_KEPT, story(held, (void, 1)), TODAY)] == ["hold"]
    assert story(kept, (void, 1)).restriction == kept


def test_a_restriction_stands_until_it_is_lifted() -> None:
    first = restrict(story(MONTH), "个人信息保护法第四十七条", RECORDED, DIGEST)
    lifted = lift_restriction(story(first), "依据", TODAY, DIGEST)
    second = restrict(story(first, lifted), "依据", TODAY, DIGEST)

    assert [first.restriction, lifted.restriction, second.restriction] == ["R1", "R1", "R2"]
    assert (story(first).restriction, story(first, lifted).restriction) == (first, None)
    with pytest.raises(RestrictionStands):
        restrict(story(first), "依据", TODAY, DIGEST)
    with pytest.raises(NotUnderRestriction):
        lift_restriction(story(first, lifted), "依据", TODAY, DIGEST)


@pytest.mark.parametrize(
    ("refusal", "told", "place"),
    [
        (LegalHoldBars, [place_hold(story(), "H-1", "依据", None, RECORDED, DIGEST), OPENED, MONTH], "H-1"),
        (DisputeRuns, [OPENED, MONTH], "D-1"),
        (RemedyRuns, [OPENED, RULED], "D-1"),
        (BenefitRuns, [STARTED, MONTH], "until 2026-07-01: rental"),
        (RoundRuns, [FILED, MONTH], "cx.school-2026"),
        (RetentionRuns, [MONTH, MONTH], "until 2031-03-01: insurance_month_paid ×2"),
    ],
)
def test_a_refusal_names_what_bars_and_until_when(refusal: type[Exception], told: list[Fact], place: str) -> None:
    found = obstacles(schedule(insurance_month_paid=5), story(*told, within=ROUND), TODAY)
    with pytest.raises(refusal) as caught:
        refuse(found)

    assert getattr(caught.value, "place", None) == place


def test_nothing_is_refused_where_nothing_bars() -> None:
    refuse([])

    assert obstacles(NOTHING_KEPT, story(MONTH, OFFENCE), TODAY) == []


def test_the_house_schedule_says_of_each_period_what_it_rests_on() -> None:
    house = schedule_in(HOUSE)
    law = {period.id for period in house.periods if period.source.basis == "law"}

    assert law == {"reads"}
    assert (house.period("benefit-started"), house.period("volunteer-hours-served")) == (
        house.periods[1],
        house.periods[-1],
    )


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("schedule: x\nlabel: y\nperiods: [{id: a}]", "periods.0"),
        (
            f"schedule: x\nlabel: y\nperiods:\n- {{id: a, label: b, kinds: [x], years: 1, source: {LAW}}}",
            "no such kind",
        ),
        ("a: [", "wrong.yaml"),
        ("", "wrong.yaml"),
    ],
)
def test_a_schedule_that_cannot_be_read_is_refused_with_its_place(tmp_path: Path, text: str, where: str) -> None:
    (tmp_path / "wrong.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScheduleUnsound) as caught:
        schedule_in(tmp_path / "wrong.yaml")

    assert where in caught.value.place
