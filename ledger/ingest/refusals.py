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
    """不是文本文件,也不是工作簿。| The file is neither text nor a workbook that can be read: an archive, UTF-16."""

    hint = (
        "请另存为 Excel 工作簿 (.xlsx) 或 CSV UTF-8 (逗号分隔);压缩包请先解压。",
        "Save it as an Excel workbook (.xlsx) or as CSV UTF-8 (comma delimited); unpack archives first.",
    )


class OtherWorkbook(DeliveryRefused):
    """是其他格式的工作簿。| The file is a workbook of a form that is not read."""

    hint = ("请另存为 Excel 工作簿 (.xlsx)。", "Save it as an Excel workbook (.xlsx).")


class WorkbookLocked(DeliveryRefused):
    """工作簿设有密码。| The workbook is protected by a password."""

    hint = ("请取消密码后重新保存。", "Take the password off and save it again.")


class WorkbookDamaged(DeliveryRefused):
    """工作簿已损坏,不能读取。| The workbook is damaged and cannot be read."""

    hint = (
        "请用 Excel 打开并重新保存,或从源系统重新导出。",
        "Open it in Excel and save it again, or export it again from the source.",
    )


class WorkbookTooLarge(DeliveryRefused):
    """工作簿解压后过大。| The workbook unpacks to more than a sheet of facts can hold."""

    hint = (
        "请只保留需要报送的工作表,或另存为 CSV UTF-8。",
        "Keep the sheet that is to be sent and no other, or save it as CSV UTF-8.",
    )


class NoSuchSheet(DeliveryRefused):
    """没有这个工作表。| The workbook has no sheet of that name."""

    hint = ("请按名称用 --sheet 指定。", "Name one of its sheets by --sheet.")


class SeveralSheets(DeliveryRefused):
    """多个工作表都有表头,不能判断报送哪一个。| Several sheets have a header: which one is meant is not clear."""

    hint = ("请用 --sheet 指定,逐个报送。", "Name one by --sheet, and send them one after the other.")


class NoSheets(DeliveryRefused):
    """此文件没有工作表。| The file is no workbook: it has no sheets."""

    hint = ("请去掉 --sheet。", "Leave --sheet out.")


class MergedCells(DeliveryRefused):
    """数据行中有合并单元格。| Among the rows there are merged cells: only the first of them holds a value."""

    hint = ("请取消合并,并在每一行填写内容。", "Unmerge them, and fill in every row.")


class NoRoomToUnpack(DeliveryRefused):
    """临时目录没有空间展开工作簿。| There is no room in the folder for temporary files to unpack the workbook."""

    hint = ("请清理磁盘,或用 TMPDIR 指定其他目录。", "Make room, or name another folder by TMPDIR.")


class UnknownKind(DeliveryRefused):
    """没有这个种类的事实。| There is no such kind of fact."""

    hint = ("种类见 docs/facts.md。", "docs/facts.md lists the kinds.")


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

    status = 403

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
