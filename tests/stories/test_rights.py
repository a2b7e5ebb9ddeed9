"""Residents use their rights (PIPL 44-49): copy, correction, deletion, explanation; relatives after a death."""

import csv
import hashlib
import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.cli.output import Exit
from domain import facts
from domain.facts import Fact, Ref, Stream
from ledger.evidence.archive import packed, unpacked
from ledger.evidence.entries import ShownEntry
from ledger.evidence.package import INDEX, SUMS, Described, Paper, packaged
from ledger.streams import named
from tests.api.commands import PROVINCE
from tests.api.school_round import AUTHORITY, town
from tests.stories.test_school_round import says

__all__ = ["says"]
ASKED, LATER = ("--on", "2026-03-02"), ("--on", "2026-03-20")
COPY = ("--right", "copy", "--place", AUTHORITY)
VKEY = "ledger.example/points+46de3ba8+AQ9AnsoAg90iGl3KbAyrhH4toEgvYVgjxW5BT8D2ICuz"
"""The key of some log: a copy is under no head."""
GIFT = facts.InsuranceMonthPaid(month="2024-04", place=AUTHORITY, base_fen=66_600)
"""Somebody else's month."""
DIED = date(2026, 2, 1)


@pytest.fixture
def resident(says: Any) -> str:
    """Give somebody with a permit, insurance, an offence, and months that were somebody else's."""
    says("rulebook", "propose", str(PROVINCE), "--by", "officer:p")
    says("rulebook", "approve", "zj.common", "--by", "officer:q")
    with town() as told:
        who = told.born("resident", 7, "19880101")
        told.says(
            who,
            facts.PermitIssued(on=date(2023, 1, 10), place=AUTHORITY, permit="P-7"),
            facts.InsuranceMonthPaid(month="2024-01", place=AUTHORITY, payer="某单位"),
            facts.RestrictedFact(category="offence", level="minor", place=AUTHORITY, acted_on=date(2024, 2, 1)),
            facts.BloodDonated(donated_on=date(2024, 3, 1), place=AUTHORITY, millilitres=400),
        )
        [wrong] = told.says(who, GIFT)
        told.says(who, facts.FactVoided(reason="wrong-person"), refers_to=wrong.ref)
    return str(who)


def asks(says: Any, who: str, number: str = "R-1", *told: str) -> dict[str, Any]:
    """Ask for a copy, or what else is told."""
    asked: dict[str, Any] = says("request", "open", who, number, *(told or COPY), *ASKED, "--by", "desk:1")
    return asked


def records(who: str, *told: Fact, stream: UUID | None = None) -> list[int]:
    """Let the organ record; give the versions."""
    with town(said=1_000) as home:
        return [receipt.version for receipt in home.says(stream or UUID(who), *told)]


def copied(says: Any, who: str, file: str, number: str = "R-1") -> tuple[dict[str, Any], dict[str, bytes]]:
    """Have a copy handed out; give what was said and the files in it."""
    told = says("request", "answer", who, number, "-o", file, *LATER, "--by", "officer:c")
    return told, unpacked(Path(file).read_bytes())


def test_a_copy_holds_everything_with_its_leaves_and_who_looked_and_can_be_had_again(
    says: Any, resident: str, tmp_path: Path
) -> None:
    asks(says, resident)
    says("history", resident)
    told, files = copied(says, resident, str(tmp_path / "copy.zip"))
    entries = json.loads(files["history.json"])
    read = list(csv.DictReader(io.StringIO(files["readings.csv"].decode("utf-8-sig"))))
    shown = [ShownEntry.read(line) for line in files[f"entries/{resident}.ndjson"].splitlines()]
    records(resident, facts.InsuranceMonthPaid(month="2024-05", place=AUTHORITY))
    again = says("request", "copy", resident, "R-1", "-o", str(tmp_path / "again.zip"), "--by", "officer:d")
    answered = says("request", "show", resident, "R-1")

    assert [entry["version"] for entry in entries] == list(range(1, told["entries"] + 1))
    assert entries[2]["fact"]["payer"] == "某单位"
    assert [one.leaf().hex() for one in shown] == [entry["leaf"] for entry in entries]
    assert [one.fact() is not None for one in shown] == [entry["fact"] is not None for entry in entries]
    assert [one["reader"] for one in read] == ["officer:keeper", "officer:c"]
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "copy.zip").read_bytes()
    assert told["sha256"] == again["sha256"] == answered["answered"]["digest"]
    assert told["sha256"] == hashlib.sha256((tmp_path / "copy.zip").read_bytes()).hexdigest()


def test_a_copy_is_verified_with_nothing_but_itself_and_a_change_is_named(
    says: Any, resident: str, tmp_path: Path
) -> None:
    asks(says, resident)
    _, files = copied(says, resident, str(tmp_path / "copy.zip"))
    (tmp_path / "policy").write_text(f"log {VKEY}\nquorum none\n", encoding="utf-8")
    checked = ("verify", str(tmp_path / "copy.zip"), "--policy", str(tmp_path / "policy"))
    whole, streams = says(*checked), f"entries/{resident}.ndjson"
    changes = [
        ("history.json", b"2024-01", b"2024-03"),
        ("history.json", b"officer:school", b"officer:another"),
        ("history.csv", b"2024-01", b"2024-03"),
        (streams, b'"version":2', b'"version":9'),
        (streams, b"2024-01", b"2024-03"),
    ]
    where = []
    for path, old, new in changes:
        assert old in files[path]
        changed = {**files, path: files[path].replace(old, new)}
        (tmp_path / "copy.zip").write_bytes(packed(anew(changed)))
        where.append(says(*checked, code=Exit.WRONG)["where"])

    assert whole["streams"] == {resident: json.loads(files["history.json"])[-1]["version"]}
    assert [place.split()[0] for place in where] == [path for path, _, _ in changes]


def anew(files: dict[str, bytes]) -> dict[str, bytes]:
    """Write index and sums anew, as somebody would who hides a change."""
    index = json.loads(files[INDEX])
    listed = index.pop("files")
    index.pop("package")
    papers = [
        Paper(one["path"], files[one["path"]], one["title"], one["media_type"])
        for one in listed
        if one["path"] != SUMS
    ]
    return packaged(Described(**index), papers)


def said(number: int, content: bytes) -> bool:
    """Say whether a number stands in a file by itself: a digest may hold its digits by chance."""
    return bool(re.search(rb"(?<![0-9A-Za-z+/=_.-])%d(?![0-9A-Za-z+/=_.-])" % number, content))


def test_what_was_somebody_elses_is_in_no_copy(says: Any, resident: str, tmp_path: Path) -> None:
    asks(says, resident)
    _, files = copied(says, resident, str(tmp_path / "copy.zip"))
    months = [one for one in json.loads(files["history.json"]) if one["kind"] == "insurance-month-paid.v1"]

    assert [one["fact"] is None for one in months] == [False, True]
    assert not any(said(66_600, content) for content in files.values())


def test_a_correction_is_answered_by_the_organs_own_entry(says: Any, resident: str) -> None:
    asks(says, resident, "R-2", "--right", "correct", "--place", AUTHORITY, "--versions", "3")
    answer = ("request", "answer", resident, "R-2", *LATER, "--by", "officer:c")
    says(*answer, code=Exit.USAGE)
    says(*answer, "--cites", "3", code=Exit.USAGE)
    says(*answer, "--cites", "999", code=Exit.USAGE)
    [fixed] = records(resident, facts.InsuranceMonthPaid(month="2024-02", place=AUTHORITY))
    says(*answer, "--cites", str(fixed))
    told = says("request", "list", resident)["requests"]

    assert [(one["state"], one["answered"]["cites"]) for one in told] == [("answered", [fixed])]
    says(*answer, "--cites", str(fixed), code=Exit.REFUSED)


def test_a_refusal_names_reason_remedy_and_who_decided(says: Any, resident: str) -> None:
    asks(says, resident, "R-3", "--right", "delete", "--place", AUTHORITY)
    refusing = ("--because", "retention", "--reason", "保存期限未满", *LATER, "--by", "officer:c")
    says("request", "refuse", resident, "R-3", *refusing)
    refused = says("request", "show", resident, "R-3")["refused"]

    assert (refused["because"], refused["decided_by"], refused["lawsuit_by"]) == (
        "retention",
        "officer:c",
        "2026-09-20",
    )
    assert "第五十条" in refused["remedy"]


def test_an_explanation_is_written_with_its_day_and_what_was_known(
    says: Any, resident: str, tmp_path: Path
) -> None:
    asks(says, resident, "R-4", "--right", "explain", "--place", AUTHORITY)
    file = tmp_path / "explained.json"
    says("request", "answer", resident, "R-4", "-o", str(file), *LATER, "--by", "officer:c")
    answered = says("request", "show", resident, "R-4")["answered"]
    written = json.loads(file.read_text(encoding="utf-8"))

    assert (answered["as_of"], answered["as_at"]) == ("2026-03-20", written["as_at"])
    assert answered["digest"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert any("社保" in line for line in written["explanation"]["zh"])


def test_what_waits_too_long_is_told_by_doctor_until_it_is_taken_back(says: Any, resident: str) -> None:
    asks(says, resident)
    waiting = says("request", "list")["waiting"]
    told = says("doctor", code=Exit.INCOMPLETE)
    says("request", "withdraw", resident, "R-1", *LATER)
    after = says("doctor")

    assert [(one["number"], one["answer_by"], one["days_over"]) for one in waiting] == [("R-1", "2026-04-01", 244)]
    assert [one["number"] for one in told["requests_overdue"]] == ["R-1"]
    assert (after["requests_overdue"], says("request", "list")["waiting"]) == ([], [])


def test_asking_twice_is_one_request_and_a_second_of_its_kind_waits_its_turn(says: Any, resident: str) -> None:
    first, again = asks(says, resident), asks(says, resident)
    says("request", "open", resident, "R-9", *COPY, *ASKED, code=Exit.REFUSED)

    assert (first["position"], first["new"], again["new"]) == (again["position"], True, False)


def test_nobody_but_near_relatives_of_somebody_who_died_may_ask(says: Any, resident: str, tmp_path: Path) -> None:
    says("request", "arrange", resident, "--rights", "delete", "--kinds", "blood-donated")
    with town(said=500) as told:
        child, other = told.born("child", 8, "20120101"), told.born("other", 9, "19900101")
    kin = ("--relative", str(child), "--statement", "办理继承")
    says("request", "open", resident, "R-1", *COPY, *kin, *ASKED, code=Exit.REFUSED)  # nobody died
    records(resident, facts.DeathRecorded(on=DIED))
    says("request", "open", resident, "R-1", *COPY, *kin, *ASKED, code=Exit.REFUSED)  # no tie
    tie = facts.FamilyTieRecorded(
        tie="child", subject=UUID(resident), other=child, since=date(2012, 1, 1), spell="F-1"
    )
    records(resident, tie, stream=named(Stream.FAMILY, "tests/F-1"))
    says("request", "open", resident, "R-1", *COPY, *kin[:2], *ASKED, code=Exit.USAGE)  # no interest of their own
    stranger = ("--relative", str(other), "--statement", "办理继承")
    says("request", "open", resident, "R-1", *COPY, *stranger, *ASKED, code=Exit.REFUSED)
    delete = ("--right", "delete", "--place", AUTHORITY)
    says("request", "open", resident, "R-2", *delete, *kin, *ASKED, code=Exit.REFUSED)  # arranged otherwise
    asks(says, resident, "R-1", *COPY, *kin)
    told_of, files = copied(says, resident, str(tmp_path / "copy.zip"))
    facts_of = [(one["kind"], one["fact"]) for one in json.loads(files["history.json"])]
    [month, _] = [fact for kind, fact in facts_of if kind == "insurance-month-paid.v1"]

    assert [fact for kind, fact in facts_of if kind == "blood-donated.v1"] == [None]
    assert month["payer"] == "某单位"
    assert (told_of["readings"], json.loads(files["readings.json"])) == (0, [])
    assert says("request", "show", resident, "R-1")["relation"] == "child"


def test_what_relatives_are_not_shown_is_not_shown_by_its_correction_either(
    says: Any, resident: str, tmp_path: Path
) -> None:
    says("request", "arrange", resident, "--kinds", "blood-donated")
    with town(said=700) as told:
        child = told.born("child", 8, "20120101")
        blood = facts.BloodDonated(donated_on=date(2024, 3, 1), place=AUTHORITY, millilitres=777)
        corrected = facts.FactCorrected(reason="source-error", replacement=blood)
        told.says(UUID(resident), corrected, refers_to=Ref(stream=UUID(resident), version=5))
    records(resident, facts.DeathRecorded(on=DIED))
    tie = facts.FamilyTieRecorded(
        tie="child", subject=UUID(resident), other=child, since=date(2012, 1, 1), spell="F-1"
    )
    records(resident, tie, stream=named(Stream.FAMILY, "tests/F-1"))
    asks(says, resident, "R-1", *COPY, "--relative", str(child), "--statement", "办理继承")
    _, files = copied(says, resident, str(tmp_path / "copy.zip"))
    shown = {one["kind"]: one["fact"] for one in json.loads(files["history.json"])}

    assert (shown["blood-donated.v1"], shown["fact-corrected.v1"]) == (None, None)
    assert not any(said(777, content) for content in files.values())


def test_wrong_input_is_told_with_its_place_and_records_nothing(says: Any, resident: str) -> None:
    before = len(says("history", resident)["entries"])
    for told in (
        ("open", resident, "R-1", "--right", "read", "--place", AUTHORITY),
        ("open", resident, "R-1", "--right", "copy", "--place", "nowhere"),
        ("open", resident, "R-1", *COPY, "--versions", "a,b"),
        ("open", resident, "330282198001011234", *COPY),
        ("arrange", resident, "--rights", "everything"),
        ("arrange", resident, "--kinds", "no-such-kind"),
        ("answer", "nobody", "R-1", "--by", "officer:c"),
    ):
        says("request", *told, code=Exit.USAGE)
    says("request", "answer", resident, "R-1", "--by", "officer:c", code=Exit.REFUSED)
    says("request", "copy", resident, "R-1", "-o", "x.zip", "--by", "officer:c", code=Exit.REFUSED)
    says("request", "show", resident, "R-1", code=Exit.USAGE)

    assert len(says("history", resident)["entries"]) == before


def test_what_must_be_kept_is_not_deleted_and_the_refusal_tells_the_person_why(says: Any, resident: str) -> None:
    asks(says, resident, "R-6", "--right", "delete", "--place", AUTHORITY)
    answer = ("request", "answer", resident, "R-6", "--reason", "依申请", *LATER)
    barred = says(*answer, "--by", "officer:c", code=Exit.REFUSED)["error"]
    says(
        "request",
        "refuse",
        resident,
        "R-6",
        "--because",
        "retention",
        "--reason",
        "保存期限未满",
        "--by",
        "officer:c",
    )
    told = says("request", "show", resident, "R-6")

    assert (barred["code"], barred["place"].startswith("until ")) == ("retention-runs", True)
    assert (told["state"], told["refused"]["because"]) == ("refused", "retention")


@pytest.mark.parametrize("versions", ["4", ""])
def test_a_deletion_takes_two_people(
    says: Any, resident: str, versions: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kept.yaml").write_text("schedule: none\nlabel: nothing is kept\n", encoding="utf-8")
    monkeypatch.setenv("POINTS_RETENTION", str(tmp_path / "kept.yaml"))
    with town() as told:
        sealed = facts.FactVoided(reason="sealed-by-law")
        told._said = 900
        told.says(UUID(resident), sealed, refers_to=Ref(stream=UUID(resident), version=4))
    asks(says, resident, "R-5", "--right", "delete", "--place", AUTHORITY, "--versions", versions)
    answer = ("request", "answer", resident, "R-5", "--reason", "依申请", *LATER)
    says("request", "answer", resident, "R-5", *LATER, "--by", "officer:c", code=Exit.USAGE)
    first = says(*answer, "--by", "officer:c", code=Exit.INCOMPLETE)
    says(*answer, "--by", "officer:d")
    told_of = says("request", "show", resident, "R-5")

    assert (first["recorded"], told_of["state"], told_of["erased"]) == (False, "answered", not versions)


def test_of_several_entries_none_is_expunged_while_one_must_be_kept(
    says: Any, resident: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = "{id: acts, label: acts, kinds: [restricted-fact], years: 10, source: {basis: house, text: test}}"
    schedule = f"schedule: some\nlabel: some\nreleased_by: [sealed-by-law]\nperiods: [{kept}]\n"
    (tmp_path / "kept.yaml").write_text(schedule, encoding="utf-8")
    monkeypatch.setenv("POINTS_RETENTION", str(tmp_path / "kept.yaml"))
    offence = facts.RestrictedFact(category="offence", level="minor", place=AUTHORITY, acted_on=date(2024, 5, 1))
    with town(said=900) as told:
        [second] = told.says(UUID(resident), offence)
        sealed = facts.FactVoided(reason="sealed-by-law")
        told.says(UUID(resident), sealed, refers_to=Ref(stream=UUID(resident), version=4))
    versions = f"4,{second.version}"
    asks(says, resident, "R-5", "--right", "delete", "--place", AUTHORITY, "--versions", versions)
    answer = ("request", "answer", resident, "R-5", "--reason", "依申请", *LATER)
    barred = [says(*answer, "--by", by, code=Exit.REFUSED)["error"]["code"] for by in ("officer:c", "officer:d")]

    assert barred == ["retention-runs"] * 2
    assert says("history", resident)["entries"][3]["fact"] is not None
