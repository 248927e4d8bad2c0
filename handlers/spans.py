"""How long something has lasted, or since when, as people write it: "3 năm", "từ 05/2021"."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from knowledge.months import MONTHS_A_YEAR, add_months
from knowledge.rulesets import ABOUT
from knowledge.text import fold

FIRST_YEAR = 1900
CENTURY = 100
_NUMERALS = ("mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin", "muoi")
_COUNTS = {word: str(count) for count, word in enumerate(_NUMERALS, start=1)}
_COUNTED = re.compile(rf"\b({'|'.join(_COUNTS)})(?= (?:nam|thang)\b)")
_DECIMAL = re.compile(r"(\d{1,2})[.,](\d)\s*n[aă]m\b", re.IGNORECASE)
_FILLER = re.compile(
    r"\b(?:da|duoc|hon|khoang|gan|tam|chung|roi|nay|tro len|hoat dong|ban|lien tuc|a|ngay|dau|cuoi)"
    r"\b"
)
_SPAN = re.compile(r"(?:(\d{1,3}) ?nam)? ?(?:(\d{1,4}) ?thang)?")
_SINCE = re.compile(
    r"(?:tu )?(?:\d{1,2} (?=\d{1,2} \d{4}))?(?:thang )?(?:(\d{1,2}) )?(?:nam )?(\d{4})"
)
_DAY = re.compile(r"(?:tu )?(\d{1,2}) (?:thang )?(\d{1,2}) (?:nam )?(\d{4}|\d{2})")
_ISO = re.compile(r"(?:tu )?(\d{4}) (\d{1,2}) (\d{1,2})")
_MONTH = re.compile(r"(?:tu )?(?:giua )?(?:thang )?(\d{1,2}) (?:nam )?(\d{4})")
_YEAR = re.compile(r"(?:tu )?(?:giua )?(?:nam )?(\d{4})")


def began_on(typed: str, today: date) -> str | None:
    """The day something began, as ISO text; None if it cannot be read. It may lie after *today*.

    What is no whole date becomes the latest day it can mean, marked by `ABOUT`, so that no day
    counted from it is too early.
    """
    try:
        day = _date(_essence(typed), today) or _about_span(typed, today)
    except ValueError:  # 31/02, month 13: IllegalMonthError is a ValueError
        return None
    rough = typed.strip().startswith(ABOUT)
    return f"{ABOUT}{day}" if day and rough and not day.startswith(ABOUT) else day


def months_of(typed: str, today: date) -> int | None:
    """Months said as a count, as years and months, or as the month or year it began in."""
    decimal, said = _DECIMAL.search(typed), _essence(typed)
    if said == "chua":
        return 0
    since, span = _SINCE.fullmatch(said), _SPAN.fullmatch(said)
    if said.isdecimal() and len(said) <= 3:  # noqa: PLR2004 - a count of months, not a year
        return int(said)
    if since and int(since[2]) >= FIRST_YEAR and 1 <= int(since[1] or 1) <= MONTHS_A_YEAR:
        return (today.year - int(since[2])) * MONTHS_A_YEAR + today.month - int(since[1] or 1)
    if span and (span[1] or span[2]):
        part = round(int(decimal[2]) * MONTHS_A_YEAR / 10) if decimal else 0
        return int(span[1] or 0) * MONTHS_A_YEAR + int(span[2] or 0) + part
    return None


def _essence(typed: str) -> str:
    """What was typed, folded, without filler; counts as digits, a fraction of a year left out."""
    decimal = _DECIMAL.search(typed)
    said = fold(typed if decimal is None else typed.replace(decimal[0], f"{decimal[1]} năm"))
    said = re.sub(r"\bnua nam\b", "6 thang", said)
    said = re.sub(r"\bnam ruoi\b", "nam 6 thang", said)
    said = _COUNTED.sub(lambda word: _COUNTS[word[1]], said)
    return " ".join(_FILLER.sub(" ", said).split())


def _date(said: str, today: date) -> str | None:
    if found := _DAY.fullmatch(said):
        return _exact(int(found[3]), int(found[2]), int(found[1]), today)
    if found := _ISO.fullmatch(said):
        return _exact(int(found[1]), int(found[2]), int(found[3]), today)
    if found := _MONTH.fullmatch(said):
        month, year = int(found[1]), int(found[2])
        last = date(year, month, monthrange(year, month)[1])
        return _about(date(year, month, 1), last, today)
    if found := _YEAR.fullmatch(said):
        year = int(found[1])
        return _about(date(year, 1, 1), date(year, MONTHS_A_YEAR, 31), today)
    return None


def _exact(year: int, month: int, day: int, today: date) -> str:
    if year < CENTURY:
        century = today.year - today.year % CENTURY
        year += century if year <= today.year % CENTURY else century - CENTURY
    if year < FIRST_YEAR:
        raise ValueError(year)
    return date(year, month, day).isoformat()


def _about(first: date, last: date, today: date) -> str:
    """The last of these days, but not after today if the first is not."""
    if first.year < FIRST_YEAR:
        raise ValueError(first)
    day = min(last, today) if first <= today else last
    return f"{ABOUT}{day.isoformat()}"


def _about_span(typed: str, today: date) -> str | None:
    months = months_of(typed, today)
    if months is None:
        return None
    day = add_months(today, -months)
    return f"{ABOUT}{day.isoformat()}" if day.year >= FIRST_YEAR else None
