"""The demo's city: the same for the same seed, nobody's numbers, and every fault in it meant."""

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from psycopg.rows import tuple_row

from api.demo.city import FEWEST, ON, RESIDENTS, Manifest, write_city
from api.demo.people import as_written_by, number_of, token
from domain.facts import FactCorrected, FactVoided, FeedDelivered, InsuranceMonthPaid, Stream
from domain.identifiers import is_resident_number
from domain.names import fold
from domain.person import Person
from domain.places import NINGBO_DISTRICTS
from ledger.competences import Competences
from ledger.database import Database
from ledger.embedded import Embedded
from ledger.entry import Hand
from ledger.ingest.dry_desk import DryDesk
from ledger.ingest.job import ImportOrder, ImportReport, run_import
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.mapping import DeliveryMapping, read_mapping
from ledger.ingest.receiving import open_delivery
from ledger.opening import KEEPER_ORGAN, Desk, at_work, found
from ledger.streams import named
from tests.database import fresh_ledger

SMALL = 90
PROVINCES = {
    n for low, high in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65)) for n in range(low, high + 1)
}
PROVINCES |= {71, 81, 82, 83}


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_one_seed_gives_the_same_bytes_whatever_the_machine_is_set_to(tmp_path: Path) -> None:
    write_city(tmp_path / "here", 7, SMALL)
    program = "import sys; from pathlib import Path; from api.demo.city import write_city\n"
    program += f"write_city(Path(sys.argv[1]), 7, {SMALL})"
    settings = {"PYTHONHASHSEED": "17", "TZ": "America/New_York", "LC_ALL": "C", "PYTHONPATH": str(Path.cwd())}
    there = [sys.executable, "-X", "utf8=0", "-c", program, str(tmp_path / "there")]
    subprocess.run(there, check=True, env=settings, timeout=60)

    assert digests(tmp_path / "there") == digests(tmp_path / "here")


def test_another_seed_gives_another_city(tmp_path: Path) -> None:
    write_city(tmp_path / "a", 1, SMALL)
    write_city(tmp_path / "b", 2, SMALL)

    assert digests(tmp_path / "a") != digests(tmp_path / "b")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return write_city(tmp_path_factory.mktemp("city"), residents=RESIDENTS)


def test_the_city_is_large_enough_to_be_looked_at_and_small_enough_to_be_waited_for(city: Manifest) -> None:
    rows = sum(file.rows for file in city.files)

    assert (city.residents, city.on) == (2_000, ON)
    assert 50_000 < rows < 100_000


def test_the_month_file_speaks_of_all_ten_districts(city: Manifest) -> None:
    [file] = [file for file in city.files if file.name.startswith("04-")]
    text = (city.folder / file.name).read_bytes().decode("gb18030", errors="replace")

    assert [name for name in NINGBO_DISTRICTS.values() if f",{name}," not in text] == []


def test_files_come_in_several_encodings_and_forms(city: Manifest) -> None:
    content = {file.name: (city.folder / file.name).read_bytes() for file in city.files}
    forms = Counter(
        "bom" if data.startswith(b"\xef\xbb\xbf") else "utf-8" if _is_utf8(data) else "gb18030"
        for data in content.values()
    )

    assert set(forms) == {"bom", "utf-8", "gb18030"}
    assert {name.rpartition(".")[2] for name in content} == {"csv", "tsv", "ndjson"}


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_every_number_in_the_files_is_nobodys(city: Manifest) -> None:
    text = "".join(path.read_bytes().decode("gb18030", errors="replace") for path in city.folder.iterdir())
    numbers = set(re.findall(r"(?<![0-9A-Za-z])[0-9]{17}[0-9X](?![0-9])", text))

    assert len(numbers) > RESIDENTS
    assert {int(number[:2]) for number in numbers} & PROVINCES == set()
    assert {number[:2] for number in numbers} == {"10"}


def test_residents_have_numbers_of_their_own_that_hold_and_tokens_for_names() -> None:
    numbers = [number_of(date(1990, 1, 1), index) for index in range(RESIDENTS)]

    assert all(is_resident_number(number) for number in numbers)
    assert len(set(numbers)) == RESIDENTS
    assert all(
        re.fullmatch("居民[䶮]?·?[甲乙丙丁戊己庚辛壬癸][〇一二三四五六七八九]{3}", token(index))
        for index in range(RESIDENTS)
    )
    assert len({fold(token(index)) for index in range(RESIDENTS)}) == RESIDENTS


def test_departments_spell_one_name_in_several_ways_that_fold_to_one() -> None:
    names = [token(index) for index in (39, 96)]
    spelt = [{as_written_by(name, organ) for organ in ("nb-police", "nb-hrss", "nb-blood")} for name in names]

    assert [len(ways) for ways in spelt] == [3, 3]
    assert [len({fold(way) for way in ways}) for ways in spelt] == [1, 1]


@pytest.mark.parametrize("seed", range(5))
def test_no_file_of_the_smallest_city_is_without_rows(tmp_path: Path, seed: int) -> None:
    files = write_city(tmp_path, seed, FEWEST).files

    assert {file.name for file in files if not file.rows} == set()
    assert files[-1].rows


def test_a_city_without_room_for_its_stories_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=str(FEWEST)):
        write_city(tmp_path, residents=FEWEST - 1)


@dataclass(frozen=True)
class Imported:
    city: Manifest
    desk: Desk
    reports: dict[str, ImportReport]
    heads: dict[str, int]
    """The ledger's last position before each file."""


@pytest.fixture(scope="module")
def small_ledger(server: Embedded) -> Iterator[Database]:
    with fresh_ledger(server) as database:
        yield database


@pytest.fixture(scope="module")
def imported(small_ledger: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Imported]:
    folder = tmp_path_factory.mktemp("small-city")
    city = write_city(folder / "files", residents=SMALL)
    found(small_ledger, folder / "keys" / "key", "intl", "keeper:1", os.urandom)
    with at_work(small_ledger, folder / "keys" / "key", os.urandom) as desk:
        grant_all(city, desk.competences)
        reports: dict[str, ImportReport] = {}
        heads: dict[str, int] = {}
        for file in city.files:
            heads[file.name] = head(desk)
            reports[file.name] = take_in(desk, city, file.name)
        yield Imported(city, desk, reports, heads)


def grant_all(city: Manifest, competences: Competences) -> None:
    for organ in city.organs:
        for grant in organ.grants():
            competences.grant(grant, Hand("keeper:1", KEEPER_ORGAN))


def take_in(desk: Desk, city: Manifest, name: str, *, dry: bool = False) -> ImportReport:
    [file] = [file for file in city.files if file.name == name]
    mapping = read_mapping(city.folder / file.mapping) if file.mapping else DeliveryMapping()
    order = ImportOrder(file.organ, "clerk:1", city.on, again=int(dry), dry_run=dry)
    real = LedgerImportDesk(desk)
    return run_import(DryDesk(real) if dry else real, open_delivery(city.folder / name, mapping), order)


def head(desk: Desk) -> int:
    with desk.ledger.connection() as connection:
        [[top]] = connection.cursor(row_factory=tuple_row).execute("SELECT top()").fetchall()
        return int(top)


def test_every_row_gets_the_verdict_that_was_meant(imported: Imported) -> None:
    for file in imported.city.files:
        report = imported.reports[file.name]
        found_codes = {code.value: count for code, count in report.codes.items()}

        assert found_codes == file.expected, file.name
        assert report.receipt.rows == file.rows, file.name
        assert report.receipt.accepted == file.rows - sum(file.expected.values()), file.name


def test_the_month_file_alone_is_wrong_in_more_than_twenty_ways(imported: Imported) -> None:
    [name] = [file.name for file in imported.city.files if file.name.startswith("04-")]

    assert len(imported.reports[name].codes) > 20


def test_sending_everything_again_adds_nothing(imported: Imported) -> None:
    before = head(imported.desk)
    again = [take_in(imported.desk, imported.city, file.name) for file in imported.city.files]

    assert all(report.repeated for report in again)
    assert head(imported.desk) == before


def test_a_dry_run_of_what_is_there_says_duplicate(imported: Imported) -> None:
    report = take_in(imported.desk, imported.city, "02-police-permits.csv", dry=True)

    assert report.receipt.duplicate == report.receipt.rows - 1


def test_the_late_file_comes_last_and_brings_months_of_long_ago(imported: Imported) -> None:
    late = imported.city.late
    subject = subject_of(imported, late.example.resident.number)
    entries = imported.desk.ledger.history(subject)
    came_late = [entry.fact for entry in entries if (entry.position or 0) > imported.heads[late.file]]
    months = [fact.month for fact in came_late if isinstance(fact, InsuranceMonthPaid)]

    assert late.file == imported.city.files[-1].name
    assert len(months) == 12
    assert max(months) < "2024-06"


def test_corrections_and_voids_reach_their_entries(imported: Imported) -> None:
    numbers = _numbers(imported)[:SMALL]
    entries = [entry for number in numbers for entry in imported.desk.ledger.history(subject_of(imported, number))]
    kinds = Counter(type(entry.fact) for entry in entries if entry.hand.refers_to is not None)

    assert kinds[FactVoided] > 3
    assert kinds[FactCorrected] > 3


def test_each_feed_names_as_many_rows_as_were_accepted(imported: Imported) -> None:
    before = imported.heads["16-nb-hrss-feeds.ndjson"]
    statement = "SELECT topic, count(*) FROM entries WHERE organ = %s AND notification_id <= %s GROUP BY topic"
    for organ in {file.organ for file in imported.city.files if file.name.startswith("16-")}:
        with imported.desk.ledger.connection() as connection:
            stored: dict[str, int] = dict(
                connection.cursor(row_factory=tuple_row).execute(statement, [organ, before]).fetchall()
            )
        facts = [entry.fact for entry in imported.desk.ledger.history(named(Stream.ORGAN, organ))]
        feeds = [fact for fact in facts if isinstance(fact, FeedDelivered)]

        assert feeds
        assert {f.fact_kind: f.rows for f in feeds} == {
            f.fact_kind: stored.get(f"{f.fact_kind}.v1", 0) for f in feeds
        }


def _numbers(imported: Imported) -> list[str]:
    lines = (imported.city.folder / "01-police-residence.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    return list(dict.fromkeys(line.split(",")[1] for line in lines))


def subject_of(imported: Imported, number: str) -> UUID:
    subject = imported.desk.identities.find(Person("resident-card", number)).subject
    assert subject is not None
    return subject
