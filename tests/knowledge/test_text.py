import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.text import (
    DEFAULT_SHORTHAND,
    LIMIT,
    asked_years,
    clauses,
    clean,
    fold,
    has_accents,
    normalise,
    place_tone,
    split_tone,
    telex,
    vni,
)

TODAY = date(2026, 11, 20)
_SAMPLE = (
    "giải thưởng chất lượng quốc gia điều kiện hồ sơ nghị định được những quyền lợi đăng ký "
    "khoa học công nghệ nguồn gốc truy xuất mã vạch nhãn hiệu doanh nghiệp thuở ngoài khuya quý gì"
)
SYLLABLES = _SAMPLE.split()


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)

    assert normalise(once) == once


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text)

    assert fold(once) == once


@given(st.text())
def test_folding_goes_by_way_of_normalising(text: str) -> None:
    assert fold(normalise(text)) == fold(text)


@given(st.text(st.characters(categories=("L", "M", "Z", "C", "N")), max_size=600))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)

    assert clean(once) == once


@given(st.text(max_size=2000))
def test_a_cleaned_message_is_short_composed_and_visible(text: str) -> None:
    cleaned = clean(text)

    assert len(cleaned) <= LIMIT
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not [char for char in cleaned if unicodedata.category(char) in {"Cf", "Cs"}]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a" * 4096, "a"),
        ("chàoooooo ad", "chào ad"),
        ("www.gov.vn 2000000", "www.gov.vn 2000000"),
        ("hồ\u200b sơ\u202e   dự giải", "hồ sơ dự giải"),
        ("  một \n\n\n hai ", "một\nhai"),
        ("ho\u0302\u0300 so\u031b", "hồ sơ"),
        ("", ""),
    ],
)
def test_cleaning(typed: str, kept: str) -> None:
    assert clean(typed) == kept


def test_of_a_hundred_thousand_marks_four_remain() -> None:
    cleaned = clean("e" + "\u0301" * 100_000)

    assert len(unicodedata.normalize("NFD", cleaned)) <= 1 + 4


@pytest.mark.parametrize(
    ("typed", "agreed"),
    [
        ("đựơc", "được"),
        ("thửơng", "thưởng"),
        ("hoà", "hòa"),
        ("thuý", "thúy"),
        ("qúy", "quý"),
        ("toàn", "toàn"),
        ("khuỷu", "khuỷu"),
        ("giã", "giã"),
        ("café", "café"),
    ],
)
def test_a_tone_sits_on_one_agreed_vowel(typed: str, agreed: str) -> None:
    assert place_tone(typed) == agreed


def test_both_forms_of_a_question() -> None:
    assert normalise("  Điều-kiện (dự) GIẢI?! ") == "điều kiện dự giải"
    assert fold("Điều-kiện (dự) GIẢI?!") == "dieu kien du giai"
    assert has_accents("điều")
    assert has_accents("D\u0323a")
    assert not has_accents("dieu kien, ok?")


# Keystrokes ------------------------------------------------------------------------------------

_TONES = {"\u0300": "f2", "\u0301": "s1", "\u0303": "x4", "\u0309": "r3", "\u0323": "j5"}
_TELEX = {"ă": "aw", "â": "aa", "ê": "ee", "ô": "oo", "ơ": "ow", "ư": "uw", "đ": "dd"}
_VNI = {"ă": "a8", "â": "a6", "ê": "e6", "ô": "o6", "ơ": "o7", "ư": "u7", "đ": "d9"}


def keystrokes(syllable: str, shapes: dict[str, str], which: int) -> str:
    bare, tones = split_tone(syllable)
    typed = "".join(shapes.get(char, char) for char in bare)
    return typed + "".join(_TONES[tone][which] for tone in tones)


@pytest.mark.parametrize("syllable", SYLLABLES)
def test_telex_keystrokes_are_read_back(syllable: str) -> None:
    typed = keystrokes(syllable, _TELEX, 0)

    assert telex(typed) == (None if typed == syllable else syllable)


@pytest.mark.parametrize("syllable", SYLLABLES)
def test_vni_keystrokes_are_read_back(syllable: str) -> None:
    typed = keystrokes(syllable, _VNI, 1)

    assert vni(typed) == (None if typed == syllable else syllable)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("nafo", "nào"),
        ("casc", "các"),
        ("buwowsc", "bước"),
        ("thuongwr", "thưởng"),
        ("thuwowngr", "thưởng"),
        ("dangdw", "đăng"),
        ("tana", "tân"),
        ("nhw", "như"),
        ("hoafz", "hoa"),
        ("window", None),
        ("kit", None),
        ("xyz", None),
    ],
)
def test_telex_keys_count_wherever_they_stand(typed: str, read: str | None) -> None:
    assert telex(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [("thuong73", "thưởng"), ("d9a8ng", "đăng"), ("gia3i", "giải"), ("37", None), ("f0", None)],
)
def test_vni_keys_count_wherever_they_stand(typed: str, read: str | None) -> None:
    assert vni(typed) == read


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzăâđêôơư0123456789", max_size=40))
def test_whatever_is_read_is_one_composed_syllable(typed: str) -> None:
    for read in (telex(typed), vni(typed)):
        assert read is None or (read == normalise(read) and " " not in read)


def test_shorthand_keeps_its_readings_apart() -> None:
    assert DEFAULT_SHORTHAND["ko"] == ("không",)
    assert DEFAULT_SHORTHAND["đk"] == ("đăng ký", "điều kiện")
    assert DEFAULT_SHORTHAND["gtclqg"] == ("giải thưởng chất lượng quốc gia",)
    assert {"thông tư", "thủ tục"} <= set(DEFAULT_SHORTHAND["tt"])
    assert all(" " not in normalise(typed) for typed in DEFAULT_SHORTHAND)


# Years -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("hạn nộp năm 2024", (2024,)),
        ("han nop 2027?", (2027,)),
        ("giai đoạn 2024-2025", (2024, 2025)),
        ("năm 25 hạn nào", (2025,)),
        ("ngày 31/5/2026", (2026,)),
        ("tháng 5/2026", (2026,)),
        ("Nghị định 37/2026/NĐ-CP", ()),
        ("thông tư 27/2019", ()),
        ("nghị định 132/2008/NĐ-CP năm 2018", (2018,)),
        ("ISO 9001:2015", ()),
        ("công ty có 2000 người", ()),
        ("phí 2000 đồng", ()),
        ("mã 2.001269", ()),
        ("năm ngoái với năm nay", (2025, 2026)),
        ("nam sau", (2027,)),
        ("năm tới, năm 2027", (2027,)),
        ("hồ sơ gồm gì", ()),
    ],
)
def test_the_years_a_question_speaks_of(text: str, years: tuple[int, ...]) -> None:
    assert asked_years(text, TODAY) == years


def test_last_year_means_nothing_without_a_day() -> None:
    assert asked_years("năm ngoái") == ()


# Clauses ---------------------------------------------------------------------------------------


def test_a_message_is_cut_where_a_second_question_may_begin() -> None:
    assert clauses("hồ sơ cần gì và hạn nộp ngày nào?") == ("hồ sơ cần gì", "hạn nộp ngày nào")
    assert clauses("phí bao nhiêu, nộp ở đâu") == ("phí bao nhiêu", "nộp ở đâu")
    assert clauses("thủ tục 2.001269 còn không") == ("thủ tục 2.001269", "không")
    assert clauses("tiêu chí?") == ("tiêu chí",)
    assert clauses("?!…") == ()
