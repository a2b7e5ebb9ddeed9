"""The ledger's logs as `points verify` checks and tells of them: that of entries, and that of reads."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import psycopg

from api.cli.output import Speaker
from api.log_keys import LogKeys
from api.settings import Settings
from domain.errors import LogKeyMissing
from ledger.reads import READS
from ledger.suites import Suite
from ledger.transparency.checking import LogReport, check_log
from ledger.transparency.checkpoint import Checkpoint
from ledger.transparency.log import LogReader, NotInTheLog
from ledger.transparency.notes import Verifier
from ledger.transparency.policy import Policy
from ledger.transparency.tree import ENTRIES, Tree
from ledger.verification.looks import ReadReport, verify_reads


class SeenReads(NamedTuple):
    """What was found of reads, in their rows and in their log. `kept` False: the log of reads has no head yet."""

    rows: ReadReport
    log: LogReport
    kept: bool

    @property
    def wrong(self) -> bool:
        """Say whether anything differs."""
        return bool(self.rows.findings or self.log.findings)

    @property
    def left(self) -> int:
        """Count reads that are under no head yet, where the log is kept at all."""
        committed = self.rows.reads - self.rows.uncommitted
        return max(0, committed - self.log.leaves) + self.log.unsigned if self.kept else 0


class Logs:
    """Checks both logs on one connection. `trusted` None: whether witnesses stand behind a head is not asked."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        suite: Suite,
        settings: Settings,
        trusted: Policy | None,
        noted: Callable[[int], None],
    ) -> None:
        self._connection = connection
        self._suite = suite
        self._settings = settings
        self._trusted = trusted
        self._noted = noted

    def of_entries(self, kept: Sequence[Checkpoint]) -> LogReport:
        """Check the log of entries, and the kept heads that are not of reads."""
        reads = self._signer(READS)
        mine = [one for one in kept if reads is None or one.origin != reads.name]
        reader = LogReader(self._connection, self._suite)
        return check_log(reader, self._signer(ENTRIES), self._noted, policy=self._trusted, kept=mine)

    def of_reads(self, kept: Sequence[Checkpoint]) -> SeenReads:
        """Check reads, their log, and the kept heads of it. A policy that names no log of reads asks for none."""
        signer = self._signer(READS)
        mine = [one for one in kept if signer is not None and one.origin == signer.name]
        named = signer is not None and signer.vkey() in [log.vkey() for log in self._logs()]
        reader = LogReader(self._connection, self._suite, READS)
        rows = verify_reads(self._connection, self._suite, noted=self._noted)
        log = check_log(reader, signer, self._noted, policy=self._trusted if named else None, kept=mine)
        return SeenReads(rows, log, signer is not None or log.heads > 0)

    def _logs(self) -> Sequence[Verifier]:
        return () if self._trusted is None else self._trusted.logs

    def _signer(self, tree: Tree) -> Verifier | None:
        """Give the key under which heads must be signed: the ledger's own, or the policy's log of their origin."""
        try:
            return LogKeys.of(self._settings, tree).verifier()
        except LogKeyMissing:
            logs = self._logs()
        try:
            origin = LogReader(self._connection, self._suite, tree).head().checkpoint.origin
        except NotInTheLog:
            origin = None
        named = [log for log in logs if log.name == origin]
        return named[0] if named else logs[0] if len(logs) == 1 and tree is ENTRIES else None


def tell_log(
    voice: Speaker, log: LogReport, rows: int, words: tuple[str, str] = ("日志", "leaves"), before: str = ""
) -> None:
    """Tell what was found of a log over so many rows; `before` stands before each difference."""
    for finding in log.findings:
        since = "" if finding.since is None else f" · leaves {finding.since} to {finding.index}"
        at = "" if finding.position is None else f" · position {finding.position}"
        voice.wrong(f"{before}{finding.what} · leaf {finding.index}{since}{at} {finding.tile or ''}")
    if log.findings:
        return
    left = max(0, rows - log.leaves) + log.unsigned
    voice.say(
        voice.choose(
            f"✓ {words[0]} {log.leaves} 叶、{log.heads} 个检查点相符;{left} 条尚未签署。",
            f"✓ {log.leaves} {words[1]} and {log.heads} heads agree; {left} not signed yet.",
        ),
        style="green",
    )
    if log.witnessed is not None:
        voice.say(
            voice.choose(
                f"  其中前 {log.witnessed} 条有足够见证。", f"  The first {log.witnessed} are witnessed enough."
            )
        )


def tell_reads(voice: Speaker, seen: SeenReads) -> None:
    """Tell what was found of reads and of their log."""
    rows = seen.rows
    for finding in rows.findings:
        voice.wrong(
            voice.choose(f"{finding.what} · 查询 {finding.number}", f"{finding.what} · read {finding.number}")
        )
    if not rows.findings:
        voice.say(
            voice.choose(
                f"✓ 复核 {rows.reads} 次查询,全部相符。", f"✓ {rows.reads} reads recomputed, nothing differs."
            ),
            style="green",
        )
    if seen.kept or seen.log.findings:
        words = ("查询日志", "leaves of the log of reads")
        before = voice.choose("查询日志: ", "log of reads: ")
        tell_log(voice, seen.log, rows.reads - rows.uncommitted, words, before)
    elif rows.reads:
        voice.say(voice.choose("  查询日志尚未签署过。", "  The log of reads was never signed."))


def log_object(log: LogReport, rows: int) -> dict[str, Any]:
    """Give a log's report as JSON values."""
    return {
        "leaves": log.leaves,
        "heads": log.heads,
        "unsigned": log.unsigned + max(0, rows - log.leaves),
        "witnessed": log.witnessed,
        "findings": [
            {
                "what": one.what,
                "index": one.index,
                "since": one.since,
                "position": one.position,
                "tile": one.tile,
            }
            for one in log.findings
        ],
    }


def reads_object(seen: SeenReads) -> dict[str, Any]:
    """Give what was found of reads as JSON values."""
    rows = seen.rows
    return {
        "reads": rows.reads,
        "uncommitted": rows.uncommitted,
        "findings": [{"number": one.number, "what": one.what} for one in rows.findings],
        "kept": seen.kept,
        "log": log_object(seen.log, rows.reads - rows.uncommitted),
    }
