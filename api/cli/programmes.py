"""Verbs of programmes: check and evaluate from files alone; publish, approve, list, show, diff in the ledger."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from api import clock
from api.cli.deciding import room
from api.cli.evaluating import Facts, opened
from api.cli.moving import tables_of, tell_problem
from api.cli.options import AsAt, AsJson, AsOf, By, civil_day, knowledge, plain_text, speaker
from api.cli.output import Exit, Speaker
from api.cli.programme_words import tell_documents, tell_list
from api.cli.publishing import propose_all, tell_versions, verbs_of
from api.cli.ranking import told_ranking
from api.cli.usage import Misused
from domain.programme import Programme, ProgrammeDocument
from domain.programme.difference import programme_changes
from domain.programme.lines import evaluate_applicants, rank_applicants
from domain.programme.lottery import drawn
from domain.programme.ranking import Ranking
from domain.programme.telling import tell
from domain.rulebook import Unsound
from ledger.programmes import check_programmes, read_programmes
from ledger.rulebooks.directory import files_of
from projections.programmes import PublishedProgramme, in_force, meant

T = TypeVar("T")
programme = typer.Typer(
    help="Programmes 积分应用: check, publish, list, show, diff, evaluate.", no_args_is_help=True
)

PUBLISHED = verbs_of(programme, lambda desk: desk.programmes, "programme")
"""What the verbs of publication work on."""

Which = Annotated[
    str,
    typer.Argument(
        help="A YAML file or folder; or of the ledger: a name (cx.school), or the front of a hash. 文件或哈希。"
    ),
]
Paths = Annotated[Path, typer.Argument(help="A YAML file, or a folder of them.", exists=True)]
Tables = Annotated[Path | None, typer.Option("--rulebooks", help="Tables for live scores. 积分办法。", exists=True)]


@programme.command()
def check(context: typer.Context, paths: Paths, as_json: AsJson = False) -> None:
    """检查: Check files: form, sense, and every worked example."""
    voice = speaker(context, as_json=as_json)
    documents, problems = check_programmes(paths)
    for problem in problems:
        tell_problem(voice, problem)
    examples = sum(len(document.programme.examples) for document in documents)
    voice.say(
        voice.choose(
            f"{len(documents)} 份文件,{examples} 个例子,{len(problems)} 个问题。",
            f"{len(documents)} documents, {examples} examples, {len(problems)} problems.",
        )
    )
    voice.give(
        {
            "documents": [{"doc": document.programme.doc, "hash": document.hash} for document in documents],
            "problems": [problem.as_json() for problem in problems],
        }
    )
    if problems:
        raise typer.Exit(Exit.WRONG)


@programme.command()
def publish(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A YAML file.", exists=True, dir_okay=False)],
    by: By,
    reason: Annotated[str, typer.Option(help="Why, for the record. 理由。", callback=plain_text)] = "publication",
    as_json: AsJson = False,
) -> None:
    """送审: Put the programmes of a file forward; another person publishes them with approve."""
    voice = speaker(context, as_json=as_json)
    propose_all(context, voice, PUBLISHED, sound(voice, path), by, reason)


@programme.command("list")
def list_(
    context: typer.Context,
    path: Annotated[
        Path | None, typer.Argument(help="Of a file or a folder, not of the ledger.", exists=True)
    ] = None,
    as_of: AsOf = None,
    as_at: AsAt = None,
    every: Annotated[bool, typer.Option("--all", help="Every version, proposals too. 全部版本。")] = False,
    as_json: AsJson = False,
) -> None:
    """列出: List what is in force, with its authority, its days and how places go; with --all every version."""
    voice = speaker(context, as_json=as_json)
    if path is None and every:
        tell_versions(context, voice, PUBLISHED)
        return
    day, known = civil_day(as_of, clock.today()), knowledge(as_at)
    documents = (
        sound(voice, path) if path is not None else _known(context, known, lambda found: in_force(found, day))
    )
    tell_list(voice, documents)


@programme.command()
def show(context: typer.Context, which: Which, as_json: AsJson = False) -> None:
    """展示: Show programmes as they are read: conditions, order, what is given, each with its clause."""
    voice = speaker(context, as_json=as_json)
    tell_documents(voice, _documents(context, voice, which))


@programme.command()
def diff(context: typer.Context, old: Which, new: Which, as_json: AsJson = False) -> None:
    """比较: Compare what two versions say, number by number: files, or versions of the ledger."""
    voice = speaker(context, as_json=as_json)
    found = programme_changes(_compared(context, voice, old), _compared(context, voice, new))
    for change in found:
        voice.say(str(change))
    voice.say(voice.choose(f"{len(found)} 处不同。", f"{len(found)} differences."))
    voice.give({"changes": [change.as_json() for change in found]})


@programme.command()
def evaluate(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The document's name: cx.rental. 积分应用。")],
    facts: Facts,
    programmes: Annotated[Path, typer.Option(help="A folder of programmes, or one file.", exists=True)] = Path(
        "programmes"
    ),
    rulebooks: Tables = None,
    as_of: AsOf = None,
    places: Annotated[int | None, typer.Option(min=0, help="Places, where the round says. 名额。")] = None,
    seed: Annotated[str | None, typer.Option(help="The published seed of the draw. 摇号种子。")] = None,
    as_json: AsJson = False,
) -> None:
    """测算: Evaluate applicants of a file under a programme: conditions, tier, order, places, money."""
    voice = speaker(context, as_json=as_json)
    day = civil_day(as_of, clock.today())
    chosen = chosen_document(voice, programmes, name, day).programme
    under = tables_of(voice, rulebooks)
    if rulebooks is None:
        _warn_of_no_tables(voice, chosen)
    told: list[dict[str, Any]] = []
    ranked: dict[str, Any] = {}
    unread = 0
    with opened(facts) as lines:
        for one, found, applied in evaluate_applicants(lines, chosen, day, under):
            told.append(one)
            if found is None or applied is None:
                unread += 1
                voice.err.print(f"{facts}:{one['line']}: {one['problems'][0]}", markup=False, style="red")
                continue
            ranked[applied.subject] = (found, applied)
            voice.say(f"{applied.subject}: " + "\n".join(tell(found, voice.language)))
            if one["grant"]:
                voice.say(_granted(voice, one["grant"]))
    ranking = _ranked(voice, chosen, ranked, places, seed)
    voice.give(
        {
            "programme": chosen.doc,
            "as_of": day,
            "applicants": told,
            "ranking": None if ranking is None else _ranking(ranking),
        }
    )
    if unread:
        raise typer.Exit(Exit.INCOMPLETE if unread < len(told) else Exit.WRONG)


def _warn_of_no_tables(voice: Speaker, chosen: Programme) -> None:
    if chosen.score is not None and chosen.score.kind == "live":
        voice.progress(
            voice.choose(
                "没有给出积分办法(--rulebooks):未写 points 的申请按 0 分计。",
                "No tables are given (--rulebooks): who has no `points` written counts 0.",
            )
        )


def _ranked(
    voice: Speaker, chosen: Programme, found: dict[str, Any], places: int | None, seed: str | None
) -> Ranking | None:
    quota = chosen.quota
    if quota is None or not found:
        return None
    free = places if places is not None else quota.places
    if not isinstance(free, int):
        voice.say(
            voice.choose("名额未给出(--places),只列次序。", "No places are given (--places): the order alone.")
        )
        free = len(found)
    draw = None if seed is None else drawn(seed, chosen.doc, found)
    ranking = rank_applicants(chosen, found, free, draw)
    told_ranking(voice, ranking)
    return ranking


def _ranking(ranking: Ranking) -> dict[str, Any]:
    return {
        "final": ranking.is_final,
        "over_quota": ranking.over,
        "ranked": [
            {"application": r.application, "rank": r.rank, "outcome": r.outcome, "unit": r.unit, "tied": r.tied}
            for r in ranking.ranked
        ],
    }


def _granted(voice: Speaker, grant: dict[str, Any]) -> str:
    yuan = f"{grant['fen_per_month'] / 100:.2f}"
    span = f"{grant['first_month']} – {grant['last_month']}"
    return voice.choose(f"  每月 {yuan} 元,{span}", f"  {yuan} yuan a month, {span}")


def chosen_document(voice: Speaker, path: Path, name: str, day: date) -> ProgrammeDocument:
    """Give the version in force on a day, or the only one of that name."""
    versions = [d for d in sound(voice, path) if name in (d.programme.doc, d.programme.programme)]
    names = {version.programme.doc for version in versions}
    in_force = [version for version in versions if version.programme.effective.holds_on(day)]
    if len(names) == 1 and (in_force or len(versions) == 1):
        return max(in_force or versions, key=lambda version: version.programme.effective.from_)
    known = ", ".join(sorted(names)) or voice.choose(
        "points programme list 列出全部", "see `points programme list`"
    )
    raise Misused(f"{name} · {day}:没有这一积分应用;已知的有 {known}", f"{name} · {day}: {known}", "NAME")


def sound(voice: Speaker, path: Path) -> list[ProgrammeDocument]:
    """Read a file or a folder and run its examples; tell every problem and end where there is one."""
    documents, problems = check_programmes(path)
    for problem in problems:
        tell_problem(voice, problem)
    if problems:
        voice.give({"problems": [problem.as_json() for problem in problems]})
        raise typer.Exit(Exit.WRONG)
    return documents


def _documents(context: typer.Context, voice: Speaker, which: str) -> list[ProgrammeDocument]:
    """Read what is meant: files if they are there, else of the ledger the newest of a name, or the one of a hash.

    Raises ProgrammeUnknown.
    """
    if Path(which).exists():
        return sound(voice, Path(which))
    return [_known(context, None, lambda every: meant(every, which))]


def _compared(context: typer.Context, voice: Speaker, which: str) -> list[ProgrammeDocument]:
    """Read what is meant; of files no example is run: a draft is compared before it is right."""
    path = Path(which)
    if not path.exists():
        return _documents(context, voice, which)
    try:
        return [d for file in (files_of(path) if path.is_dir() else [path]) for d in read_programmes(file)]
    except Unsound as unsound:
        for problem in unsound.problems:
            tell_problem(voice, problem)
    raise typer.Exit(Exit.WRONG)


def _known(context: typer.Context, as_at: int | datetime | None, ask: Callable[[list[PublishedProgramme]], T]) -> T:
    with room(context) as at_work:
        at_work.follow()
        with at_work.known(as_at) as (_, snapshot):
            return ask(snapshot.programmes)
