"""How much of a question an entry's own words explain: the reason to doubt a good score.

A question about something else may share its most common words with an entry; what it does not
share then weighs most. Words that any question may hold weigh little, words that the knowledge
base never uses weigh most.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from knowledge.features import Floats, Ints, Words, concept, function_weight

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

    def explains(self, word: str, marked: str, named: str, *, gone: bool = False) -> float:
        """Tell how well the entry explains *word*, typed as *marked*, for what is *named*.

        With *gone*, what a single variant alone says does not count.
        """
        if self.folded.get(word, 0) > gone:
            agrees = not marked or self.accented.get(marked, 0) > gone
            return 1.0 if agrees else _OTHER_MARKS
        if self.concepts.get(named, 0) > gone:
            return _BY_CONCEPT
        return _IN_ANSWER if word in self.answer else 0.0


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
        cls,
        variants: Sequence[Iterable[tuple[Words, Collection[str]]]],
        answers: Sequence[Words | None],
    ) -> "Coverage":
        """Of each entry take its variants, with what they name, and its answer."""
        entries = []
        used_by: Counter[str] = Counter()
        for lines, answer in zip(variants, answers, strict=True):
            folded: Counter[str] = Counter()
            accented: Counter[str] = Counter()
            named: Counter[str] = Counter()
            for words, concepts in lines:
                folded.update(set(words.folded))
                accented.update(set(words.accented))
                named.update(set(concepts))
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

    def shares(
        self,
        words: Words,
        trusts: Sequence[float],
        entries: Iterable[int],
        left_out: LeftOut | None = None,
    ) -> list[tuple[float, float]]:
        """For each of *entries* weigh the words that it explains, and those known, against all."""
        weights = []
        total = known = 0.0
        for word, trust in zip(words.folded, trusts, strict=True):
            users = self.users(word, left_out)
            weight = self.weight(word, users)
            total += weight
            known += weight * trust * (users > 0)
            # A word that the knowledge base lacks is trusted as typed: a concept may explain it.
            weights.append(weight * (trust or 1.0))
        parts = list(zip(weights, _judged(words), strict=True))
        found = []
        for entry in entries if total else ():
            support = self.entries[entry]
            gone = left_out is not None and left_out.entry == entry
            explained = sum(w * support.explains(*word, gone=gone) for w, word in parts)
            found.append((explained / total, known / total))
        return found or [(0.0, 0.0) for _ in entries]

    def matched(self, words: Words, entry: int) -> tuple[str, ...]:
        own = self.entries[entry].folded
        pairs = zip(words.folded, words.accented, strict=True)
        return tuple(dict.fromkeys(typed for word, typed in pairs if word in own))

    def left_over(self, words: Words, entry: int) -> tuple[str, ...]:
        """Name the words of weight that *entry* has nothing to say about."""
        return tuple(
            dict.fromkeys(
                typed
                for typed, word in zip(words.accented, _judged(words), strict=True)
                if function_weight(word[0]) == 1 and not self.entries[entry].explains(*word)
            )
        )


def _judged(words: Words) -> list[tuple[str, str, str]]:
    """Each word as `Support.explains` wants it; where nothing is marked, no marks can disagree."""
    marked = words.accented if words.marked else ("",) * len(words.folded)
    return list(zip(words.folded, marked, map(concept, words.folded), strict=True))


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
        self._weights: dict[tuple[str, int], float] = {}
        self._met: tuple[Words, Floats] | None = None

    def shares(self, words: Words, entries: Ints, left_out: LeftOut) -> tuple[Floats, float]:
        """Give what each of *entries* explains of fully trusted *words*, and what is known."""
        users, weights = self._weigh(words, left_out)
        explained = weights @ self._table(words)[:, entries]
        own = np.flatnonzero(entries == left_out.entry)
        if own.size:
            support = self._coverage.entries[left_out.entry]
            own_words = [support.explains(*word, gone=True) for word in _judged(words)]
            explained[own] = weights @ np.array(own_words, np.float32)
        total = float(weights.sum())
        return explained / total, float(weights @ (np.array(users) > 0)) / total

    def _weigh(self, words: Words, left_out: LeftOut) -> tuple[list[int], Floats]:
        """`Coverage.users` and `Coverage.weight` of every word, each worked out once."""
        used_by, own = self._coverage.used_by, self._coverage.entries[left_out.entry].folded
        users = []
        weights = []
        for word in words.folded:
            mine = own.get(word, 0)
            by = used_by.get(word, 0) - (mine > 0 and (left_out.whole or mine == 1))
            weight = self._weights.get((word, by))
            if weight is None:
                weight = self._weights[word, by] = self._coverage.weight(word, by)
            users.append(by)
            weights.append(weight)
        return users, np.array(weights, np.float32)

    def _table(self, words: Words) -> Floats:
        """Words by entries: how well each is explained. A question is asked about twice running."""
        if self._met is None or self._met[0] is not words:
            columns = [self._column(words, at) for at in range(len(words.folded))]
            self._met = (words, np.array(columns))
        return self._met[1]

    def _column(self, words: Words, at: int) -> Floats:
        folded, accented, marked = words.folded[at], words.accented[at], words.marked
        key = (folded, accented, marked)
        if key not in self._columns:
            column = np.zeros(len(self._coverage.entries), np.float32)
            column[self._by_answer.get(folded, [])] = _IN_ANSWER
            column[self._by_concept.get(concept(folded), [])] = _BY_CONCEPT
            column[self._by_letters.get(folded, [])] = _OTHER_MARKS if marked else 1
            if marked:
                column[self._by_marks.get(accented, [])] = 1
            self._columns[key] = column
        return self._columns[key]
