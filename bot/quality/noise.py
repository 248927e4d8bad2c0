"""Questions as they arrive from hasty thumbs: eight ways of spoiling a text, each repeatable.

The tables are written for measuring and are not the engine's own (`knowledge.shorthand`): half of
what people shorten here is in no table of ours.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from knowledge.text import has_accents, normalise, split_tone

Noise = Callable[[str, random.Random], str]


def _spellings(table: str) -> Mapping[str, Sequence[str]]:
    """Read ``phrase: spelling spelling | phrase: …``."""
    parts = (part.partition(":") for part in table.replace("\n", "|").split("|") if part.strip())
    return {phrase.strip(): spellings.split() for phrase, _, spellings in parts}


_NEIGHBOURS: Final = _spellings("""
    a: q s z | b: v g n | c: x v d | d: s f e | e: w r d | g: f h t | h: g j n | i: u o k | k: j l m
    l: k o | m: n k | n: b m | o: i p l | p: o l | q: w a | r: e t f | s: a d w | t: r y g
    u: y i j | v: c b f | x: z c s | y: t u
""")
_TONE_KEYS: Final = {"\u0300": "f2", "\u0301": "s1", "\u0303": "x4", "\u0309": "r3", "\u0323": "j5"}
_SHAPE_KEYS: Final = _spellings("""
    â: aa a6 | ê: ee e6 | ô: oo o6 | ă: aw a8 | ơ: ow o7 | ư: uw u7 | đ: dd d9
""")
_LEFT: Final = 0.5  # of the accented words keep the keys that were meant to make them
_TEEN_SAID: Final = 0.8
_TEENCODE: Final = _spellings("""
    không: k ko hok hong | được: dc đc đx | gì: j ji | vậy: z zậy | rồi: r rùi | biết: bít bik
    như thế nào: ntn | thế nào: tnào | bao nhiêu: bn bnh | bao giờ: bjo | làm sao: lsao
    mình: mk mik | muốn: mún | với: vs zới | cũng: cx | nhiều: nhìu | trước: trc | tôi: t tui
    em: e iem | người: ng ngừi | vào: zô | luôn: lun | chưa: chx | giờ: h | những: nhữg | về: zề
    làm: lm | mới: ms | việc: vc | thôi: thui | quá: wá | có: cóa | bạn: b | nước: nc | phải: fải
    phí: fí | phiếu: fiếu
""")
_ABBREVIATIONS: Final = _spellings("""
    đăng ký: đk dk | điều kiện: đk đkiện | hồ sơ: hs | điện thoại: đt | số điện thoại: sđt
    doanh nghiệp: dn | công ty: cty | thông tin: ttin tt | hợp tác xã: htx | giấy tờ: gtờ
    giấy chứng nhận: gcn | thời gian: tg tgian | địa chỉ: đchỉ đc | thủ tục: tt ttục
    giải thưởng: gt | chất lượng: cl | quốc gia: qg | nghị định: nđ | thông tư: tt | liên hệ: lh
    hỗ trợ: ht | yêu cầu: yc | quy định: qđ | kết quả: kq | chương trình: ctr | sản phẩm: sp
    tiêu chuẩn: tc | đánh giá: đg | thành phố: tp | khoa học: kh | nhãn hiệu: nh | năng suất: ns
    công nghệ: cn | học phí: hp | tài khoản: tk | ngân hàng: nhàng | học bổng: hb | bảo hiểm: bh
    bác sĩ: bs | giao dịch: gd
""")


def no_diacritics(text: str, _dice: random.Random) -> str:
    """Take every mark off; letter case and punctuation stay."""
    letters = unicodedata.normalize("NFD", text).replace("đ", "d").replace("Đ", "D")
    return "".join(char for char in letters if unicodedata.category(char) != "Mn")


def one_typo(text: str, dice: random.Random) -> str:
    """Swap, drop, double or miss one letter."""
    text = unicodedata.normalize("NFC", text)
    spots = [at for at, char in enumerate(text) if char.isalpha()]
    if not spots:
        return text
    at = dice.choice(spots)
    bare = no_diacritics(text[at], dice).lower()
    wrong = {
        "swapped": text[at + 1 : at + 2] + text[at],
        "dropped": text[at + 1 : at + 2],
        "doubled": text[at] * 2 + text[at + 1 : at + 2],
        "missed": dice.choice(_NEIGHBOURS.get(bare, ["a"])) + text[at + 1 : at + 2],
    }
    return text[:at] + wrong[dice.choice(sorted(wrong))] + text[at + 2 :]


def two_typos(text: str, dice: random.Random) -> str:
    """Two slips, perhaps in one word."""
    return one_typo(one_typo(text, dice), dice)


def bare_typo(text: str, dice: random.Random) -> str:
    """No diacritics and a slip."""
    return one_typo(no_diacritics(text, dice), dice)


def telex(text: str, dice: random.Random) -> str:
    """Leave the Telex keys of half the accented words as they were pressed."""
    return _left(text, dice, 0)


def vni(text: str, dice: random.Random) -> str:
    """Leave the VNI keys of half the accented words as they were pressed."""
    return _left(text, dice, 1)


def teencode(text: str, dice: random.Random) -> str:
    """Write most of the words that have a chat spelling in it."""
    return _replaced(text, _TEENCODE, dice, _TEEN_SAID)


def abbreviations(text: str, dice: random.Random) -> str:
    """Shorten every phrase that offices shorten."""
    return _replaced(text, _ABBREVIATIONS, dice, 1.0)


NOISES: Final[Mapping[str, Noise]] = {
    "no-diacritics": no_diacritics,
    "typo1": one_typo,
    "typo2": two_typos,
    "no-diacritics-typo": bare_typo,
    "telex": telex,
    "vni": vni,
    "teencode": teencode,
    "abbreviations": abbreviations,
}


def spoil(text: str, noise: str, seed: int) -> str:
    """Spoil *text*; equal text, noise and seed give the same, whatever was spoilt before."""
    dice = random.Random(f"{noise}:{seed}:{text}")  # noqa: S311 - repeatable is the point
    return NOISES[noise](text, dice)


def _left(text: str, dice: random.Random, method: int) -> str:
    words = unicodedata.normalize("NFC", text).split()
    return " ".join(
        _keys(word.lower(), method) if has_accents(word) and dice.random() < _LEFT else word
        for word in words
    )


def _keys(word: str, method: int) -> str:
    """The keys that type *word*: shapes where they stand, the tone at the end of the letters."""
    bare, tones = split_tone(word)
    pressed = "".join(_SHAPE_KEYS.get(char, (char, char))[method] for char in bare)
    end = len(pressed.rstrip(".,?!:;)…"))
    tone = _TONE_KEYS[tones[0]][method] if tones else ""
    return pressed[:end] + tone + pressed[end:]


def _replaced(
    text: str, table: Mapping[str, Sequence[str]], dice: random.Random, likelihood: float
) -> str:
    spoilt = f" {normalise(text)} "
    for phrase in sorted(table, key=len, reverse=True):
        if f" {phrase} " in spoilt and dice.random() < likelihood:
            spoilt = spoilt.replace(f" {phrase} ", f" {dice.choice(table[phrase])} ")
    return spoilt.strip()
