"""Files as departments send them: encodings, delimiters, damage, headers, mapping files."""

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest

from domain.facts import InsuranceMonthPaid, VolunteerHoursServed
from ledger.ingest.delivery import judged
from ledger.ingest.examine import Candidate, Examiner
from ledger.ingest.lines import LONGEST_ROW
from ledger.ingest.mapping import DeliveryMapping, read_mapping
from ledger.ingest.receiving import open_delivery
from ledger.ingest.refusals import (
    DeliveryChanged,
    DeliveryRefused,
    DoubleColumns,
    EmptyDelivery,
    HeaderUnreadable,
    LineEnds,
    MappingRefused,
    MissingColumns,
    NoHeader,
    NotOneFactPerLine,
    NotText,
    OtherWorkbook,
    UnknownColumns,
    WorkbookDamaged,
)
from tests.ledger.deliveries import GRANTS, ORGAN, RECEIVED, delivered, month, resident, verdicts

HEADER = "kind,document_number,name,month,place\n"
CHINESE = DeliveryMapping(
    kind="insurance-month-paid",
    columns={
        "证件号码": "document_number",
        "姓名": "name",
        "费款所属期": "month",
        "区划": "place",
        "险种": "insurance",
    },
    values={"insurance": {"养老": "pension", "医疗": "medical"}, "place": {"鄞州区": "330212"}},
    ignore=["序号"],
)


def line(sequence: int = 1, period: str = "2025-03", name: str = "居民甲") -> str:
    return f"insurance-month-paid,{resident(sequence)},{name},{period},330212\n"


def facts(path: Path, mapping: DeliveryMapping | None = None) -> list[object]:
    delivery = open_delivery(path, mapping)
    examiner = Examiner(delivery.mapping.terms(ORGAN, RECEIVED, GRANTS))
    return [
        result.fact if isinstance(result, Candidate) else result.code for _, result in judged(delivery, examiner)
    ]


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [(encoding, delimiter) for encoding in ("utf-8", "utf-8-sig", "gb18030") for delimiter in ",;\t"],
)
def test_one_table_in_every_encoding_and_with_every_delimiter_is_one(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    text = (HEADER + line(1, name="居民䶮・〇一") + line(2)).replace(",", delimiter)
    delivery = delivered(tmp_path, text.encode(encoding))
    rows = [(row.cells["document_number"], row.cells["name"]) for row in delivery.rows()]

    assert rows == [(resident(1), "居民䶮・〇一"), (resident(2), "居民甲")]


def test_a_gb18030_file_with_chinese_headings_is_read_by_its_mapping(tmp_path: Path) -> None:
    text = f"序号,证件号码,姓名,费款所属期,区划,险种\r\n1,{resident()},居民甲,202503,鄞州区,养老\r\n"
    path = tmp_path / "养老.csv"
    path.write_bytes(text.encode("gb18030"))

    assert facts(path, CHINESE) == [InsuranceMonthPaid(month="2025-03", place="330212", insurance="pension")]


def test_a_broken_byte_spoils_its_own_row_and_names_the_column(tmp_path: Path) -> None:
    good = [line(n).encode() for n in range(1, 5)]
    broken = line(5).encode().replace("民".encode(), b"\xe6\xb0")
    delivery = delivered(tmp_path, HEADER.encode() + good[0] + broken + b"".join(good[1:]))
    findings = [row.finding for row in delivery.rows() if row.finding is not None]

    assert verdicts(delivery) == ["ok", "undecodable-bytes", "ok", "ok", "ok"]
    assert [finding.column for finding in findings] == ["name"]


def test_a_broken_byte_in_a_gb18030_file_spoils_its_own_row(tmp_path: Path) -> None:
    rows = [line(n).encode("gb18030") for n in range(1, 5)]
    rows[1] = rows[1].replace("民".encode("gb18030"), b"\xff\xff")

    assert verdicts(delivered(tmp_path, HEADER.encode() + b"".join(rows))) == [
        "ok",
        "undecodable-bytes",
        "ok",
        "ok",
    ]


def test_quoted_cells_may_hold_delimiters_quotes_and_line_breaks(tmp_path: Path) -> None:
    text = (
        HEADER.replace("place", "place,payer")
        + line().replace("330212\n", '330212,"甲厂, ""二部""\r\n三楼"\n')
        + (line(2).replace("330212\n", "330212,乙厂\n"))
    )
    delivery = delivered(tmp_path, text)

    assert [row.cells["payer"] for row in delivery.rows()] == ['甲厂, "二部"\r\n三楼', "乙厂"]
    assert [row.line for row in delivery.rows()] == [2, 4]


@pytest.mark.parametrize("broken", ['"居民甲', '"居民"甲', '"居民甲,'])
def test_a_broken_quotation_mark_costs_one_row(tmp_path: Path, broken: str) -> None:
    rows = [line(1), line(2, name=broken), line(3), line(4, name='"居民丁"')]
    found = verdicts(delivered(tmp_path, HEADER + "".join(rows)))

    assert (found[0], found[1], found[-2:]) == ("ok", "unclosed-quote", ["ok", "ok"])


def test_a_quotation_mark_never_closed_does_not_swallow_the_file(tmp_path: Path) -> None:
    rows = [line(1, name='"居民甲'), *(line(n) for n in range(2, 400))]

    assert verdicts(delivered(tmp_path, HEADER + "".join(rows))) == ["unclosed-quote", *["ok"] * 398]


def test_too_many_and_too_few_cells_are_told(tmp_path: Path) -> None:
    text = HEADER + line().replace("居民甲", "居民,甲") + line(2).replace(",330212", "") + line(3)

    assert verdicts(delivered(tmp_path, text)) == ["column-count", "column-count", "ok"]


def test_blank_rows_are_no_rows(tmp_path: Path) -> None:
    delivery = delivered(tmp_path, "\n" + HEADER + "\n,,,,\n" + line() + "  \n, ,\n")

    assert verdicts(delivery) == ["ok"]


def test_a_row_too_long_is_one_verdict_and_the_next_is_read(tmp_path: Path) -> None:
    text = HEADER + line(1, name="甲" * LONGEST_ROW) + line(2)

    assert verdicts(delivered(tmp_path, text)) == ["row-too-long", "ok"]


def test_hidden_characters_around_a_value_are_forgiven_and_inside_are_not(tmp_path: Path) -> None:
    rows = [line(1, name="\u200b居民甲\ufeff"), line(2, name="居\u200b民"), line(3, name="居\x00民"), line(4)]
    rows.append(line(5, name="居\u2066民"))
    expected = ["ok", "invisible-characters", "control-characters", "ok", "invisible-characters"]

    assert verdicts(delivered(tmp_path, HEADER + "".join(rows))) == expected


def test_a_finding_names_the_files_own_column(tmp_path: Path) -> None:
    text = f"证件号码,姓名,费款所属期,区划\n{resident()},居民甲,2025-13,330212\n"
    delivery = delivered(tmp_path, text, mapping=CHINESE)
    examiner = Examiner(delivery.mapping.terms(ORGAN, RECEIVED, GRANTS))
    ((_, finding),) = judged(delivery, examiner)

    assert not isinstance(finding, Candidate)
    assert (finding.field, finding.column) == ("month", "费款所属期")


def test_units_and_constants_of_a_mapping_are_applied(tmp_path: Path) -> None:
    mapping = DeliveryMapping(
        kind="volunteer-hours-served",
        columns={"时长": "minutes"},
        units={"minutes": "hours"},
        constants={"place": "330203", "activity": "图书整理"},
    )
    path = tmp_path / "hours.csv"
    path.write_text(f"document_number,served_on,时长\n{resident()},2025-05-01,2.5\n{resident()},2025-05-02,0.333\n")
    first, second = facts(path, mapping)

    assert isinstance(first, VolunteerHoursServed)
    assert (first.minutes, first.place, first.activity) == (150, "330203", "图书整理")
    assert second == "bad-number"


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", EmptyDelivery),
        (b"\xef\xbb\xbf", EmptyDelivery),
        (b"\n\n  \n", EmptyDelivery),
        (HEADER.encode(), EmptyDelivery),
        (HEADER.encode() + b",,,,\n \n", EmptyDelivery),
        (b"PK\x03\x04....", WorkbookDamaged),
        (b"\xd0\xcf\x11\xe0....", OtherWorkbook),
        ("kind,月\n".encode("utf-16"), NotText),
        (b"\x1f\x8b\x08", NotText),
        (gzip.compress(HEADER.encode() + line().encode(), mtime=0)[:-12], NotText),
        (gzip.compress(HEADER.encode(), mtime=0), EmptyDelivery),
        (b"kind,month\rinsurance-month-paid,2025-03\r", LineEnds),
        (HEADER.replace("name", '"name').encode(), HeaderUnreadable),
        (b"kind,\xff\xff,name\n", HeaderUnreadable),
        (line().encode(), NoHeader),
        (HEADER.replace("month", "mnth").encode(), UnknownColumns),
        (HEADER.replace("name", "month").encode(), DoubleColumns),
        (HEADER.replace("kind,", "").encode(), MissingColumns),
        (HEADER.replace("document_number,", "").encode(), MissingColumns),
    ],
)
def test_a_file_that_cannot_be_understood_is_refused_with_place_and_remedy(
    tmp_path: Path, content: bytes, refusal: type[DeliveryRefused]
) -> None:
    with pytest.raises(refusal) as caught:
        delivered(tmp_path, content)

    assert caught.value.place.startswith("file.csv")
    assert caught.value.remedy("zh")
    assert caught.value.remedy("en")


def test_a_file_without_header_is_refused_without_repeating_its_first_row(tmp_path: Path) -> None:
    with pytest.raises(NoHeader) as caught:
        delivered(tmp_path, f"{resident()},居民甲\n{resident(2)},居民乙\n")

    assert resident() not in str(caught.value)


def test_an_unknown_column_is_named_with_what_may_have_been_meant(tmp_path: Path) -> None:
    with pytest.raises(UnknownColumns) as caught:
        delivered(tmp_path, f"kind,document_number,mnth,{resident()}\n")

    assert "3 mnth (month?)" in str(caught.value)
    assert resident() not in str(caught.value)


def test_a_required_column_may_come_as_a_constant(tmp_path: Path) -> None:
    with pytest.raises(MissingColumns) as caught:
        delivered(tmp_path, "证件号码,费款所属期\n", mapping=CHINESE)
    given = CHINESE.model_copy(update={"constants": {"place": "330212"}})

    assert "place" in str(caught.value)
    assert verdicts(delivered(tmp_path, f"证件号码,费款所属期\n{resident()},202503\n", mapping=given)) == ["ok"]


def test_a_column_that_this_kind_lacks_is_refused_at_the_header(tmp_path: Path) -> None:
    with pytest.raises(UnknownColumns):
        delivered(tmp_path, "证件号码,费款所属期,区划,minutes\n", mapping=CHINESE)


def test_in_a_file_of_many_kinds_a_cell_another_kind_owns_is_a_rows_fault(tmp_path: Path) -> None:
    text = (
        HEADER.replace("place", "place,minutes")
        + line().replace("330212", "330212,")
        + (line(2).replace("330212", "330212,90"))
    )

    assert verdicts(delivered(tmp_path, text)) == ["ok", "unknown-field"]


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    delivery = delivered(tmp_path, HEADER + line(1) + line(2))
    rows = delivery.rows()
    next(rows)
    delivery.path.write_text(HEADER + line(1) + line(3))

    with pytest.raises(DeliveryChanged):
        list(rows)


def test_the_digest_names_the_bytes_and_the_terms_how_they_are_read(tmp_path: Path) -> None:
    plain = delivered(tmp_path, HEADER + line())
    again = delivered(tmp_path, HEADER + line(), name="other-name.csv")
    mapped = delivered(tmp_path, HEADER + line(), mapping=DeliveryMapping(constants={"insurance": "medical"}))

    assert plain.digest == again.digest == mapped.digest
    assert plain.terms_digest == again.terms_digest != mapped.terms_digest


def test_reading_a_large_file_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("w", encoding="gb18030") as file:
        file.write(HEADER)
        for number in range(60_000):
            file.write(line(number % 900, name="居民甲〇一"))
    tracemalloc.start()
    try:
        count = sum(1 for _ in open_delivery(path).rows())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert count == 60_000
    assert peak < 8 * 2**20


class TestNdjson:
    def write(self, folder: Path, *lines: str | bytes) -> list[str]:
        content = b"".join((each if isinstance(each, bytes) else each.encode()) + b"\n" for each in lines)
        return verdicts(delivered(folder, content, name="facts.ndjson"))

    def test_each_line_is_a_fact(self, tmp_path: Path) -> None:
        assert self.write(tmp_path, json.dumps(month()), "", json.dumps(month(month="2025-04"))) == ["ok", "ok"]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("{broken", "not-json"),
            ("17", "not-json"),
            ('["insurance-month-paid"]', "not-json"),
            ('{"kind": "a"} trailing', "not-json"),
            ('{"kind": "insurance-month-paid", "kind": "blood-donated"}', "duplicate-json-key"),
            ('{"kind": "insurance-month-paid", "refers_to": {"a": 1, "a": 2}}', "duplicate-json-key"),
            (json.dumps(month(base_fen=0)).replace(": 0", ": NaN"), "number-not-finite"),
            (json.dumps(month(base_fen=0)).replace(": 0", ": -Infinity"), "number-not-finite"),
            (json.dumps(month(base_fen=0)).replace(": 0", ": 1e400"), "number-not-finite"),
            (json.dumps(month(base_fen=0)).replace(": 0", ": 1e4"), "scientific-notation"),
            (json.dumps(month(base_fen=0)).replace(": 0", f": {'9' * 5000}"), "quantity-out-of-range"),
            (json.dumps(month(base_fen=2**63)), "quantity-out-of-range"),
            (json.dumps(month(document_number=0)).replace(": 0", ": 3.30282E+17"), "scientific-notation"),
            (json.dumps(month(name="\ud842")), "lost-characters"),
            (json.dumps(month(name="居\x00民")), "control-characters"),
            (json.dumps(month(), ensure_ascii=False).replace("居民", "居\x00民"), "control-characters"),
            (json.dumps(month(name="居\u202e民"), ensure_ascii=False), "invisible-characters"),
            ('{"refers_to": ' + "[" * 500 + "]" * 500 + "}", "too-deep"),
            ('{"refers_to": ' + "[" * 30_000, "too-deep"),
            (json.dumps(month(month={"year": 2025})), "bad-value"),
            (json.dumps(month(month=["2025-03"])), "bad-value"),
            (json.dumps(month(month=None)), "missing-field"),
            (json.dumps(month(foo="bar")), "unknown-field"),
            (json.dumps(month(name="甲" * LONGEST_ROW)), "row-too-long"),
        ],
    )
    def test_each_fault_spoils_its_own_line(self, tmp_path: Path, text: str, expected: str) -> None:
        assert self.write(tmp_path, json.dumps(month()), text, json.dumps(month(month="2025-04"))) == [
            "ok",
            expected,
            "ok",
        ]

    def test_bytes_that_are_not_utf_8_spoil_their_own_line(self, tmp_path: Path) -> None:
        broken = json.dumps(month(), ensure_ascii=False).encode("gb18030")

        assert self.write(tmp_path, json.dumps(month()), broken) == ["ok", "undecodable-bytes"]

    def test_brackets_inside_a_text_are_not_nesting(self, tmp_path: Path) -> None:
        assert self.write(tmp_path, json.dumps(month(payer="[" * 50 + '"\\"{'))) == ["ok"]

    @pytest.mark.parametrize(
        "content", ['[{"kind": "insurance-month-paid"}]', '{\n  "kind": "insurance-month-paid"\n}']
    )
    def test_a_document_that_is_not_one_fact_a_line_is_refused(self, tmp_path: Path, content: str) -> None:
        with pytest.raises(NotOneFactPerLine):
            delivered(tmp_path, content, name="facts.json")

    def test_keys_of_a_source_are_mapped_like_columns(self, tmp_path: Path) -> None:
        mapping = DeliveryMapping(
            kind="insurance-month-paid", columns={"idNo": "document_number", "period": "month"}
        )
        text = json.dumps({"idNo": resident(), "period": "202503", "place": "330212"})

        assert verdicts(delivered(tmp_path, text, name="facts.ndjson", mapping=mapping)) == ["ok"]

    def test_two_keys_for_one_field_are_refused(self, tmp_path: Path) -> None:
        mapping = DeliveryMapping(columns={"period": "month"})
        text = json.dumps(month(period="202503"))

        assert verdicts(delivered(tmp_path, text, name="f.ndjson", mapping=mapping)) == ["duplicate-json-key"]

    def test_a_file_is_known_as_ndjson_by_its_first_byte_too(self, tmp_path: Path) -> None:
        assert verdicts(delivered(tmp_path, json.dumps(month()), name="export.txt")) == ["ok"]


class TestMappingFiles:
    def read(self, folder: Path, text: str) -> DeliveryMapping:
        path = folder / "map.yaml"
        path.write_text(text, encoding="utf-8")
        return read_mapping(path)

    def test_yaml_and_json_say_the_same(self, tmp_path: Path) -> None:
        yaml = (
            "kind: insurance-month-paid\ncolumns: {险种: insurance}\n"
            "values:\n  insurance: {养老: pension, 1: medical}\n"
        )
        as_json = (
            '{"kind": "insurance-month-paid", "columns": {"险种": "insurance"},'
            ' "values": {"insurance": {"养老": "pension", "1": "medical"}}}'
        )

        assert self.read(tmp_path, yaml) == self.read(tmp_path, as_json)

    def test_every_scalar_is_text(self, tmp_path: Path) -> None:
        mapping = self.read(
            tmp_path, "constants: {place: 330212, paid: no}\nvalues: {paid: {on: true, 1: false}}\n"
        )

        assert (mapping.constants, mapping.values) == (
            {"place": "330212", "paid": "no"},
            {"paid": {"on": "true", "1": "false"}},
        )

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("columns: [", "map.yaml:1"),
            ("colums: {a: b}", "map.yaml: colums"),
            ("columns: {险种: insurence}", "map.yaml: columns"),
            ("columns: {险种: insurance, 险种: month}", "map.yaml:1"),
            ("columns: &a {险种: insurance}\nconstants: *a", "map.yaml:1"),
            ("kind: rulebook-published", "map.yaml: kind"),
            ("units: {minutes: yuan}", "map.yaml: units.minutes"),
            ("encoding: latin-1", "map.yaml: encoding"),
            ("time_zone: Asia/Shanghai", "map.yaml: time_zone"),
        ],
    )
    def test_a_mapping_that_cannot_be_used_is_refused_with_its_place(
        self, tmp_path: Path, text: str, place: str
    ) -> None:
        with pytest.raises(MappingRefused) as caught:
            self.read(tmp_path, text)

        assert caught.value.place == place


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_compressed_file_is_read_as_it_was_before(tmp_path: Path, encoding: str) -> None:
    text = (HEADER + line() + line(2, "2025-04")).encode(encoding)
    plain, packed = delivered(tmp_path, text), delivered(tmp_path, gzip.compress(text), name="file.csv.gz")

    assert list(packed.rows()) == list(plain.rows())
    assert packed.digest != plain.digest


def test_compressed_lines_of_json_are_known_by_their_name(tmp_path: Path) -> None:
    text = json.dumps(month())

    assert verdicts(delivered(tmp_path, gzip.compress(b"\n" + text.encode()), name="facts.ndjson.gz")) == ["ok"]
