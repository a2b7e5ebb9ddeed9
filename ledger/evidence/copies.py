"""The copy of a history 副本, as a package: its tables, and a check that they say what the entries say."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ledger.canonical import canonical
from ledger.evidence.archives import ENTRIES, opened, read_chain
from ledger.evidence.entries import ShownEntry
from ledger.evidence.package import Package, table
from ledger.evidence.refusal import EvidenceRefused
from ledger.suites import text_hash

HISTORY, HISTORY_CSV = "history.json", "history.csv"
HEADS = (
    "stream", "version", "position", "kind", "recorded_at", "recorded_by", "organ", "channel", "source_class",
    "legal_basis", "refers_to_version", "fact", "sealed", "leaf",
)  # fmt: skip
_PLAIN = ("stream", "version", "recorded_at")
"""What stands in a header as it is; other texts stand there as hashes."""
_HASHED = ("recorded_by", "organ", "channel", "source_class", "legal_basis")


def history_csv(records: Sequence[Mapping[str, Any]]) -> bytes:
    """Write records as a table; the fact is JSON in one cell."""
    written = ({**one, "fact": one["fact"] and json.dumps(one["fact"], ensure_ascii=False)} for one in records)
    return table(HEADS, (tuple(one[name] for name in HEADS) for one in written))


def check_copy(package: Package) -> dict[str, int]:
    """Check every leaf, chain and opening, and that the tables say the same; give how far each stream goes.

    What holds it to a log are the leaves: `points receipt` proves one. Raises EvidenceRefused with the place.
    """
    try:
        return _checked(package)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise EvidenceRefused("", "what it says has no form that this release knows") from None


def _checked(package: Package) -> dict[str, int]:
    told = json.loads(package.files[HISTORY])
    paths = sorted(path for path in package.files if path.startswith(ENTRIES))
    streams = {path: read_chain(path, package.files[path]) for path in paths}
    shown = {
        entry.leaf().hex(): (f"{path} line {number}", entry)
        for path, entries in streams.items()
        for number, entry in enumerate(entries, 1)
    }
    if sorted(one["leaf"] for one in told) != sorted(shown):
        raise EvidenceRefused(HISTORY, "it does not list just the entries that are shown")
    for number, one in enumerate(told, 1):
        where, entry = shown[one["leaf"]]
        differing = _differing(one, entry, opened(where, entry))
        if differing is not None:
            raise EvidenceRefused(f"{HISTORY} entry {number} {differing}", "it is not what the entry says")
    if package.files.get(HISTORY_CSV) != history_csv(told):
        raise EvidenceRefused(HISTORY_CSV, "it does not say what history.json says")
    return {path.removeprefix(ENTRIES).removesuffix(".ndjson"): len(entries) for path, entries in streams.items()}


def _differing(one: Mapping[str, Any], entry: ShownEntry, fact: Any) -> str | None:
    """Name the first column that is not what the entry says; None where all are."""
    header, suite = entry.header, entry.suite
    for name in _PLAIN:
        if one[name] != header[name]:
            return name
    for name in (*_HASHED, "kind"):
        text = one[name]
        wanted = header["topic" if name == "kind" else name]
        if wanted not in {text, None if text is None else text_hash(suite, text)}:
            return name
    if one["refers_to_version"] != (None if entry.refers_to is None else entry.refers_to.version):
        return "refers_to_version"
    whole = None if fact is None else fact.model_dump(mode="json", exclude_none=True, exclude={"kind"})
    return None if canonical(one["fact"]) == canonical(whole) else "fact"
