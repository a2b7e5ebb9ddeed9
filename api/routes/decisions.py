"""Decisions 认定决定: listed, shown, replayed; what later facts would change, and how that was settled."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.auth import Actor, Role
from api.bodies.acts import Settling
from api.bodies.rounds import (
    CandidateBody,
    CandidatesBody,
    DecisionBody,
    DecisionLineBody,
    DecisionsBody,
    MoveBody,
    ReplayBody,
    SettledBody,
    SettlementBody,
)
from api.door import Door
from api.office import day_of, hand_of, looked, running
from api.sending import act, answered, sent
from api.wiring import (
    SPOKEN,
    PurposeSaid,
    ReaderOfApplications,
    ReaderOfOne,
    Replaying,
    RoundName,
    RunningOrgan,
    StrictRoute,
    UsingDoor,
    Waited,
    why,
)
from ledger.rounds.refusals import DecisionUnknown, RoundOfAnother
from projections.decisions import Kept, kept, replayed, settlements
from projections.office import decisions as office
from projections.office.decisions import Pending, candidate_json, one_of

router = APIRouter(prefix="/v1", tags=["decisions"], route_class=StrictRoute, dependencies=SPOKEN)
Hash = Annotated[
    str,
    Path(pattern=r"^[0-9a-f]{8,64}$", description="the decision's hash, or its first digits", examples=["5c" * 32]),
]
OfProgramme = Annotated[
    str | None, Query(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="of one use 积分应用", examples=["school"])
]


@router.get("/rounds/{round}/decisions", operation_id="decisions", summary="Decisions 认定决定")
def decisions(
    actor: ReaderOfApplications,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    programme: OfProgramme = None,
) -> DecisionsBody:
    """List the decisions of a round: on what, as of, as at. Of what was decided nothing is told here."""
    return _listed(door, actor, round, programme)


@router.get("/decisions/{hash}", operation_id="decision", summary="Decision 认定决定")
def decision(
    actor: ReaderOfOne,
    door: UsingDoor,
    hash: Hash,  # noqa: A002 - the path's own word
    purpose: PurposeSaid = None,
    _: Waited = None,
) -> DecisionBody:
    """Give a decision whole, on what it rests and why. Staff say why they look; the resident sees it."""
    return _shown(door, actor, hash, why(actor, purpose))


@router.get("/decisions/{hash}/replay", operation_id="replayDecision", summary="Replay 重放")
def replay_decision(_: Replaying, door: UsingDoor, hash: Hash, __: Waited = None) -> ReplayBody:  # noqa: A002 - the path's own word
    """Recompute a decision byte for byte on what was known at its position."""
    return _replayed(door, hash)


@router.get("/rounds/{round}/candidates", operation_id="candidates", summary="Candidates 重新认定")
def candidates(
    actor: ReaderOfApplications,
    door: UsingDoor,
    round: RoundName,  # noqa: A002 - the path's own word
    purpose: PurposeSaid = None,
) -> CandidatesBody:
    """List what later or corrected facts would change, with causes, and who would stand elsewhere. Say why."""
    return _candidates(door, actor, round, why(actor, purpose))


@act(
    router,
    "/decisions/{hash}/settlement",
    "settleDecision",
    "Settle 处理",
    Settling,
    SettlementBody,
    outcome="upheld",
    reason="公示后不再变更",
)
def settle_decision(
    actor: RunningOrgan,
    door: UsingDoor,
    hash: Hash,  # noqa: A002 - the path's own word
    said: Annotated[Settling, sent(Settling)],
) -> Response:
    """Settle a candidate: upheld, revised, or a payment adjusted. The decision itself stays as it is."""
    return _settled(door, actor, hash, said)


def _listed(door: Door, actor: Actor, name: str, programme: str | None) -> DecisionsBody:
    _mine(door, actor, name)
    found = door.office.ask(lambda snapshot: kept(snapshot, round_name=name, programme=programme))
    return DecisionsBody(decisions=[DecisionLineBody.of(one) for one in found])


def _shown(door: Door, actor: Actor, front: str, purpose: str | None) -> DecisionBody:
    """Show one to the resident whose it is, the organ that made it, or an auditor. Raises DecisionUnknown."""
    one, done = door.office.knowing.ask(
        lambda _, snapshot: ((found := one_of(snapshot, front)), settlements(snapshot).get(found.name, []))
    )
    if one.fact is None or not _may_see(door, actor, one):
        raise DecisionUnknown
    looked(door, actor, purpose, one.subject)
    line = DecisionLineBody.of(one).model_dump()
    settled = [SettledBody.of(fact) for fact in done]
    return DecisionBody(**line, subject=one.subject, record=dict(one.decision.record), settled=settled)


def _may_see(door: Door, actor: Actor, one: Kept) -> bool:
    if actor.role is Role.RESIDENT:
        return one.subject == actor.subject
    made_in = None if one.fact is None else one.fact.round
    return actor.role is Role.AUDITOR or (made_in is not None and door.office.rounds.organ(made_in) == actor.name)


def _mine(door: Door, actor: Actor, name: str) -> None:
    """Let the round's organ and auditors read. Raises RoundUnknown, RoundOfAnother."""
    if door.office.rounds.organ(name) != actor.name and actor.role is Role.ORGAN:
        raise RoundOfAnother


def _replayed(door: Door, front: str) -> ReplayBody:
    one, found = door.office.knowing.ask(
        lambda cases, snapshot: ((one := one_of(snapshot, front)), replayed(cases, snapshot, one))
    )
    verdict = "equal" if found.verdict == "same" else found.verdict
    return ReplayBody.model_validate({"decision": one.name, "verdict": verdict, "paths": list(found.paths)})


def _candidates(door: Door, actor: Actor, name: str, purpose: str | None) -> CandidatesBody:
    _mine(door, actor, name)
    found = office.pending(door.office, name)
    looked(door, actor, purpose, *sorted({each.kept.subject for each in found}))
    moved = office.moved(door.office, name, found)
    return CandidatesBody(
        candidates=[_candidate(each) for each in found],
        moves=[MoveBody.model_validate({**move._asdict(), "turns": move.turns}) for move in moved],
    )


def _candidate(each: Pending) -> CandidateBody:
    fact, candidate = each.kept.fact, each.candidate
    return CandidateBody.model_validate(
        {
            "decision": each.kept.name,
            "application": None if fact is None else fact.application,
            "settled": each.settled,
            **candidate_json(candidate),
        }
    )


def _settled(door: Door, actor: Actor, front: str, said: Settling) -> Response:
    day, hand = day_of(door, actor, said.on), hand_of(actor, actor.name)
    one = door.office.ask(lambda snapshot: one_of(snapshot, front))
    if one.fact is not None and one.fact.round is not None:
        hand = running(door, actor, one.fact.round)
    done = office.settle(door.office, one.name, said.outcome, said.reason, day, hand)
    told = SettlementBody(
        position=done.receipt.position, duplicate=not done.receipt.new, decision=done.decision, after=done.after
    )
    return answered(told, done.receipt)
