"""What verbs have in common: settings from before the verb, coordinates, and who acts."""

import re
from datetime import date, datetime
from typing import Annotated, Any, NamedTuple, cast
from uuid import UUID

import typer
from pydantic import TypeAdapter, ValidationError

from api import coordinates
from api.cli.output import AsJson, Speaker
from api.cli.usage import Misused
from api.refusals import PurposeMissing
from api.settings import Settings
from domain.errors import BadCoordinate, Language
from domain.facts.base import PlainText
from domain.identifiers import holds_personal_digits
from ledger.entry import Hand
from ledger.opening import KEEPER_ORGAN

__all__ = [
    "AsAt",
    "AsJson",
    "AsOf",
    "By",
    "Look",
    "LookedAtBy",
    "Place",
    "Preview",
    "Purpose",
    "Subject",
    "Use",
    "hand_of",
    "knowledge",
    "look_of",
    "plain_text",
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


def _actor(text: str | None) -> str | None:
    """Refuse what is no pseudonymous id: it is written into the ledger for ever."""
    if text is None:
        return None
    if ACTOR_FORM.fullmatch(text) is None or holds_personal_digits(text):
        raise Misused(
            "须为化名编号,例如 officer:0042(a-z 0-9 : . _ -),不含姓名与证件号码",
            "a pseudonymous id, such as officer:0042: a-z 0-9 : . _ -, no name and no number",
        )
    return text


def plain_text(text: str | None) -> str | None:
    """Refuse a reason, a basis or a purpose that the ledger would not keep: it stands there in the clear."""
    if text is None:
        return None
    try:
        return _PLAIN_TEXT.validate_python(text)
    except ValidationError:
        raise Misused(
            "须为 1 至 200 个可见字符,不含证件号码或电话号码",
            "1 to 200 visible characters, with no document or telephone number",
        ) from None


_PLAIN_TEXT: TypeAdapter[str] = TypeAdapter(PlainText)
ACTOR_FORM = re.compile(r"[a-z][a-z0-9:._-]{1,59}")
Purpose = Annotated[
    str | None,
    typer.Option(
        help="Why you look: a code, then a case's number; the resident sees it. 查询目的。",
        show_default="POINTS_PURPOSE",
        callback=plain_text,
    ),
]
LookedAtBy = Annotated[
    str | None,
    typer.Option(
        "--by", callback=_actor, help="Who looks: a pseudonymous id. 经办人编号。", show_default="POINTS_BY"
    ),
]
Preview = Annotated[bool, typer.Option("--dry-run", help="Say what would happen; change nothing. 预演。")]
By = Annotated[str, typer.Option("--by", callback=_actor, help="Who acts: a pseudonymous id. 经办人编号。")]


class Look(NamedTuple):
    """Who looks at a resident, and why: it is written to the read log, and the resident sees it."""

    by: str
    purpose: str


def look_of(context: typer.Context, by: str | None, purpose: str | None) -> Look:
    """Say who looks and why, from the options or the environment; nobody looks unnamed. Raises PurposeMissing."""
    settings = settings_of(context)
    who, why = by or _actor(settings.actor), purpose or plain_text(settings.purpose)
    missing = [name for name, given in (("--by", who), ("--purpose", why)) if not given]
    if not who or not why or not why.strip():
        raise PurposeMissing(" ".join(missing or ["--purpose"]))
    return Look(who, why)


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


def civil_day(text: str | None, today: date, where: str = "--as-of") -> date:
    """Read a civil day. Raises BadCoordinate."""
    return today if text is None else coordinates.civil_day(text, where)


def knowledge(text: str | None, where: str = "--as-at") -> int | datetime | None:
    """Read a position or an instant with its zone. Raises BadCoordinate."""
    return None if text is None else coordinates.knowledge(text, where)


def programme(text: str | None) -> str | None:
    """Read a programme's id. Raises BadCoordinate."""
    return None if text is None else coordinates.programme(text, "--use")


def place_code(text: str, where: str = "--place") -> str:
    """Read a division code. Raises BadCoordinate."""
    return coordinates.place_code(text, where)


def hand_of(by: str, **envelope: Any) -> Hand:
    """Give the envelope of what the ledger's keeper or the policy office does."""
    return Hand(by, KEEPER_ORGAN, channel="cli", source_class="manual", **envelope)
