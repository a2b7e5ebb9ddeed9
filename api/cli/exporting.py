"""The verb export: the population in columns, for whole-population work elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from api import clock, composition
from api.cli.options import AsAt, AsJson, AsOf, civil_day, knowledge, settings_of, speaker
from api.cli.usage import Misused
from projections.exports.writing import FolderNotEmpty, write_export
from projections.simulation.population import PART


def export(
    context: typer.Context,
    parquet: Annotated[Path, typer.Option("--parquet", help="A new or empty folder. 输出目录。")],
    as_of: AsOf = None,
    as_at: AsAt = None,
    part: Annotated[int, typer.Option(help="Residents in a part. 每份人数。", min=100, max=1_000_000)] = PART,
    as_json: AsJson = False,
) -> None:
    """导出: Write what the plan reads as Parquet, families together. It holds sealed facts."""
    voice = speaker(context, as_json=as_json)
    settings, day = settings_of(context), civil_day(as_of, clock.today())
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
