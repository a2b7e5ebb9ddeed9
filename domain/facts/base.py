"""What every fact is made of: its fields, its words about itself, and the row it measures to."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar
from unicodedata import category, normalize
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from domain.identifiers import holds_personal_digits

T = TypeVar("T")


@dataclass(frozen=True)
class Mark:
    """A word about a field that the type cannot say."""

    sealed: bool = False
    unit: str = ""


Sealed = Annotated[T, Mark(sealed=True)]
"""A personal or sensitive value: stored only as ciphertext."""

Minutes = Annotated[int, Field(gt=0, le=24 * 60 * 366), Mark(unit="minutes")]
Millilitres = Annotated[int, Field(gt=0, le=100_000), Mark(unit="ml")]
Fen = Annotated[int, Field(ge=0, le=10**15), Mark(unit="fen (1/100 yuan)")]
BasisPoints = Annotated[int, Field(gt=0, le=10_000), Mark(unit="1/100 %")]


def _clean(text: str) -> str:
    """Bring text to NFC; refuse control, bidi and zero-width characters, which hide what a reader cannot see."""
    if any(category(c) in {"Cc", "Cf", "Cs"} for c in text):
        raise ValueError("invisible-characters: control, bidi and zero-width characters are not allowed")
    return normalize("NFC", text)


def _no_personal_digits(text: str) -> str:
    if holds_personal_digits(text):
        raise ValueError("personal-digits: a run of digits like an identity or phone number is not allowed here")
    return text


Month = Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$", description="a civil month, YYYY-MM")]
Text = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_clean)]
PlainText = Annotated[
    str, Field(min_length=1, max_length=200), AfterValidator(_clean), AfterValidator(_no_personal_digits)
]
SpellId = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9:/._-]{0,39}$", description="the source's own number of this spell"),
    AfterValidator(_no_personal_digits),
]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="a hash in lower-case hexadecimal")]
DecimalText = Annotated[
    str, Field(pattern=r"^-?[0-9]{1,6}(\.[0-9]{1,4})?$", description="a decimal number as text")
]
OrganId = Annotated[
    str,
    Field(
        pattern=r"^([0-9A-HJ-NPQRTUWXY]{18}|[a-z][a-z0-9-]{1,39})$",
        description="数源部门: a unified social credit code, or a local id in lower case",
    ),
]
KindName = Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$", description="a fact kind without its version")]


class Stream(StrEnum):
    """Whose history a fact belongs to."""

    SUBJECT = "subject"
    RULEBOOK = "rulebook"
    PROGRAMME = "programme"
    BATCH = "batch"
    ORGAN = "organ"
    APPROVAL = "approval"
    LEDGER = "ledger"
    VAULT = "vault"
    FAMILY = "family"
    ROUND = "round"


@dataclass(frozen=True)
class About:
    """What the registry knows of a kind beyond its fields.

    `key` names the fields that make two reports of the fact the same fact (empty: the source must give an id).
    A kind that `opens` a spell is ended by the kinds that `closes` the same word with the same `spell`. A kind that
    `ends_permit` ends whatever permit is held on its day.
    """

    zh: str
    stream: Stream = Stream.SUBJECT
    key: tuple[str, ...] = ()
    opens: str | None = None
    closes: str | None = None
    sensitive: bool = False
    refers: bool = False
    ends_permit: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """The one shape in which rules read any fact: what, where, when, how much, of what degree.

    `kind` is the kind without its version; `variant` narrows it (a scheme, an insurance, a restricted category).
    Dates are civil and half-open; `ends_on` None means that no end is known. `quantity` is in the kind's unit.
    """

    kind: str
    starts_on: date
    ends_on: date | None = None
    place: str | None = None
    variant: str | None = None
    quantity: int | None = None
    level: str | None = None
    mark: str | None = None
    spell: str | None = None
    act: str | None = None
    decided_on: date | None = None
    effective_on: date | None = None
    completed_on: date | None = None


class Fact(BaseModel):
    """Something that happened in the world. Strict, frozen, closed: an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, ser_json_bytes="base64")

    about: ClassVar[About]
    kind: str

    @classmethod
    def sealed_fields(cls) -> frozenset[str]:
        """Name the fields that are stored only as ciphertext."""
        return _sealed(cls)

    @classmethod
    def kind_name(cls) -> str:
        """Give the kind without its version."""
        return cls.topic().rpartition(".")[0]

    @classmethod
    def topic(cls) -> str:
        """Give the literal stored as the entry's topic."""
        return str(cls.model_fields["kind"].default)

    def open_part(self) -> dict[str, Any]:
        """Give what is stored in the clear, as JSON values. A field without a value is left out."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"kind", *self.sealed_fields()})

    def sealed_part(self) -> dict[str, Any]:
        """Give what is stored only as ciphertext, as JSON values."""
        return self.model_dump(mode="json", exclude_none=True, include=set(self.sealed_fields()))

    @classmethod
    def from_parts(cls, open_part: dict[str, Any], sealed_part: dict[str, Any]) -> Self:
        """Put a stored fact together again. `sealed_part` may be empty where it can no longer be opened."""
        return cls.model_validate({"kind": cls.topic(), **open_part, **sealed_part}, strict=False)

    def measured(self) -> Measured | None:
        """Give the row that rules read, or None where no rule reads this kind."""
        return None


_SEALED_FIELDS: dict[type[Fact], frozenset[str]] = {}


def _sealed(cls: type[Fact]) -> frozenset[str]:
    if cls not in _SEALED_FIELDS:
        marked = {
            name
            for name, info in cls.model_fields.items()
            if any(isinstance(m, Mark) and m.sealed for m in info.metadata)
        }
        _SEALED_FIELDS[cls] = frozenset(marked)
    return _SEALED_FIELDS[cls]


class Ref(BaseModel):
    """One entry, named for ever: its stream and its version there."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    stream: UUID
    version: Annotated[int, Field(gt=0)]


@dataclass(frozen=True, slots=True)
class Known:
    """A fact with its place in the ledger: what the rules are given.

    `position` is the entry's position (knowledge time); `refers_to` the entry that a void or a correction names.
    """

    fact: Fact
    position: int
    ref: Ref
    refers_to: Ref | None = field(default=None)


Standing = Literal["normal", "back-paid", "transferred"]
