"""Approvals, grants and the ledger's own life."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.facts.base import About, Day, Digest, Fact, KindName, OrganId, PlainText, Stream

DocId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{1,59}$")]
ActorId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9:._-]{1,59}$", description="a pseudonymous id")]
Action = Literal[
    "publish-rulebook",
    "retire-rulebook",
    "publish-programme",
    "retire-programme",
    "manual-grant",
    "undo-batch",
    "ruling",
    "expunge-entry",
    "destroy-key",
    "place-hold",
    "lift-hold",
    "restrict-subject",
    "lift-restriction",
    "lock-round",
    "find-fraud",
    "defer-reads",
]


class LedgerOpened(Fact):
    """建账: the genesis entry; fixes the suite of cryptography for this epoch."""

    about: ClassVar[About] = About(zh="建账", stream=Stream.LEDGER, key=("name",))
    kind: Literal["ledger-opened.v1"] = "ledger-opened.v1"
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    suite: Literal["intl", "gm"]
    format: Literal[1] = 1


class OrganGranted(Fact):
    """授权: an organ may append a kind for places with this prefix, between two dates, on a legal basis."""

    about: ClassVar[About] = About(
        zh="授权", stream=Stream.ORGAN, key=("organ", "fact_kind", "place_prefix", "valid_from")
    )
    kind: Literal["organ-granted.v1"] = "organ-granted.v1"
    organ: OrganId
    fact_kind: KindName | Literal["*"]
    place_prefix: Annotated[str, Field(pattern=r"^[0-9A-Z]{0,12}$")]
    valid_from: Day
    valid_to: Day | None = None
    basis: PlainText


class GrantWithdrawn(Fact):
    """撤销授权: the grant named by its fields ends on this day."""

    about: ClassVar[About] = About(
        zh="撤销授权", stream=Stream.ORGAN, key=("organ", "fact_kind", "place_prefix", "valid_from", "ends_on")
    )
    kind: Literal["grant-withdrawn.v1"] = "grant-withdrawn.v1"
    organ: OrganId
    fact_kind: KindName | Literal["*"]
    place_prefix: Annotated[str, Field(pattern=r"^[0-9A-Z]{0,12}$")]
    valid_from: Day
    ends_on: Day


class ApprovalProposed(Fact):
    """提请批准: one person asks for an action over one hash."""

    about: ClassVar[About] = About(zh="提请批准", stream=Stream.APPROVAL, key=("action", "content"))
    kind: Literal["approval-proposed.v1"] = "approval-proposed.v1"
    action: Action
    content: Digest
    proposed_by: ActorId
    reason: PlainText


class ApprovalApproved(Fact):
    """批准: another person approves the same action over the same hash."""

    about: ClassVar[About] = About(zh="批准", stream=Stream.APPROVAL, key=("action", "content"))
    kind: Literal["approval-approved.v1"] = "approval-approved.v1"
    action: Action
    content: Digest
    approved_by: ActorId


class AccountAssigned(Fact):
    """账号归属: an account belongs to a person for ever. `person` is a keyed hash, and names nobody."""

    about: ClassVar[About] = About(zh="账号归属", stream=Stream.APPROVAL, key=("account",))
    kind: Literal["account-assigned.v1"] = "account-assigned.v1"
    account: ActorId
    person: Digest


class EntryExpunged(Fact):
    """单条销毁: the entry named in the envelope can be opened no more; its commitments stay."""

    about: ClassVar[About] = About(zh="单条销毁", stream=Stream.VAULT, refers=True)
    kind: Literal["entry-expunged.v1"] = "entry-expunged.v1"
    approval: Digest
    basis: PlainText


class SubjectKeyDestroyed(Fact):
    """密钥销毁: nothing sealed for this subject can be opened any more."""

    about: ClassVar[About] = About(zh="密钥销毁", key=("approval",))
    kind: Literal["subject-key-destroyed.v1"] = "subject-key-destroyed.v1"
    approval: Digest
    basis: PlainText
