"""The verb `verify` 核验: the whole ledger, one stream, or what somebody was given: proofs, receipts, bundles."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import psycopg
import typer

from api import composition
from api.cli.options import AsJson, settings_of, speaker, subject_id
from api.cli.output import Exit, Speaker
from api.cli.reasons import why_of
from api.cli.receipts import now_and_then
from api.cli.shown import Trust, verify_files
from api.cli.transparency import policy_of, text_of
from api.cli.usage import Misused
from api.cli.verified_logs import Logs, SeenReads, log_object, reads_object, tell_log, tell_reads
from api.settings import Settings
from domain.errors import EntryUnknown, LogProofRefused
from ledger.database import Database, Role
from ledger.mapper import EntryMapper
from ledger.opening import suite_of
from ledger.transparency.checking import LogReport
from ledger.transparency.checkpoint import Checkpoint
from ledger.transparency.log import LogReader, NotInTheLog
from ledger.transparency.merkle import ProofRefused
from ledger.transparency.notes import NoteRefused, read_note
from ledger.transparency.policy import Policy
from ledger.verification import Others, Report, verify_entries

Files = Annotated[
    list[Path] | None,
    typer.Argument(help="Proofs, receipts, bundles: checked with no database. 证明、回执、证据包。", exists=True),
]
PolicyFile = Annotated[
    Path | None, typer.Option("--policy", help="Whom to trust (C2SP tlog-policy). 信任策略文件。", exists=True)
]


class _Seen(NamedTuple):
    """What a verification of the database found. `log` and `reads` None: only entries were looked at."""

    entries: Report
    log: LogReport | None = None
    proven: int | None = None
    reads: SeenReads | None = None


def verify(
    context: typer.Context,
    files: Files = None,
    entries: Annotated[bool, typer.Option("--entries", help="Entries alone, not the log. 只逐条复核。")] = False,
    stream: Annotated[str | None, typer.Option(help="One stream only. 只复核一条流。")] = None,
    policy: PolicyFile = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A head that was kept outside. 外部留存的检查点。")
    ] = None,
    leaf: Annotated[str | None, typer.Option(help="The leaf that a bare proof is of. 叶值。")] = None,
    suite: Annotated[Literal["intl", "gm"], typer.Option(help="Of a bare proof.")] = "intl",
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="As an auditor who opens nothing. 不用密钥。")
    ] = False,
    holder: Annotated[
        bool, typer.Option("--holder", help="Read the holder's document number from standard input. 核对持有人。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """核验: Check the ledger against its log and witnesses, or a file against a policy; say what differs where."""
    voice = speaker(context, as_json=as_json)
    trusted = policy_of(policy)
    if files:
        if trusted is None:
            raise Misused(
                "请以策略文件指明信任谁 (docs/transparency.md)",
                "name a policy file: it says whom to trust (docs/transparency.md)",
                "--policy",
            )
        raise typer.Exit(
            verify_files(
                voice, files, Trust(trusted, leaf, suite, sys.stdin.readline().strip() if holder else None)
            )
        )
    if checkpoint and trusted is None:
        raise Misused("核对检查点须指明信任谁", "a checkpoint is checked against a policy", "--policy")
    kept = [] if trusted is None else [_kept(path, trusted) for path in checkpoint or []]
    wanted = None if stream is None else subject_id(stream)
    settings = settings_of(context)
    with ExitStack() as stack:
        database, mapper = _opened(stack, settings, without_keys=without_keys)
        connection = stack.enter_context(database.connect(Role.AUDITOR))
        looked = now_and_then(voice)
        others = Others(partial(_of_another, settings, without_keys=without_keys), len(os.sched_getaffinity(0)))
        report = verify_entries(
            connection, mapper, stream=wanted, noted=lambda count: looked(f"{count:,}"), others=others
        )
        if wanted is not None and report.entries == 0:
            raise EntryUnknown(str(wanted))
        seen = _Seen(report)
        if wanted is not None:
            seen = _Seen(report, None, _proven(connection, database, wanted, trusted))
        elif not entries:
            logs = Logs(connection, suite_of(database), settings, trusted, lambda count: looked(f"{count:,}"))
            seen = _Seen(report, logs.of_entries(kept), None, logs.of_reads(kept))
    _tell(voice, seen, wanted)
    raise typer.Exit(_code(seen))


def _opened(stack: ExitStack, settings: Settings, *, without_keys: bool) -> tuple[Database, EntryMapper | None]:
    if without_keys:
        return stack.enter_context(composition.database(settings)), None
    desk = stack.enter_context(composition.desk(settings))
    return desk.database, desk.ledger.entry_mapper


@contextmanager
def _of_another(
    settings: Settings, *, without_keys: bool
) -> Iterator[tuple[psycopg.Connection[Any], EntryMapper | None]]:
    """Open the ledger for a process of its own."""
    with ExitStack() as stack:
        database, mapper = _opened(stack, settings, without_keys=without_keys)
        yield stack.enter_context(database.connect(Role.AUDITOR)), mapper


def _kept(path: Path, trusted: Policy) -> Checkpoint:
    try:
        return trusted.check(read_note(text_of(path)))
    except NoteRefused as error:
        raise LogProofRefused(str(path), why_of(error)) from None


def _proven(
    connection: psycopg.Connection[Any], database: Database, stream: UUID, trusted: Policy | None
) -> int | None:
    """Give the index of the stream's last leaf under a trusted head; None where nothing proves it."""
    row = connection.execute(
        "SELECT notification_id, leaf FROM entries WHERE originator_id = %s"
        " ORDER BY originator_version DESC LIMIT 1",
        [stream],
    ).fetchone()
    if row is None or trusted is None:
        return None
    suite = suite_of(database)
    try:
        proof = LogReader(connection, suite).proof(row[0])
        proof.check(suite.hash, bytes(row[1]), trusted)
    except (NotInTheLog, NoteRefused, ProofRefused):
        return None
    return proof.index


def _code(seen: _Seen) -> Exit:
    report, log = seen.entries, seen.log
    if not report.sound or (log is not None and log.findings) or (seen.reads is not None and seen.reads.wrong):
        return Exit.WRONG
    behind = log is not None and bool(log.unsigned or report.entries > log.leaves)
    behind = behind or (seen.reads is not None and bool(seen.reads.left))
    return Exit.INCOMPLETE if report.sealed_away or behind else Exit.DONE


def _tell(voice: Speaker, seen: _Seen, stream: UUID | None) -> None:
    report = seen.entries
    for finding in report.findings:
        where = f"position {finding.position} · {finding.stream} #{finding.version} {finding.column or ''}"
        voice.wrong(f"{finding.what} · {where}")
    if report.sound:
        voice.say(
            voice.choose(
                f"✓ 复核 {report.entries} 条、{report.streams} 条流,全部相符;"
                f"{report.bound} 条打开核对,{report.sealed_away} 条已永久封存。",
                f"✓ {report.entries} entries in {report.streams} streams recomputed, nothing differs;"
                f" {report.bound} opened and compared, {report.sealed_away} sealed away for ever.",
            ),
            style="green",
        )
    else:
        voice.say(voice.choose(f"{report.found} 处不符。", f"{report.found} differences."))
    if stream is not None and report.sound:
        _tell_stream(voice, report.entries, seen.proven)
    if seen.log is not None:
        tell_log(voice, seen.log, report.entries)
    if seen.reads is not None:
        tell_reads(voice, seen.reads)
    voice.give(_object(seen, stream))


def _tell_stream(voice: Speaker, versions: int, proven: int | None) -> None:
    voice.say(
        voice.choose(
            f"  该流至第 {versions} 版完整,一版不缺;",
            f"  The stream is complete up to version {versions}: none is missing before it; ",
        )
        + (
            voice.choose(
                "其后是否还有,须以日志核对 (--policy)。", "what comes after it the log would show (--policy)."
            )
            if proven is None
            else voice.choose(
                f"末条是见证日志的第 {proven} 叶。", f"its last entry is leaf {proven} of a witnessed head."
            )
        )
    )


def _object(seen: _Seen, stream: UUID | None) -> dict[str, Any]:
    report, log = seen.entries, seen.log
    told: dict[str, Any] = {
        "entries": report.entries,
        "streams": report.streams,
        "last_position": report.last_position,
        "bound": report.bound,
        "sealed_away": report.sealed_away,
        "found": report.found,
        "findings": [
            {
                "position": f.position,
                "stream": str(f.stream),
                "version": f.version,
                "what": f.what,
                "column": f.column,
            }
            for f in report.findings
        ],
    }
    if stream is not None:
        told |= {"complete_to": report.entries, "leaf_index": seen.proven}
    if log is not None:
        told["log"] = log_object(log, report.entries)
    if seen.reads is not None:
        told["reads"] = reads_object(seen.reads)
    return told
