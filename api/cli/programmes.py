"""Verbs of programmes from files alone: check, list, show, evaluate. No database, no ledger."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from api import clock
from api.cli.evaluating import Facts, opened
from api.cli.moving import tables_of, tell_problem
from api.cli.options import AsJson, AsOf, civil_day, speaker
from api.cli.output import Exit, Speaker
from api.cli.ranking import told_ranking
from api.cli.usage import Misused
from domain.programme import Programme, ProgrammeDocument
from domain.programme.lines import evaluate_applicants, rank_applicants
from domain.programme.lottery import drawn
from domain.programme.ranking import Ranking
from domain.programme.telling import tell
from ledger.programmes import check_programmes

programme = typer.Typer(help="Programmes 积分应用: check, list, show, evaluate.", no_args_is_help=True)

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


@programme.command("list")
def list_(context: typer.Context, paths: Paths, as_json: AsJson = False) -> None:
    """列出: List programmes with their authority, their days and how places go."""
    voice = speaker(context, as_json=as_json)
    documents = sound(voice, paths)
    voice.table(
        ["document", "name", "authority", "from", "to", "order"],
        [
            (
                d.programme.doc,
                d.programme.label.text(voice.language),
                d.programme.authority,
                d.programme.effective.from_,
                d.programme.effective.to or "",
                _way(voice, d.programme),
            )
            for d in documents
        ],
    )
    voice.give(
        {
            "programmes": [
                {
                    "doc": d.programme.doc,
                    "programme": d.programme.programme,
                    "label": d.programme.label.model_dump(),
                    "authority": d.programme.authority,
                    "from": d.programme.effective.from_,
                    "to": d.programme.effective.to,
                    "ranked": d.programme.is_ranked,
                    "hash": d.hash,
                }
                for d in documents
            ]
        }
    )


@programme.command()
def show(context: typer.Context, path: Paths, as_json: AsJson = False) -> None:
    """展示: Show programmes as they are read: conditions, order, what is given, each with its clause."""
    voice = speaker(context, as_json=as_json)
    documents = sound(voice, path)
    for document in documents:
        told = document.programme
        voice.say(f"{told.doc} {told.label.zh} · {told.label.en}")
        until = told.effective.to or "…"
        voice.say(f"  {told.authority} · {told.effective.from_} – {until} · {_way(voice, told)} · {document.hash}")
        voice.say(f"  {told.source}")
        rows: list[tuple[object, ...]] = [
            ("require", c.id, c.label.text(voice.language), c.clause, _mark(c.placeholder)) for c in told.require
        ]
        rows += [("exempt", e.id, e.label.text(voice.language), e.clause, "") for e in told.exempt]
        rows += [("tier", t.id, t.label.text(voice.language), t.clause, "") for t in told.tiers]
        if told.quota is not None:
            rows.append(("quota", told.quota.places, told.quota.ties_at_line, told.quota.clause, ""))
        for money in told.benefit.money if told.benefit else ():
            rows.append(
                ("money", money.id, money.label.text(voice.language), money.clause, _mark(money.placeholder))
            )
        voice.table(["", "id", "name", "clause", ""], rows)
    voice.give({"programmes": [{"hash": d.hash, "document": d.tree} for d in documents]})


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


def _way(voice: Speaker, told: Programme) -> str:
    if told.is_ranked:
        return voice.choose("按名次", "by rank")
    return voice.choose("符合即可", "all who meet the conditions")


def _mark(placeholder: object) -> str:
    return "placeholder" if placeholder else ""
