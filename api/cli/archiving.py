"""Verbs of archives 归档: a round or a decision, put together to be read and verified without the ledger."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from api.cli.bundling import trusted_of
from api.cli.deciding import Room, RoundName, room
from api.cli.decisions import Name
from api.cli.options import AsJson, Look, LookedAtBy, Purpose, look_of, speaker
from api.cli.output import Speaker
from api.cli.residents import look_at
from api.cli.usage import Misused
from domain.errors import BundleUnwritable, NotInLog
from ledger.evidence.archives import ArchiveReport, check_archive
from ledger.evidence.package import Retention, read_package, write_folder
from ledger.evidence.refusal import EvidenceRefused
from ledger.opening import suite_of
from ledger.transparency.log import NotInTheLog
from projections.archives import Archivist
from projections.bundles import Trusted

archive = typer.Typer(help="Archives: read and verified without the ledger. 归档。", no_args_is_help=True)
Output = Annotated[Path, typer.Option("--output", "-o", help="A new folder. 新目录。")]
Kept = Annotated[Retention, typer.Option("--retention", help="保管期限: permanent, 30-years, 10-years.")]
PolicyFile = Annotated[
    Path | None,
    typer.Option(help="Which witnesses are enough. 见证策略。", exists=True, show_default="the log's key alone"),
]
_TOLD_EVERY = 50


@archive.command("round")
def round_(
    context: typer.Context,
    name: RoundName,
    output: Output,
    retention: Kept,
    policy: PolicyFile = None,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """批次归档: its entries, ranking, notice, and the bundle of every decision. Each look is recorded."""
    voice, look = speaker(context, as_json=as_json), look_of(context, by, purpose)
    trusted, path = trusted_of(context, policy), _new(output)
    with room(context) as at_work:
        archivist = _archivist(voice, at_work, trusted, retention, look)
        files = _made(lambda: archivist.round(name))
    _write(voice, files, path, trusted)


@archive.command("decision")
def decision_(
    context: typer.Context,
    name: Name,
    output: Output,
    retention: Kept,
    policy: PolicyFile = None,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """决定归档: one decision with its bundle. The look is recorded."""
    voice, look = speaker(context, as_json=as_json), look_of(context, by, purpose)
    trusted, path = trusted_of(context, policy), _new(output)
    with room(context) as at_work:
        archivist = _archivist(voice, at_work, trusted, retention, look)
        files = _made(lambda: archivist.decision(name))
    _write(voice, files, path, trusted)


def _archivist(voice: Speaker, at_work: Room, trusted: Trusted, retention: Retention, look: Look) -> Archivist:
    def told(done: int, every: int) -> None:
        if done % _TOLD_EVERY == 0:
            voice.progress(f"{done} / {every}")

    return Archivist(
        at_work,
        trusted,
        retention,
        suite_of(at_work.desk.database),
        told,
        lambda subject: look_at(at_work.desk, subject, look),
    )


def _made(make: Callable[[], dict[str, bytes]]) -> dict[str, bytes]:
    """Make it. Raises NotInLog, BundleUnwritable."""
    try:
        return make()
    except NotInTheLog as error:
        raise NotInLog(str(error)) from None
    except EvidenceRefused as refusal:
        raise BundleUnwritable(str(refusal)) from None


def _new(path: Path) -> Path:
    if path.exists() or not path.resolve().parent.is_dir():
        raise Misused("须为新目录,上级目录须已存在", "name a new folder, in one that is there", "--output")
    return path


def _write(voice: Speaker, files: Mapping[str, bytes], path: Path, trusted: Trusted) -> None:
    try:  # nothing goes to an archive that does not hold
        report: ArchiveReport = check_archive(read_package(files), trusted.policy)
    except EvidenceRefused as refusal:
        raise BundleUnwritable(str(refusal)) from None
    write_folder(files, path)
    size, count = sum(map(len, files.values())), len(files)
    erased = [line.decision for line in report.lines if line.state != "open"]
    every, lost = len(report.lines), len(erased)
    voice.say(
        voice.choose(
            f"{path}:{count} 份文件,{size:,} 字节,{every} 项决定,其中 {lost} 项有内容已销毁。",
            f"{path}: {count} files, {size:,} bytes, {every} decisions, {lost} with something erased.",
        )
    )
    voice.say(f"  index.json SHA-256 {report.package.digest}", style="dim")
    told = {"folder": str(path), "files": count, "bytes": size, "index": report.package.digest}
    voice.give({**told, "decisions": len(report.lines), "erased": erased, "verdict": report.verdict})
