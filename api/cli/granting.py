"""Verbs about who may say what: grant, withdraw, grants. 授权."""

import re
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from api import clock, composition
from api.cli.options import AsJson, By, Preview, civil_day, hand_of, plain_text, settings_of, speaker
from api.cli.output import Speaker
from api.cli.usage import Misused
from domain.competence import ANY_KIND, Grant
from domain.facts import FactCorrected, FactVoided, FeedDelivered, GrantWithdrawn, OrganGranted, RoundOpened
from ledger.ingest.plans import DELIVERED

_SPEAK_OF_OTHERS = {FactVoided, FactCorrected, FeedDelivered}
GRANTED = sorted({kind.kind_name() for kind in (DELIVERED - _SPEAK_OF_OTHERS) | {RoundOpened}})
"""The kinds for which a grant is asked; a void, a correction and a feed are asked for the kind they speak of.

Who is granted `round-opened` in a place runs rounds there (api/office.py).
"""


def _kind(text: str) -> str:
    if text in (ANY_KIND, *GRANTED):
        return text
    near = get_close_matches(text.lower().replace("_", "-").partition(".")[0], GRANTED, n=3)
    if near:
        raise Misused(f"没有这种事实;相近的有:{', '.join(near)}", f"no such kind; near it: {', '.join(near)}")
    raise Misused(
        f"没有这种事实;可写 * 或:{', '.join(GRANTED)}", f"no such kind; there are * and {', '.join(GRANTED)}"
    )


def _prefix(text: str) -> str:
    if re.fullmatch("[0-9A-Z]{0,12}", text) is None:
        raise Misused(
            '应为行政区划代码的前几位,例如 3302;全部辖区写 ""',
            'the front of a division code, such as 3302; "" is everywhere',
        )
    return text


def _organ(text: str) -> str:
    if re.fullmatch("[0-9A-HJ-NPQRTUWXY]{18}|[a-z][a-z0-9-]{1,39}", text) is None:
        raise Misused(
            "应为统一社会信用代码 (18 位),或小写字母开头的本地编号,例如 nb-hrss",
            "a social credit code (18 characters), or a local id in lower case, such as nb-hrss",
        )
    return text


Organ = Annotated[str, typer.Argument(help="Who: a social credit code or a local id. 机构。", callback=_organ)]
FactKind = Annotated[str, typer.Argument(help="What: a kind without its version, or *. 事实种类。", callback=_kind)]
PlacePrefix = Annotated[str, typer.Argument(help="Where: the front of a place code. 辖区前缀。", callback=_prefix)]
FIRST_DAY = "2020-01-01"


def grant(
    context: typer.Context,
    organ: Organ,
    fact_kind: FactKind,
    place_prefix: PlacePrefix,
    since: Annotated[str, typer.Option(help="First day. 起始日。")] = FIRST_DAY,
    basis: Annotated[str, typer.Option(help="The legal basis. 依据。", callback=plain_text)] = "points grant",
    by: By = "officer:keeper",
    as_json: AsJson = False,
) -> None:
    """授权: Let an organ append a kind of fact for places with a prefix."""
    voice = speaker(context, as_json=as_json)
    fact = OrganGranted(
        organ=organ,
        fact_kind=fact_kind,
        place_prefix=place_prefix,
        valid_from=civil_day(since, clock.today(), "--since"),
        basis=basis,
    )
    with composition.desk(settings_of(context)) as desk:
        receipt = desk.competences.grant(fact, hand_of(by))
        grants = desk.competences.of(organ)
    _tell(voice, {organ: grants})
    if any(g.valid_from == fact.valid_from and g.valid_to for g in grants if _same(g, fact)):
        voice.wrong(
            voice.choose("这一项授权已撤销,不会恢复。", "This grant was withdrawn and is not restored."),
            voice.choose("用 --since 另定起始日。", "Grant anew from another day with --since."),
        )
    voice.give({"organ": organ, "position": receipt.position, "new": receipt.new, "grants": _rows({organ: grants})})


def withdraw(
    context: typer.Context,
    organ: Organ,
    fact_kind: FactKind,
    place_prefix: PlacePrefix,
    since: Annotated[str | None, typer.Option(help="Its first day. 起始日。", show_default="the only one")] = None,
    on: Annotated[str | None, typer.Option(help="The first day without it. 终止日。", show_default="today")] = None,
    by: By = "officer:keeper",
    preview: Preview = False,
    as_json: AsJson = False,
) -> None:
    """撤销授权: End a grant. What the organ has said stays; it may still void its own entries."""
    voice, today = speaker(context, as_json=as_json), clock.today()
    ends_on = civil_day(on, today, "--on")
    first = None if since is None else civil_day(since, today, "--since")
    with composition.desk(settings_of(context)) as desk:
        standing = desk.competences.chosen(organ, fact_kind, place_prefix, first)
        fact = GrantWithdrawn(
            organ=organ,
            fact_kind=fact_kind,
            place_prefix=place_prefix,
            valid_from=standing.valid_from,
            ends_on=ends_on,
        )
        receipt = None if preview else desk.competences.withdraw(fact, hand_of(by))
        grants = desk.competences.of(organ)
    if preview:
        ends = min(day for day in (standing.valid_to, ends_on) if day is not None)
        voice.say(voice.choose(f"将终止于 {ends};未作任何更改。", f"It would end on {ends}; nothing was changed."))
    _tell(voice, {organ: grants})
    voice.give(
        {
            "organ": organ,
            "ends_on": str(ends_on),
            "dry_run": preview,
            "position": None if receipt is None else receipt.position,
            "new": receipt is not None and receipt.new,
            "grants": _rows({organ: grants}),
        }
    )


def grants(
    context: typer.Context,
    organ: Annotated[str | None, typer.Argument(help="One organ. 机构。", show_default="all")] = None,
    as_json: AsJson = False,
) -> None:
    """授权一览: List who may say what, where, since when; ended grants too."""
    voice = speaker(context, as_json=as_json)
    with composition.desk(settings_of(context)) as desk:
        organs = desk.competences.organs() if organ is None else [organ]
        found = {one: desk.competences.of(one) for one in organs}
    _tell(voice, found)
    if not any(found.values()):
        voice.say(voice.choose("没有授权。", "Nothing is granted."))
    voice.give({"grants": _rows(found)})


def _same(grant: Grant, fact: OrganGranted) -> bool:
    return (grant.kind, grant.place_prefix) == (fact.fact_kind, fact.place_prefix)


def _tell(voice: Speaker, found: dict[str, tuple[Grant, ...]]) -> None:
    chinese, english = ("机构", "种类", "辖区", "起", "止"), ("organ", "kind", "places", "from", "to")
    voice.table(
        chinese if voice.language == "zh" else english,
        [
            (organ, g.kind, g.place_prefix or "*", g.valid_from, g.valid_to or "")
            for organ, granted in found.items()
            for g in granted
        ],
    )


def _rows(found: dict[str, tuple[Grant, ...]]) -> list[dict[str, Any]]:
    return [
        {
            "organ": organ,
            "kind": g.kind,
            "place_prefix": g.place_prefix,
            "valid_from": str(g.valid_from),
            "valid_to": None if g.valid_to is None else str(g.valid_to),
        }
        for organ, granted in found.items()
        for g in granted
    ]
