"""When two names are one enterprise's: the kind of enterprise, accents and short forms aside.

Measured on 46 pairs written for one enterprise and 45 of neighbours (the test has them): equal
words, one word more, or one slip in a word of four letters or more find 43 and propose 3. The best
threshold on a whole-name ratio found 35 and proposed 1, on a token set 42 and 5.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from knowledge.text import fold

_KIND: Final = re.compile(
    r"\b(?:cong t[yi]|c ?ty|ctcp|ctc|tnhh|trach nhiem huu han|mtv|(?:mot|1|hai|2) thanh vien"
    r"(?: tro len)?|co phan|cp|doanh nghiep|dntn|dn|tu nhan|hop tac xa|htx|ho kinh doanh|hkd|co so"
    r"|chi nhanh|va|co ltd|jsc|joint stock company|company limited|company)\b"
)
_SHORT: Final[Mapping[str, str]] = {
    "cn": "cong nghe",
    "dl": "du lich",
    "dt": "dau tu",
    "dv": "dich vu",
    "dvnn": "dich vu nong nghiep",
    "dvsxnn": "dich vu san xuat nong nghiep",
    "kd": "kinh doanh",
    "nn": "nong nghiep",
    "oto": "o to",
    "sx": "san xuat",
    "sxtm": "san xuat thuong mai",
    "tm": "thuong mai",
    "tmdv": "thuong mai dich vu",
    "tt": "trung tam",
    "tv": "tu van",
    "tw": "trung uong",
    "vlxd": "vat lieu xay dung",
    "xd": "xay dung",
    "xnk": "xuat nhap khau",
}
_ENOUGH: Final = 3  # words: of fewer, another order or one word more is another enterprise
_LETTERS: Final = 4  # of a word in which a slip is no other word


def core(name: str) -> str:
    """A name without accents and kind of enterprise, usual short forms written out."""
    return " ".join(_SHORT.get(word, word) for word in _KIND.sub(" ", fold(name)).split())


def near(one: str, other: str) -> bool:
    """Whether two cores that are not equal are still nearly the same."""
    first, second = _words(one), _words(other)
    if abs(len(first) - len(second)) > 1 or not first or not second:
        return False
    left, right = Counter(first), Counter(second)
    here, there = [*(left - right).elements()], [*(right - left).elements()]
    if len(here) + len(there) <= 1:
        return min(len(first), len(second)) >= _ENOUGH
    if len(here) == len(there) == 1 and len(first) > 1:
        slip = OSA.distance(here[0], there[0], score_cutoff=1) == 1
        return slip and min(len(here[0]), len(there[0])) >= _LETTERS
    return False


def keys(one: str) -> set[str]:
    """What two cores have in common that are nearly the same: all words, or all but one."""
    words = sorted(_words(one))
    shorter = (words[:at] + words[at + 1 :] for at in range(len(words))) if words[1:] else ()
    return {" ".join(each) for each in (words, *shorter)}


@lru_cache(maxsize=32_768)
def _words(one: str) -> Sequence[str]:
    return one.split()
