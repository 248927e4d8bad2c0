from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.operations.periods import Period, read_period

TODAY = date(2026, 11, 20)  # a Friday


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("", "2026-10-22", "2026-11-20"),
        ("hôm qua", "2026-11-19", "2026-11-19"),
        ("tuần này", "2026-11-16", "2026-11-22"),
        ("tuan truoc", "2026-11-09", "2026-11-15"),
        ("Tháng này", "2026-11-01", "2026-11-30"),
        ("tháng trước", "2026-10-01", "2026-10-31"),
        ("tháng 2", "2026-02-01", "2026-02-28"),
        ("tháng 12", "2025-12-01", "2025-12-31"),
        ("tháng 12/2026", "2026-12-01", "2026-12-31"),
        ("quý này", "2026-10-01", "2026-12-31"),
        ("quý 3/2025", "2025-07-01", "2025-09-30"),
        ("năm 2025", "2025-01-01", "2025-12-31"),
        ("năm ngoái", "2025-01-01", "2025-12-31"),
        ("1/10-15/11", "2026-10-01", "2026-11-15"),
        ("từ 20/12/2025 đến 05/01/2026", "2025-12-20", "2026-01-05"),
        ("5/11", "2026-11-05", "2026-11-05"),
        ("từ 1/9 đến 30/9", "2026-09-01", "2026-09-30"),
        ("từ 1/11 đến 30/11", "2026-11-01", "2026-11-30"),
        ("từ 20/12 đến 5/1", "2025-12-20", "2026-01-05"),
        ("từ 1/9 đến nay", "2026-09-01", "2026-11-20"),
        ("từ tháng 7 đến tháng 9", "2026-07-01", "2026-09-30"),
        ("từ đầu năm đến nay", "2026-01-01", "2026-11-20"),
        ("tuần vừa rồi", "2026-11-09", "2026-11-15"),
        ("7 ngày qua", "2026-11-14", "2026-11-20"),
        ("quý trước", "2026-07-01", "2026-09-30"),
        ("quý III/2026", "2026-07-01", "2026-09-30"),
        ("tháng 9 năm 2025", "2025-09-01", "2025-09-30"),
    ],
)
def test_a_period_is_read_as_people_name_it(words: str, first: str, last: str) -> None:
    assert read_period(words, TODAY) == Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "words",
    ["lúc nào đó", "tháng 13", "quý 5", "31/2", "5/11-1/11", "năm 0", "đến nay", "từ 1/9 đến mai"],
)
def test_what_names_no_period_is_none(words: str) -> None:
    assert read_period(words, TODAY) is None


@given(st.text(max_size=40), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_no_words_break_it(words: str, today: date) -> None:
    found = read_period(words, today)
    assert found is None or found.first <= found.last


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_quarters_and_months_follow_each_other_without_a_gap(day: date) -> None:
    for words in ("tháng này", "quý này", "tuần này"):
        found = read_period(words, day)
        assert found is not None
        assert found.first <= day <= found.last
        after = read_period(words, found.last + timedelta(days=1))
        assert after is not None
        assert after.first == found.last + timedelta(days=1)
