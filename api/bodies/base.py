"""What bodies have in common."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Points = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$", examples=["87.50"], description="exact, as text")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=["5c" * 32])]
Position = Annotated[
    int, Field(ge=0, lt=2**63, examples=[1024], description="a place in the ledger; may skip numbers")
]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2026-01-31"])]


class Body(BaseModel):
    """A part of an answer: closed, so that nothing is given out that is not described."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def example(value: dict[str, Any]) -> ConfigDict:
    """Give a body an example in the description."""
    return ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [value]})


class Label(Body):
    """A name in two tongues."""

    zh: str
    en: str
