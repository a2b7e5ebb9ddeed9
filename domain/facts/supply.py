"""Deliveries of facts: what was agreed, what a feed covered, what a batch brought, what took a batch back."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from domain.facts.base import About, Digest, Fact, KindName, Month, OrganId, PlainText, Sealed, Stream
from domain.facts.correction import VoidReason
from domain.places import PlaceCode

Count = Annotated[int, Field(ge=0, le=10**12)]


class FeedDelivered(Fact):
    """数据交付: an organ delivered its facts of a kind for a place and months, wholly or in part.

    Only a complete feed turns 'no data' (暂未查询到数据) into zero.
    """

    about: ClassVar[About] = About(
        zh="数据交付",
        stream=Stream.ORGAN,
        key=("fact_kind", "place", "first_month", "last_month", "coverage"),
    )
    kind: Literal["feed-delivered.v1"] = "feed-delivered.v1"
    organ: OrganId
    fact_kind: KindName
    place: PlaceCode
    first_month: Month
    last_month: Month
    coverage: Literal["complete", "partial"]
    rows: Count
    control_sum: Annotated[int, Field(ge=-(10**18), le=10**18)] = 0


class BatchCommitted(Fact):
    """导入批次: what became of every row of one delivery. rows = the sum of the verdicts.

    The file's digest is sealed: the bytes of a small file are few enough to be guessed.
    """

    about: ClassVar[About] = About(zh="导入批次", stream=Stream.BATCH, key=("batch_id",))
    kind: Literal["batch-committed.v1"] = "batch-committed.v1"
    batch_id: UUID
    digest: Sealed[Digest]
    rows: Count
    accepted: Count
    duplicate: Count
    conflict: Count
    held: Count
    invalid: Count
    control_sum: Annotated[int, Field(ge=-(10**18), le=10**18)] = 0
    first_position: Count | None = None
    last_position: Count | None = None


class BatchUndone(Fact):
    """批次撤销: everything that a batch brought was voided by two people, but for what did not stand any more.

    entries = voided + void_before + corrected_before + erased. Voids among the batch's entries are in none of them:
    a void cannot be voided.
    """

    about: ClassVar[About] = About(zh="批次撤销", stream=Stream.BATCH, key=("batch_id",))
    kind: Literal["batch-undone.v1"] = "batch-undone.v1"
    batch_id: UUID
    voided_by: UUID
    approval: Digest
    reason: Sealed[VoidReason]
    entries: Count
    voided: Count
    void_before: Count
    corrected_before: Count
    erased: Count


class FullFileCompared(Fact):
    """全量比对: a full file was compared with what stood as at a position; what it lacks is then voided.

    It comes before the voids, so that a run that stopped goes on with the same comparison.
    in_force = present + absent.
    """

    about: ClassVar[About] = About(zh="全量比对", stream=Stream.BATCH, key=("batch_id",))
    kind: Literal["full-file-compared.v1"] = "full-file-compared.v1"
    batch_id: UUID
    plan: Digest
    as_at: Count
    fact_kind: KindName
    place: PlaceCode
    first_month: Month
    last_month: Month
    rows: Count
    control_sum: Annotated[int, Field(ge=-(10**18), le=10**18)]
    in_force: Count
    present: Count
    absent: Count


class FeedAgreed(Fact):
    """数据交付约定: an organ delivers a kind for a place every period, so many days after its end at latest."""

    about: ClassVar[About] = About(
        zh="数据交付约定", stream=Stream.ORGAN, key=("organ", "fact_kind", "place", "first_month")
    )
    kind: Literal["feed-agreed.v1"] = "feed-agreed.v1"
    organ: OrganId
    fact_kind: KindName
    place: PlaceCode
    first_month: Month
    every: Literal["month", "quarter", "half-year", "year"]
    due_days: Annotated[int, Field(ge=0, le=366)]
    basis: PlainText


class FeedAgreementEnded(Fact):
    """数据交付约定终止: the agreement named by its fields ends with this month."""

    about: ClassVar[About] = About(
        zh="数据交付约定终止", stream=Stream.ORGAN, key=("organ", "fact_kind", "place", "first_month")
    )
    kind: Literal["feed-agreement-ended.v1"] = "feed-agreement-ended.v1"
    organ: OrganId
    fact_kind: KindName
    place: PlaceCode
    first_month: Month
    last_month: Month
