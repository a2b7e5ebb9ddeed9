"""Verbs of publication, the same for rulebooks and programmes: propose, approve, retire, list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Generic, TypeVar

import typer

from api import clock, composition
from api.cli.options import AsJson, By, civil_day, hand_of, settings_of, speaker
from api.cli.output import Speaker
from ledger.opening import Desk
from ledger.publication import Publication, Publishable, State, Version

D = TypeVar("D", bound=Publishable)

Doc = Annotated[str, typer.Argument(help="The document's name: zj.common, cx.school. 文件名。")]
_STATES = {State.PROPOSED: "待批准", State.PUBLISHED: "已发布", State.RETIRED: "已废止"}


@dataclass(frozen=True)
class Publishing(Generic[D]):
    """What the verbs of one group work on: the library of an open ledger, and the group's name."""

    of: Callable[[Desk], Publication[D]]
    group: str


def verbs_of(verbs: typer.Typer, of: Callable[[Desk], Publication[D]], group: str) -> Publishing[D]:
    """Add approve and retire to a group; both are done by another person than the one who asked."""

    @verbs.command()
    def approve(
        context: typer.Context,
        doc: Doc,
        by: By,
        content: Annotated[
            str | None, typer.Option("--hash", help="Which proposal; needed only where several stand. 哈希。")
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """批准并发布: Approve a proposal as another person, and publish it."""
        voice = speaker(context, as_json=as_json)
        with composition.desk(settings_of(context)) as desk:
            chosen = of(desk).chosen(doc, content)
            receipt = of(desk).approve(doc, chosen, hand_of(by))
        voice.say(
            voice.choose(
                f"已发布 {doc} {chosen[:12]},位置 {receipt.position}。",
                f"Published {doc} {chosen[:12]} at position {receipt.position}.",
            )
        )
        voice.give({"doc": doc, "hash": chosen, "position": receipt.position, "new": receipt.new})

    @verbs.command()
    def retire(
        context: typer.Context,
        doc: Doc,
        content: Annotated[str, typer.Argument(help="The hash of the version. 哈希。")],
        on: Annotated[str, typer.Option(help="The first day without it. 废止日。")],
        by: By,
        as_json: AsJson = False,
    ) -> None:
        """废止: End a published version on a day; a second person gives the same command."""
        voice = speaker(context, as_json=as_json)
        day = civil_day(on, clock.today(), "--on")
        with composition.desk(settings_of(context)) as desk:
            chosen = of(desk).chosen(doc, content)
            receipt = of(desk).retire(doc, chosen, day, hand_of(by))
        if receipt is None:
            voice.say(
                voice.choose(
                    "已提请;须由另一人以同一命令批准。",
                    "Asked for; another person approves it with the same command.",
                )
            )
        else:
            voice.say(f"{doc} {chosen[:12]} → {day} @{receipt.position}")
        position = None if receipt is None else receipt.position
        voice.give({"doc": doc, "hash": chosen, "retired_on": day.isoformat(), "position": position})

    return Publishing(of, group)


def propose_all(
    context: typer.Context, voice: Speaker, on: Publishing[D], documents: Sequence[D], by: str, reason: str
) -> None:
    """Put checked documents forward, and say what another person does then."""
    with composition.desk(settings_of(context)) as desk:
        proposed = [(document, on.of(desk).propose(document, hand_of(by), reason)) for document in documents]
    for document, receipt in proposed:
        voice.say(f"{document.doc} {document.hash} @{receipt.position}")
    voice.say(voice.choose("须由另一人批准:", "Another person approves:"))
    for document, _receipt in proposed:
        voice.say(f"→ points {on.group} approve {document.doc} --by OFFICER")
    voice.give(
        {"proposed": [{"doc": d.doc, "hash": d.hash, "position": r.position, "new": r.new} for d, r in proposed]}
    )


def tell_versions(context: typer.Context, voice: Speaker, on: Publishing[Any]) -> None:
    """List every version of every document of the ledger."""
    with composition.desk(settings_of(context)) as desk:
        versions = on.of(desk).versions()
    voice.table(
        voice.heads("document", "state", "from", "to", "hash", "proposed by", "approved by"),
        [
            (
                v.doc,
                voice.choose(_STATES[v.state], v.state),
                v.effective_from or "",
                _end(v.effective_to, v.retired_on),
                v.content[:12],
                v.proposed_by,
                v.approved_by or "",
            )
            for v in versions
        ],
    )
    voice.give({"versions": [_as_object(version) for version in versions]})


def _as_object(version: Version) -> dict[str, Any]:
    return {
        "doc": version.doc,
        "hash": version.content,
        "state": version.state,
        "position": version.position,
        "effective_from": version.effective_from,
        "effective_to": version.effective_to,
        "retired_on": version.retired_on,
        "proposed_by": version.proposed_by,
        "approved_by": version.approved_by,
    }


def _end(to: date | None, retired_on: date | None) -> str:
    ends = [day for day in (to, retired_on) if day is not None]
    return str(min(ends)) if ends else ""
