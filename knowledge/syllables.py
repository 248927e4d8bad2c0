"""What a Vietnamese syllable can look and sound like, marks or not.

A word that is none is surely a slip of the keys; a word that is one may be meant as it stands.
"""

from functools import lru_cache

from knowledge.text import fold, split_tone

_ONSETS = (
    "ngh", "ng", "nh", "ch", "gh", "gi", "kh", "ph", "qu", "th", "tr",
    *"bcdđghklmnpqrstvx", "",
)  # fmt: skip
_CLOSED = {
    "ch ng nh c m n p t": "a oa",
    "ng c m n p t": "ă oă â uâ e oe o ô u ư iê yê uyê uô ươ",
    "ch nh m n p t": "ê uê i uy",
    "m n p t": "ơ",
    "ng c": "oo",
}
_OPEN = (
    "a e ê i o ô ơ u ư y ia ua ưa oa oe uê uy uơ uya "
    "ai ao au ay âu ây eo êu iu iêu yêu oi ôi ơi ui uôi ưi ưu ươi ươu oai oay oeo uây uyu uâ"
)
_STOPS = ("c", "ch", "p", "t")
_STOP_TONES = ("\u0301", "\u0323")


def _rimes() -> frozenset[str]:
    closed = (
        vowel + final
        for finals, vowels in _CLOSED.items()
        for vowel in vowels.split()
        for final in finals.split()
    )
    return frozenset((*closed, *_OPEN.split()))


_RIMES = _rimes()
_BARE_RIMES = frozenset(fold(rime) for rime in _RIMES)

_HEARD_ONSETS = (
    ("ngh", "ng"), ("gh", "g"), ("tr", "ch"), ("gi", "d"), ("r", "d"), ("v", "d"), ("z", "d"),
    ("j", "d"),
    ("x", "s"), ("c", "k"), ("n", "l"), ("ph", "f"),
)  # fmt: skip
_HEARD_FINALS = (("ng", "n"), ("nh", "n"), ("ch", "t"), ("c", "t"), ("y", "i"))


@lru_cache(maxsize=8192)
def is_syllable(word: str) -> bool:
    """Tell whether *word*, lower-case, could be Vietnamese, fully marked or not marked at all."""
    bare, tones = split_tone(word)
    if len(tones) > 1:
        return False
    if tones and bare.endswith(_STOPS) and tones[0] not in _STOP_TONES:
        return False
    rimes = _BARE_RIMES if word.isascii() else _RIMES
    return any(bare.startswith(onset) and bare[len(onset) :] in rimes for onset in _ONSETS)


def sound(folded: str) -> str:
    """Spell a folded syllable as it is heard where s and x, ch and tr, n and ng fall together."""
    for written, heard in _HEARD_ONSETS:
        if folded.startswith(written) and folded != written:
            folded = heard + folded[len(written) :]
            break
    for written, heard in _HEARD_FINALS:
        if folded.endswith(written):
            return folded[: -len(written)] + heard
    return folded
