"""Publication: rulebooks and programmes are put forward whole, approved by another person, published, retired.

Both live the same life. The first four classes are what they have in common; the kinds that are stored follow.
"""

from typing import Any, ClassVar, Literal

from domain.facts.base import About, Day, Digest, Fact, Stream
from domain.facts.governance import DocId


class DocumentProposed(Fact):
    """送审: a document, whole, under its content hash."""

    doc: DocId
    content: Digest
    document: dict[str, Any]


class DocumentApproved(Fact):
    """审核: a second person approved the same hash."""

    doc: DocId
    content: Digest
    approval: Digest


class DocumentPublished(Fact):
    """发布: in force from its effective date for everybody who knows this position."""

    doc: DocId
    content: Digest
    effective_from: Day
    effective_to: Day | None = None


class DocumentRetired(Fact):
    """废止: not resolved from this day on; never deleted."""

    doc: DocId
    content: Digest
    retired_on: Day


class RulebookProposed(DocumentProposed):
    """积分办法送审: a document, whole, under its content hash."""

    about: ClassVar[About] = About(zh="积分办法送审", stream=Stream.RULEBOOK, key=("content",))
    kind: Literal["rulebook-proposed.v1"] = "rulebook-proposed.v1"


class RulebookApproved(DocumentApproved):
    """积分办法审核: a second person approved the same hash."""

    about: ClassVar[About] = About(zh="积分办法审核", stream=Stream.RULEBOOK, key=("content",))
    kind: Literal["rulebook-approved.v1"] = "rulebook-approved.v1"


class RulebookPublished(DocumentPublished):
    """积分办法发布: in force from its effective date for everybody who knows this position."""

    about: ClassVar[About] = About(zh="积分办法发布", stream=Stream.RULEBOOK, key=("content",))
    kind: Literal["rulebook-published.v1"] = "rulebook-published.v1"


class RulebookRetired(DocumentRetired):
    """积分办法废止: not resolved from this day on; never deleted."""

    about: ClassVar[About] = About(zh="积分办法废止", stream=Stream.RULEBOOK, key=("content",))
    kind: Literal["rulebook-retired.v1"] = "rulebook-retired.v1"


class ProgrammeProposed(DocumentProposed):
    """积分应用送审: a document of a use of points, whole, under its content hash."""

    about: ClassVar[About] = About(zh="积分应用送审", stream=Stream.PROGRAMME, key=("content",))
    kind: Literal["programme-proposed.v1"] = "programme-proposed.v1"


class ProgrammeApproved(DocumentApproved):
    """积分应用审核: a second person approved the same hash."""

    about: ClassVar[About] = About(zh="积分应用审核", stream=Stream.PROGRAMME, key=("content",))
    kind: Literal["programme-approved.v1"] = "programme-approved.v1"


class ProgrammePublished(DocumentPublished):
    """积分应用发布: rounds may be opened under it from its effective date on, by whoever knows this position."""

    about: ClassVar[About] = About(zh="积分应用发布", stream=Stream.PROGRAMME, key=("content",))
    kind: Literal["programme-published.v1"] = "programme-published.v1"


class ProgrammeRetired(DocumentRetired):
    """积分应用废止: no round is opened under it from this day on; those that are go on."""

    about: ClassVar[About] = About(zh="积分应用废止", stream=Stream.PROGRAMME, key=("content",))
    kind: Literal["programme-retired.v1"] = "programme-retired.v1"
