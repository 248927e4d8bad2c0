"""Finding the entry that answers a question, how sure that is, and why.

An index is a pure value, compiled from the variants of every entry and from nothing else. The
question is read towards the index's own words (`repair`), compared with landmark variants in a
kernel (`features`), scored per entry by ridge regression (`ridge`); the score and how much of the
question the entry explains (`coverage`) give a probability (`calibration`). Equal input gives equal
output; nothing here reads a clock, a file or a random number.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from knowledge import container
from knowledge.building import LEAN, MOST_EXACT, Parts, compile_parts, lone_score, raw_score
from knowledge.calibration import Thresholds
from knowledge.features import Words, count_terms, ratios, shares_for, sorted_letters
from knowledge.grouping import SHORTLIST
from knowledge.likeness import grouped
from knowledge.repair import Repair
from knowledge.text import clean

__all__ = ["Candidate", "Finding", "Index", "Look", "Repair", "Thresholds"]

_SURE = 0.995


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may answer: how sure, from what, and which of its variants is nearest."""

    entry: str
    confidence: float
    score: float
    coverage: float
    nearest: str
    matched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """A question as it was read and what was found for it, best first.

    *left_over* are the words of weight that the best candidate does not explain; *exact* tells that
    the question is word for word, accents aside, a variant of that candidate and of no other.
    *groups* are the candidates' groups with the probability that the question is about each, best
    first; none where the index was built without.
    """

    candidates: tuple[Candidate, ...]
    repaired: tuple[Repair, ...]
    left_over: tuple[str, ...]
    exact: bool
    syllables: int
    groups: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that an author should look at.

    ``stray``: *variant* of *entry*, left out, goes to *other*; *weight* is how sure of that the
    index would be. ``rivals``: two entries take *weight* of each other's variants. ``twin``:
    *variant* is also one of *other*, accents aside. ``unreachable``: typed without accents no
    variant of *entry* finds it.
    """

    kind: str
    entry: str
    other: str
    variant: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class _Shortlist:
    """The entries to judge, with their scores; *total* is what the best have, of all there are."""

    scores: dict[int, float]
    total: float


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    _parts: Parts

    @classmethod
    def build(
        cls,
        variants: Mapping[str, Sequence[str]],
        *,
        texts: Mapping[str, str] | None = None,
        shorthand: Mapping[str, Sequence[str]] | None = None,
        groups: Mapping[str, str] | None = None,
    ) -> "Index":
        """Compile *variants*; *texts* (title and answer) count as one weak variant an entry.

        *shorthand* is added to the built-in table and goes before it. *groups* names the topic of
        every entry, to learn how sure that is as well. Raises TypeError where the variants of an
        entry are one text, and ValueError where *groups* lacks an entry.
        """
        if single := [entry for entry, given in variants.items() if isinstance(given, str)]:
            raise TypeError(f"variants of {single[0]!r}: a list of texts, not one text")
        if groups and (lost := variants.keys() - groups.keys()):
            raise ValueError(f"no group is named for {min(lost)!r}")
        lines = {entry: tuple(given) for entry, given in variants.items()}
        return cls(compile_parts(lines, texts or {}, shorthand or {}, groups or {}))

    @property
    def thresholds(self) -> Mapping[str, Thresholds]:
        """What each policy asks of a probability, and the error rates to expect."""
        return self._parts.thresholds

    @property
    def group_thresholds(self) -> Mapping[str, Thresholds]:
        """The same for a group's probability; an entry's own where there are no groups."""
        grouping = self._parts.grouping
        return grouping.thresholds if grouping else self._parts.thresholds

    @property
    def room(self) -> int:
        """How many phrasings may be added before the fit is coarser and answers fewer; 0: it is."""
        held = len(self._parts.landmarks.letters)
        coarse = held < sum(map(len, self._parts.lines))
        return 0 if coarse else max(MOST_EXACT - held, 0)

    @property
    def threshold(self) -> float:
        """The probability from which to answer directly under the middle policy."""
        return self.thresholds["vừa"].answer

    def rank(self, text: str, k: int = 5) -> list[tuple[str, float]]:
        """Name the best *k* entries, at most `SHORTLIST`, with the chance that each is right.

        Only one can be: together they do not pass 1. (`look` judges each for itself.)
        """
        ranked, left = [], 1.0
        for found in self.look(text, k=k).candidates:
            ranked.append((found.entry, min(found.confidence, left)))
            left -= ranked[-1][1]
        return ranked

    def look(self, text: str, *, within: Collection[str] | None = None, k: int = 5) -> Look:
        """Read *text* and judge the entries, only those *within* when a context is given.

        The best *k* come back, at most `SHORTLIST`; none where *k* is not positive.
        """
        asked = Words.of(clean(text))
        reading = self._parts.reader.read(asked)
        words = reading.words
        twin = self._parts.exact.get(" ".join(asked.folded))
        found = self._shortlist(words, within, twin) if words.folded else _Shortlist({}, 0.0)
        scores = found.scores
        if not scores:
            return Look((), reading.repairs, asked.accented, False, len(asked.folded))
        if twin not in scores:
            twin = None
        coverage = self._parts.coverage
        shares = dict(zip(scores, coverage.shares(words, reading.trusts, scores), strict=True))
        judged = self._judge(words, shares, found, twin, max(k, 1))
        best = self._parts.entries.index(judged[0].entry)
        return Look(
            judged[: max(k, 0)],
            reading.repairs,
            coverage.left_over(words, best),
            best == twin,
            len(asked.folded),
            self._groups(shares, scores, twin),
        )

    def grouped(self, texts: Sequence[str]) -> list[list[int]]:
        """Put the texts of one meaning together: groups of their numbers, each in exactly one."""
        rows = [self._parts.reader.read(Words.of(clean(text))).words for text in texts]
        return grouped(self._parts.landmarks.space, rows)

    def _shortlist(
        self, words: Words, within: Collection[str] | None, twin: int | None
    ) -> _Shortlist:
        """Score the entries; give the best, best first, and *twin* wherever it stands."""
        parts = self._parts
        near = parts.landmarks.compare(count_terms(words), shares_for(words), sorted_letters(words))
        # Not `@`: BLAS shares even this among threads and waits for them. Beside other load its
        # 99th percentile was 24 ms against 0.5 ms, and it was no faster in the median.
        scores = np.vecdot(parts.weights, near)
        total = float(np.maximum(np.sort(scores)[-SHORTLIST:], 0).sum())
        if within is not None:
            allowed = np.array([name in within for name in parts.entries], np.bool_)
            scores[~allowed] = -np.inf
        ranked = np.argsort(-scores, kind="stable")[:SHORTLIST].tolist()
        if twin is not None and twin not in ranked:
            ranked.append(twin)
        return _Shortlist({at: float(scores[at]) for at in ranked if scores[at] > -np.inf}, total)

    def _judge(
        self,
        words: Words,
        shares: Mapping[int, tuple[float, float]],
        found: _Shortlist,
        twin: int | None,
        k: int,
    ) -> tuple[Candidate, ...]:
        scores = found.scores
        order = sorted(shares, key=lambda at: (at != twin, -scores[at] - LEAN * shares[at][0], at))
        order = order[:k]
        nearest = self._nearest(words, order)
        judged = []
        sure = _SURE
        for at, line in zip(order, nearest, strict=True):
            raw = lone_score(raw_score(scores[at], *shares[at]), scores[at], found.total)
            sure = min(self._parts.curve(raw), sure)
            judged.append(
                Candidate(
                    self._parts.entries[at],
                    _SURE if at == twin else sure,
                    scores[at],
                    shares[at][0],
                    line,
                    self._parts.coverage.matched(words, at),
                )
            )
        return tuple(judged)

    def _groups(
        self,
        shares: Mapping[int, tuple[float, float]],
        scores: Mapping[int, float],
        twin: int | None,
    ) -> tuple[tuple[str, float], ...]:
        grouping = self._parts.grouping
        if grouping is None:
            return ()
        raws = {at: raw_score(scores[at], *share) for at, share in shares.items()}
        found = {name: grouping.curve(raw) for name, raw in grouping.sums(raws).items()}
        if twin is not None:
            found = {grouping.of[twin]: _SURE} | {
                name: sure for name, sure in found.items() if name != grouping.of[twin]
            }
        return tuple(found.items())

    def _nearest(self, words: Words, entries: Sequence[int]) -> list[str]:
        """Name for each of *entries* the variant whose letters come nearest."""
        spelt = [self._parts.spelt[at] for at in entries]
        ends = np.cumsum([len(own) for own in spelt]).tolist()
        near = ratios([sorted_letters(words)], list(chain.from_iterable(spelt)))[0]
        parts = np.split(near, ends[:-1])
        return [
            self._parts.lines[at][int(part.argmax())] if part.size else ""
            for at, part in zip(entries, parts, strict=True)
        ]

    def lint(self) -> list[Finding]:
        """List what an author should look at, worst kinds first, and of each kind the worst."""
        names = self._parts.entries
        twins = [
            Finding("twin", names[at], names[other], line) for at, other, line in self._twins()
        ]
        strays = [
            Finding("stray", names[at], names[other], self._parts.lines[at][spot], sure)
            for at, spot, other, sure in self._parts.strays
        ]
        taken = Counter((stray.entry, stray.other) for stray in strays)
        rivals = [
            Finding("rivals", entry, other, "", count + taken[other, entry])
            for (entry, other), count in taken.items()
            if entry < other and (other, entry) in taken
        ]
        lost = [
            Finding("unreachable", name, "", "")
            for name, lines in zip(names, self._parts.lines, strict=True)
            if not any(self._reached(name, line) for line in lines)
        ]
        worst = [sorted(kind, key=lambda found: -found.weight) for kind in (rivals, strays)]
        return [*twins, *lost, *worst[0], *worst[1]]

    def _reached(self, name: str, line: str) -> bool:
        words = Words.of(clean(line))
        plain = Words(words.folded, words.folded)
        return bool(plain.folded) and name in (
            self._parts.entries[at] for at in list(self._shortlist(plain, None, None).scores)[:1]
        )

    def _twins(self) -> list[tuple[int, int, str]]:
        first: dict[str, int] = {}
        found = []
        for at, lines in enumerate(self._parts.lines):
            for line in lines:
                other = first.setdefault(" ".join(Words.of(clean(line)).folded), at)
                if other != at:
                    found.append((at, other, line))
        return found

    def to_bytes(self) -> bytes:
        """Give the compiled index as bytes."""
        return container.pack(self._parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Index":
        """Read what `to_bytes` wrote; anything else is a `ValueError`."""
        return cls(container.unpack(data))
