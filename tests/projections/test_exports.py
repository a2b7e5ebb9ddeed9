"""The population in columns: the same from the ledger and from Parquet, families together, nothing lost."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pyarrow.parquet as pq
import pytest

from domain import facts
from domain.factrow import FactRow
from domain.facts import Fact, Stream
from ledger.streams import named
from projections.answers import Answers
from projections.exports.layout import ExportDamaged, file_of
from projections.exports.ledger import Opened, opened
from projections.exports.populations import ExportPopulation, LedgerPopulation
from projections.exports.writing import FolderNotEmpty, write_export
from projections.measures import rows_at
from projections.simulation.population import Part, Population
from projections.simulation.run import Question, Simulation, simulate
from projections.simulation.scoring import Folder, Here, PlanFolder, ReferenceFolder
from projections.simulation.worlds import Worlds
from tests.projections.given import TODAY, GivenLedger, subject
from tests.projections.tables import city, province

YINZHOU, HAISHU = "330212", "330203"
PEOPLE = 40


def life(number: int, place: str) -> list[Fact]:
    return [
        facts.ParticularsCorrected(born_on=date(1970 + number % 30, 6, 1)),
        facts.ResidenceRegistered(registered_on=date(2024, 6, 1), place=place + "002", spell=f"R{number}"),
        facts.PermitIssued(on=date(2024, 7, 1), place=place, permit=f"P{number}"),
        *(facts.InsuranceMonthPaid(month=f"2025-{month:02d}", place=place) for month in range(1, 1 + number % 12)),
        facts.BloodDonated(donated_on=date(2025, 2, 3), place=place, millilitres=400),
    ]


@pytest.fixture
def city_ledger(ledger: GivenLedger, runner_connection: psycopg.Connection) -> GivenLedger:
    """Forty residents of two districts; months void, one corrected twice, two ties, one merge, one offence."""
    ledger.publish(province(), city())
    for number in range(PEOPLE):
        place = YINZHOU if number % 3 else HAISHU
        ledger.append(subject(number), *life(number, place))
    months = [ledger.append(subject(n), facts.InsuranceMonthPaid(month="2024-12", place=YINZHOU)) for n in range(4)]
    for ref in months[:3]:
        ledger.append(ref.stream, facts.FactVoided(reason="source-error"), refers_to=ref)
    for month in ("2024-11", "2024-10"):
        right = facts.InsuranceMonthPaid(month=month, place=YINZHOU)
        correction = facts.FactCorrected(reason="source-error", replacement=right)
        ledger.append(months[3].stream, correction, refers_to=months[3])
    offence = facts.RestrictedFact(category="offence", level="minor", place=YINZHOU, acted_on=date(2025, 3, 1))
    ledger.append(subject(5), offence)
    tie(ledger, subject(0), subject(39))
    tie(ledger, subject(39), subject(20))
    ledger.append(named(Stream.FAMILY, "merge"), facts.IdentitiesMerged(kept=subject(7), merged=subject(8)))
    ledger.run_all(runner_connection)
    return ledger


def tie(ledger: GivenLedger, one: UUID, other: UUID) -> None:
    spell = f"T{one.int % 1000}"
    recorded = facts.FamilyTieRecorded(tie="spouse", subject=one, other=other, since=date(2020, 1, 1), spell=spell)
    ledger.append(named(Stream.FAMILY, spell), recorded)


@contextmanager
def snapshot(ledger: GivenLedger, as_at: int | None = None, size: int = 7) -> Iterator[Opened]:
    with (
        ledger.connect() as connection,
        opened(connection, ledger.schemas, ledger.opener, TODAY, as_at, size) as everybody,
    ):
        yield everybody


def residents(population: Population) -> dict[str, list[FactRow]]:
    found = {}
    for part in population.parts():
        for number in range(part.batch.residents):
            one = part.resident(number)
            found[one.key] = list(one.rows)
    return found


def from_ledger(everybody: Opened) -> LedgerPopulation:
    return LedgerPopulation(everybody.parts, everybody.rules.coverage, everybody.position, TODAY)


@pytest.fixture
def export(city_ledger: GivenLedger, tmp_path: Path) -> Path:
    with snapshot(city_ledger) as everybody:
        write_export(everybody.parts, tmp_path / "export", everybody.position, TODAY, lambda _done, _of: None)
    return tmp_path / "export"


def test_an_export_holds_every_row_that_the_rules_read(city_ledger: GivenLedger, export: Path) -> None:
    found = residents(ExportPopulation(export))
    alone = [subject(n) for n in range(PEOPLE) if n not in {7, 8}]
    with city_ledger.connect() as connection, connection.cursor(binary=True) as cursor:
        known = rows_at(cursor, city_ledger.schemas, alone)

    def order(row: FactRow) -> tuple[int, int]:
        return row.position, row.part

    assert all(found[str(one)] == sorted(known[one], key=order) for one in alone)


def test_a_merged_subject_is_the_one_it_was_merged_into(export: Path) -> None:
    found = residents(ExportPopulation(export))

    assert str(subject(8)) not in found
    assert {row.ref_stream for row in found[str(subject(7))]} == {subject(7), subject(8)}


def test_ledger_and_export_are_the_same_population(city_ledger: GivenLedger, export: Path) -> None:
    exported = ExportPopulation(export)
    with snapshot(city_ledger) as everybody:
        population = from_ledger(everybody)

        assert residents(population) == residents(exported)
        assert population.digest == exported.digest


def test_families_are_never_divided(export: Path) -> None:
    parts = [
        {part.resident(number).key for number in range(part.batch.residents)}
        for part in ExportPopulation(export).parts()
    ]

    assert len(parts) > 3
    assert any({str(subject(n)) for n in (0, 39, 20)} <= part for part in parts)


def test_a_relative_is_known_to_who_is_tied_to_them(export: Path) -> None:
    population = ExportPopulation(export)
    families = {
        one.key: one.family
        for part in population.parts()
        for one in (part.resident(number) for number in range(part.batch.residents))
    }
    spouse = families[str(subject(0))].spouse

    assert spouse is not None
    assert spouse.born_on == date(1979, 6, 1)
    assert families[str(subject(1))].spouse is None


def scored(population: Population, folder: Folder, ledger: GivenLedger, opened_: Opened) -> dict[str, int]:
    totals: dict[str, int] = {}
    for part in population.parts():
        for here in _places(part):
            rulebooks = opened_.rules.under(here.place, TODAY)
            found = folder.fold(here, [rulebooks], TODAY).apply(rulebooks)
            keys = [part.resident(number).key for number in range(here.first, here.last)]
            totals |= dict(zip(keys, found.total.tolist(), strict=True))
    assert ledger.today == TODAY
    return totals


def _places(part: Part) -> Iterator[Here]:
    places = [part.resident(number).place for number in range(part.batch.residents)]
    for place in sorted(set(places)):
        yield Here(part, place, places.index(place), len(places) - places[::-1].index(place))


def test_everybody_scores_as_the_live_ledger_answers(city_ledger: GivenLedger, export: Path) -> None:
    with snapshot(city_ledger) as everybody:
        by_plan = scored(ExportPopulation(export), PlanFolder(), city_ledger, everybody)
        by_reference = scored(ExportPopulation(export), ReferenceFolder(), city_ledger, everybody)
    with city_ledger.connect() as connection:
        answers = Answers(connection, city_ledger.schemas)
        live = {
            str(one): answers.home_scores(one, TODAY)[0].score.total
            for one in map(subject, range(PEOPLE))
            if one not in {subject(7), subject(8)}
        }

    assert {key: by_plan[key] for key in live} == live
    assert by_plan == by_reference


def test_what_was_not_yet_known_is_not_exported(city_ledger: GivenLedger) -> None:
    with snapshot(city_ledger) as everybody:
        now = residents(from_ledger(everybody))
    middle = sorted(row.position for rows in now.values() for row in rows)[100]
    with snapshot(city_ledger, middle) as everybody:
        then = residents(from_ledger(everybody))

    assert all(row.position <= middle for rows in then.values() for row in rows)
    assert len(then) < len(now)


def test_who_lives_nowhere_is_counted_and_left_out(city_ledger: GivenLedger) -> None:
    city_ledger.append(subject(99), facts.InsuranceMonthPaid(month="2025-01", place=YINZHOU))
    with city_ledger.connect() as connection:
        city_ledger.run_all(connection)
    with snapshot(city_ledger) as everybody:
        population = from_ledger(everybody)
        found = residents(population)

    assert str(subject(99)) not in found
    assert population.left_out == 1


def test_sealed_facts_stand_apart_and_their_columns_are_flagged(export: Path) -> None:
    plain, restricted = (pq.read_table(file_of(export, name, 0)) for name in ("measures", "measures_restricted"))

    assert not {"restricted-fact", "blood-donated"} & set(plain["kind"].to_pylist())
    assert plain["born_on"].null_count == len(plain)
    assert all(field.metadata[b"restricted"] == b"true" for field in restricted.schema)


def test_only_the_owner_reads_an_export(export: Path) -> None:
    folders = [export, *(one for one in export.iterdir() if one.is_dir())]

    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}


def test_an_export_is_not_mixed_with_another(city_ledger: GivenLedger, export: Path) -> None:
    with snapshot(city_ledger) as everybody, pytest.raises(FolderNotEmpty):
        write_export(everybody.parts, export, everybody.position, TODAY, lambda _done, _of: None)


def test_a_part_that_was_changed_is_found(export: Path) -> None:
    file = file_of(export, "measures", 0)
    table = pq.read_table(file)
    pq.write_table(table.slice(1), file)

    with pytest.raises(ExportDamaged):
        residents(ExportPopulation(export))


def test_a_manifest_that_was_changed_is_found(export: Path) -> None:
    manifest = json.loads((export / "manifest.json").read_text())
    manifest["as_at"] += 1
    (export / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(ExportDamaged):
        ExportPopulation(export)


def test_a_simulation_is_the_same_run_from_ledger_and_export(city_ledger: GivenLedger, export: Path) -> None:
    draft = province(points="0.4")

    def run(population: Population, published: list[Any]) -> Simulation:
        worlds = Worlds(published, [draft], TODAY, population.as_at)
        return simulate(population, worlds, PlanFolder(), Question(TODAY, (), {}))

    with snapshot(city_ledger) as everybody:
        first = run(from_ledger(everybody), everybody.rules.published)
        second = run(ExportPopulation(export), everybody.rules.published)

    assert (first.run_id, first.counts.people) == (second.run_id, second.counts.people)
