"""How a round is told."""

from datetime import date
from typing import Any

from api.cli.output import Speaker
from domain.round import Round
from ledger.entry import Receipt

STATES = {
    "unknown": ("未公布", "unknown"),
    "announced": ("未开始", "announced"),
    "open": ("受理中", "open"),
    "closed": ("已截止", "closed"),
    "locked": ("已锁定", "locked"),
    "published": ("已公布", "published"),
    "cancelled": ("已取消", "cancelled"),
}


def said(voice: Speaker, current: Round, receipt: Receipt, day: date, **more: Any) -> None:
    """Tell a round after something was recorded of it."""
    tell(voice, current, day)
    voice.give({**object_of(current, day), **more, "position": receipt.position, "new": receipt.new})


def tell(voice: Speaker, current: Round, day: date) -> None:
    """Print a round: its state and its days."""
    state = voice.choose(*STATES[current.state(day).value])
    voice.say(f"{current.name} {current.programme} {current.place}  {state}", style="bold")
    counted = voice.choose("计分截止日", "counted on")
    known = voice.choose("已知至", "as at")
    as_at = "" if current.as_at is None else f" · {known} {current.as_at}"
    voice.say(f"  {current.opens_on} – {current.closes_on} · {counted} {current.counted_on}{as_at}", style="dim")


def object_of(current: Round, day: date) -> dict[str, Any]:
    """Give a round as JSON values."""
    return {
        "round": current.name,
        "programme": current.programme,
        "content": current.content,
        "state": current.state(day).value,
        "opens_on": current.opens_on,
        "closes_on": current.closes_on,
        "counted_on": current.counted_on,
        "as_at": current.as_at,
        "late_facts": current.late_facts,
        "overridden": current.overridden,
        "places": current.places,
        "published": list(current.published),
    }
