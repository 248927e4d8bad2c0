"""Vietnamese text as people type it: cleaning, folding, years, clauses, keystrokes left raw.

Everything here is a pure function of its arguments and bounded by the length of its input; a
reading of a word may be wrong, so whoever reads decides (`repair`) by what the knowledge base says.
"""

import re
import unicodedata
from datetime import date
from functools import lru_cache
from itertools import pairwise

from knowledge.shorthand import DEFAULT_SHORTHAND

__all__ = [
    "DEFAULT_SHORTHAND",
    "LIMIT",
    "asked_years",
    "clauses",
    "clean",
    "fold",
    "has_accents",
    "normalise",
    "place_tone",
    "split_tone",
    "telex",
    "vni",
]

LIMIT = 256
_RAW_LIMIT = 4096
_MARKS_A_LETTER = 4

_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_VOWELS = frozenset("aăâeêioôơuưy")
_SHAPED = frozenset("ăâêôơư")
_VOWEL_GROUPS = (
    "a ă â e ê i o ô ơ u ư y ai ao au ay âu ây eo êu ia iu iê iêu oa oă oai oay oe oeo oi oo ôi ơi "
    "ua uâ uây ue uê ui uơ uô uôi uy uya uyê uyu ưa ưi ưu ươ ươi ươu yê yêu"
)
_GROUPS = frozenset(_VOWEL_GROUPS.split())
_RUN = re.compile(r"([^\W\d_])\1{3,}", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")
_APOSTROPHE = re.compile(r"(?<=[a-z])['’](?=(?:s|t|d|m|re|ll|ve)\b)")
_WORD = re.compile(r"[^\W_]+")
_UNIT = re.compile(r"(?<=\d\d)(?=đ\b)")  # "600đ" are two words, as "600 điểm" are


def clean(text: str) -> str:
    """Keep the readable start of a message: at most `LIMIT` characters, NFC, no tricks.

    Marks are counted before NFC, whose cost grows with their number squared.
    """
    kept: list[str] = []
    marks = 0
    for char in text[:_RAW_LIMIT]:
        kind = unicodedata.category(char)
        if kind[0] == "M":
            marks += 1
            if marks > _MARKS_A_LETTER or not kept:
                continue
        elif char in "\n\t\r\v\f\u2028\u2029":
            char, marks = "\n" if char != "\t" else " ", 0  # noqa: PLW2901 - one pass, one name
        elif kind in {"Cf", "Cc", "Cs"}:
            continue
        else:
            marks = 0
        kept.append(char)
    flat = unicodedata.normalize("NFC", "".join(kept))
    flat = _LINES.sub("\n", _SPACES.sub(" ", flat))
    return _RUN.sub(r"\1", flat).strip()[:LIMIT].strip()


def normalise(text: str) -> str:
    """Lower-case words with their accents, one space between; a tone sits on one agreed vowel."""
    composed = _UNIT.sub(" ", unicodedata.normalize("NFC", text.lower()))
    composed = _APOSTROPHE.sub("", composed)
    return " ".join(place_tone(word) for word in _WORD.findall(composed))


def fold(text: str) -> str:
    """`normalise` without any mark, đ as d."""
    return " ".join(_WORD.findall(_strip(normalise(text))))


def has_accents(text: str) -> bool:
    """Tell whether the writer used Vietnamese marks at all."""
    letters = unicodedata.normalize("NFD", text[:_RAW_LIMIT])
    return any(char in "đĐ" or unicodedata.category(char)[0] == "M" for char in letters)


def _strip(text: str) -> str:
    flat = unicodedata.normalize("NFD", text).replace("đ", "d")
    return "".join(char for char in flat if unicodedata.category(char)[0] != "M").lower()


# Syllables -------------------------------------------------------------------------------------


@lru_cache(maxsize=8192)
def place_tone(word: str) -> str:
    """Move a syllable's tone to the vowel that carries it: ``đựơc`` is ``được``, ``hoà`` ``hòa``.

    What is no Vietnamese syllable with exactly one tone is returned as it was.
    """
    if word.isascii():
        return word
    bare, tones = split_tone(word)
    if len(tones) != 1:
        return word
    return _with_tone(bare, tones[0]) or word


def split_tone(word: str) -> tuple[str, list[str]]:
    """Take the tone marks off *word*, leaving the marks that make ă, â, ê, ô, ơ and ư."""
    letters = unicodedata.normalize("NFD", word)
    tones = [char for char in letters if char in _TONES]
    bare = "".join(char for char in letters if char not in _TONES)
    return unicodedata.normalize("NFC", bare), tones


def _with_tone(bare: str, tone: str) -> str:
    """Put *tone* on the carrying vowel of *bare*; empty when it has no single vowel group."""
    spot = _carrier(bare)
    if spot is None:
        return ""
    return unicodedata.normalize("NFC", bare[: spot + 1] + tone + bare[spot + 1 :])


def _carrier(bare: str) -> int | None:
    spots = [at for at, char in enumerate(bare) if char in _VOWELS]
    glide = bare.startswith("qu") or (bare.startswith("gi") and len(spots) > 1)
    if glide and len(spots) > 1:
        spots = spots[1:]
    if not spots or any(right - left != 1 for left, right in pairwise(spots)):
        return None
    if bare[spots[0] : spots[-1] + 1] not in _GROUPS:
        return None
    shaped = [at for at in spots if bare[at] in _SHAPED]
    if shaped:
        return shaped[-1]
    if spots[-1] != len(bare) - 1:
        return spots[-1]
    return spots[0] if len(spots) < 3 else spots[1]  # noqa: PLR2004 - hòa, but ngoài


# Keystrokes ------------------------------------------------------------------------------------

_TELEX_TONES = {"f": "\u0300", "s": "\u0301", "x": "\u0303", "r": "\u0309", "j": "\u0323"}
_VNI_TONES = {"2": "\u0300", "1": "\u0301", "4": "\u0303", "3": "\u0309", "5": "\u0323"}
_HATS = {"a": "â", "e": "ê", "o": "ô"}
_HORNS = {"a": "ă", "o": "ơ", "u": "ư"}
_NUCLEUS = re.compile(
    r"(?:ngh|ch|gh|gi|kh|ng|nh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?[aăâeêioôơuưy]{1,3}"
    r"(?:ch|ng|nh|[cmnpt])?"
)


@lru_cache(maxsize=4096)
def telex(word: str) -> str | None:
    """Read *word* as raw Telex keystrokes; ``None`` when that gives no Vietnamese syllable.

    Tone and shape keys count wherever they stand after their vowel, as in common typing programs.
    """
    letters: list[str] = []
    tone = ""
    changed = False
    for char in word:
        voiced = any(letter in _VOWELS for letter in letters)
        if voiced and char in _TELEX_TONES:
            tone, changed = _TELEX_TONES[char], True
        elif tone and char == "z":
            tone, changed = "", True
        elif char == "w" or (char in _HATS and char in letters) or (char == "d" and "d" in letters):
            if not _shape(letters, char):
                letters.append(char)
                continue
            changed = True
        else:
            letters.append(char)
    return _syllable("".join(letters), tone) if changed else None


@lru_cache(maxsize=4096)
def vni(word: str) -> str | None:
    """Read *word* as raw VNI keystrokes (digits 0-9 after the letter or the syllable)."""
    if not any(char.isdigit() for char in word) or word[:1].isdigit():
        return None
    letters: list[str] = []
    tone = ""
    for char in word:
        if char in _VNI_TONES:
            tone = _VNI_TONES[char]
        elif char == "0":
            tone = ""
        elif char == "9":
            if not _shape(letters, "d"):
                return None
        elif char in "678":
            if not _shape_vni(letters, char):
                return None
        else:
            letters.append(char)
    return _syllable("".join(letters), tone)


def _shape(letters: list[str], key: str) -> bool:
    """Apply one Telex shape key to the letters before it; ``False`` when nothing takes it."""
    if key == "d":
        return _change(letters, {"d": "đ"})
    if key in _HATS:
        return _change(letters, {key: _HATS[key]})
    for left in range(len(letters) - 1):
        if letters[left] in "uư" and letters[left + 1] in "oơ" and "q" not in letters:
            letters[left : left + 2] = ["ư", "ơ"]
            return True
    if _change(letters, _HORNS):
        return True
    letters.append("ư")
    return True


def _shape_vni(letters: list[str], key: str) -> bool:
    if key == "6":
        return _change(letters, _HATS)
    if key == "8":
        return _change(letters, {"a": "ă"})
    for left in range(len(letters) - 1):
        if letters[left] in "uư" and letters[left + 1] == "o" and left + 2 < len(letters):
            letters[left : left + 2] = ["ư", "ơ"]
            return True
    return _change(letters, {"o": "ơ", "u": "ư"})


def _change(letters: list[str], table: dict[str, str]) -> bool:
    for at in range(len(letters) - 1, -1, -1):
        if letters[at] in table:
            letters[at] = table[letters[at]]
            return True
    return False


def _syllable(bare: str, tone: str) -> str | None:
    plain, tones = split_tone(bare)
    if not _NUCLEUS.fullmatch(plain):
        return None
    if plain.endswith("ươ"):  # no word ends so: one horn key was meant, as in thuở
        plain = plain[:-2] + "uơ"
    mark = tone or (tones[-1] if tones else "")
    return (_with_tone(plain, mark) or None) if mark else plain


# Years and clauses -----------------------------------------------------------------------------

_YEAR = r"(?:19[89]\d|20\d\d)"
_COUNTED = r"(?:dong|d|vnd|trieu|nghin|ngan|ty|k|diem|nguoi|doanh|lao|m2|kg|ban|bo|cai|suat|chiec)"
_YEARS = re.compile(
    rf"\b\d{{1,2}}[/.-]\d{{1,2}}[/.-](?P<dated>{_YEAR})\b"
    rf"|\b(?:thang|quy|t|ky|dot)\s*[\divx]{{1,3}}\s*[/.-]\s*(?P<monthly>{_YEAR})\b"
    rf"|(?<![\w/:.,-])(?P<plain>{_YEAR})(?:\s*[-–]\s*(?P<until>{_YEAR}))?"
    rf"(?![\w/:]|[.,]\d|\s*{_COUNTED}\b)"
    r"|\bnam\s+(?P<short>2[1-9]|3\d)\b(?!\s*(?:nguoi|tuoi|thang|ngay|diem|trieu|lao|%|/))"
    r"|\b(?P<said>nam (?:nay|ngoai|roi|qua|truoc|sau|toi|kia)|sang nam)\b"
)
_SAID = {"nam nay": 0, "nam kia": -2, "nam sau": 1, "nam toi": 1, "sang nam": 1}


def asked_years(text: str, today: date | None = None) -> tuple[int, ...]:
    """Name the years a question speaks of, in order, each once.

    "Năm ngoái", "năm sau" count only when *today* is given. The numbers of decrees
    (``37/2026/NĐ-CP``, ``27/2019``) and standards (``9001:2015``) are no years asked about.
    """
    plain = " ".join(_strip(unicodedata.normalize("NFC", text[:_RAW_LIMIT])).split())
    found: list[int] = []
    for match in _YEARS.finditer(plain):
        parts = match.groupdict()
        if said := parts.pop("said"):
            if today is not None:
                found.append(today.year + _SAID.get(said, -1))
            continue
        short = parts.pop("short")
        found += [2000 + int(short)] if short else [int(year) for year in parts.values() if year]
    return tuple(dict.fromkeys(found))


_SPLIT = re.compile(
    r"[?!;…\n]+|[.,](?!\d)"
    r"|\s(?:và|với lại|còn|rồi thì|rồi|ngoài ra|đồng thời|nhân tiện|tiện thể|thêm nữa|cho hỏi thêm"
    r"|va|voi lai|con|ngoai ra|dong thoi|and also|and|also)(?=\s)",
    re.IGNORECASE,
)


def clauses(text: str) -> tuple[str, ...]:
    """Cut a message where a second question may begin; a message without such a place is one."""
    pieces = (piece.strip() for piece in _SPLIT.split(text) if piece)
    return tuple(piece for piece in pieces if _WORD.search(piece))
