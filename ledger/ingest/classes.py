"""The class of a value: enough for a person to find it in the file, never the value itself."""

import re
from typing import Any

from ledger.ingest.verdicts import Phrase

EDGES = " \t\r\n\x0b\x0c\x85\xa0\u3000\u200b\u200c\u200d\u2060\ufeff"
"""What is taken off the ends of a value: spaces of every width, line ends, characters of no width."""
SCIENTIFIC = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+")
DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
DAY = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日)"
    r"(?:[ T]00:00(?::00(?:\.0+)?)?)?"
)
_EXCEL_DIGITS = 15
_SHAPES = (
    (SCIENTIFIC, Phrase("科学计数法文本", "text in scientific notation")),
    (re.compile(r"-[0-9]+(\.[0-9]+)?"), Phrase("负数", "a negative number")),
    (DECIMAL, Phrase("小数", "a decimal number")),
    (DAY, Phrase("日期", "a date")),
)


def class_of(value: Any) -> Phrase:
    """Name the class of a cell or a JSON value.

    >>> class_of("330282198001010013").en, class_of("3.30282E+17").en, class_of(None).en
    ('18 digits', 'text in scientific notation', 'empty')
    """
    match value:
        case None | "":
            return Phrase("空", "empty")
        case bool():
            return Phrase("真假值", "true or false")
        case list():
            return Phrase("列表", "a list")
        case dict():
            return Phrase("对象", "an object")
        case _:
            return _of_text(str(value).strip(EDGES))


def _of_text(text: str) -> Phrase:
    size = len(text)
    if text.isascii() and text.isdigit():
        if size > _EXCEL_DIGITS and text.endswith("000"):
            return Phrase(f"{size} 位数字,末尾 000", f"{size} digits ending in 000")
        return Phrase(f"{size} 位数字", f"{size} digits")
    if text.isascii() and text[:-1].isdigit() and text[-1] in "Xx":
        return Phrase(f"{size - 1} 位数字加 X", f"{size - 1} digits and X")
    for shape, phrase in _SHAPES:
        if shape.fullmatch(text):
            return phrase
    return Phrase(f"{size} 个字符的文本", f"text of {size} characters")
