"""Two spellings of one name are one name."""

import pytest

from domain.names import fold


@pytest.mark.parametrize("dot", ["·", "・", "･", "•", "‧", "∙", "⋅", ".", "．", "●", "᛫"])
def test_every_middle_dot_is_one(dot: str) -> None:
    assert fold(f"居民甲{dot}乙") == fold("居民甲·乙")


@pytest.mark.parametrize(
    ("kept_private", "as_standard"),
    [
        ("\ue863", "䶮"),
        ("\ue81e", "\u9fb4"),
        ("\ue864", "\u9fbb"),
        ("\ue816", "\U00020087"),
        ("\ue831", "\U000215d7"),
    ],
)
def test_a_rare_character_from_the_private_area_is_the_standard_one(kept_private: str, as_standard: str) -> None:
    assert fold(f"居{kept_private}民") == fold(f"居{as_standard}民")


def test_the_private_row_is_gb_18030s_own_where_the_codec_knows_it() -> None:
    bytes_of_the_row = [bytes([0xFE, low]) for low in (*range(0x50, 0x7F), *range(0x80, 0xA1))]
    decoded = [code.decode("gb18030") for code in bytes_of_the_row]
    standard = [fold(chr(0xE815 + offset)) for offset in range(len(decoded))]

    assert all(fold(character) == known for character, known in zip(decoded, standard, strict=True))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("居民 甲", "居民甲"),
        ("居民\u3000甲", "居民甲"),
        ("居民甲\ufe00", "居民甲"),
        ("ANNA LEE", "Ａｎｎａ Ｌｅｅ"),
        ("居民○一", "居民〇一"),
        ("\uf900", "\u8c48"),
        ("\u2f00", "\u4e00"),
    ],
)
def test_width_case_spaces_and_compatibility_forms_do_not_matter(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("居民甲", "居民乙"), ("居民一", "居民二"), ("居民甲·乙", "居民甲乙")])
def test_other_names_stay_other_names(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_a_folded_name_folds_to_itself() -> None:
    names = ["居民甲・乙", "\ue863○", "Ａnna  Lee", "ﬁ\u2f00"]

    assert [fold(fold(name)) for name in names] == [fold(name) for name in names]
