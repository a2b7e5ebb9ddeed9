"""Programmes: what is in force, their versions and content; put forward and approved by the policy office."""

from collections import defaultdict
from datetime import datetime
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api import coordinates
from api.auth import Actor, Role
from api.bodies.acts import Programming
from api.bodies.programmes import ProgrammeBody, ProgrammesBody, PublishedBody, VersionsBody
from api.bodies.rulebooks import VersionBody
from api.door import Door
from api.office import hand_of
from api.problems import Both, Fault, Faulty
from api.represent import UNCHANGED, represent
from api.sending import act, answered, sent
from api.wiring import SPOKEN, AsOf, KnownAt, PolicyOffice, ReaderOfRules, StrictRoute, UsingDoor
from domain.errors import ProgrammeNotSound
from domain.places import lies_in
from domain.programme import Programme, ProgrammeDocument, check_programme, read_programme
from domain.rulebook import Problem, Unsound
from ledger.entry import Hand
from ledger.opening import KEEPER_ORGAN
from ledger.publication import State, Version
from ledger.rounds.refusals import ProgrammeUnknown
from projections.programmes import in_force

router = APIRouter(prefix="/v1/programmes", tags=["programmes"], route_class=StrictRoute, dependencies=SPOKEN)
_SEES_PROPOSALS = frozenset({Role.POLICY, Role.AUDITOR})
Place = Annotated[
    str | None, Query(description="only those that apply to who lives here. 辖区。", examples=["330282"])
]
DocName = Annotated[str, Path(description="the document's name", examples=["cx.school"])]
Hash = Annotated[str, Path(description="its content hash", examples=["5c" * 32])]
_EXAMPLE = {"document": {"doc": "cx.loan", "programme": "loan", "require": []}, "reason": "2026年度"}


@router.get(
    "",
    operation_id="programmes",
    response_model=ProgrammesBody,
    responses=UNCHANGED,
    summary="In force 现行积分应用",
)
def programmes(
    request: Request,
    _: ReaderOfRules,
    door: UsingDoor,
    known: KnownAt,
    place: Place = None,
    as_of: AsOf = None,
) -> Response:
    """Give the programmes in force on a day, as known at a position."""
    return _in_force(request, door, place, as_of, known)


@router.get("/{doc}", operation_id="programmeVersions", summary="Versions 版本")
def programme_versions(actor: ReaderOfRules, door: UsingDoor, doc: DocName) -> VersionsBody:
    """Give the versions of a programme. Proposals are for the policy office and auditors."""
    return VersionsBody.of(_versions(door, actor, doc))


@router.get(
    "/{doc}/{hash}",
    operation_id="programme",
    response_model=VersionBody,
    responses=UNCHANGED,
    summary="Content 全文",
)
def programme(request: Request, actor: ReaderOfRules, door: UsingDoor, doc: DocName, hash: Hash) -> Response:  # noqa: A002 - the path's own word
    """Give one version of a programme, whole."""
    return _version(request, door, actor, doc, hash)


@act(router, "", "proposeProgramme", "Put forward 送审", Programming, PublishedBody, **_EXAMPLE)
def propose_programme(
    actor: PolicyOffice, door: UsingDoor, said: Annotated[Programming, sent(Programming)]
) -> Response:
    """Put a programme forward: checked first, with every example; another person approves it."""
    return _propose(door, actor, said)


@router.post(
    "/{doc}/{hash}/approval",
    operation_id="approveProgramme",
    response_model=PublishedBody,
    status_code=201,
    responses={200: {"model": PublishedBody, "description": "recorded before: the first receipt"}},
    summary="Approve 批准并发布",
)
def approve_programme(actor: PolicyOffice, door: UsingDoor, doc: DocName, hash: Hash) -> Response:  # noqa: A002 - the path's own word
    """Approve a proposal as another person, and publish it."""
    receipt = door.desk.programmes.approve(doc, _hash(door, doc, hash), _hand(actor))
    return answered(
        PublishedBody(doc=doc, hash=hash, position=receipt.position, duplicate=not receipt.new), receipt
    )


def _in_force(
    request: Request, door: Door, place: str | None, as_of: str | None, known: int | datetime | None
) -> Response:
    code = None if place is None else coordinates.place_code(place)
    day = door.today() if as_of is None else coordinates.civil_day(as_of)
    position, found = door.office.knowing.ask(
        lambda _, snapshot: (snapshot.position, in_force(snapshot.programmes, day)), known
    )
    here = [d for d in found if code is None or lies_in(code, d.programme.authority)]
    body = ProgrammesBody(
        as_of=day.isoformat(), as_at=position, programmes=[ProgrammeBody.of(document) for document in here]
    )
    return represent(request, body, position, code, body.as_of)


def _versions(door: Door, actor: Actor, doc: str) -> list[Version]:
    found = door.desk.programmes.versions_named(doc)
    shown = [v for v in found if v.state is not State.PROPOSED or actor.role in _SEES_PROPOSALS]
    if not shown:
        raise ProgrammeUnknown
    return shown


def _version(request: Request, door: Door, actor: Actor, doc: str, content: str) -> Response:
    version = next((one for one in _versions(door, actor, doc) if one.content == content), None)
    if version is None:
        raise ProgrammeUnknown
    tree = door.desk.programmes.document(doc, content).tree
    return represent(
        request, VersionBody.of(version, document=tree), content, version.state, str(version.retired_on)
    )


def _propose(door: Door, actor: Actor, said: Programming) -> Response:
    document = _sound(said)
    receipt = door.desk.programmes.propose(document, _hand(actor), said.reason)
    told = PublishedBody(doc=document.doc, hash=document.hash, position=receipt.position, duplicate=not receipt.new)
    return answered(told, receipt)


def _sound(said: Programming) -> ProgrammeDocument:
    """Read and check a document. Raises Faulty with every place and what to do; nothing was stored."""
    try:
        document = read_programme(said.document)
        problems = check_programme(document)
    except Unsound as unsound:
        problems = unsound.problems
    if problems:
        raise Faulty(ProgrammeNotSound(), [_fault(problem) for problem in problems])
    return document


def _fault(problem: Problem) -> Fault:
    """Tell a problem by our own words: a name that was sent is not told back."""
    known = [str(step) for step in problem.path if isinstance(step, int) or step in _fields()]
    where = ".".join(["document", *known])
    bare = Problem(problem.code, context=defaultdict(lambda: "…"))
    return Fault(where=where, code=problem.code, hint=Both(zh=bare.hint("zh"), en=bare.hint("en")))


@cache
def _fields() -> frozenset[str]:
    """Name every field that a programme can have, at any depth."""
    schema = Programme.model_json_schema()
    models = [schema, *schema.get("$defs", {}).values()]
    return frozenset(name for model in models for name in model.get("properties", {}))


def _hash(door: Door, doc: str, content: str) -> str:
    found = [v.content for v in door.desk.programmes.versions_named(doc) if v.content == content]
    if not found:
        raise ProgrammeUnknown
    return content


def _hand(actor: Actor) -> Hand:
    return hand_of(actor, KEEPER_ORGAN)
