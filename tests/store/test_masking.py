from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.store.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("gọi 0912345678 nhé", "gọi [phone] nhé"),
        ("gọi 0912 345 678 nhé", "gọi [phone] nhé"),
        ("0912.345.678", "[phone]"),
        ("+84 912-345-678", "[phone]"),
        ("+84 (0) 912 345 678", "[phone]"),
        ("máy bàn (0236) 3822 123.", "máy bàn [phone]."),
        ("thư lan.nguyen+a@dai-phat.com.vn, cảm ơn", "thư [email], cảm ơn"),
        ("mã số thuế 4001234567-001", "mã số thuế [number]"),
        ("căn cước 048190001234", "căn cước [number]"),
        ("123456789:AAH-abcdefghijklmnopqrstuvwxyz01234", "[token]"),
        ("khoá sk_live_4f9a8b7c6d5e4f3a2b1c0d9e", "khoá [token]"),
    ],
)
def test_what_identifies_is_hidden(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "hạn nộp 31/12/2026 hay 15.07.2026",
        "giai đoạn 2021-2025, 2026-2030",
        "các năm 2024 2025 2026 thì sao",
        "Nghị định 37/2026/NĐ-CP, TCVN ISO 9001:2015",
        "doanh nghiệp 120 lao động, vốn 3 tỷ",
        "nghiêngnghiêngnghiêngnghiêng",
        "gửi tới @sokhcn",
    ],
)
def test_what_a_question_is_about_stays(text: str) -> None:
    assert mask(text) == text


@given(st.text(alphabet="0123456789 .-()+@ab:_é/", max_size=80))
def test_masking_twice_masks_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize(
    "part",
    ["1", "1 ", "1.", "12345678 ", "a", "a@", "a.", "@a", "a@b.", "a-", "+", "(1) ", "2024 ", "1-"],
)
def test_hostile_text_takes_linear_time(part: str) -> None:
    def took(length: int) -> float:
        text = (part * length)[:length] + "!"
        best = 9.0
        for _ in range(3):
            start = time.perf_counter()
            mask(text)
            best = min(best, time.perf_counter() - start)
        return best

    assert took(80_000) < max(0.1, 40 * took(8_000))
