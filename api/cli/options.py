"""What verbs have in common: settings from before the verb, coordinates, and who acts."""

import re
from datetime import date, datetime
from typing import Annotated, Any, cast
from uuid import UUID

import typer

from api.cli.output import AsJson, Speaker
from api.coordinates import PROGRAMME_FORM
from api.settings import Settings
from domain.errors import BadCoordinate, Language
from domain.identifiers import holds_personal_digits
from domain.places import PLACE_FORM
from ledger.entry import Hand
from ledger.opening import KEEPER_ORGAN

__all__ = [
    "AsAt",
    "AsJson",
    "AsOf",
    "By",
    "Place",
    "Purpose",
    "Subject",
    "Use",
    "hand_of",
    "knowledge",
    "settings_of",
    "speaker",
]

Subject = Annotated[str, typer.Argument(help="The subject's id, as `points find` gives it. 记账主体编号。")]
Place = Annotated[
    str | None, typer.Option(help="Division code, such as 330212. 辖区代码。", show_default="at home")
]
AsOf = Annotated[str | None, typer.Option(help="Civil day: 2026-01-31. 截至日期。", show_default="today")]
AsAt = Annotated[
    str | None,
    typer.Option(help="A position, or an instant with its zone. 已知至。", show_default="everything known"),
]
Use = Annotated[
    str | None, typer.Option(help="Programme for which points are asked: school. 积分应用。", show_default="none")
]
Purpose = Annotated[str, typer.Option(help="Why you look; the resident sees it. 查询目的。")]


def _actor(text: str) -> str:
    """Refuse what is no pseudonymous id: it is written into the ledger for ever."""
    if ACTOR_FORM.fullmatch(text) is None or holds_personal_digits(text):
        raise typer.BadParameter("a pseudonymous id, such as officer:0042: a-z 0-9 : . _ -, no name and no number")
    return text


ACTOR_FORM = re.compile(r"[a-z][a-z0-9:._-]{1,59}")
By = Annotated[str, typer.Option("--by", callback=_actor, help="Who acts: a pseudonymous id. 经办人编号。")]


def settings_of(context: typer.Context) -> Settings:
    """Give what stood before the verb."""
    return cast("Settings", context.find_root().obj)


def speaker(context: typer.Context, *, as_json: bool) -> Speaker:
    """Make the verb's voice."""
    return Speaker(as_json=as_json, language=cast("Language", settings_of(context).language))


def subject_id(text: str) -> UUID:
    """Read a subject's id. Raises BadCoordinate."""
    try:
        return UUID(text)
    except ValueError:
        raise BadCoordinate("SUBJECT") from None


def civil_day(text: str | None, today: date) -> date:
    """Read a civil day. Raises BadCoordinate."""
    if text is None:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadCoordinate("--as-of") from None


def knowledge(text: str | None) -> int | datetime | None:
    """Read a position or an instant with its zone. Raises BadCoordinate."""
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise BadCoordinate("--as-at") from None
    if instant.tzinfo is None:
        raise BadCoordinate("--as-at")
    return instant


def programme(text: str | None) -> str | None:
    """Read a programme's id. Raises BadCoordinate."""
    if text is not None and PROGRAMME_FORM.fullmatch(text) is None:
        raise BadCoordinate("--use")
    return text


def place_code(text: str) -> str:
    """Read a division code. Raises BadCoordinate."""
    if PLACE_FORM.fullmatch(text) is None:
        raise BadCoordinate("--place")
    return text


def hand_of(by: str, **envelope: Any) -> Hand:
    """Give the envelope of what the ledger's keeper or the policy office does."""
    return Hand(by, KEEPER_ORGAN, channel="cli", source_class="manual", **envelope)
