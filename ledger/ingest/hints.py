"""What to do about each finding: one hint per code, in Chinese and English. docs/imports.md lists them."""

from ledger.ingest.verdicts import Code, Finding, Phrase

HINTS = {
    Code.UNDECODABLE_BYTES: Phrase(
        "此行的字节不符合文件的编码,请重新导出该行 (UTF-8 或 GB18030)",
        "the bytes are not in the file's encoding: export this row again (UTF-8 or GB18030)",
    ),
    Code.COLUMN_COUNT: Phrase(
        "列数与表头不符,请检查多余或缺少的分隔符,含分隔符的内容须用双引号括起",
        "more or fewer cells than the header: look for a stray or missing delimiter; quote cells that hold one",
    ),
    Code.UNCLOSED_QUOTE: Phrase(
        "双引号没有成对或引号后有多余内容",
        "a quotation mark is not closed, or text follows the closing one",
    ),
    Code.ROW_TOO_LONG: Phrase("此行过长", "the row is too long: one row is at most 64 KiB"),
    Code.NOT_JSON: Phrase("此行不是一个 JSON 对象", "the line is not one JSON object"),
    Code.DUPLICATE_JSON_KEY: Phrase("同一个键出现两次,请只保留一个", "a key stands twice: keep one"),
    Code.TOO_DEEP: Phrase(
        "嵌套过深,字段应为文本、数字或是/否", "nested too deep: fields are text, numbers or true/false"
    ),
    Code.NUMBER_NOT_FINITE: Phrase("数字无穷或不是数字", "the number is infinite or not a number"),
    Code.UNKNOWN_KIND: Phrase(
        "没有这种事实,请核对种类名称 (见 docs/facts.md)", "there is no such kind: see docs/facts.md"
    ),
    Code.KIND_NOT_DELIVERED: Phrase(
        "此类条目由系统或审批产生,不能通过文件送达",
        "entries of this kind are made by the system or by approval, never by a file",
    ),
    Code.MISSING_FIELD: Phrase("缺少必填内容", "fill in what is required"),
    Code.UNKNOWN_FIELD: Phrase(
        "此类事实没有这一项,请清空或在映射文件中忽略该列",
        "this kind has no such field: empty it, or ignore the column in the mapping file",
    ),
    Code.CONTROL_CHARACTERS: Phrase(
        "含有控制字符 (例如 NUL),请删除", "holds control characters (NUL, for example): delete them"
    ),
    Code.INVISIBLE_CHARACTERS: Phrase(
        "内容中夹有不可见字符或方向控制字符,请重新输入",
        "holds invisible or direction-changing characters: type it again",
    ),
    Code.LOST_CHARACTERS: Phrase(
        "有字符在以前的转码中丢失 (�),请从源系统重新导出",
        "characters were lost in an earlier conversion (�): export again from the source",
    ),
    Code.PERSONAL_DIGITS: Phrase(
        "此处不得出现证件号码或电话号码,请改用业务编号",
        "no identity or phone number may stand here: use a reference of your own",
    ),
    Code.TEXT_FORM: Phrase("格式不符", "not in the expected form"),
    Code.TEXT_LENGTH: Phrase("内容过长或过短", "too long or too short"),
    Code.BAD_DATE: Phrase("日期写法不明,请写成 2025-03-01", "not a date as expected: write 2025-03-01"),
    Code.IMPOSSIBLE_DATE: Phrase(
        "没有这一天,或年份超出 1900-2199", "there is no such day, or the year is outside 1900-2199"
    ),
    Code.EXCEL_SERIAL_DATE: Phrase(
        "这是 Excel 的日期序号,请把该列设为文本或日期格式后重新导出",
        "this is Excel's day number: format the column as a date or as text and export again",
    ),
    Code.FUTURE_DATE: Phrase("日期晚于收到文件之日", "dated later than the day on which the file was received"),
    Code.END_BEFORE_START: Phrase("结束早于开始", "ends before it starts"),
    Code.BAD_MONTH: Phrase("月份写法不明或没有这个月,请写成 2025-03", "not a month: write 2025-03"),
    Code.BAD_INSTANT: Phrase(
        "时间须带时区,例如 2025-03-01T08:30:00+08:00", "an instant needs its offset: 2025-03-01T08:30:00+08:00"
    ),
    Code.BAD_NUMBER: Phrase("应为整数,不带千分位和单位", "a whole number, without separators or units"),
    Code.QUANTITY_OUT_OF_RANGE: Phrase(
        "数量为负、为零或过大,请核对单位", "negative, zero or too large: check the unit"
    ),
    Code.BAD_FLAG: Phrase("应为 是 或 否 (true/false、1/0 亦可)", "write 是 or 否 (true/false and 1/0 will do)"),
    Code.UNKNOWN_WORD: Phrase(
        "不在取值范围内,可在映射文件的 values 中给出对应关系",
        "not one of the values: the mapping file's `values` may translate it",
    ),
    Code.UNKNOWN_LEVEL: Phrase(
        "没有这个等级,可在映射文件的 values 中给出对应关系",
        "there is no such level: the mapping file's `values` may translate it",
    ),
    Code.UNKNOWN_PLACE: Phrase(
        "区划代码应为 6、9 或 12 位 (GB/T 2260),或本地代码",
        "a place code has 6, 9 or 12 characters (GB/T 2260), or is local",
    ),
    Code.SPREADSHEET_ERROR: Phrase(
        "单元格是表格软件的错误值 (如 #N/A) 或没有结果的公式,请填写正确的值",
        "the cell is a spreadsheet's error (such as #N/A) or a formula without a result: fill in the value",
    ),
    Code.SCIENTIFIC_NOTATION: Phrase(
        "号码被 Excel 当作数值:只保留 15 位,末几位已损坏,请把该列设为文本后从源系统重新导出",
        "Excel took it for a number and keeps 15 digits, the last are lost: format as text, export again",
    ),
    Code.DOCUMENT_FORM: Phrase("证件号码位数或字符不符", "a document number of the wrong length or characters"),
    Code.DOCUMENT_BIRTH_DATE: Phrase(
        "证件号码第 7-14 位不是可能的出生日期", "digits 7-14 name no possible day of birth"
    ),
    Code.DOCUMENT_CHECK_DIGIT: Phrase(
        "证件号码校验码不符,请核对 (末几位为 000 时多为 Excel 截断)",
        "the check character does not hold: look again (a tail of 000 is often Excel's rounding)",
    ),
    Code.DOCUMENT_SEQUENCE: Phrase(
        "证件号码第 15-17 位为 000,没有这样的号码:多为 Excel 只保留 15 位所致,请设为文本后从源系统重新导出",
        "digits 15-17 are 000, which nobody has: Excel keeps 15 digits; format as text and export again",
    ),
    Code.BAD_SUBJECT: Phrase(
        "主体编号应为 UUID,且不与证件号码同填", "a subject is a UUID, and stands instead of a document"
    ),
    Code.ONE_SUBJECT: Phrase("家庭关系须是两个人", "a tie joins two persons"),
    Code.KIND_OUTSIDE_GRANTS: Phrase(
        "本部门未获授权报送此类事实", "your organ has no grant for this kind on this day"
    ),
    Code.PLACE_OUTSIDE_GRANTS: Phrase(
        "本部门未获授权报送该辖区的此类事实", "your organ's grant does not cover this place"
    ),
    Code.OTHER_ORGAN: Phrase("只能以本部门名义报送", "an organ speaks only for itself"),
    Code.NO_LEGAL_BASIS: Phrase("受限事实须注明法律依据 (legal_basis)", "a restricted fact needs its legal_basis"),
    Code.MINOR_PROTECTED: Phrase(
        "行为发生时未满十八周岁,依法封存,不得报送",
        "the act lies before the 18th birthday: sealed by law, never sent",
    ),
    Code.VOID_DATE: Phrase(
        "from_date 须且仅须与 effect=from_date 同填", "`from_date` is given exactly when `effect` is from_date"
    ),
    Code.BAD_VALUE: Phrase("取值不合要求", "not an allowed value"),
    Code.UNKNOWN_TARGET: Phrase(
        "本部门没有这一条目,请核对 refers_to", "your organ has no such entry: check refers_to"
    ),
    Code.TARGET_IS_VOID: Phrase(
        "作废条目不能再作废,恢复须新报一条", "a void cannot be voided: restore by a new entry"
    ),
    Code.TARGET_CORRECTED: Phrase(
        "该条目已被更正;请在 refers_to 中指明那条更正",
        "the entry was corrected before: name its correction in refers_to",
    ),
    Code.UNKNOWN_SUBJECT: Phrase("没有这个主体编号", "there is no such subject"),
    Code.PERSON_ERASED: Phrase(
        "此人资料已依法删除,不再收录", "this person was erased by law: nothing more is recorded"
    ),
    Code.NAME_DIFFERS: Phrase(
        "该证件号码以另一姓名登记,身份待确认;如姓名有误请更正后重报",
        "the number is known under another name: to be confirmed; if the name is wrong, correct and resend",
    ),
    Code.SEVERAL_PERSONS: Phrase(
        "该证件号码登记有多人,请补充姓名", "several persons have this number: give the name"
    ),
    Code.NAME_MISSING: Phrase(
        "该证件号码尚无登记,首次报送须有姓名", "nobody is known by this number yet: give the name the first time"
    ),
    Code.OTHER_CONTENT: Phrase(
        "同一条事实已以不同内容入账;要改请报 fact-corrected",
        "the same fact was recorded with other content: to change it, send a fact-corrected",
    ),
    Code.ALREADY_RECORDED: Phrase("已入账,无需重报", "recorded already, nothing to do"),
    Code.REPEATED_IN_FILE: Phrase("与本文件前面的一行相同", "the same as an earlier row of this file"),
    Code.ORIGINAL_VOID: Phrase(
        "原条目已作废;如需恢复,请以 again 再次报送,或报 fact-corrected 指明该条目",
        "the original was voided: to bring it back, send it with `again`, or a fact-corrected that names it",
    ),
}


def reason(finding: Finding) -> str:
    """Write what was found in a row as one line for a person, every fault with what to do."""
    return " | ".join(_said(one) for one in (finding, *finding.more))


def _said(finding: Finding) -> str:
    """Write one fault: code, place, class of the value, expected form, hints."""
    hint = HINTS[finding.code]
    where = finding.column or finding.field
    parts = [f"{finding.code.value}{f' [{where}]' if where else ''}"]
    if finding.value is not None:
        parts.append(f"{finding.value.zh} / {finding.value.en}")
    if finding.expected:
        parts.append(f"→ {finding.expected}")
    return "; ".join([*parts, hint.zh, hint.en])
