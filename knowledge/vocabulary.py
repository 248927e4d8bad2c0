"""The words of a knowledge base and which of them stand side by side: all the context there is."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from knowledge.features import Words, fold_word, function_words
from knowledge.syllables import is_syllable, sound

SHORTEST = 2
# A neighbour asks for a word when it stands beside it in at least this share of its uses.
_LIKELY = 0.6
_ACCENTED = 0.1  # of the words: names and loans


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of the knowledge base: how often, with which marks, beside which."""

    folded: Mapping[str, int]
    accented: Mapping[str, int]
    pairs: Mapping[tuple[str, str], int]
    marks: Mapping[str, tuple[str, ...]]
    sounds: Mapping[str, tuple[str, ...]]
    listed: tuple[str, ...]
    foreign: bool
    """Whether the knowledge base is in a language without accents or Vietnamese syllables."""

    @classmethod
    def build(cls, texts: Iterable[Words]) -> "Vocabulary":
        accented: Counter[str] = Counter()
        pairs: Counter[tuple[str, str]] = Counter()
        for words in texts:
            accented.update(words.accented)
            pairs.update(pairwise(words.folded))
            pairs.update(pair for pair in pairwise(words.accented) if not "".join(pair).isascii())
        return cls.of(accented, pairs)

    @classmethod
    def of(cls, accented: Mapping[str, int], pairs: Mapping[tuple[str, str], int]) -> "Vocabulary":
        folded: Counter[str] = Counter()
        marks: dict[str, list[str]] = {}
        for word, count in accented.items():
            folded[fold_word(word)] += count
            marks.setdefault(fold_word(word), []).append(word)
        sounds: dict[str, list[str]] = {}
        for word in folded:
            sounds.setdefault(sound(word), []).append(word)
        listed = dict.fromkeys((*folded, *function_words()))
        return cls(
            dict(folded),
            dict(accented),
            dict(pairs),
            {word: tuple(forms) for word, forms in marks.items()},
            {key: tuple(forms) for key, forms in sounds.items()},
            tuple(word for word in listed if len(word) >= SHORTEST and not word.isdigit()),
            _is_foreign(accented),
        )

    def knows(self, words: Iterable[str]) -> bool:
        return all(word in self.accented or word in self.folded for word in words)

    def fits(self, before: str, word: str, after: str) -> bool:
        """Tell whether the neighbours ask for *word*: both have stood beside it, or one mostly."""
        left, right = self.pairs.get((before, word), 0), self.pairs.get((word, after), 0)
        if left and right:
            return True
        count = self.accented if not (before + word + after).isascii() else self.folded
        return left >= _LIKELY * count.get(before, left + 1) > 0 or (
            right >= _LIKELY * count.get(after, right + 1) > 0
        )


def _is_foreign(words: Mapping[str, int]) -> bool:
    total = sum(words.values())
    if sum(count for word, count in words.items() if not word.isascii()) > _ACCENTED * total:
        return False
    strange = sum(count for word, count in words.items() if not is_syllable(word))
    return 2 * strange > total
