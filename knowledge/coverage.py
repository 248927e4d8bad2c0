"""How much of a question an entry's own words explain: the reason to doubt a good score.

A question about something else may share its most common words with an entry; what it does not
share then weighs most. Words that any question may hold weigh little, words that the knowledge
base never uses weigh most.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from knowledge.features import Floats, Ints, Words, concepts, function_weight

_OTHER_MARKS = 0.85
_BY_CONCEPT = 0.75
_IN_ANSWER = 0.4


@dataclass(frozen=True, slots=True)
class Support:
    """The words of one entry, each with the number of variants that use it."""

    folded: Mapping[str, int]
    accented: Mapping[str, int]
    concepts: Mapping[str, int]
    answer: frozenset[str]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What to act as never seen: one variant of *entry*, or all of it."""

    entry: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    entries: tuple[Support, ...]
    used_by: Mapping[str, int]

    @classmethod
    def build(
        cls, variants: Sequence[Iterable[Words]], answers: Sequence[Words | None]
    ) -> "Coverage":
        entries = []
        used_by: Counter[str] = Counter()
        for lines, answer in zip(variants, answers, strict=True):
            folded: Counter[str] = Counter()
            accented: Counter[str] = Counter()
            named: Counter[str] = Counter()
            for words in lines:
                folded.update(set(words.folded))
                accented.update(set(words.accented))
                named.update(set(concepts(words.folded)))
            used_by.update(folded.keys())
            said = frozenset(answer.folded if answer else ())
            entries.append(Support(dict(folded), dict(accented), dict(named), said))
        return cls(tuple(entries), dict(used_by))

    def users(self, word: str, left_out: LeftOut | None) -> int:
        users = self.used_by.get(word, 0)
        if left_out is not None:
            own = self.entries[left_out.entry].folded.get(word, 0)
            users -= own > 0 and (left_out.whole or own == 1)
        return users

    def weight(self, word: str, users: int) -> float:
        return (log((1 + len(self.entries)) / (1 + users)) + 0.5) * function_weight(word)

    def share(
        self,
        words: Words,
        trusts: Sequence[float],
        entry: int,
        left_out: LeftOut | None = None,
    ) -> tuple[float, float]:
        """Weigh the words that *entry* explains, and those known at all, against all words."""
        total = explained = known = 0.0
        for at, trust in enumerate(trusts):
            users = self.users(words.folded[at], left_out)
            weight = self.weight(words.folded[at], users)
            total += weight
            # A word that the knowledge base lacks is trusted as typed: a concept may explain it.
            explained += weight * (trust or 1.0) * self.explains(words, at, entry, left_out)
            known += weight * trust * (users > 0)
        return (explained / total, known / total) if total else (0.0, 0.0)

    def matched(self, words: Words, entry: int) -> tuple[str, ...]:
        own = self.entries[entry].folded
        pairs = zip(words.folded, words.accented, strict=True)
        return tuple(dict.fromkeys(typed for word, typed in pairs if word in own))

    def left_over(self, words: Words, entry: int) -> tuple[str, ...]:
        """Name the words of weight that *entry* has nothing to say about."""
        return tuple(
            dict.fromkeys(
                words.accented[at]
                for at, word in enumerate(words.folded)
                if function_weight(word) == 1 and not self.explains(words, at, entry, None)
            )
        )

    def explains(self, words: Words, at: int, entry: int, left_out: LeftOut | None) -> float:
        support = self.entries[entry]
        word = words.folded[at]
        gone = int(left_out is not None and left_out.entry == entry)
        if support.folded.get(word, 0) > gone:
            agrees = not words.marked or support.accented.get(words.accented[at], 0) > gone
            return 1.0 if agrees else _OTHER_MARKS
        if support.concepts.get(concepts((word,))[0], 0) > gone:
            return _BY_CONCEPT
        return _IN_ANSWER if word in support.answer else 0.0


class Explained:
    """`Coverage.share` for many entries at once: compiling asks it of every variant."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self._by_answer: dict[str, list[int]] = {}
        self._by_concept: dict[str, list[int]] = {}
        self._by_letters: dict[str, list[int]] = {}
        self._by_marks: dict[str, list[int]] = {}
        for at, support in enumerate(coverage.entries):
            for table, words in (
                (self._by_answer, support.answer),
                (self._by_concept, support.concepts),
                (self._by_letters, support.folded),
                (self._by_marks, support.accented),
            ):
                for word in words:
                    table.setdefault(word, []).append(at)
        self._columns: dict[tuple[str, str, bool], Floats] = {}

    def shares(self, words: Words, entries: Ints, left_out: LeftOut) -> tuple[Floats, float]:
        """Give what each of *entries* explains of fully trusted *words*, and what is known."""
        users = [self._coverage.users(word, left_out) for word in words.folded]
        weights = np.array(
            [self._coverage.weight(word, by) for word, by in zip(words.folded, users, strict=True)],
            np.float32,
        )
        columns = [self._column(words, at) for at in range(len(weights))]
        explained = weights @ np.stack([column[entries] for column in columns])
        own = np.flatnonzero(entries == left_out.entry)
        if own.size:
            own_words = [
                self._coverage.explains(words, at, left_out.entry, left_out)
                for at in range(len(weights))
            ]
            explained[own] = weights @ np.array(own_words, np.float32)
        total = float(weights.sum())
        return explained / total, float(weights @ (np.array(users) > 0)) / total

    def _column(self, words: Words, at: int) -> Floats:
        folded, accented, marked = words.folded[at], words.accented[at], words.marked
        key = (folded, accented, marked)
        if key not in self._columns:
            column = np.zeros(len(self._coverage.entries), np.float32)
            column[self._by_answer.get(folded, [])] = _IN_ANSWER
            column[self._by_concept.get(concepts((folded,))[0], [])] = _BY_CONCEPT
            column[self._by_letters.get(folded, [])] = _OTHER_MARKS if marked else 1
            if marked:
                column[self._by_marks.get(accented, [])] = 1
            self._columns[key] = column
        return self._columns[key]
