"""The verb export: the population in columns, for whole-population work elsewhere; or entries, each verified."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from api import clock, composition
from api.cli.exporting_entries import Chosen, export_entries
from api.cli.options import (
    AsAt,
    AsJson,
    AsOf,
    LookedAtBy,
    Purpose,
    civil_day,
    knowledge,
    settings_of,
    speaker,
    subject_id,
)
from api.cli.output import Speaker
from api.cli.usage import Misused
from api.settings import Settings
from projections.exports.writing import FolderNotEmpty, write_export
from projections.simulation.population import PART


def export(
    context: typer.Context,
    parquet: Annotated[
        Path | None, typer.Option("--parquet", help="The population: a new or empty folder. 全体人口输出目录。")
    ] = None,
    as_of: AsOf = None,
    as_at: AsAt = None,
    part: Annotated[int, typer.Option(help="Residents in a part. 每份人数。", min=100, max=1_000_000)] = PART,
    form: Annotated[
        Literal["ndjson", "csv", "parquet"] | None,
        typer.Option("--format", help="Entries, in this form. 条目格式。"),
    ] = None,
    to: Annotated[Path | None, typer.Option(help="Entries: a new file. 条目输出文件。")] = None,
    organ: Annotated[str | None, typer.Option(help="Entries of one organ. 数源部门。")] = None,
    subject: Annotated[str | None, typer.Option(help="Entries of one person. 记账主体编号。")] = None,
    since: Annotated[
        str | None, typer.Option(help="Recorded since: a position, or an instant with its zone. 起。")
    ] = None,
    before: Annotated[
        str | None, typer.Option(help="Recorded before: a position, or an instant with its zone. 止(不含)。")
    ] = None,
    sealed: Annotated[
        bool, typer.Option("--sealed", help="Of one person: open what is sealed. It is logged. 打开密封内容。")
    ] = False,
    rows: Annotated[
        bool, typer.Option("--rows", help="Of one person: as rows that an import reads. 输出为可导入的行。")
    ] = False,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """导出: Write the population as Parquet (it holds sealed facts), or entries, each verified against its leaf."""
    voice = speaker(context, as_json=as_json)
    if (parquet is None) == (form is None):
        raise Misused("指明 --parquet 或 --format 之一", "say --parquet or --format", "export")
    if form is not None:
        person = None if subject is None else subject_id(subject)
        chosen = Chosen(form, to, organ, person, knowledge(since), knowledge(before), sealed, rows)
        export_entries(voice, context, chosen, purpose, by)
    elif parquet is not None:
        _population(voice, settings_of(context), parquet, as_of, as_at, part)


def _population(
    voice: Speaker, settings: Settings, parquet: Path, as_of: str | None, as_at: str | None, part: int
) -> None:
    day = civil_day(as_of, clock.today())
    with composition.desk(settings) as desk:
        composition.follow(desk.database, settings, composition.head(desk.database))
        with composition.whole_population(desk.database, settings, day, knowledge(as_at), part) as found:
            try:
                manifest = write_export(
                    found.parts, parquet, found.position, day, lambda done, of: voice.progress(f"{done}/{of}")
                )
            except FolderNotEmpty:
                raise Misused("目录不是空的", "the folder is not empty", "--parquet") from None
    residents = sum(one["residents"] for one in manifest.parts)
    rows = sum(one["rows"] for one in manifest.parts)
    voice.say(
        voice.choose(
            f"已导出 {residents:,} 人、{rows:,} 行,{len(manifest.parts)} 份;未计入 {manifest.left_out:,} 人。",
            f"{residents:,} residents, {rows:,} rows, {len(manifest.parts)} parts; {manifest.left_out:,} left out.",
        )
    )
    voice.say(voice.choose("含受限内容,请按原件保管。", "It holds restricted facts: keep it as you keep them."))
    voice.give(
        {
            "folder": str(parquet),
            "as_of": manifest.as_of,
            "as_at": manifest.as_at,
            "sha256": manifest.digest,
            "residents": residents,
            "rows": rows,
            "left_out": manifest.left_out,
            "parts": len(manifest.parts),
        }
    )
