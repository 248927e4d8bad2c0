"""How long something has lasted, or since when, as people write it: "3 năm", "từ 05/2021"."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, timedelta

from knowledge.months import MONTHS_A_YEAR, add_months
from knowledge.rulesets import ABOUT
from knowledge.text import fold

FIRST_YEAR = 1900
CENTURY = 100
_NUMERALS = ("mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin", "muoi")
_COUNTS = {word: str(count) for count, word in enumerate(_NUMERALS, start=1)}
_COUNT = "|".join(_COUNTS)
# "sau nam 2023" is after it and "tam nam 2023" about it: before a year no word counts,
_COUNTED = re.compile(rf"\b({_COUNT})(?= (?:nam|thang)\b(?! \d{{4}}\b))")
# but "thang ba nam 2023" is a month.
_NAMED_MONTH = re.compile(rf"\bthang ({_COUNT}|tu)(?= (?:nam )?\d{{4}}\b)")
# Folded, these sound like another word: "sau" like the count "sáu", "cỡ" like "có".
_SOUNDING = {"tầm": "khoảng", "cỡ": "khoảng", "sau": "kể từ sau", "có": ""}
_SOUNDS = re.compile(rf"\b(?:{'|'.join(_SOUNDING)})\b")
_YEARS_AGO = {"nam nay": 0, "nam ngoai": 1, "nam truoc": 1, "nam kia": 2}
# "3 nam nay" and "3 nam truoc" are a span, "thang 3 nam nay" is a month of this year.
_NO_SPAN = r"(?:(?<!\d )|(?<=thang \d )|(?<=thang \d\d ))"
_NAMED = re.compile(rf"\b(?:{_NO_SPAN}nam (?:nay|truoc)|nam (?:ngoai|kia))\b(?!\s\d)")
_DECIMAL = re.compile(r"(\d{1,2})[.,](\d)\s*n[aă]m\b(?!\s*\d{4})", re.IGNORECASE)
_ROUGH = re.compile(r"\b(?:khoang|tam|co|chung|uoc|do)\b")
_FILLER = re.compile(
    r"\b(?:da|duoc|hon|roi|nay|tro len|tro lai day|hoat dong|thanh lap|mo ban|ra mat|ban|cach day"
    r"|lien tuc|lap|vao|luc|hoi|bat dau|cty|cong ty|ben em|ben toi|em|toi|moi|thoi|den|a|ngay)\b"
)
_SPAN = re.compile(r"(?:tu )?(?:(\d{1,3}) ?nam)? ?(?:(\d{1,4}) ?thang)?(?: (?:ve )?truoc)?")
_SINCE = re.compile(
    r"(?:tu )?(?:(?:dau|giua|cuoi) )?(?:\d{1,2} (?=\d{1,2} \d{4}))?(?:thang )?(?:(\d{1,2}) )?"
    r"(?:nam )?(\d{4})"
)
_DAY = re.compile(r"(?:tu )?(\d{1,2}) (?:thang )?(\d{1,2}) (?:nam )?(\d{4}|\d{2})")
_ISO = re.compile(r"(?:tu )?(?:nam )?(\d{4}) (?:thang )?(\d{1,2}) (\d{1,2})")
_MONTH = re.compile(r"(?:tu )?(?:(?:dau|giua|cuoi) )?(?:thang )?(\d{1,2}) (?:nam )?(\d{4})")
_YEAR_FIRST = re.compile(r"(?:tu )?(?:nam )?(\d{4}) (?:thang )?(\d{1,2})")
_YEAR = re.compile(r"(?:tu )?(?:(dau|giua|cuoi) )?(?:nam )?(\d{4})")
_BEFORE = re.compile(r"(?:tu )?truoc (?:thang )?(?:(\d{1,2}) )?(?:nam )?(\d{4})")
_LAST_MONTH = {"dau": 6, "giua": 9}  # the latest that a part of a year can mean


def began_on(typed: str, today: date) -> str | None:
    """The day something began, as ISO text; None if it cannot be read. It may lie after *today*.

    What is no whole date becomes the latest day it can mean, marked by `ABOUT`, so that no day
    counted from it is too early. "About 3 years" has no such day, nor has "after 2023".
    """
    said = _essence(typed, today)
    plain = " ".join(_ROUGH.sub(" ", said).split())
    try:
        day = _date(plain, today) or (_about_span(said, typed, today) if said == plain else None)
    except ValueError:  # 31/02, month 13: IllegalMonthError is a ValueError
        return None
    rough = typed.strip().startswith(ABOUT) or said != plain
    return f"{ABOUT}{day}" if day and rough and not day.startswith(ABOUT) else day


def months_of(typed: str, today: date) -> int | None:
    """Months said as a count, as years and months, or as the month or year it began in."""
    said = " ".join(_ROUGH.sub(" ", _essence(typed, today)).split())
    since = _SINCE.fullmatch(said)
    if since and int(since[2]) >= FIRST_YEAR and 1 <= int(since[1] or 1) <= MONTHS_A_YEAR:
        return (today.year - int(since[2])) * MONTHS_A_YEAR + today.month - int(since[1] or 1)
    return _counted(said, typed)


def year_named(said: str, today: date) -> str:
    """Folded words with "last year" and its like as a number."""
    return _NAMED.sub(lambda words: str(today.year - _YEARS_AGO[words[0]]), said)


def _essence(typed: str, today: date) -> str:
    """What was typed, folded, without filler; counts as digits, a fraction of a year left out."""
    decimal = _DECIMAL.search(typed)
    whole = typed if decimal is None else typed.replace(decimal[0], f"{decimal[1]} năm")
    accented = unicodedata.normalize("NFC", whole).lower()
    if not accented.isascii():
        accented = _SOUNDS.sub(lambda word: _SOUNDING[word[0]], accented)
    said = re.sub(r"\bnua nam\b", "6 thang", fold(accented))
    said = re.sub(r"\bnam ruoi\b", "nam 6 thang", said)
    said = _COUNTED.sub(lambda word: _COUNTS[word[1]], said)
    said = year_named(said, today)
    said = _NAMED_MONTH.sub(lambda word: f"thang {_COUNTS.get(word[1], '4')}", said)
    return " ".join(_FILLER.sub(" ", said).split())


def _counted(said: str, typed: str) -> int | None:
    """The months of a count, with the fraction of a year that was typed."""
    decimal, span = _DECIMAL.search(typed), _SPAN.fullmatch(said)
    if said == "chua":
        return 0
    if said.isdecimal() and len(said) <= 3:  # noqa: PLR2004 - a count of months, not a year
        return int(said)
    if span and (span[1] or span[2]):
        part = round(int(decimal[2]) * MONTHS_A_YEAR / 10) if decimal else 0
        return int(span[1] or 0) * MONTHS_A_YEAR + int(span[2] or 0) + part
    return None


def _date(said: str, today: date) -> str | None:
    if found := _DAY.fullmatch(said):
        return _exact(int(found[3]), int(found[2]), int(found[1]), today)
    if found := _ISO.fullmatch(said):
        return _exact(int(found[1]), int(found[2]), int(found[3]), today)
    if found := _MONTH.fullmatch(said):
        return _about(int(found[2]), int(found[1]), int(found[1]), today)
    if found := _YEAR_FIRST.fullmatch(said):
        return _about(int(found[1]), int(found[2]), int(found[2]), today)
    if found := _YEAR.fullmatch(said):
        return _about(int(found[2]), 1, _LAST_MONTH.get(found[1], MONTHS_A_YEAR), today)
    if found := _BEFORE.fullmatch(said):
        eve = date(int(found[2]), int(found[1] or 1), 1) - timedelta(days=1)
        return _about(eve.year, eve.month, eve.month, today)
    return None


def _exact(year: int, month: int, day: int, today: date) -> str:
    if year < CENTURY:
        century = today.year - today.year % CENTURY
        year += century if year <= today.year % CENTURY else century - CENTURY
    if year < FIRST_YEAR:
        raise ValueError(year)
    return date(year, month, day).isoformat()


def _about(year: int, first_month: int, last_month: int, today: date) -> str:
    """The last day of these months, but not after today if their first is not."""
    if year < FIRST_YEAR:
        raise ValueError(year)
    first = date(year, first_month, 1)
    last = date(year, last_month, monthrange(year, last_month)[1])
    day = min(last, today) if first <= today else last
    return f"{ABOUT}{day.isoformat()}"


def _about_span(said: str, typed: str, today: date) -> str | None:
    months = _counted(said, typed)
    if months is None:
        return None
    day = add_months(today, -months)
    return f"{ABOUT}{day.isoformat()}" if day.year >= FIRST_YEAR else None
