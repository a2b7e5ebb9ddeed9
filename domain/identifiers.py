"""Numbers that other standards define, and their checks.

Resident identity numbers 公民身份号码 (GB 11643-1999), unified social credit codes 统一社会信用代码
(GB 32100-2015), and the shape of text that must never hold either.
"""

import re
from datetime import date
from typing import Literal
from unicodedata import normalize

_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = tuple(3**i % 31 for i in range(17))
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
# 15 or 18 digits of an identity number, or 11 of a phone number, with separators people put between them.
_PERSONAL_RUN = re.compile(r"(?<![0-9A-Fa-f])(?:\d[ \-]?){10,17}[0-9Xx](?![0-9A-Fa-f])")


def resident_check_character(first_seventeen: str) -> str:
    """Give the 18th character for 17 digits (GB 11643-1999, 4.3)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECKS[total % 11]


def is_resident_number(number: str) -> bool:
    """Say whether `number` is 18 characters, names a real day of birth, and its check character holds."""
    if re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number) is None or resident_birth_date(number) is None:
        return False
    return resident_check_character(number[:17]) == number[17]


def resident_birth_date(number: str) -> date | None:
    """Give the civil date in digits 7 to 14, or None where they name no day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def resident_sex(number: str) -> Literal["male", "female"]:
    """Give the sex in digit 17: odd is male (GB 11643-1999)."""
    return "male" if int(number[16]) % 2 else "female"


def credit_code_check_character(first_seventeen: str) -> str:
    """Give the 18th character of a unified social credit code (GB 32100-2015, 5.5)."""
    total = sum(_CREDIT_ALPHABET.index(c) * w for c, w in zip(first_seventeen, _CREDIT_WEIGHTS, strict=True))
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


def is_credit_code(code: str) -> bool:
    """Say whether `code` passes GB 32100. Real codes exist that fail it: warn, never refuse."""
    if re.fullmatch(f"[{_CREDIT_ALPHABET}]{{18}}", code) is None:
        return False
    return credit_code_check_character(code[:17]) == code[17]


def holds_personal_digits(text: str) -> bool:
    """Say whether `text` holds a run of digits that looks like an identity or a phone number.

    Hexadecimal digests are not runs: a digit beside a letter a-f belongs to a digest. Nor is a UUID one, though one
    in a hundred holds such a run.
    """
    plain = text if text.isascii() else normalize("NFKC", text)  # full-width digits are digits
    return _PERSONAL_RUN.search(_UUID.sub("u", plain)) is not None
