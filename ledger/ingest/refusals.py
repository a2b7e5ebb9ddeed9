"""Why a whole delivery, or its mapping file, is not taken. A row's own faults are verdicts, never these."""

from domain.errors import Language, Refusal
from ledger.ingest.verdicts import Phrase


class DeliveryRefused(Refusal):
    """文件不能受理。| The file as a whole cannot be taken."""

    def __init__(self, place: str = "", detail: Phrase | None = None) -> None:
        super().__init__(place)
        self.detail = detail

    def message(self, language: Language = "zh") -> str:
        """Give the sentence, its place, and what exactly was found; never a row's content."""
        said = super().message(language)
        if self.detail is None:
            return said
        return f"{said} {self.detail.zh if language == 'zh' else self.detail.en}"


class EmptyDelivery(DeliveryRefused):
    """文件为空。| The file holds no rows."""

    hint = ("请确认导出是否完成。", "See whether the export had finished.")


class NotText(DeliveryRefused):
    """不是文本文件。| The file is not text that can be read: a workbook, an archive, UTF-16."""

    hint = (
        "请另存为 CSV UTF-8 (逗号分隔);压缩包请先解压。",
        "Save it as CSV UTF-8 (comma delimited); unpack archives first.",
    )


class LineEnds(DeliveryRefused):
    """换行符为单独的 CR。| The lines end in CR alone, as old Macintosh programs wrote them."""

    hint = ("请以 Windows 或 Unix 换行重新保存。", "Save it again with Windows or Unix line ends.")


class NotOneFactPerLine(DeliveryRefused):
    """不是每行一个对象。| The file is one JSON document, not one object per line."""

    hint = (
        "请改为 NDJSON:每行一个对象,外层不加方括号。",
        "Write NDJSON: one object per line, no brackets around them.",
    )


class HeaderUnreadable(DeliveryRefused):
    """表头不可读。| The header's bytes or quotation marks cannot be read."""

    hint = ("请以 UTF-8 或 GB18030 重新导出。", "Export it again in UTF-8 or GB18030.")


class NoHeader(DeliveryRefused):
    """没有表头:第一行没有任何已知的列名。| The first line names no known column; it may be a row of values."""

    hint = (
        "请在第一行写列名,或在映射文件的 columns 中对应 (见 docs/imports.md)。",
        "Put column names in the first line, or map yours under `columns` of a mapping file (docs/imports.md).",
    )


class UnknownColumns(DeliveryRefused):
    """有未知的列。| The header names columns that are no field of these facts."""

    hint = (
        "请在映射文件的 columns 中对应,或列入 ignore。",
        "Map them under `columns` of a mapping file, or list them under `ignore`.",
    )


class DoubleColumns(DeliveryRefused):
    """两列给出同一字段。| Two columns give the same field."""

    hint = ("请只保留一列,另一列列入 ignore。", "Keep one and list the other under `ignore` of a mapping file.")


class MissingColumns(DeliveryRefused):
    """缺少必需的列。| No column and no constant gives a field that every row needs."""

    hint = (
        "请补充该列,或在映射文件的 constants 中给出固定值;种类可用 --kind 给出。",
        "Add the column, or give one value under `constants` of a mapping file; the kind also by --kind.",
    )


class OrganUngranted(DeliveryRefused):
    """本部门未获授权,整个文件不受理。| The organ may say nothing of this file: not one row could be taken."""

    hint = (
        "请核对部门与种类;授权用 points grant。",
        "Check the organ and the kind; the ledger's keeper grants with `points grant`.",
    )


class DeliveryChanged(DeliveryRefused):
    """文件在读取时被改动。| The file changed while it was being read."""

    hint = ("请等写入完成后重报。", "Send it again when it is no longer being written.")


class PreparerFailed(DeliveryRefused):
    """预处理进程意外结束。| A process that prepares rows ended unexpectedly; what was appended so far stays."""

    hint = ("请重新导入同一文件,将从中断处继续。", "Import the same file again: it goes on where this stopped.")


class MappingRefused(DeliveryRefused):
    """映射文件不能使用。| The mapping file cannot be used."""

    hint = ("请按 docs/imports.md 修改。", "See docs/imports.md.")
