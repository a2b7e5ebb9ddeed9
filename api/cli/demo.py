"""The verb demo: the main job from end to end, on the files of a small Ningbo and an embedded PostgreSQL."""

import shlex
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from api import composition
from api.cli import importing, receipts
from api.cli.options import AsJson, hand_of, settings_of, speaker
from api.cli.output import Speaker
from api.cli.residents import as_object, headline
from api.demo.city import RESIDENTS, DemoFile, Example, Manifest, write_city
from api.demo.telling import digest
from api.settings import Settings
from domain.errors import AlreadyPublished, SubjectUnknown
from domain.person import Person
from domain.places import chain, lies_in
from ledger.database import Database, Role
from ledger.ingest.job import ImportOrder, ImportReport
from ledger.ingest.mapping import read_mapping
from ledger.ingest.receiving import open_delivery
from ledger.opening import Desk, at_work, found
from ledger.programmes import check_programmes
from ledger.publication import Publication, Publishable
from ledger.rulebooks import load_directory
from ledger.verification import verify_entries
from projections.answers import Answer

D = TypeVar("D", bound=Publishable)
RULEBOOKS = Path(__file__).parents[2] / "rulebooks"
PROGRAMMES = Path(__file__).parents[2] / "programmes"
NINGBO = "330200"
SHOWN = {"across": "insurance", "offence": "offence", "suspended": "residence"}
"""Whose scores are shown, and the row that is told in a whole sentence."""
AUTHOR, APPROVER = "officer:demo-author", "officer:demo-approver"


@dataclass
class Demo:
    """What the steps share."""

    voice: Speaker
    settings: Settings
    manifest: Manifest
    began: float

    def step(self, chinese: str, english: str) -> None:
        """Head a step with the seconds that have gone by."""
        seconds = time.monotonic() - self.began
        self.voice.say("")
        self.voice.say(f"▸ {self.voice.choose(chinese, english)}  [{seconds:.1f} s]", style="bold cyan")


def demo(
    context: typer.Context,
    residents: Annotated[int, typer.Option(help="How many. 居民数。", min=60, max=200_000)] = RESIDENTS,
    seed: Annotated[int, typer.Option(help="Of the generator. 随机种子。")] = 1,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin with an empty ledger. 从空账本开始。")] = False,
    as_json: AsJson = False,
) -> None:
    """演示: departments' files in, three scores out, explained, and one question asked as at two moments."""
    voice, began = speaker(context, as_json=as_json), time.monotonic()
    settings = _settings(settings_of(context))
    if fresh and settings.database_url is None:
        shutil.rmtree(settings.data, ignore_errors=True)
    settings.data.mkdir(parents=True, exist_ok=True)
    work = Demo(voice, settings, write_city(settings.data / "files", seed, residents), began)
    with composition.database(settings, new=True) as database:
        _open(work, database)
        with at_work(database, settings.key_file, composition.random_bytes) as desk:
            published = _publish(work, desk)
            programmes = _publish_programmes(work, desk)
            reports = list(_import(work, desk))
            scores = _scores(work, desk)
            late = _late(work, desk, reports)
            verified = _verify(work, desk)
    _next(work)
    voice.give(
        {
            "seconds": round(time.monotonic() - began, 1),
            "rulebooks": published,
            "programmes": programmes,
            "imports": [receipts.as_object(report) for report in reports],
            "scores": scores,
            "as_at": late,
            "verified": verified,
        }
    )


def _settings(settings: Settings) -> Settings:
    """Keep the demo apart from a ledger of the same data directory."""
    home = settings.data / "demo"
    key_file = home / "keys" / "key-encryption.key" if settings.database_url is None else settings.key_file
    return replace(settings, data=home, key_file=key_file)


def _open(work: Demo, database: Database) -> None:
    work.step("建账,授权各部门", "Open a ledger, grant the departments")
    receipt = found(database, work.settings.key_file, "intl", AUTHOR, composition.random_bytes)
    with database.connect(Role.AUDITOR) as connection:
        row = connection.execute("SELECT current_setting('server_version')").fetchone()
    work.voice.say(f"  PostgreSQL {row[0] if row else ''} · genesis {receipt.leaf.hex()[:16]}")


def _publish(work: Demo, desk: Desk) -> list[list[str]]:
    organs = work.manifest.organs
    for organ in organs:
        for grant in organ.grants():
            desk.competences.grant(grant, hand_of(AUTHOR))
    work.voice.say(
        work.voice.choose(f"  {len(organs)} 个数源部门", f"  {len(organs)} departments may say what is theirs")
    )
    work.step("发布积分办法:一人送审,另一人批准", "Publish the rulebooks: one person proposes, another approves")
    published = []
    for document in load_directory(RULEBOOKS).documents:
        table = document.rulebook
        here = table.authority in chain(NINGBO) or lies_in(table.authority, NINGBO)
        if table.transcription == "disputed" or not here:
            continue
        _by_two(desk.publication, document)
        published.append([table.doc, document.hash])
        holders = any(item.placeholder for item in (*table.items, *table.deductions))
        note = work.voice.choose("(含占位分值)", "(holds placeholder numbers)") if holders else ""
        work.voice.say(f"  {document.hash[:12]} {table.doc} {table.label.text(work.voice.language)} {note}")
    return published


def _publish_programmes(work: Demo, desk: Desk) -> list[list[str]]:
    work.step("发布积分应用,同样须两人", "Publish the programmes, by two people as well")
    documents, _problems = check_programmes(PROGRAMMES)
    here = [document for document in documents if lies_in(document.programme.authority, NINGBO)]
    for document in here:
        _by_two(desk.programmes, document)
    names = sorted({document.doc for document in here})
    work.voice.say(f"  {len(here)}: {', '.join(names)}")
    return [[document.doc, document.hash] for document in here]


def _by_two(publication: Publication[D], document: D) -> None:
    try:
        publication.propose(document, hand_of(AUTHOR), "demo")
        publication.approve(document.doc, document.hash, hand_of(APPROVER))
    except AlreadyPublished:
        pass


def _import(work: Demo, desk: Desk) -> Iterator[ImportReport]:
    work.step("导入各部门的文件,每一行都有判定", "Import the departments' files: a verdict for every row")
    voice, rows = work.voice, []
    started = time.monotonic()
    for file in work.manifest.files:
        report = _imported(work, desk, file)
        receipt = report.receipt
        others = (receipt.duplicate, receipt.conflict, receipt.held, receipt.invalid)
        rows.append((file.name, voice.choose(file.zh, file.en), receipt.rows, receipt.accepted, *others))
        yield report
    seconds = time.monotonic() - started
    heads = ("rows", "accepted", "duplicate", "conflict", "held", "invalid")
    chinese = ("行", "接受", "重复", "冲突", "待确认", "不合格")
    voice.table(["file", voice.choose("内容", "content"), *(chinese if voice.language == "zh" else heads)], rows)
    total = sum(row[2] for row in rows)
    rate = f"{total / max(seconds, 0.001):,.0f}"
    voice.say(
        voice.choose(
            f"  共 {total:,} 行,{seconds:.1f} 秒,每秒 {rate} 行",
            f"  {total:,} rows, {seconds:.1f} s, {rate} rows/s",
        ),
        style="dim",
    )
    voice.say(
        voice.choose(
            f"  被拒的行写在 {work.manifest.folder}/*.rejected.*,写明原因与改法。",
            f"  Rejected rows are in {work.manifest.folder}/*.rejected.*, with the reason and the remedy.",
        )
    )


def _imported(work: Demo, desk: Desk, file: DemoFile) -> ImportReport:
    folder = work.manifest.folder
    path = folder / file.name
    delivery = open_delivery(path, None if file.mapping is None else read_mapping(folder / file.mapping))
    order = ImportOrder(file.organ, "system:demo", work.manifest.on, channel="demo")
    rejects = path.with_name(f"{path.stem}.rejected{path.suffix}")
    return importing.imported(desk, delivery, order, rejects, receipts.shown(work.voice, file.name))


def _scores(work: Demo, desk: Desk) -> list[dict[str, Any]]:
    work.step("三位居民的积分,逐条说明", "Three residents' scores, explained")
    composition.follow(desk.database, work.settings, composition.head(desk.database))
    given = []
    for name, row in SHOWN.items():
        example = work.manifest.example(name)
        answer = _answer(desk, example, work.manifest.on)
        work.voice.say("")
        work.voice.say(f"{work.voice.choose(example.zh, example.en)}  ({answer.subject})", style="bold")
        headline(work.voice, answer)
        _tell(work.voice, answer, row)
        given.append({"example": name, "subject": str(answer.subject), **as_object(answer)})
    return given


def _tell(voice: Speaker, answer: Answer, row: str) -> None:
    told = digest(answer.score, voice.language, frozenset({row}))
    heads = ("   得分", "指标", "计数", "") if voice.language == "zh" else (" points", "item", "counted", "")
    voice.table(heads, told.rows)
    for line in (*told.sentences, *told.rest, *told.sums):
        voice.say(f"  {line}")


def _late(work: Demo, desk: Desk, reports: list[ImportReport]) -> dict[str, Any]:
    work.step("同一问题,两个知晓时刻", "One question, as at two moments")
    late, voice, on = work.manifest.late, work.voice, work.manifest.on
    [report] = [r for r, f in zip(reports, work.manifest.files, strict=True) if f.name == late.file]
    before = (report.receipt.first_position or 1) - 1
    then, now = _answer(desk, late.example, on, before), _answer(desk, late.example, on)
    voice.say(f"{voice.choose(late.example.zh, late.example.en)}  ({now.subject})", style="bold")
    for answer in (then, now):
        line = answer.score.line("insurance")
        points = answer.score.points
        voice.say(
            f"  as of {on} · as at {answer.as_at:>6}: {points(answer.score.total)}"
            f"  ({line.label.text(voice.language)} {line.quantity} → {points(line.points)})"
        )
    return {
        "subject": str(now.subject),
        "place": late.example.place,
        "as_of": on.isoformat(),
        "answers": [{"as_at": a.as_at, "total": a.score.points(a.score.total)} for a in (then, now)],
    }


def _verify(work: Demo, desk: Desk) -> dict[str, Any]:
    work.step("复核账本:重算每个哈希、封印与链", "Verify the ledger: recompute every hash, seal and chain")
    with desk.database.connect(Role.AUDITOR) as connection:
        report = verify_entries(connection, desk.ledger.entry_mapper)
    work.voice.say(
        work.voice.choose(
            f"  {report.entries:,} 条、{report.streams:,} 条流,{report.found} 处不符",
            f"  {report.entries:,} entries, {report.streams:,} streams, {report.found} differences",
        )
    )
    return {"entries": report.entries, "streams": report.streams, "found": report.found}


def _answer(desk: Desk, example: Example, on: date, as_at: int | None = None) -> Answer:
    resident = example.resident
    subject = desk.identities.find(Person("resident-card", resident.number, resident.name)).subject
    if subject is None:
        raise SubjectUnknown
    with composition.answers(desk.database) as answers:
        return answers.score(subject, example.place, on, as_at)


def _next(work: Demo) -> None:
    voice, data = work.voice, shlex.quote(str(work.settings.data))
    across = work.manifest.example("across")
    subject = f"$(echo {across.resident.number} | points --data {data} find)"
    work.step("接下来可以试试", "What to try next")
    for line in (
        ". .venv/bin/activate",
        'export POINTS_BY=officer:a POINTS_PURPOSE="inquiry W-1"',
        f"SUBJECT={subject}",
        f"points --data {data} explain $SUBJECT --as-of {work.manifest.on}",
        f"points --data {data} history $SUBJECT",
        f"points --data {data} rulebook list --place {across.place}",
        f"points --data {data} verify --entries",
        f"points --data {data} serve",
    ):
        voice.say(f"  {line}")
