"""Hide what identifies a person in free text, before it is stored or logged.

Rather too much than too little, and in linear time whatever the text: every repetition below is
bounded or cannot fail late. Dates and runs of years stay, or questions could not be read any more.
"""

from __future__ import annotations

import re
from typing import Final

PHONE: Final = "[phone]"
EMAIL: Final = "[email]"
NUMBER: Final = "[number]"
TOKEN: Final = "[token]"  # noqa: S105 - what stands in its place

# 24 letters and digits in one piece are no word; Telegram's tokens have a number and a colon first.
_TOKEN: Final = re.compile(r"(?<![\w-])(?:\d{6,12}:)?[A-Za-z0-9_-]{24,}+", re.ASCII)
_EMAIL: Final = re.compile(r"[\w.+%'-]{1,64}+@[\w-]{1,63}+(?:\.[\w-]{1,63}+){1,8}+")
# Nine digits or more, up to three separators between each two: 0912.345.678, +84 (0) 912 345 678
_DIGITS: Final = re.compile(r"\+?\(?\d(?:[\s.()–—‑-]{0,3}+\d){8,}+")
_YEARS: Final = re.compile(r"(?:(?:19|20)\d\d(?:\D++|$))++")
_PHONE: Final = re.compile(r"\+?(?:84|0)0?\d{8,10}")


def mask(text: str) -> str:
    """Replace phone numbers, mail addresses, tax codes, long numbers and tokens. Idempotent."""
    return _DIGITS.sub(_digits, _EMAIL.sub(EMAIL, _TOKEN.sub(_token, text)))


def _token(found: re.Match[str]) -> str:
    text = found[0]
    looks_random = any(map(str.isdigit, text)) and any(map(str.isalpha, text))
    return TOKEN if looks_random else text


def _digits(found: re.Match[str]) -> str:
    text = found[0]
    if _YEARS.fullmatch(text):
        return text
    bare = re.sub(r"[^\d+]", "", text)
    return PHONE if _PHONE.fullmatch(bare) else NUMBER
