from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from re import _constants as names  # type: ignore[attr-defined]  # only they tell how a
from re import _parser as parser  # type: ignore[attr-defined]  # pattern was understood
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.store import masking
from bot.store.masking import mask

MAXREPEAT: Final = int(names.MAXREPEAT)
LONGEST_RETRIED: Final = 12  # letters, the number of a Telegram token
LONGEST_PART: Final = 64  # letters, what stands before the @ of an address


class Repeat(NamedTuple):
    """One repetition of a pattern: how often at most, and whether it gives back what it took."""

    most: int
    kept: bool
    last: bool  # nothing is looked for after it


def repeats(pattern: re.Pattern[str]) -> Iterator[Repeat]:
    return _repeats(parser.parse(pattern.pattern, pattern.flags), last=True)


def _repeats(parts: Sequence[tuple[Any, Any]], *, last: bool) -> Iterator[Repeat]:
    for number, (what, how) in enumerate(parts, start=1):
        ends = last and number == len(parts)
        if what in {names.MAX_REPEAT, names.MIN_REPEAT, names.POSSESSIVE_REPEAT}:
            least, most, inner = how
            yield Repeat(int(most), kept=what == names.POSSESSIVE_REPEAT, last=ends)
            yield from _repeats(inner, last=ends and least <= 1)
        elif what == names.SUBPATTERN:
            yield from _repeats(how[-1], last=ends)
        elif what == names.BRANCH:
            for branch in how[1]:
                yield from _repeats(branch, last=ends)
        else:
            assert what in {names.LITERAL, names.IN, names.ASSERT_NOT, names.AT}, what


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
    "pattern",
    [masking._TOKEN, masking._EMAIL, masking._DIGITS, masking._YEARS],  # the rule is about them all
    ids=lambda pattern: pattern.pattern,
)
def test_hostile_text_takes_linear_time(pattern: re.Pattern[str]) -> None:
    """From each letter, a search reads a bounded number of letters or finds what it looks for.

    What is repeated long is never given back, so nothing is tried twice; and what is repeated
    without end is the last thing that is looked for, so that it cannot have been read in vain.
    """
    for repeat in repeats(pattern):
        assert repeat.kept or repeat.most <= LONGEST_RETRIED
        assert repeat.last or repeat.most <= LONGEST_PART


def test_a_repetition_that_may_be_tried_again_is_seen() -> None:
    assert list(repeats(re.compile(r"a{2,}(?:bc*+){8}"))) == [
        Repeat(MAXREPEAT, kept=False, last=False),
        Repeat(8, kept=False, last=True),
        Repeat(MAXREPEAT, kept=True, last=False),
    ]
