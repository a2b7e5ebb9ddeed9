"""Rejected rows: the original bytes, two columns more, safe to open, good to send again."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from ledger.ingest.delivery import Delivery, Row, judged
from ledger.ingest.examine import Candidate, Examiner
from ledger.ingest.hints import reason
from ledger.ingest.mapping import DeliveryMapping
from ledger.ingest.receiving import open_delivery
from ledger.ingest.rejects import Rejects
from ledger.ingest.verdicts import Code, Finding, Phrase
from tests.ledger.deliveries import GRANTS, ORGAN, RECEIVED, delivered, month, resident, verdicts

HEADER = "kind,document_number,name,month,place,payer"
BAD = f"insurance-month-paid,{resident()},居民甲,2025-13,330212,"


def rejected(delivery: Delivery, into: Path) -> Path:
    examiner = Examiner(delivery.mapping.terms(ORGAN, RECEIVED, GRANTS, delivery.kind))
    with Rejects(delivery, into) as rejects:
        for row, result in judged(delivery, examiner):
            if not isinstance(result, Candidate):
                rejects.add(row, result)
    return into


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize(("delimiter", "newline"), [(",", "\n"), ("\t", "\r\n"), (";", "\r\n")])
def test_the_file_has_the_inputs_own_form_and_two_columns_more(
    tmp_path: Path, encoding: str, delimiter: str, newline: str
) -> None:
    text = newline.join((HEADER, BAD + "甲厂", "")).replace(",", delimiter)
    into = rejected(delivered(tmp_path, text.encode(encoding)), tmp_path / "rejected.csv")
    data = into.read_bytes()
    [first, second] = csv.DictReader(io.StringIO(data.decode(encoding), newline=""), delimiter=delimiter), None

    [row] = list(first)
    assert second is None
    assert data.startswith(text.partition(newline)[0].encode(encoding))
    assert (row["payer"], row["verdict"]) == ("甲厂", "invalid")
    assert row["verdict_reason"].startswith("bad-month [month]; ")
    assert data.endswith(newline.encode())


def test_original_cells_keep_their_bytes_even_when_they_look_like_formulas(tmp_path: Path) -> None:
    line = f'{BAD}"=HYPERLINK(""x""), +1"'
    into = rejected(delivered(tmp_path, f"{HEADER}\n{line}\n"), tmp_path / "r.csv")

    assert f"\n{line},".encode() in into.read_bytes()


def test_what_we_add_never_begins_like_a_formula(tmp_path: Path) -> None:
    text = HEADER.replace("payer", "=payer") + "\n" + BAD + "\n"
    mapping = DeliveryMapping(columns={"=payer": "base_fen"})
    into = rejected(
        delivered(tmp_path, text + BAD.replace("-13", "-12") + "x\n", mapping=mapping), tmp_path / "r.csv"
    )
    rows = list(csv.DictReader(io.StringIO(into.read_text(encoding="utf-8"))))

    assert len(rows) == 2
    assert not any(
        row[ours].startswith(("=", "+", "-", "@")) for row in rows for ours in ("verdict", "verdict_reason")
    )


def test_a_row_of_broken_bytes_is_kept_as_it_came(tmp_path: Path) -> None:
    good = BAD.replace("-13", "-12").encode()
    broken = good.replace("居".encode(), b"\xe5\xb1")
    into = rejected(
        delivered(tmp_path, HEADER.encode() + b"\n" + good + b"\n" + broken + b"\n"), tmp_path / "r.csv"
    )

    assert broken + b"," in into.read_bytes()
    assert verdicts(open_delivery(into)) == ["undecodable-bytes"]


def test_a_rejected_file_corrected_in_place_is_accepted(tmp_path: Path) -> None:
    into = rejected(delivered(tmp_path, f"{HEADER}\n{BAD}\n"), tmp_path / "r.csv")
    into.write_text(into.read_text(encoding="utf-8").replace("2025-13", "2025-12"), encoding="utf-8")

    assert verdicts(open_delivery(into)) == ["ok"]


def test_a_rejected_file_sent_back_unchanged_is_rejected_byte_for_byte_the_same(tmp_path: Path) -> None:
    rows = [
        BAD,
        BAD + "x,y",
        BAD.replace(",330212,", ""),
        BAD.replace("居民甲", '"居,民""甲"'),
        BAD.replace("居民甲", '"居'),
    ]
    once = rejected(delivered(tmp_path, "\n".join((HEADER, *rows, ""))), tmp_path / "once.csv")
    twice = rejected(open_delivery(once), tmp_path / "twice.csv")

    assert twice.read_bytes() == once.read_bytes()


def test_ndjson_gets_two_keys_more_and_comes_back(tmp_path: Path) -> None:
    bad = json.dumps(month(month="2025-13"), ensure_ascii=False)
    lines = [bad, bad.replace('"}', '" }  '), '{"kind": ', '{"a": 1, "a": 2}', "{}"]
    once = rejected(delivered(tmp_path, "\n".join(lines) + "\n", name="f.ndjson"), tmp_path / "once.ndjson")
    first = json.loads(once.read_text(encoding="utf-8").splitlines()[0])
    twice = rejected(open_delivery(once), tmp_path / "twice.ndjson")

    assert first | {"verdict": None, "verdict_reason": None} == json.loads(bad) | {
        "verdict": None,
        "verdict_reason": None,
    }
    assert first["verdict"] == "invalid"
    assert verdicts(open_delivery(once)) == [
        "bad-month",
        "bad-month",
        "not-json",
        "duplicate-json-key",
        "missing-field",
    ]
    assert twice.read_bytes() == once.read_bytes()


def test_a_void_keeps_its_own_reason(tmp_path: Path) -> None:
    void = {"kind": "fact-voided", "document_number": resident(), "reason": "mistake", "refers_to": "A-1"}
    into = rejected(delivered(tmp_path, json.dumps(void), name="v.ndjson"), tmp_path / "r.ndjson")
    into.write_text(into.read_text(encoding="utf-8").replace("mistake", "source-error"), encoding="utf-8")

    assert verdicts(open_delivery(into)) == ["ok"]


def test_a_key_of_ours_elsewhere_in_the_object_does_not_double(tmp_path: Path) -> None:
    line = json.dumps({"verdict": "invalid", "verdict_reason": "bad-month"} | month(month="2025-13"))
    into = rejected(delivered(tmp_path, line, name="f.ndjson"), tmp_path / "r.ndjson")

    assert verdicts(open_delivery(into)) == ["bad-month"]


@pytest.mark.parametrize("code", [*Code])
def test_a_reason_begins_with_its_code_whatever_the_column_is_called(code: Code) -> None:
    told = reason(Finding(code, "month", "=cmd()", Phrase("=坏", "=bad"), "=1"))

    assert re.match(r"[a-z][a-z-]+ \[", told)


def test_quotation_marks_in_a_reason_stay_inside_their_cell(tmp_path: Path) -> None:
    delivery = delivered(tmp_path, f"{HEADER}\n{BAD}\n")
    finding = Finding(Code.BAD_MONTH, value=Phrase('"坏"', '"bad"'))
    with Rejects(delivery, tmp_path / "r.csv") as rejects:
        rejects.add(Row(1, 2, BAD.encode(), {}), finding)
    [row] = csv.DictReader(io.StringIO((tmp_path / "r.csv").read_text(encoding="utf-8")))

    assert '"坏" / "bad"' in row["verdict_reason"]
