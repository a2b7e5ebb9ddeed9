"""Deliveries of facts: what a feed covered, what a batch brought."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from domain.facts.base import About, Digest, Fact, KindName, Month, OrganId, Sealed, Stream
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
