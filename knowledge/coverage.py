"""How much of a question an entry's own words explain: the reason to doubt a good score.

A question about something else may share its most common words with an entry; what it does not
share then weighs most. Words that any question may hold weigh little, words that the knowledge
base never uses weigh most.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

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
                folded.update(dict.fromkeys(words.folded).keys())
                accented.update(dict.fromkeys(words.accented).keys())
                named.update(dict.fromkeys(concepts).keys())
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
        """Weigh *word* by how few entries use it, less steeply than the kernel does.

        The rarest word of a question is often just its topic, which it shares with its neighbours.
        """
        return sqrt(log((1 + len(self.entries)) / (1 + users)) + 0.5) * function_weight(word)

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
    """`Coverage.shares` of all variants at once, each fully trusted, with itself or more left out.

    *asked* are the variants, none without words, in step with their *owners*.
    """

    def __init__(self, coverage: Coverage, asked: Sequence[Words], owners: Sequence[int]) -> None:
        self._coverage = coverage
        lengths = [len(words.folded) for words in asked]
        self._owners = np.array(owners, np.intp)
        self._rows = np.repeat(np.arange(len(asked)), lengths)
        self._starts = np.cumsum([0, *lengths])[: len(asked)]
        numbers: dict[tuple[str, str, str], int] = {}
        words = [word for each in asked for word in _judged(each)]
        self._spots = np.array([numbers.setdefault(word, len(numbers)) for word in words], np.intp)
        self._table = self._explained(numbers)
        owned = list(zip(words, self._owners[self._rows].tolist(), strict=True))
        own = [coverage.entries[at].explains(*word, gone=True) for word, at in owned]
        self._own = np.array(own, np.float32)
        self._users = {
            whole: np.array([coverage.users(word[0], LeftOut(at, whole)) for word, at in owned])
            for whole in (False, True)
        }
        self._words = [word[0] for word in words]

    def _explained(self, words: Collection[tuple[str, str, str]]) -> Floats:
        """How well each of *words* is explained by every entry."""
        by_answer: dict[str, list[int]] = {}
        by_concept: dict[str, list[int]] = {}
        by_letters: dict[str, list[int]] = {}
        by_marks: dict[str, list[int]] = {}
        for at, support in enumerate(self._coverage.entries):
            for held, its in (
                (by_answer, support.answer),
                (by_concept, support.concepts),
                (by_letters, support.folded),
                (by_marks, support.accented),
            ):
                for word in its:
                    held.setdefault(word, []).append(at)
        table = np.zeros((len(words), len(self._coverage.entries)), np.float32)
        for row, (folded, marked, named) in zip(table, words, strict=True):
            row[by_answer.get(folded, [])] = _IN_ANSWER
            row[by_concept.get(named, [])] = _BY_CONCEPT
            row[by_letters.get(folded, [])] = _OTHER_MARKS if marked else 1
            row[by_marks.get(marked, [])] = 1
        return table

    def shares(self, entries: Ints, *, whole: bool) -> tuple[Floats, Floats]:
        """Give what each of *entries*, a row a variant, explains of it, and what is known of it.

        Left out is the variant, or with *whole* all of its entry.
        """
        users = self._users[whole]
        weigh = dict.fromkeys(zip(self._words, users.tolist(), strict=True), 0.0)
        for word, by in weigh:
            weigh[word, by] = self._coverage.weight(word, by)
        each = zip(self._words, users.tolist(), strict=True)
        weights = np.array([weigh[pair] for pair in each], np.float32)
        theirs = entries[self._rows]
        explained = self._table[self._spots[:, None], theirs]
        mine = theirs == self._owners[self._rows][:, None]
        explained = np.where(mine, self._own[:, None], explained)
        totals = self._added(weights)
        shares: Floats = self._added(explained * weights[:, None]) / totals[:, None]
        return shares, self._added(weights * (users > 0)) / totals

    def _added(self, values: Floats) -> Floats:
        """Add up what belongs to the words of each variant."""
        added: Floats = np.add.reduceat(values, self._starts) if values.size else values
        return added
