"""The published vectors: two entries whole, and the leaves of all, between two marks of docs/entry-format.md."""

import json
from pathlib import Path
from typing import Any

from tests.ledger.golden import FOLDER

PAGE = Path(__file__).parents[3] / "docs" / "entry-format.md"
BEGIN, END = "<!-- vectors: begin -->\n", "<!-- vectors: end -->\n"
WHOLE = ("intl.insurance-month-paid.v1", "gm.restricted-fact.v1", "intl.permit-issued.v1")


def page_with_vectors(page: str) -> str:
    """Put the vectors of the golden files between the marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + _vectors() + END + after


def _vectors() -> str:
    entries = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}
    whole = [_section(name, entries[name]) for name in WHOLE]
    leaves = [f"| `{name}` | `{entry['row']['leaf']}` |" for name, entry in entries.items()]
    table = "\n".join(["### Leaves of all golden entries", "", "| entry | leaf |", "|---|---|", *leaves])
    return "\n".join([*whole, table, ""])


def _section(name: str, entry: dict[str, Any]) -> str:
    row = entry["row"]
    plain = json.dumps(entry["fact"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    shown = {
        "ledger key": entry["keys"]["ledger"],
        "owner's key": entry["keys"]["owner"],
        "sealing salt": entry["keys"]["sealing_salt"],
        "salt": row["salt"],
        "request": "`organ` " + row["organ"] + ", " + _named(entry["request"]),
        "plaintext": plain,
        "state": row["state"],
        "sealed": row["sealed"] or "(none)",
        "key": row["key"],
        "request_hash": row["request_hash"],
        "content_hash": row["content_hash"],
        "binding": row["binding"],
        "header (after the format byte `01`)": entry["header"][1:],
        "leaf": row["leaf"],
    }
    lines = [f"- {label}: {value if label == 'request' else f'`{value}`'}" for label, value in shown.items()]
    return "\n".join([f"### `{name}`", "", *lines, ""])


def _named(request: dict[str, str]) -> str:
    return ", ".join(f"`{name}` {value}" for name, value in request.items())
