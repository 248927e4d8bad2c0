"""What people say beside a question: greetings, thanks, "cho em hỏi"; and how much is read at all.

A question must not be answered with "you are welcome" because thanks stood before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise, takewhile

READ = 640  # letters: of a longer message as much of the beginning and of the end
_SIDES = 2  # pieces at each end that may be courtesy
_WORDS = 9
_THANKS = r"(?:c[ảáa]m\s+[ơo]n|thanks?|thank\s+you|tks)\b"
_SELF = r"(?:(?:dạ|da|em|e|mình|minh|tôi|toi|tui|con|xin|và|va)\s+){0,3}"
_ASK = (
    r"(?:(?:(?:và|va)\s+)?cho\s+(?:(?:em|e|anh|chị|mình|minh|tôi|toi|tui|con)\s+)?(?:hỏi|hoi)"
    r"|(?:muốn|muon|cần|can|xin)\s+(?:hỏi|hoi|biết|biet))\b"
)
_CUT = re.compile(
    rf"(?<=[,.!?;…])\s+|(?<=[,!?;…])(?=[^\W\d_])|\n+|(?P<space>\s?)\b(?:{_ASK}|{_SELF}{_THANKS})",
    re.IGNORECASE,
)


def readable(text: str) -> str:
    """The beginning and the end of *text*, where the question of a long message stands."""
    if len(text) <= READ:
        return text
    return f"{text[: READ // 2]} {text[-READ // 2 :]}"


def without_courtesy(text: str, is_courtesy: Callable[[str], bool]) -> str:
    """*text* without what only is polite before and after it; courtesy alone comes back whole."""
    cuts = (cut.end("space" if cut["space"] is not None else 0) for cut in _CUT.finditer(text))
    ends = [0, *cuts, len(text)]
    pieces = [piece for piece in pairwise(ends) if any(map(str.isalnum, text[slice(*piece)]))]

    def polite(piece: tuple[int, int]) -> bool:
        words = text[slice(*piece)].strip()
        return len(words.split()) <= _WORDS and is_courtesy(words)

    before = sum(1 for _ in takewhile(polite, pieces[:-1][:_SIDES]))
    rest = pieces[before:]
    after = sum(1 for _ in takewhile(polite, rest[:0:-1][:_SIDES]))
    rest = rest[: len(rest) - after]
    if len(rest) == len(pieces) or (len(rest) == 1 and polite(rest[0])):
        return text
    return text[rest[0][0] : rest[-1][1]].strip()
