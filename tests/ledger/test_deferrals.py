"""Looks that are shown later, by law and by two people: counted all along."""

from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from domain.errors import DeferralDayRefused, SubjectUnknown
from ledger.database import Database, Role
from ledger.deferrals import Deferral, defer_by_two
from ledger.entry import Hand
from ledger.suites import SUITES
from ledger.verification.looks import verify_reads
from tests.ledger.raw import refuses
from tests.ledger.vaults import ALLOWING, ASKING, given_ledger, person

TODAY = date(2026, 1, 31)


def test_a_deferred_look_is_counted_then_shown_and_two_people_deferred_it(
    ledger_db: Database, tmp_path: Path
) -> None:
    with given_ledger(ledger_db, tmp_path / "key") as vault, vault.desk.reads() as reads:
        who, until = vault.subject(person(1)), TODAY + timedelta(days=20_000)
        approvals, deferral = vault.desk.approvals, Deferral(who, "officer:7", until, "刑事诉讼法第一百五十四条")
        reads.note("officer:7", "court K-1", who)
        today = until - timedelta(days=100)
        assert not defer_by_two(approvals, deferral, ASKING, today)
        reads.note("officer:7", "court K-2", who)
        assert defer_by_two(approvals, deferral, ALLOWING, today)
        assert defer_by_two(approvals, deferral, ALLOWING, today)
        reads.note("officer:7", "court K-3", who)
        reads.note("officer:8", "audit", who)
        seen, later, auditor = (reads.of(who, day) for day in (until - timedelta(days=1), until, None))

        assert ([one.nth for one in seen.reads], seen.deferred) == ([4, 2, 1], 1)
        assert ([one.nth for one in later.reads], later.deferred) == ([4, 3, 2, 1], 0)
        assert later.bases == {("officer:7", until): "刑事诉讼法第一百五十四条"}
        assert len(auditor.reads) == 4
        assert (reads.nth(who, 3, until - timedelta(days=1)), reads.nth(who, 3, until)) == (None, later.reads[1])
    with closing(ledger_db.connect(Role.AUDITOR)) as connection:
        assert verify_reads(connection, SUITES["intl"]).findings == []
    with refuses("PL001"), closing(ledger_db.connect()) as connection:
        connection.execute(f"UPDATE {ledger_db.schema}.read_deferrals SET shown_on = '2026-01-01'".encode())


def test_a_deferral_has_two_people_a_person_and_a_day_within_three_years(
    ledger_db: Database, tmp_path: Path
) -> None:
    with given_ledger(ledger_db, tmp_path / "key") as vault:
        approvals = vault.desk.approvals
        who, hand = vault.subject(person(1)), Hand("officer:1", "vault")
        for day in (TODAY, TODAY + timedelta(days=1_099)):
            with pytest.raises(DeferralDayRefused):
                defer_by_two(approvals, Deferral(who, "officer:7", day, "依据"), hand, TODAY)
        with pytest.raises(SubjectUnknown):
            defer_by_two(approvals, Deferral(uuid4(), "officer:7", TODAY + timedelta(days=1), "依据"), hand, TODAY)
        assert not defer_by_two(
            approvals, Deferral(who, "officer:7", TODAY + timedelta(days=1), "依据"), hand, TODAY
        )
        assert not defer_by_two(
            approvals, Deferral(who, "officer:7", TODAY + timedelta(days=1), "依据"), hand, TODAY
        )
    with closing(ledger_db.connect(Role.APPENDER)) as connection, refuses("PL011"):
        connection.execute("SELECT defer_reads(%s, 'officer:7', '2027-01-01', 'x', sha256('x'))", [who])
