"""Entries written to a file: chosen, verified, sealed content opened only for who may look, and says why."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import typer

from api import composition
from api.cli.options import look_of, settings_of
from api.cli.output import Speaker
from api.cli.residents import sealed_by_law
from api.cli.usage import Misused
from domain.errors import SubjectUnknown
from domain.facts import IdentityMinted
from ledger.database import Role
from ledger.entry import StoredEntry
from ledger.opening import Desk
from projections.exports.entries import Opening, Selection, positions_of, verified
from projections.exports.importable import row_of
from projections.exports.text import Format, Writer, digest_of, writing
from projections.schemas import Schemas

_TOLD_EVERY = 50_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a call asked for."""

    form: Format
    to: Path | None
    organ: str | None
    subject: UUID | None
    since: int | datetime | None
    before: int | datetime | None
    sealed: bool
    rows: bool

    def checked(self) -> Path:
        """Give the file to write. Raises Misused."""
        if self.to is None or self.to.exists() or not self.to.resolve().parent.is_dir():
            raise Misused("须为新文件,目录须已存在", "name a new file, in a folder that is there", "--to")
        if (self.sealed or self.rows) and self.subject is None:
            raise Misused("只能对一个人打开:加 --subject", "only of one person: add --subject", "--sealed")
        if self.rows and (self.form != "ndjson" or not self.sealed):
            raise Misused("可导入的行须为 --format ndjson --sealed", "rows need --format ndjson --sealed", "--rows")
        return self.to


def export_entries(
    voice: Speaker, context: typer.Context, chosen: Chosen, purpose: str | None, by: str | None
) -> None:
    """Write what was chosen. Raises Misused, SubjectUnknown, ExportMismatch."""
    path = chosen.checked()
    with composition.desk(settings_of(context)) as desk:
        opening = Opening()
        if chosen.subject is not None:
            look = look_of(context, by, purpose)
            history = desk.history(chosen.subject, look.by, look.purpose)
            if not history:
                raise SubjectUnknown
            if chosen.sealed:
                opening = Opening(desk.ledger.entry_mapper, frozenset(sealed_by_law(history)))
        with _chosen(desk, chosen) as entries, writing(path, chosen.form) as writer:
            written, left_out = _write(voice, writer, entries, opening, rows=chosen.rows)
    digest = digest_of(path)
    voice.say(
        voice.choose(
            f"已导出 {written + left_out:,} 条,逐条与叶哈希核对相符;文件 {path},sha256 {digest[:16]}。",
            f"{written + left_out:,} entries, each verified against its leaf; file {path}, sha256 {digest[:16]}.",
        )
    )
    if left_out:
        voice.say(
            voice.choose(
                f"其中 {left_out} 条不能由文件导入,未写成行。",
                f"{left_out} of them are of kinds that no file may bring, and are no rows.",
            )
        )
    if chosen.sealed:
        voice.say(voice.choose("含密封内容,请按原件保管。", "It holds sealed content: keep it as you keep that."))
    told: dict[str, Any] = {"file": str(path), "sha256": digest, "format": chosen.form}
    voice.give({**told, "verified": written + left_out, "written": written, "left_out": left_out})


@contextmanager
def _chosen(desk: Desk, chosen: Chosen) -> Iterator[Iterator[StoredEntry]]:
    schemas = Schemas.of(desk.database)
    with desk.database.connect(Role.AUDITOR) as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        instants = [one if isinstance(one, datetime) else None for one in (chosen.since, chosen.before)]
        with connection.cursor() as cursor:
            after, until = positions_of(cursor, schemas, *instants)
        wanted = Selection(chosen.organ, chosen.subject, after, until)
        if isinstance(chosen.since, int):
            wanted = replace(wanted, after=chosen.since - 1)
        if isinstance(chosen.before, int):
            wanted = replace(wanted, until=min(until, chosen.before - 1))
        yield verified(connection, wanted)


def _write(
    voice: Speaker, writer: Writer, entries: Iterator[StoredEntry], opening: Opening, *, rows: bool
) -> tuple[int, int]:
    """Write every entry; give how many were written, and how many can be no rows."""
    written = left_out = 0
    who: IdentityMinted | None = None
    for entry in entries:
        if rows:
            fact = opening.fact(entry)
            who = fact if isinstance(fact, IdentityMinted) and who is None else who
            row = None if fact is None or who is None else row_of(entry, fact, who)
            if row is None:
                left_out += 1
                continue
            writer.write(row)
        else:
            writer.write(opening.record(entry))
        written += 1
        if written % _TOLD_EVERY == 0:
            voice.progress(f"{written:,}")
    return written, left_out
