"""What people type into a form, and how it is stored: one form, whatever way it was written."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum.vn import mst

from handlers.fields import Bad, Read, Reading, read, takes_digit
from knowledge.asking import GROUP, RESULT
from knowledge.clock import VIETNAM
from knowledge.entries import Field, Knowledge, Option
from knowledge.forms import KINDS

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=VIETNAM)
OPTIONS = (Option("gold", "Giải Vàng"), Option("silver", "Giải Bạc"), Option("iso", "ISO, HACCP"))
DEGREES = (Option("0", "Chưa có"), Option("1", "Đang làm"), Option("2", "Làm tốt"))
TYPED = [kind for kind in KINDS if kind not in {GROUP, RESULT}]  # the others are never asked
SHARED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def field(kind: str, *, least: int | None = None, most: int | None = None) -> Field:
    options = OPTIONS if kind in {"choice", "choices"} else DEGREES if kind == "scale" else ()
    return Field("x", kind, "X", "X?", options=options, least=least, most=most)


def of(kind: str, typed: str, knowledge: Knowledge) -> Reading:
    return read(field(kind), typed, knowledge, NOW)


@SHARED
@given(
    st.sampled_from(TYPED),
    st.text(max_size=300) | st.text("0123456789 +-.,/()năm thg", max_size=40),
)
def test_no_text_breaks_a_reader_and_every_complaint_can_be_said(
    shipped: Knowledge, kind: str, typed: str
) -> None:
    found = of(kind, typed, shipped)

    if isinstance(found, Bad):
        assert shipped.say(found.phrase, **found.values)


@SHARED
@given(st.sampled_from(TYPED), st.text(max_size=60))
def test_what_was_read_is_read_again_as_itself(shipped: Knowledge, kind: str, typed: str) -> None:
    found = of(kind, typed, shipped)

    if isinstance(found, Read) and isinstance(found.value, str | int):
        again = of(kind, str(found.value), shipped)
        assert isinstance(again, Read)
        assert again.value == found.value


# No @example of the property: hypothesis spells out its arguments for each, the knowledge included.
@pytest.mark.parametrize(("kind", "typed"), [("text", "A\x00\u0301"), ("person", "ß/ı\u0301")])
def test_what_once_was_read_otherwise_is_read_again_as_itself(
    shipped: Knowledge, kind: str, typed: str
) -> None:
    found = of(kind, typed, shipped)

    assert isinstance(found, Read)
    assert of(kind, str(found.value), shipped) == found


def test_a_space_that_was_pasted_from_a_document_parts_words(shipped: Knowledge) -> None:
    assert of("text", "Công ty\xa0An\u2009Hòa", shipped) == Read("Công ty An Hòa")


@SHARED
@given(st.integers(0, 999_999_999), st.sampled_from(["{}", "MST: {}", "{} ", "mst {}"]))
def test_a_tax_code_is_stored_in_one_form(shipped: Knowledge, number: int, written: str) -> None:
    nine = f"{number:09}"
    code = (
        next(f"{nine}{digit}" for digit in range(10) if mst.is_valid(f"{nine}{digit}"))
        if any(mst.is_valid(f"{nine}{digit}") for digit in range(10))
        else ""
    )
    if code:
        spaced = f"{code[:4]} {code[4:7]}.{code[7:]}"
        assert of("tax_code", written.format(spaced), shipped) == Read(code)


@pytest.mark.parametrize(
    ("typed", "phrase"),
    [
        ("0101243151", "bad.tax_check"),
        ("010124315", "bad.tax_length"),
        ("0101243150-000", "bad.tax_branch"),
        ("chưa có", "bad.tax_letters"),
        ("", "bad.tax_letters"),
    ],
)
def test_a_wrong_tax_code_is_told_what_is_wrong_with_it(
    shipped: Knowledge, typed: str, phrase: str
) -> None:
    found = of("tax_code", typed, shipped)

    assert isinstance(found, Bad)
    assert found.phrase == phrase


@pytest.mark.parametrize(
    ("typed", "value"),
    [("0101243150 001", "0101243150-001"), ("001234567890", "001234567890")],
)
def test_branches_and_households_have_codes_too(shipped: Knowledge, typed: str, value: str) -> None:
    assert of("tax_code", typed, shipped) == Read(value)


@pytest.mark.parametrize(
    "typed",
    [
        "0912345678",
        "0912 345 678",
        "0912.345.678",
        "+84 912 345 678",
        "84912345678",
        "+84(0)912345678",
        "SĐT: 0912345678",
        "Zalo 0912 345 678 (Lan)",
        "0912345678 hoặc 0912.345.678",
    ],
)
def test_a_phone_number_is_stored_in_one_form(shipped: Knowledge, typed: str) -> None:
    assert of("phone", typed, shipped) == Read("+84912345678")


def test_two_phone_numbers_are_offered_to_choose_from(shipped: Knowledge) -> None:
    found = of("phone", "0912345678 / 0236 3822822", shipped)

    assert found == Bad("bad.phone_several", {}, ("0912 345 678", "0236 3822 822"))


@pytest.mark.parametrize("typed", ["091234567", "12", "abc", "0165 234 5678", "9" * 60])
def test_what_no_vietnamese_line_can_have_is_no_phone_number(
    shipped: Knowledge, typed: str
) -> None:
    assert of("phone", typed, shipped) == Bad("bad.phone")


@pytest.mark.parametrize("typed", ["+1 650 253 0000", "WhatsApp: +1 (650) 253-0000"])
def test_a_number_of_another_country_is_told_so(shipped: Knowledge, typed: str) -> None:
    assert of("phone", typed, shipped) == Bad("bad.phone_abroad")


def test_of_two_numbers_the_one_of_this_country_is_taken(shipped: Knowledge) -> None:
    assert of("phone", "+1 650 253 0000 / 0912 345 678", shipped) == Read("+84912345678")


@pytest.mark.parametrize("kind", ["months", "since"])
@pytest.mark.parametrize("typed", ["-5", "- 5 tháng", "−5"])
def test_no_span_of_time_is_below_nothing(shipped: Knowledge, kind: str, typed: str) -> None:
    assert of(kind, typed, shipped) == Bad("bad.minus")


@pytest.mark.parametrize(
    ("typed", "months"),
    [
        ("40", 40),
        ("40 tháng", 40),
        ("36 tháng trở lên", 36),
        ("3 năm", 36),
        ("3 năm rưỡi", 42),
        ("3 nam ruoi", 42),
        ("3,5 năm", 42),
        ("hai năm 4 tháng", 28),
        ("nửa năm", 6),
        ("hơn 5 năm rồi ạ", 60),
        ("từ 05/2021", 66),
        ("05-2021", 66),
        ("01/05/2021", 66),
        ("tháng 5 năm 2021", 66),
        ("từ năm 2019", 94),
        ("2019", 94),
        ("chưa bán", 0),
        ("0 tháng", 0),
    ],
)
def test_a_span_of_time_is_read_as_people_say_it(
    shipped: Knowledge, typed: str, months: int
) -> None:
    assert of("months", typed, shipped) == Read(months)


@pytest.mark.parametrize(
    ("typed", "phrase"),
    [
        ("lâu rồi", "bad.months"),
        ("13/2020", "bad.months"),
        ("12/2030", "bad.months_future"),
        ("999 năm", "bad.months_range"),
    ],
)
def test_a_span_that_cannot_be_is_explained(shipped: Knowledge, typed: str, phrase: str) -> None:
    found = of("months", typed, shipped)

    assert isinstance(found, Bad)
    assert found.phrase == phrase


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("15/03/2024", "2024-03-15"),
        ("15.3.24", "2024-03-15"),
        ("15-3-98", "1998-03-15"),
        ("2024-03-15", "2024-03-15"),
        ("ngày 15 tháng 3 năm 2024", "2024-03-15"),
        ("từ 03/2024", "~2024-03-31"),
        ("hoạt động từ tháng 5/2021", "~2021-05-31"),
        ("đầu năm 2023", "~2023-06-30"),
        ("từ giữa 2022", "~2022-09-30"),
        ("cuối năm ngoái", "~2025-12-31"),
        ("cuối tháng 3 năm ngoái", "~2025-03-31"),
        ("tháng 3 năm nay", "~2026-03-31"),
        ("năm 2023 tháng 12", "~2023-12-31"),
        ("2023-11", "~2023-11-30"),
        ("tháng ba năm 2023", "~2023-03-31"),
        ("2026", "~2026-11-20"),
        ("tầm năm 2023", "~2023-12-31"),
        ("tam nam 2023", "~2023-12-31"),
        ("khoảng năm 2023", "~2023-12-31"),
        ("cỡ năm 2023", "~2023-12-31"),
        ("co nam 2023", "~2023-12-31"),
        ("khoảng 15/03/2024", "~2024-03-15"),
        ("trước 2020", "~2019-12-31"),
        ("trước năm 2020", "~2019-12-31"),
        ("truoc 05/2021", "~2021-04-30"),
        ("3 năm nay", "~2023-11-20"),
        ("ba năm nay", "~2023-11-20"),
        ("năm năm nay", "~2021-11-20"),
        ("3 năm trước", "~2023-11-20"),
        ("cách đây 3 năm", "~2023-11-20"),
        ("18 tháng trước", "~2025-05-20"),
        ("hơn 2 năm", "~2024-11-20"),
        ("được 3 năm rồi", "~2023-11-20"),
        ("sáu năm", "~2020-11-20"),
        ("tám năm", "~2018-11-20"),
        ("30", "~2024-05-20"),
        ("3 năm 2 tháng", "~2023-09-20"),
        ("hơn 3 năm rồi", "~2023-11-20"),
        ("3,5 năm", "~2023-05-20"),
    ],
)
def test_since_when_is_stored_as_the_latest_day_it_can_mean(
    shipped: Knowledge, typed: str, stored: str
) -> None:
    found = of("since", typed, shipped)

    assert isinstance(found, Read)
    assert found.value == stored


@pytest.mark.parametrize(
    ("typed", "phrase"),
    [
        ("lâu rồi", "bad.since"),
        ("31/02/2024", "bad.since"),
        ("13/2024", "bad.since"),
        ("15/03/1024", "bad.since"),
        ("500 năm", "bad.since"),
        ("gần 3 năm", "bad.since"),
        ("gan 3 nam", "bad.since"),
        ("chưa tới 3 năm", "bad.since"),
        ("tầm 3 năm", "bad.since"),
        ("khoảng 3 năm", "bad.since"),
        ("cỡ 36 tháng", "bad.since"),
        ("sau năm 2023", "bad.since"),
        ("sau nam 2023", "bad.since"),
        ("sau 05/2021", "bad.since"),
        ("2-3 năm", "bad.since"),
        ("3 năm nữa", "bad.since"),
        ("tháng 2023", "bad.since"),
        ("1/1/2027", "bad.since_future"),
        ("12/2027", "bad.since_future"),
    ],
)
def test_a_beginning_that_cannot_be_is_explained(
    shipped: Knowledge, typed: str, phrase: str
) -> None:
    assert of("since", typed, shipped) == Bad(phrase)


def test_what_has_not_begun_counts_from_today_and_is_told_so(shipped: Knowledge) -> None:
    told = shipped.say("form.note_from_today")

    assert of("since", "chưa bán", shipped) == Read("~2026-11-20", told)


@pytest.mark.parametrize(
    ("typed", "understood"),
    [("3 năm nay", "khoảng 20/11/2023"), ("15-3-98", "15/03/1998"), ("2025", "khoảng 31/12/2025")],
)
def test_the_day_that_was_understood_is_said_back(
    shipped: Knowledge, typed: str, understood: str
) -> None:
    found = of("since", typed, shipped)

    assert isinstance(found, Read)
    assert found.note.startswith(f"Tôi ghi là từ {understood}.")


@SHARED
@given(
    st.integers(1, 60),
    st.sampled_from(["{} năm nay", "{} năm trước", "cách đây {} năm", "hơn {} nam", "đã {} năm"]),
)
def test_so_many_years_are_so_many_years_whatever_stands_around_them(
    shipped: Knowledge, years: int, written: str
) -> None:
    found = of("since", written.format(years), shipped)

    assert isinstance(found, Read)
    assert found.value == f"~{2026 - years}-11-20"


@SHARED
@given(st.integers(2000, 2025), st.sampled_from(["gần", "sau", "gan", "từ sau", "chưa đến"]))
def test_what_is_only_near_or_after_a_year_is_asked_again(
    shipped: Knowledge, year: int, near: str
) -> None:
    for written in (f"{near} năm {year}", f"{near} {year}", f"{near} nam {year}"):
        assert of("since", written, shipped) == Bad("bad.since"), written


@pytest.mark.parametrize("typed", ["gần 40 tháng", "gan 3 nam", "sau năm 2023"])
def test_months_are_not_guessed_either(shipped: Knowledge, typed: str) -> None:
    assert of("months", typed, shipped) == Bad("bad.months")


@pytest.mark.parametrize("typed", ["3 năm trước", "3 năm nay"])
def test_a_span_is_no_year(shipped: Knowledge, typed: str) -> None:
    found = of("year", typed, shipped)

    assert isinstance(found, Bad)
    assert found.phrase == "bad.year"


@pytest.mark.parametrize(("typed", "degree"), [("0", 0), ("2", 2), ("Chưa có", 0), ("lam tot", 2)])
def test_a_degree_is_its_number_or_its_name(shipped: Knowledge, typed: str, degree: int) -> None:
    assert of("scale", typed, shipped) == Read(degree)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("da nang", "Đà Nẵng"),
        ("TP. Đà Nẵng", "Đà Nẵng"),
        ("Quảng Nam", "Đà Nẵng"),
        ("tỉnh Quảng Nam", "Đà Nẵng"),
        ("Sài Gòn", "Thành phố Hồ Chí Minh"),
        ("hcm", "Thành phố Hồ Chí Minh"),
    ],
)
def test_a_province_is_known_by_its_names_of_before_the_merger_too(
    shipped: Knowledge, typed: str, name: str
) -> None:
    found = of("province", typed, shipped)

    assert isinstance(found, Read)
    assert found.value == name


@pytest.mark.parametrize(
    "typed", ["huyện Hòa Vang", "Quận 1", "quan 1", "thị xã Điện Bàn", "thi tran Ha Lam"]
)
def test_a_district_is_no_commune(shipped: Knowledge, typed: str) -> None:
    assert of("commune", typed, shipped) == Bad("bad.commune_district")


@pytest.mark.parametrize("typed", ["không biết", "Em không rõ ạ", "chưa nhớ", "ko biet"])
def test_not_knowing_the_commune_is_no_commune(shipped: Knowledge, typed: str) -> None:
    assert of("commune", typed, shipped) == Bad("bad.commune_unsure")


@pytest.mark.parametrize("typed", ["Quan Sơn", "Phường 1", "Đặc khu Lý Sơn", "quan son"])
def test_a_commune_may_sound_like_a_district(shipped: Knowledge, typed: str) -> None:
    assert of("commune", typed, shipped) == Read(typed)


@pytest.mark.parametrize("typed", ["TPHCM", "hcm", "TP. HCM", "Daklak", "Đăk Lăk", "Hồ Chí Minh"])
def test_a_province_s_own_name_shortened_is_no_place_that_went_into_it(
    shipped: Knowledge, typed: str
) -> None:
    found = of("province", typed, shipped)

    assert isinstance(found, Read)
    assert found.note == ""


@pytest.mark.parametrize("typed", ["Quảng Nam", "Sài Gòn", "Bình Định", "Hà Nam"])
def test_a_place_that_went_into_a_province_is_told_where_it_is_now(
    shipped: Knowledge, typed: str
) -> None:
    found = of("province", typed, shipped)

    assert isinstance(found, Read)
    assert found.note == f"{typed} nay thuộc {found.value}."


@pytest.mark.parametrize("typed", ["1-3", " 1 – 3 ", "1-3, 2"])
def test_what_may_be_two_numbers_or_all_between_is_asked_again(
    shipped: Knowledge, typed: str
) -> None:
    assert of("choices", typed, shipped) == Bad("bad.choices_span", {"first": "1", "last": "3"})


@pytest.mark.parametrize("typed", ["1-2", "1 - 2"])
def test_two_neighbours_are_the_same_either_way(shipped: Knowledge, typed: str) -> None:
    assert of("choices", typed, shipped) == Read(["gold", "silver"])


@pytest.mark.parametrize("typed", ["1,3", "3 và 1", "1 3", "iso, haccp", "Giải Vàng; 3"])
def test_several_programmes_are_chosen_at_once(shipped: Knowledge, typed: str) -> None:
    found = of("choices", typed, shipped)

    assert isinstance(found, Read)
    assert found.value in (["gold", "iso"], ["iso"])


def test_a_number_that_may_be_the_value_is_never_a_choice(shipped: Knowledge) -> None:
    for kind in TYPED:
        if kind not in {"choice", "choices"}:
            one = field(kind, least=2 if kind == "text" else None)
            assert takes_digit(one) == isinstance(read(one, "1", shipped, NOW), Read), kind
