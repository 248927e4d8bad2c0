"""Finding the entry that answers a question, how sure that is, and why.

An index is a pure value, compiled from the variants of every entry and from nothing else. The
question is read towards the index's own words (`repair`), compared with landmark variants in a
kernel (`features`), scored per entry by ridge regression (`ridge`); the score and how much of the
question the entry explains (`coverage`) give a probability (`calibration`). Equal input gives equal
output; nothing here reads a clock, a file or a random number.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from knowledge import container, ridge
from knowledge.calibration import Curve, Thresholds, choose_thresholds, fit_curve
from knowledge.coverage import Coverage, LeftOut, Support
from knowledge.features import (
    RATIO_SHARE,
    SHARES,
    Floats,
    Ints,
    Postings,
    Space,
    Words,
    count_terms,
    kernel,
    ratios,
    shares_for,
    sorted_letters,
)
from knowledge.repair import Reader, Repair, Vocabulary, shorthand_table
from knowledge.text import DEFAULT_SHORTHAND, clean

__all__ = ["Candidate", "Finding", "Index", "Look", "Repair", "Thresholds"]

_MAGIC = b"donghanh-index-1\n"
_LANDMARKS = 1536
_SHORTLIST = 12
_ANSWER_TRUST = 0.3
_ANSWER_LETTERS = 600
_SURE = 0.995
_LEAN = 0.1


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
    """

    candidates: tuple[Candidate, ...]
    repaired: tuple[Repair, ...]
    left_over: tuple[str, ...]
    exact: bool
    syllables: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that an author should look at.

    ``stray``: *variant* of *entry*, left out, goes to *other*. ``rivals``: two entries take each
    other's variants. ``twin``: *variant* is also one of *other*, accents aside. ``unreachable``:
    typed without accents no variant of *entry* finds it.
    """

    kind: str
    entry: str
    other: str
    variant: str


@dataclass(frozen=True, slots=True)
class _Row:
    owner: int
    words: Words
    line: str

    @property
    def is_answer(self) -> bool:
        return not self.line


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    thresholds: Mapping[str, Thresholds]
    _entries: tuple[str, ...]
    _lines: tuple[tuple[str, ...], ...]
    _spelt: tuple[tuple[str, ...], ...]
    _reader: Reader
    _space: Space
    _postings: Postings
    _weights: Floats
    _coverage: Coverage
    _curve: Curve
    _strays: tuple[tuple[int, int, int], ...]
    _exact: Mapping[str, int | None]

    @classmethod
    def build(
        cls,
        variants: Mapping[str, Sequence[str]],
        *,
        texts: Mapping[str, str] | None = None,
        shorthand: Mapping[str, Sequence[str]] | None = None,
    ) -> "Index":
        """Compile *variants*; *texts* (title and answer) count as one weak variant an entry.

        *shorthand* is added to the built-in table and goes before it.
        """
        entries = tuple(variants)
        reader, rows = _read_rows(variants, texts or {}, shorthand or {})
        owners = np.array([row.owner for row in rows], np.int32)
        space, postings, table, landmarks = _compare(rows, owners, len(entries))
        trusts = np.where([row.is_answer for row in rows], _ANSWER_TRUST, 1.0).astype(np.float32)
        fit = ridge.fit(table, landmarks, owners, len(entries), trusts)
        coverage = _cover(rows, len(entries))
        curve, thresholds, winners = _calibrate(rows, fit, coverage)
        lines = tuple(tuple(dict.fromkeys(variants[entry])) for entry in entries)
        return cls(
            thresholds,
            entries,
            lines,
            _spell(lines),
            reader,
            space,
            postings,
            fit.weights,
            coverage,
            curve,
            _strays(rows, winners, lines),
            _exact(variants),
        )

    @property
    def threshold(self) -> float:
        """The probability from which to answer directly under the middle policy."""
        return self.thresholds["vừa"].answer

    def rank(self, text: str, k: int = 5) -> list[tuple[str, float]]:
        """Name the best entries with the probability that each is the right one."""
        return [(found.entry, found.confidence) for found in self.look(text, k=k).candidates]

    def look(self, text: str, *, within: Collection[str] | None = None, k: int = 5) -> Look:
        """Read *text* and judge the entries, only those *within* when a context is given."""
        asked = Words.of(clean(text))
        reading = self._reader.read(asked)
        words = reading.words
        allowed = [
            at for at, entry in enumerate(self._entries) if within is None or entry in within
        ]
        if not allowed or not words.folded:
            return Look((), reading.repairs, asked.accented, False, len(asked.folded))  # noqa: FBT003
        scores = self._scores(words)
        twin = self._exact.get(" ".join(asked.folded))
        shortlist = sorted(allowed, key=lambda at: (-scores[at], at))[:_SHORTLIST]
        if twin is not None and twin in allowed:
            shortlist = [twin, *(at for at in shortlist if at != twin)]
        judged = [
            replace(found, nearest=self._nearest(words, found.entry))
            for found in self._judge(words, reading.trusts, shortlist, scores, twin)[:k]
        ]
        best = self._entries.index(judged[0].entry)
        return Look(
            tuple(judged),
            reading.repairs,
            self._coverage.left_over(words, best),
            best == twin,
            len(asked.folded),
        )

    def _scores(self, words: Words) -> Floats:
        cosines = self._postings.cosines(*self._space.vector(count_terms(words), shares_for(words)))
        ratio = ratios([sorted_letters(words)], self._postings.letters)[0]
        return kernel(cosines, ratio) @ self._weights

    def _judge(
        self,
        words: Words,
        trusts: Sequence[float],
        shortlist: Sequence[int],
        scores: Floats,
        twin: int | None,
    ) -> list[Candidate]:
        judged = []
        sure = _SURE
        shares = {at: self._coverage.share(words, trusts, at) for at in shortlist}
        order = sorted(
            shortlist, key=lambda at: (at != twin, -scores[at] - _LEAN * shares[at][0], at)
        )
        for at in order:
            score = float(scores[at])
            explained, known = shares[at]
            sure = min(self._curve(raw_score(score, explained, known)), sure)
            judged.append(
                Candidate(
                    self._entries[at],
                    _SURE if at == twin else sure,
                    score,
                    explained,
                    "",
                    self._coverage.matched(words, at),
                )
            )
        return judged

    def _nearest(self, words: Words, entry: str) -> str:
        at = self._entries.index(entry)
        near = ratios([sorted_letters(words)], self._spelt[at])
        return self._lines[at][int(near.argmax())] if near.size else ""

    def lint(self) -> list[Finding]:
        """List what an author should look at, worst kinds first."""
        names = self._entries
        twins = [
            Finding("twin", names[at], names[other], line) for at, other, line in self._twins()
        ]
        strays = [
            Finding("stray", names[at], names[other], self._lines[at][spot])
            for at, spot, other in self._strays
        ]
        taken = Counter((stray.entry, stray.other) for stray in strays)
        rivals = [
            Finding("rivals", entry, other, "")
            for entry, other in taken
            if entry < other and (other, entry) in taken
        ]
        lost = [
            Finding("unreachable", name, "", "")
            for name, lines in zip(names, self._lines, strict=True)
            if not any(self._reached(name, line) for line in lines)
        ]
        return [*twins, *lost, *rivals, *strays]

    def _reached(self, name: str, line: str) -> bool:
        words = Words.of(clean(line))
        plain = Words(words.folded, words.folded)
        return bool(plain.folded) and self._entries[int(self._scores(plain).argmax())] == name

    def _twins(self) -> list[tuple[int, int, str]]:
        first: dict[str, int] = {}
        found = []
        for at, lines in enumerate(self._lines):
            for line in lines:
                other = first.setdefault(" ".join(Words.of(clean(line)).folded), at)
                if other != at:
                    found.append((at, other, line))
        return found

    def to_bytes(self) -> bytes:
        """Give the compiled index as bytes, the same for equal indexes."""
        arrays = {
            "space": self._space.weights,
            "starts": self._postings.starts,
            "rows": self._postings.rows,
            "values": self._postings.values,
            "weights": self._weights,
        }
        return container.pack(_MAGIC, arrays, _plain(self))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Index":
        """Read what `to_bytes` wrote; anything else is a `ValueError`."""
        arrays, plain = container.unpack(_MAGIC, data)
        try:
            return _revive(arrays, plain)
        except (KeyError, TypeError, IndexError, AttributeError) as problem:
            raise ValueError("damaged compiled index") from problem


def raw_score(score: float, explained: float, known: float) -> float:
    """Join the ridge score and the coverage into what the curve turns into a probability."""
    return min(max(score, 0.0) * (explained * known) ** 0.5, 1.0)


# Building --------------------------------------------------------------------------------------


def _read_rows(
    variants: Mapping[str, Sequence[str]],
    texts: Mapping[str, str],
    shorthand: Mapping[str, Sequence[str]],
) -> tuple[Reader, list[_Row]]:
    typed = [
        _Row(at, words, line)
        for at, lines in enumerate(variants.values())
        for line in dict.fromkeys(lines)
        if (words := Words.of(clean(line))).folded
    ]
    table = shorthand_table(shorthand) | {
        key: value
        for key, value in shorthand_table(DEFAULT_SHORTHAND).items()
        if key not in shorthand
    }
    raw = Reader(Vocabulary.build(row.words for row in typed), table)
    typed = [_Row(row.owner, raw.expand(row.words), row.line) for row in typed]
    reader = Reader(Vocabulary.build(row.words for row in typed), table)
    answers = [
        _Row(at, words, "")
        for at, entry in enumerate(variants)
        if (words := Words.of(texts.get(entry, "")[:_ANSWER_LETTERS])).folded
    ]
    return reader, typed + answers


def _compare(
    rows: Sequence[_Row], owners: Ints, entries: int
) -> tuple[Space, Postings, Floats, Ints]:
    counted = [count_terms(row.words) for row in rows]
    space = Space.build(counted, owners.tolist(), entries)
    landmarks = ridge.choose_landmarks(owners.tolist(), _LANDMARKS)
    unit = (1.0,) * len(SHARES)
    letters = [sorted_letters(row.words) for row in rows]
    postings = Postings.build(
        [space.vector(counted[at], unit) for at in landmarks],
        len(space.weights),
        [letters[at] for at in landmarks],
    )
    table = ratios(letters, postings.letters, workers=-1)
    for at, terms in enumerate(counted):
        table[at] = kernel(postings.cosines(*space.vector(terms, SHARES)), table[at])
    return space, postings, table, landmarks


def _cover(rows: Sequence[_Row], entries: int) -> Coverage:
    lines: list[list[Words]] = [[] for _ in range(entries)]
    answers: list[Words | None] = [None] * entries
    for row in rows:
        if row.is_answer:
            answers[row.owner] = row.words
        else:
            lines[row.owner].append(row.words)
    return Coverage.build(lines, answers)


def _calibrate(
    rows: Sequence[_Row], fit: ridge.Ridge, coverage: Coverage
) -> tuple[Curve, dict[str, Thresholds], list[int]]:
    """Judge every variant as if it, then as if its entry, had never been written."""
    raws: dict[bool, list[float]] = {False: [], True: []}
    winners = []
    for at, row in enumerate(rows):
        if row.is_answer:
            continue
        for whole, table in ((False, fit.without_row), (True, fit.without_entry)):
            winner = int(table[at].argmax())
            shares = coverage.share(
                row.words, (1.0,) * len(row.words.folded), winner, LeftOut(row.owner, whole)
            )
            raws[whole].append(raw_score(float(table[at, winner]), *shares))
            if not whole:
                winners.append(winner)
    have, lack = np.array(raws[False]), np.array(raws[True])
    owners = np.array([row.owner for row in rows if not row.is_answer], np.int32)
    right = np.array(winners, np.int32) == owners
    none_right = np.zeros(len(lack), np.bool_)
    curve = fit_curve(np.concatenate([have, lack]), np.concatenate([right, none_right]))
    return curve, choose_thresholds(curve, have, right, lack), winners


def _strays(
    rows: Sequence[_Row], winners: Sequence[int], lines: Sequence[Sequence[str]]
) -> tuple[tuple[int, int, int], ...]:
    typed = [row for row in rows if not row.is_answer]
    return tuple(
        (row.owner, lines[row.owner].index(row.line), winner)
        for row, winner in zip(typed, winners, strict=True)
        if winner != row.owner
    )


def _spell(lines: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(sorted_letters(Words.of(clean(line))) for line in own) for own in lines)


def _exact(variants: Mapping[str, Sequence[str]]) -> dict[str, int | None]:
    """Map each folded variant to its entry, or to none when two entries share it."""
    owner: dict[str, int | None] = {}
    for at, lines in enumerate(variants.values()):
        for line in lines:
            key = " ".join(Words.of(clean(line)).folded)
            owner[key] = at if owner.get(key, at) == at else None
    return owner


# Bytes -----------------------------------------------------------------------------------------


def _plain(index: Index) -> dict[str, Any]:
    """Give what is not an array as JSON values (slots keep no ``__dict__`` to walk)."""
    vocabulary = index._reader.vocabulary  # noqa: SLF001 - this module's own class
    return {
        "thresholds": {
            policy: [t.answer, t.offer, t.right, t.wrong, t.false, t.offered_false]
            for policy, t in index.thresholds.items()
        },
        "entries": index._entries,  # noqa: SLF001
        "lines": index._lines,  # noqa: SLF001
        "spelt": index._spelt,  # noqa: SLF001
        "shorthand": index._reader.shorthand,  # noqa: SLF001
        "words": dict(vocabulary.accented),
        "pairs": [[*pair, count] for pair, count in vocabulary.pairs.items()],
        "terms": [list(numbers) for numbers in index._space.numbers],  # noqa: SLF001
        "unknown": index._space.unknown,  # noqa: SLF001
        "letters": index._postings.letters,  # noqa: SLF001
        "support": [
            [dict(s.folded), dict(s.accented), dict(s.concepts), sorted(s.answer)]
            for s in index._coverage.entries  # noqa: SLF001
        ],
        "used_by": dict(index._coverage.used_by),  # noqa: SLF001
        "curve": [index._curve.start, index._curve.slope],  # noqa: SLF001
        "strays": index._strays,  # noqa: SLF001
        "exact": dict(index._exact),  # noqa: SLF001
    }


def _revive(arrays: Mapping[str, Any], plain: Mapping[str, Any]) -> Index:
    numbers: list[dict[str, int]] = []
    offset = 0
    for terms in plain["terms"]:
        numbers.append({term: offset + at for at, term in enumerate(terms)})
        offset += len(terms)
    pairs = {(left, right): count for left, right, count in plain["pairs"]}
    shorthand = {typed: tuple(meant) for typed, meant in plain["shorthand"].items()}
    return Index(
        {policy: Thresholds(*values) for policy, values in plain["thresholds"].items()},
        tuple(plain["entries"]),
        tuple(tuple(lines) for lines in plain["lines"]),
        tuple(tuple(lines) for lines in plain["spelt"]),
        Reader(Vocabulary.of(plain["words"], pairs), shorthand),
        Space(tuple(numbers), arrays["space"], plain["unknown"]),
        Postings(arrays["starts"], arrays["rows"], arrays["values"], tuple(plain["letters"])),
        arrays["weights"],
        Coverage(
            tuple(Support(f, a, c, frozenset(said)) for f, a, c, said in plain["support"]),
            plain["used_by"],
        ),
        Curve(*plain["curve"]),
        tuple((at, spot, other) for at, spot, other in plain["strays"]),
        plain["exact"],
    )
