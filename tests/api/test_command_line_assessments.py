"""A year's assessment by its verbs: joined, claimed, examined by two, certified and certified again."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.cli.output import Exit
from domain import facts
from tests.api.commands import ROOT, Said
from tests.api.school_round import AUTHORITY, ROUND, TODAY, TOWN, publish_programmes, town

YEAR = (AUTHORITY, "2025")
CALENDAR = ("--calendar", str(ROOT / "terms" / "working-days.yaml"))
TABLES = (ROOT / "rulebooks" / "330000" / "2023-07-26.yaml", ROOT / "rulebooks" / "330282" / "2022-04-01.yaml")
EVIDENCE = ("--evidence", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
Says = Callable[..., dict[str, Any]]


@pytest.fixture
def says(points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Says:
    del points
    monkeypatch.setattr("api.clock.today", lambda: TODAY)

    def say(*arguments: str, code: Exit = Exit.DONE) -> dict[str, Any]:
        said = Said(capsys, *arguments, "--json")
        assert said.code == code, said.out + said.err
        return said.object

    say("init")
    for path, doc in zip(TABLES, ("zj.common", "cx.individual"), strict=True):
        say("rulebook", "propose", str(path), "--by", "officer:a")
        say("rulebook", "approve", doc, "--by", "officer:b")
    return say


def opened(says: Says, *more: str) -> None:
    window = ("--opens", "2025-03-01", "--closes", "2025-03-31", "--counted-on", "2025-03-31")
    says("assessment", "open", *YEAR, *window, *more)


def residents(count: int) -> list[str]:
    """Give people of 36 with a permit and ten insured months: 20 points of age, 5 of insurance."""
    found = []
    with town() as told:
        for sequence in range(1, count + 1):
            subject = told.born(f"r{sequence}", sequence, "19880101")
            told.says(subject, facts.PermitIssued(on=date(2024, 11, 1), place=AUTHORITY, permit=f"P-{sequence}"))
            months = [facts.InsuranceMonthPaid(month=f"2024-{n:02}", place=AUTHORITY) for n in range(1, 11)]
            told.says(subject, *months)
            found.append(str(subject))
    return found


def test_a_new_item_is_examined_by_two_and_the_certificate_says_each_row_with_its_day(says: Says) -> None:
    opened(says)
    [who] = residents(1)
    claim = ("assessment", "claim", *YEAR, who, "cx.individual/granted", "--number", "C-1", *EVIDENCE)
    filed = says(*claim, "--on", "2025-03-28", *CALENDAR)
    granted = ("assessment", "answer", *YEAR, who, "C-1", "granted", "--points", "7.5", "--on", "2025-03-31")
    assert (
        filed["answer_by"] == "2025-04-14"
    )  # ten working days, over a weekend and the holiday of the 4th of April
    shown = says("assessment", "show", *YEAR, "--on", "2025-04-15", *CALENDAR)
    assert [(each["claim"], each["overdue"]) for each in shown["waiting"]] == [("C-1", True)]
    certify = ("assessment", "certify", *YEAR, who, "--on", "2025-04-01", "--valid-to", "2026-04-01")
    assert says(*certify, code=Exit.REFUSED)["error"]["code"] == "claims-are-open"

    assert says(*granted, "--by", "officer:a", code=Exit.INCOMPLETE)["recorded"] is False
    assert says(*granted, "--by", "officer:a", code=Exit.INCOMPLETE)["recorded"] is False
    assert says(*granted, "--by", "officer:b")["recorded"] is True
    certified = says(*certify)["certified"]
    year = says("assessment", "show", *YEAR, who, "--on", "2025-04-02", *CALENDAR)["year"]
    items = {each["item"]: (each["points_e4"], each["counted_on"]) for each in year["certified"]["items"]}

    assert [each["points"] for each in certified] == ["32.50"]
    assert (year["state"], year["joined_on"], year["claims"]["C-1"]["state"]) == (
        "certified",
        "2025-03-28",
        "granted",
    )
    assert items["cx.individual/granted"] == (75_000, "2025-03-31")
    assert items["zj.common/insurance"] == (50_000, "2025-03-31")


def test_a_recheck_has_five_working_days_and_a_late_month_is_certified_again(says: Says) -> None:
    opened(says)
    [who] = residents(1)
    claim = ("assessment", "claim", *YEAR, who, "zj.common/insurance", "--number", "C-2", "--recheck")
    filed = says(*claim, "--month", "2024-11", "--on", "2025-03-10", *CALENDAR)
    certify = ("assessment", "certify", *YEAR, who)
    says("assessment", "answer", *YEAR, who, "C-2", "granted", "--on", "2025-03-12")
    first = says(*certify, "--on", "2025-04-01")["certified"]
    with town() as told:
        told.says(UUID(who), facts.InsuranceMonthPaid(month="2024-11", place=AUTHORITY))
    second = says(*certify, "--on", "2025-05-06")["certified"]

    assert filed["answer_by"] == "2025-03-17"
    assert ([each["points"] for each in first], [each["points"] for each in second]) == (["25.00"], ["25.50"])


def test_an_opt_in_place_certifies_nobody_without_an_application_and_another_whoever_is_at_home(says: Says) -> None:
    opened(says, "--opt-in")
    joined, stayed_away = residents(2)
    says("assessment", "join", *YEAR, joined, "--on", "2025-03-02")
    assert not says("assessment", "join", *YEAR, joined, "--on", "2025-03-05")["new"]
    refused = says("assessment", "certify", *YEAR, stayed_away, "--on", "2025-04-01", code=Exit.REFUSED)
    everybody = says("assessment", "certify", *YEAR, "--all", "--on", "2025-04-01")
    other = ("330282", "2026", "--opens", "2026-03-01", "--closes", "2026-03-31", "--counted-on", "2026-03-31")
    says("assessment", "open", *other)
    automatic = says("assessment", "certify", "330282", "2026", "--all", "--on", "2026-04-01")
    nobody = says("assessment", "show", *YEAR, stayed_away, "--on", "2025-04-02", *CALENDAR)

    assert refused["error"]["code"] == "did-not-take-part"
    assert [each["subject"] for each in everybody["certified"]] == [joined]
    assert {each["subject"] for each in automatic["certified"]} == {joined, stayed_away}
    assert nobody["year"]["state"] == "not_taken_part"


def test_what_cannot_be_is_refused_by_name_and_nothing_is_stored(says: Says) -> None:
    [who] = residents(1)
    late = ("assessment", "join", *YEAR, who)
    assert says(*late, "--on", "2025-03-02", code=Exit.USAGE)["error"]["code"] == "assessment-unknown"
    opened(says)
    assert says(*late, "--on", "2025-04-01", code=Exit.REFUSED)["error"]["code"] == "assessment-not-open"
    claim = ("assessment", "claim", *YEAR, who)
    says(*claim, "cx.individual/granted", "--number", "C-1", "--on", "2025-03-10", *CALENDAR)
    again = (*claim, "cx.individual/granted", "--number", "C-9", "--on", "2025-03-11", *CALENDAR)
    assert says(*again, code=Exit.REFUSED)["error"]["code"] == "claim-stands-already"
    says(*claim, "zj.common/insurance", "--number", "C-2", "--on", "2025-03-10", *CALENDAR)
    answer = ("assessment", "answer", *YEAR, who)
    wrong = {
        ("C-1", "51"): "above-maximum",
        ("C-1", "5"): "evidence-wanted",
        ("C-2", "5"): "not-by-hand",
        ("C-7", "5"): "no-such-claim",
    }
    for (number, points), code in wrong.items():
        refused = (*answer, number, "granted", "--points", points, "--on", "2025-03-12")
        ends = Exit.REFUSED if code == "no-such-claim" else Exit.USAGE
        assert says(*refused, code=ends)["error"]["code"] == code
    says(*answer, "C-1", "returned", "--on", "2025-03-12", code=Exit.USAGE)

    assert says("assessment", "show", *YEAR, who, *CALENDAR)["year"]["claims"]["C-1"]["state"] == "open"


def test_a_round_counts_the_score_that_the_assessment_certified_last(says: Says) -> None:
    opened(says)
    with town() as told:
        publish_programmes(told.desk)
        child = told.family(1, 900_000)
        told.delivers("permit-issued")
        [resolution] = told.desk.identities.find_all([told.parent(1)])
    says("round", "open", ROUND, "cx.school", "--opens", "2025-05-01", "--closes", "2025-05-20")
    says("round", "places", ROUND, TOWN, "1", "--on", "2025-05-01")
    says("round", "apply", ROUND, child, "--number", "A-1", "--town", TOWN, "--on", "2025-05-10")
    before = says("round", "rank", ROUND)["ranked"]
    says("assessment", "certify", *YEAR, str(resolution.subject), "--on", "2025-04-28")
    after = says("round", "rank", ROUND)["ranked"]

    assert [each["points"]["total"] for each in (*before, *after)] == ["90.00", "20.00"]
