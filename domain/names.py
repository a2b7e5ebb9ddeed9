"""Names as departments write them, folded so that two spellings of one name are equal.

A fold is for matching only: it is never shown and never stored in the clear.
"""

import re
from unicodedata import normalize

_DOTS = "·.•‧∙⋅・●◦⸱᛫"
_ZEROS = "○◯"

# Rare characters that GBK systems kept in the private use area: the row FE50-FEA0 of GB 18030-2000 stands at
# U+E815-U+E864 and was moved to the characters below by GB 18030-2005 and -2022. 䶮 reaches us as U+E863 or U+4DAE.
_GBK_ROW = (
    "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱䎬⺻䏝䓖䙡䙌龹"
    "䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻"
)
_GBK_PRIVATE = {0xE815 + offset: character for offset, character in enumerate(_GBK_ROW)}

_UNCHANGED = re.compile("[\u3007\u4e00-\u9fff]+")
"""Names of common characters alone: no form, dot, case or space to fold."""

_SAME = {
    **{ord(dot): "·" for dot in _DOTS},
    **{ord(zero): "〇" for zero in _ZEROS},
    **dict.fromkeys(range(0xFE00, 0xFE10)),  # variation selectors choose a glyph, not a character
    **dict.fromkeys(range(0xE0100, 0xE01F0)),
    **dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)),
}


def fold(name: str) -> str:
    """Fold a name: rare characters to one code point, every middle dot to '·', no width, no case, no spaces.

    >>> fold("阿依・古丽") == fold("阿依.古丽 "), fold("Ａnna  Lee") == fold("ANNA LEE")
    (True, True)
    """
    if _UNCHANGED.fullmatch(name) is not None:
        return name
    if name.isascii():
        folded = name.translate(_SAME)
    else:
        folded = normalize("NFKC", normalize("NFKC", name.translate(_GBK_PRIVATE)).translate(_SAME))
    return "".join(folded.casefold().split())
