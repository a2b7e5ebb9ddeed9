"""What a verification can find, and its report."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

FINDINGS_MAX = 1_000

IN_HEADER = {
    "originator_id": "stream",
    "originator_version": "version",
    "topic": "topic",
    "format": "format",
    "suite": "suite",
    "recorded_at": "recorded_at",
    "recorded_by": "recorded_by",
    "organ": "organ",
    "channel": "channel",
    "source_class": "source_class",
    "source_time": "source_time",
    "legal_basis": "legal_basis",
    "batch_id": "batch",
    "causation_stream": "causation",
    "causation_version": "causation",
    "refers_to_stream": "refers_to",
    "refers_to_version": "refers_to",
    "key": "key",
    "request_hash": "request",
    "content_hash": "content",
    "binding": "binding",
    "prev": "prev",
}
"""Each column that the leaf covers, and its name in the header."""
OUTSIDE_HEADER = frozenset({"notification_id", "leaf", "state", "sealed", "salt"})
"""The position is nobody's index; the leaf is the result; the last three are covered by `content_hash`."""


class Fault(StrEnum):
    """What differs."""

    UNREADABLE = "unreadable"
    UNKNOWN_FORMAT = "unknown-format"
    OTHER_SUITE = "other-suite"
    UNKNOWN_KIND = "unknown-kind"
    CONTENT = "content-hash-differs"
    HEADER = "header-differs"
    """A column that the leaf covers was changed; or, in a stream's last entry, the leaf."""
    LEAF = "leaf-differs"
    """The leaf alone was changed: the next entry names the one that the header gives."""
    PREV = "prev-differs"
    VERSION = "version-missing"
    ORDER = "position-out-of-order"
    TIME = "recorded-at-runs-backwards"
    NOT_CANONICAL = "state-not-canonical"
    DOES_NOT_OPEN = "does-not-open"
    NO_KEY = "subject-not-in-vault"
    BINDING = "binding-differs"
    UNSAID = "taken-away-without-an-entry"
    """A key or salt is gone, and no entry says that it was destroyed or expunged."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference. `column` is named where the difference says which one it is."""

    position: int | None
    stream: UUID
    version: int
    what: Fault
    column: str | None = None


@dataclass
class Report:
    """What was looked at, and what differs: the first FINDINGS_MAX, and how many there are.

    `bound` entries were opened and their binding computed again; of `sealed_away` ones a key or salt was taken
    away, so that only what is stored could be checked. Without keys (an auditor's check) both stay 0.
    """

    entries: int = 0
    streams: int = 0
    bound: int = 0
    sealed_away: int = 0
    last_position: int = 0
    findings: list[Finding] = field(default_factory=list)
    found: int = 0

    @property
    def sound(self) -> bool:
        """Say whether nothing differs."""
        return self.found == 0

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it while there is room."""
        self.found += 1
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(finding)

    def join(self, other: "Report") -> None:
        """Add what was seen of other streams."""
        self.entries += other.entries
        self.streams += other.streams
        self.bound += other.bound
        self.sealed_away += other.sealed_away
        self.found += other.found
        self.findings += other.findings[: FINDINGS_MAX - len(self.findings)]
