"""Who a resident is. Every value is sealed; documents are found through the vault's keyed index."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.facts.base import About, Day, Fact, Sealed, Text

DocumentType = Literal["resident-card", "hmt-permit", "foreign-permanent-card", "passport"]
DocumentNumber = Annotated[str, Field(pattern=r"^[0-9A-Z]{6,20}$")]
PersonName = Annotated[Text, Field(max_length=60)]
Sex = Literal["male", "female"]


class IdentityMinted(Fact):
    """身份建档: a subject was made for a document number seen for the first time."""

    about: ClassVar[About] = About(zh="身份建档", sensitive=True)
    kind: Literal["identity-minted.v1"] = "identity-minted.v1"
    document_type: Sealed[DocumentType]
    document_number: Sealed[DocumentNumber]
    name: Sealed[PersonName]
    born_on: Sealed[Day | None] = None
    sex: Sealed[Sex | None] = None


class ParticularsCorrected(Fact):
    """身份信息更正: name, birth date or sex as now known. It counts from its position on, not before."""

    # No natural key: what was said once may be said again after something else, and is then news.
    about: ClassVar[About] = About(zh="身份信息更正", sensitive=True)
    kind: Literal["particulars-corrected.v1"] = "particulars-corrected.v1"
    name: Sealed[PersonName | None] = None
    born_on: Sealed[date | None] = None
    sex: Sealed[Sex | None] = None
