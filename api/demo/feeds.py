"""What each department says of its own deliveries: whole, or in part."""

from collections.abc import Mapping
from datetime import date

from api.demo.organs import BLOOD, EDUCATION, HOUSING, HRSS, MERIT, POLICE, VOLUNTEERS
from api.demo.sheets import JsonLines
from domain.civil import month_index, month_text

_FIRST_FEED_MONTH = "1990-01"
_FEEDS = {
    HRSS: ("insurance-month-paid", "employment-started", "skill-awarded"),
    POLICE: ("residence-registered", "permit-issued", "restricted-fact"),
    HOUSING: ("housing-started",),
    VOLUNTEERS: ("volunteer-hours-served",),
    BLOOD: ("blood-donated",),
    MERIT: ("honour-received",),
}
"""Kinds that a complete feed covers. Education's feed is partial: nothing found there means no data, not zero."""


def feeds(counts: Mapping[tuple[str, str], int], on: date) -> list[JsonLines]:
    """Say, for each organ, which of its feeds are complete. `counts` are good rows by organ and kind."""
    sheets = []
    last = month_text(month_index(on) - 1)
    for organ, kinds in {**_FEEDS, EDUCATION: ("education-awarded",)}.items():
        sheet = JsonLines(f"16-{organ}-feeds.ndjson", organ, ("数据交付说明", "What was delivered"))
        for kind in kinds:
            feed = {"kind": "feed-delivered", "organ": organ, "fact_kind": kind, "place": "330200"}
            months = {"first_month": _FIRST_FEED_MONTH, "last_month": last, "rows": counts[organ, kind]}
            sheet.add(feed | months | {"coverage": "partial" if organ == EDUCATION else "complete"})
        sheets.append(sheet)
    return sheets
