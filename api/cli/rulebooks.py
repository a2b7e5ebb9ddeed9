"""Verbs of the policy office: rulebook check, show, propose, approve, retire, list; and evaluate."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from api import clock, composition
from api.cli.options import AsAt, AsJson, AsOf, By, civil_day, knowledge, place_code, settings_of, speaker
from api.cli.output import Exit, Speaker
from api.cli.published import by_name, in_force
from api.cli.publishing import propose_all, tell_versions, verbs_of
from api.cli.usage import Misused
from api.settings import Settings
from domain.errors import RulebookNotSound
from domain.examples import check_document
from domain.lint import lint
from domain.rulebook import Document, Problem, Unsound
from domain.rulebook.difference import library_changes
from ledger.rulebooks import check_directory, read_documents

rulebook = typer.Typer(help="Rulebooks 积分办法: check, publish, list.", no_args_is_help=True)

Paths = Annotated[list[Path], typer.Argument(help="YAML files or folders of them.", exists=True)]

ON = verbs_of(rulebook, lambda desk: desk.publication, "rulebook")
"""What the verbs of publication work on."""


@rulebook.command()
def check(context: typer.Context, paths: Paths, as_json: AsJson = False) -> None:
    """检查: Check files: form, sense, and every worked example."""
    voice = speaker(context, as_json=as_json)
    documents, problems = _checked(paths)
    for problem in problems:
        _tell(voice, problem)
    warnings = [warning for document in documents for warning in lint(document)]
    for warning in warnings:
        voice.say(
            f"{warning.file}:{warning.line}:{warning.column} {warning.message(voice.language)} ({warning.code})"
        )
        voice.say(f"  → {warning.hint(voice.language)}")
    voice.say(
        voice.choose(
            f"{len(documents)} 份文件,{len(problems)} 个问题,{len(warnings)} 个提醒。",
            f"{len(documents)} documents, {len(problems)} problems, {len(warnings)} warnings.",
        )
    )
    voice.table(
        [*voice.heads("document", "authority", "from", "hash"), ""],
        [
            (
                d.rulebook.doc,
                d.rulebook.authority,
                d.rulebook.effective.from_,
                d.hash[:12],
                "disputed" if d.rulebook.transcription == "disputed" else "",
            )
            for d in documents
        ],
    )
    voice.give(
        {
            "documents": [{"doc": d.rulebook.doc, "hash": d.hash} for d in documents],
            "problems": [problem.as_json() for problem in problems],
            "warnings": [warning.as_json() for warning in warnings],
        }
    )
    if problems:
        raise typer.Exit(Exit.WRONG)


@rulebook.command()
def diff(
    context: typer.Context,
    old: Annotated[Path, typer.Argument(help="A YAML file, or a folder of them.", exists=True)],
    new: Annotated[Path, typer.Argument(help="Another.", exists=True)],
    as_json: AsJson = False,
) -> None:
    """比较: Compare what two versions compute, number by number."""
    voice = speaker(context, as_json=as_json)
    found = library_changes(_read(voice, old), _read(voice, new))
    for change in found:
        voice.say(str(change))
    voice.say(voice.choose(f"{len(found)} 处不同。", f"{len(found)} differences."))
    voice.give({"changes": [change.as_json() for change in found]})


@rulebook.command()
def show(
    context: typer.Context,
    what: Annotated[
        str | None, typer.Argument(help="A YAML file, or what is in the ledger: DOC or DOC/HASH. 文件或名称。")
    ] = None,
    place: Annotated[str | None, typer.Option(help="What is in force here. 辖区代码。")] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """展示: Show a file as the ledger reads it, or what the ledger holds."""
    voice = speaker(context, as_json=as_json)
    documents = _asked(voice, context, what, place, as_of)
    for document in documents:
        table = document.rulebook
        voice.say(
            f"{table.doc} {table.label.zh} · {table.label.en}\n"
            f"  {table.authority} {table.tier} · {table.effective.from_} – {table.effective.to or '…'}"
            f" · cap {table.cap if table.cap is not None else '–'} · {document.hash}"
        )
        voice.table(
            [*voice.heads("item", "name", "clause", "counts", "award", "cap"), ""],
            [
                (
                    item.id,
                    item.label.text(voice.language),
                    item.clause,
                    f"{item.measure.kind} {item.reads}".strip(),
                    item.award.as_,
                    "" if item.cap is None else item.cap,
                    "placeholder" if item.placeholder else "",
                )
                for item in [*table.items, *table.deductions]
            ],
        )
    voice.give({"documents": [{"hash": d.hash, "document": d.tree} for d in documents]})


@rulebook.command()
def propose(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A YAML file.", exists=True, dir_okay=False)],
    by: By,
    reason: Annotated[str, typer.Option(help="Why, for the record. 理由。")] = "publication",
    as_json: AsJson = False,
) -> None:
    """送审: Put the documents of a file forward for publication."""
    voice = speaker(context, as_json=as_json)
    documents = _sound(voice, path)
    propose_all(context, voice, ON, documents, by, reason)


@rulebook.command("list")
def list_(
    context: typer.Context,
    place: Annotated[str | None, typer.Option(help="Only what is in force here. 辖区。")] = None,
    as_of: AsOf = None,
    as_at: AsAt = None,
    as_json: AsJson = False,
) -> None:
    """列表: List every version, or what is in force at a place."""
    voice, settings = speaker(context, as_json=as_json), settings_of(context)
    day, known = civil_day(as_of, clock.today()), knowledge(as_at)
    if place is not None:
        _tell_in_force(voice, settings, place_code(place), day, known)
        return
    tell_versions(context, voice, ON)


def _tell_in_force(voice: Speaker, settings: Settings, place: str, day: date, known: int | datetime | None) -> None:
    with composition.desk(settings) as desk:
        composition.follow(desk.database, settings, composition.head(desk.database))
        with composition.answers(desk.database) as answers:
            found = answers.rulebooks(place, day, known)
    voice.table(
        voice.heads("document", "name", "from", "hash"),
        [
            (d.rulebook.doc, d.rulebook.label.text(voice.language), d.rulebook.effective.from_, d.hash[:12])
            for d in found.documents
        ],
        title=f"{place} {day} {found.hash[:12]}",
    )
    voice.give(
        {
            "place": place,
            "as_of": str(day),
            "hash": found.hash,
            "documents": [[d.rulebook.doc, d.hash] for d in found.documents],
        }
    )


def _checked(paths: list[Path]) -> tuple[list[Document], list[Problem]]:
    documents: list[Document] = []
    problems: list[Problem] = []
    for path in paths:
        if path.is_dir():
            library, wrong = check_directory(path)
            documents += library.documents
            problems += wrong
            continue
        try:
            found = read_documents(path)
        except Unsound as unsound:
            problems += unsound.problems
        else:
            documents += found
            problems += [problem for document in found for problem in check_document(document)]
    return documents, problems


def _read(voice: Speaker, path: Path) -> list[Document]:
    """Read a file, or every file of a folder, without running examples: a draft is compared before it is right.

    What cannot be read at all is told place by place. Raises RulebookNotSound with the file.
    """
    documents: list[Document] = []
    for file in sorted(path.rglob("*.yaml")) if path.is_dir() else [path]:
        try:
            documents += read_documents(file)
        except Unsound as unsound:
            for problem in unsound.problems:
                _tell(voice, problem)
            raise RulebookNotSound(str(file)) from None
    return documents


def _asked(
    voice: Speaker, context: typer.Context, what: str | None, place: str | None, as_of: str | None
) -> list[Document]:
    """Give what was asked for: by place and day, a file, or a name."""
    if (what is None) == (place is None):
        raise Misused(
            "写文件、名称 (DOC 或 DOC/HASH) 或 --place 之一", "give a file, a name (DOC or DOC/HASH), or --place"
        )
    if place is not None:
        return in_force(settings_of(context), place_code(place), civil_day(as_of, clock.today()))
    path = Path(what or "")
    return _sound(voice, path) if path.is_file() else [by_name(settings_of(context), what or "")]


def _sound(voice: Speaker, path: Path) -> list[Document]:
    """Read and check one file, or tell its problems and refuse."""
    documents, problems = _checked([path])
    if problems:
        for problem in problems:
            _tell(voice, problem)
        raise RulebookNotSound(str(path))
    return documents


def _tell(voice: Speaker, problem: Problem) -> None:
    place = f"{problem.file}:{problem.line}:{problem.column}"
    voice.wrong(
        f"{place} {problem.where} {problem.message(voice.language)} ({problem.code})", problem.hint(voice.language)
    )
