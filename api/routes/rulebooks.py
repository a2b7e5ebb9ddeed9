"""Rulebooks in force, their content, and the kinds of facts."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api import coordinates
from api.auth import Actor, Role
from api.bodies.rulebooks import InForceBody, KindBody, KindsBody, VersionBody
from api.door import Door
from api.refusals import KindUnknown, RulebookUnknown
from api.represent import UNCHANGED, represent
from api.wiring import SPOKEN, AsOf, KnownAt, ReaderOfRules, StrictRoute, UsingDoor
from domain.facts import ALL, BY_TOPIC, DocumentProposed, Stream
from domain.facts.reference import schema
from ledger.publication import State, versions_of
from ledger.streams import named
from projections.answers import Answers

router = APIRouter(prefix="/v1", tags=["rulebooks"], route_class=StrictRoute, dependencies=SPOKEN)
_SEES_PROPOSALS = frozenset({Role.POLICY, Role.AUDITOR})
PlaceAsked = Annotated[str, Query(description="division code, GB/T 2260 or local. 辖区。", examples=["330212"])]
DocName = Annotated[str, Path(description="the document's id", examples=["zj.common"])]
Hash = Annotated[str, Path(description="its content hash", examples=["5c" * 32])]


@router.get(
    "/rulebooks",
    operation_id="rulebooksInForce",
    response_model=InForceBody,
    responses=UNCHANGED,
    summary="In force 现行积分办法",
)
def rulebooks_in_force(
    request: Request, _: ReaderOfRules, door: UsingDoor, place: PlaceAsked, known: KnownAt, as_of: AsOf = None
) -> Response:
    """Give the documents in force at a place on a day, from province to district."""
    return _in_force(request, door, place, as_of, known)


@router.get(
    "/rulebooks/{doc}/{hash}",
    operation_id="rulebook",
    response_model=VersionBody,
    responses=UNCHANGED,
    summary="Content 全文",
)
def rulebook(request: Request, actor: ReaderOfRules, door: UsingDoor, doc: DocName, hash: Hash) -> Response:  # noqa: A002 - the path's own word
    """Give one version of a document, whole. Proposals are for the policy office and auditors."""
    return _version(request, door, actor, doc, hash)


@router.get("/kinds", operation_id="kinds", summary="Kinds of facts 事实种类")
def kinds(_: ReaderOfRules) -> KindsBody:
    """List every kind of fact."""
    return KindsBody(kinds=[KindBody.of(fact) for fact in ALL])


@router.get("/kinds/{kind}/schema", operation_id="kindSchema", summary="JSON Schema of a kind 模式")
def kind_schema(
    _: ReaderOfRules, kind: Annotated[str, Path(examples=["insurance-month-paid.v1"])]
) -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a kind: the form of an event's `data`, `kind` and `person` apart."""
    return _schema(kind)


def _in_force(
    request: Request, door: Door, place: str, as_of: str | None, known: int | datetime | None
) -> Response:
    code = coordinates.place_code(place)
    day = door.today() if as_of is None else coordinates.civil_day(as_of)

    def ask(answers: Answers) -> InForceBody:
        as_at = answers.position(known)
        return InForceBody.of(code, day, as_at, answers.rulebooks(code, day, as_at))

    body = door.answering.ask(ask)
    return represent(request, body, body.hash, body.as_at, code, body.as_of)


def _version(request: Request, door: Door, actor: Actor, doc: str, content: str) -> Response:
    entries = door.desk.ledger.history(named(Stream.RULEBOOK, doc))
    version = next((one for one in versions_of(entries) if one.content == content), None)
    if version is None or (version.state is State.PROPOSED and actor.role not in _SEES_PROPOSALS):
        raise RulebookUnknown
    proposed = (entry.fact for entry in entries if isinstance(entry.fact, DocumentProposed))
    tree = next(fact.document for fact in proposed if fact.content == content)
    return represent(
        request, VersionBody.of(version, document=tree), content, version.state, str(version.retired_on)
    )


def _schema(kind: str) -> dict[str, Any]:
    fact = BY_TOPIC.get(kind)
    if fact is None:
        raise KindUnknown
    return schema(fact)
