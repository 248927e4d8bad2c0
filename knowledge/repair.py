"""Reading what was typed: unknown words are read towards the knowledge base's own vocabulary.

A word may be raw keystrokes, shorthand, a misspelling, run into its neighbour, or a word with the
wrong marks. Every reading stands beside the others until the neighbours decide: pairs of words that
the knowledge base uses are the only context there is. What could be a Vietnamese word as it stands
is read otherwise only where the neighbours ask for it. Nothing is read as a word that neither the
knowledge base nor the language's own function words hold.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

from knowledge.features import Words, fold_word, function_weight, has_concept
from knowledge.shorthand import ENGLISH_SHORTHAND
from knowledge.syllables import is_syllable, sound
from knowledge.text import normalise, telex, vni
from knowledge.vocabulary import SHORTEST, Vocabulary

_MOST_REPAIRS = 24
_MOST_OPTIONS = 12
_MOST_MET = 256
_GUESSED = 3
_FOREIGN_GUESSED = 5
_TWO_SLIPS_FROM = 7
_PAIR_WORTH = 1.6
_VOWEL = re.compile("[aeiouy]")
_DOUBLED = re.compile(r"(.)\1+")

_MARKS = "dấu"

SURE = 0.95
NEAR = 0.9
CONTEXT = 0.8
FAR = 0.7


@dataclass(frozen=True, slots=True)
class Repair:
    """One word that was read as something else: by which means, and how far to be trusted."""

    typed: str
    read_as: str
    how: str
    trust: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as understood: its words in step with how far each is trusted (0: unknown)."""

    words: Words
    trusts: tuple[float, ...]
    repairs: tuple[Repair, ...]


@dataclass(frozen=True, slots=True)
class _Option:
    accented: tuple[str, ...]
    folded: tuple[str, ...]
    how: str
    trust: float
    worth: float = 0.0


def _same(typed: str, folded: str, trust: float) -> _Option:
    return _Option((typed,), (folded,), "", trust)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads questions towards a vocabulary; *shorthand* is keyed by normalised spelling."""

    vocabulary: Vocabulary
    shorthand: Mapping[str, tuple[str, ...]]
    _met: dict[str, tuple[tuple[str, int], ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def read(self, asked: Words) -> Reading:
        words = self._moved_spaces(asked)
        foreign = self.vocabulary.foreign or self._is_foreign(words)
        lattice = [self._plain(at, words, foreign=foreign) for at in range(len(words.folded))]
        self._spell(words, lattice, foreign=foreign)
        return _reading(words, self._best(lattice, words))

    def _is_foreign(self, words: Words) -> bool:
        """Tell English from Vietnamese without marks: most words are no syllable by any reading."""
        if words.marked:
            return False
        strange = sum(
            word not in self.shorthand
            and not is_syllable(word)
            and telex(word) is None
            and vni(word) is None
            for word in words.folded
        )
        return 2 * strange > len(words.folded)

    def expand(self, words: Words) -> Words:
        """Write out the shorthand of a variant, which else would not meet a question in full words.

        Only what has no vowel is surely shorthand; the rest may be a word of the knowledge base.
        """
        short = [
            [] if _VOWEL.search(folded) else self._short(typed)
            for typed, folded in zip(words.accented, words.folded, strict=True)
        ]
        if not any(short):
            return words
        typed = zip(words.accented, words.folded, strict=True)
        lattice = [
            options or [_same(*word, 1.0)] for options, word in zip(short, typed, strict=True)
        ]
        return _reading(words, self._best(lattice, words)).words

    def _plain(self, at: int, words: Words, *, foreign: bool) -> list[_Option]:
        """Read a word without guessing at its spelling; nothing when that fails."""
        typed, folded = words.accented[at], words.folded[at]
        known = self.vocabulary
        if foreign and (options := self._short(typed, english=True)):
            return [_same(typed, folded, 1.0)] * (folded in known.folded) + options
        if not _VOWEL.search(folded) and (options := self._short(typed)):
            return options
        if typed in known.accented or (typed == folded and folded in known.folded):
            kept = [_same(typed, folded, 1.0)]
            return kept if foreign or is_syllable(typed) else kept + self._keys(typed)
        if not foreign and (options := self._short(typed) + self._keys(typed)):
            return options
        if folded in known.folded:
            forms = known.marks[folded] if words.marked else ()
            marked = [_Option((form,), (folded,), _MARKS, NEAR, -0.3) for form in forms]
            return [_same(typed, folded, NEAR), *marked]
        return (
            [_same(typed, folded, 0.0)]
            if function_weight(folded) < 1 or has_concept(folded)
            else []
        )

    def _short(self, typed: str, *, english: bool = False) -> list[_Option]:
        options = []
        for reading in (ENGLISH_SHORTHAND if english else self.shorthand).get(typed, ()):
            accented = tuple(reading.split())
            folded = tuple(fold_word(word) for word in accented)
            if accented != (typed,) and self.vocabulary.knows(accented):
                options.append(_Option(accented, folded, "viết tắt", SURE))
            elif function_weight(folded[0]) < 1 and len(folded) == 1:
                options.append(_Option(accented, folded, "viết tắt", 0.0))
        return options

    def _keys(self, typed: str) -> list[_Option]:
        options = []
        for how, reading in (("Telex", telex(typed)), ("VNI", vni(typed))):
            if reading is None:
                continue
            folded = fold_word(reading)
            if reading in self.vocabulary.accented:
                options.append(_Option((reading,), (folded,), how, SURE))
            elif folded in self.vocabulary.folded:
                options.append(_Option((reading,), (folded,), how, NEAR))
            elif function_weight(folded) < 1:
                options.append(_Option((reading,), (folded,), how, 0.0))
        return options

    # Misspellings ------------------------------------------------------------------------------

    def _spell(self, words: Words, lattice: list[list[_Option]], *, foreign: bool) -> None:
        """Add the vocabulary's nearest words where a word is unknown, doubtful or shorthand."""
        open_spots = [
            at
            for at, options in enumerate(lattice)
            if not (foreign and options) and self._is_open(at, words, options)
        ]
        spots = open_spots[:_MOST_REPAIRS]
        near = self._near([words.folded[at] for at in spots])
        for at, forms in zip(spots, near, strict=True):
            typed, folded = words.accented[at], words.folded[at]
            bound = (
                bool(lattice[at])
                or is_syllable(typed)
                or len(folded) <= (_FOREIGN_GUESSED if foreign else SHORTEST)
            )
            lattice[at] = lattice[at] or [_same(typed, folded, 0.0)]
            for form, slips in forms:
                if form != folded and (not bound or self._fits(lattice, words, at, form)):
                    trust = CONTEXT if bound else NEAR if slips <= 1 else FAR
                    lattice[at].append(self._formed(typed, form, trust, words))
            if not bound:
                lattice[at] += self._parted(folded)

    def _fits(self, lattice: Sequence[Sequence[_Option]], words: Words, at: int, form: str) -> bool:
        """Whether the neighbours, as they are read so far, ask for *form*."""
        before = _likeliest(lattice, words, at - 1)
        after = _likeliest(lattice, words, at + 1)
        fits = self.vocabulary.fits
        marked = self.vocabulary.marks.get(form, ()) if words.marked else ()
        return fits(before.folded[-1], form, after.folded[0]) or any(
            fits(before.accented[-1], word, after.accented[0]) for word in marked
        )

    def _is_open(self, at: int, words: Words, options: Sequence[_Option]) -> bool:
        folded = words.folded
        if len(folded[at]) < SHORTEST or folded[at].isdigit():
            return False
        if not options:
            return True
        if options[0].how == "viết tắt":
            return len(folded[at]) > SHORTEST
        if options[0].how or any(other.how != _MARKS for other in options[1:]):
            return False
        pairs = self.vocabulary.pairs
        left = at > 0 and (folded[at - 1], folded[at]) in pairs
        right = at + 1 < len(folded) and (folded[at], folded[at + 1]) in pairs
        return not left and not right

    def _near(self, typed: Sequence[str]) -> list[tuple[tuple[str, int], ...]]:
        """Find for each word the nearest of the vocabulary, and those that sound alike.

        A message is often read in parts besides the whole: the last words met are kept.
        """
        strange = [word for word in dict.fromkeys(typed) if word not in self._met]
        if len(self._met) + len(strange) > _MOST_MET:
            self._met.clear()
            strange = list(dict.fromkeys(typed))
        found = self._nearest(strange)
        self._met.update(zip(strange, found, strict=True))
        return [self._met[word] for word in typed]

    def _nearest(self, typed: Sequence[str]) -> list[tuple[tuple[str, int], ...]]:
        listed = self.vocabulary.listed
        if not typed or not listed:
            return [() for _ in typed]
        single = [_DOUBLED.sub(r"\1", word) for word in typed]
        spelt = list(dict.fromkeys((*typed, *single)))
        rows = dict(zip(spelt, _slips(spelt, listed), strict=True))
        found = []
        for word, undoubled in zip(typed, single, strict=True):
            row = np.minimum(rows[word], rows[undoubled])
            far = 2 if len(word) >= _TWO_SLIPS_FROM else 1
            spots = np.flatnonzero(row <= far)
            spots = spots[np.argsort(row[spots], kind="stable")][: 4 * _MOST_OPTIONS]
            forms = {
                listed[spot]: int(row[spot])
                for spot in spots
                if len(word) > _GUESSED or listed[spot] in self.vocabulary.folded
            }
            for form in self.vocabulary.sounds.get(sound(word), ()):
                forms.setdefault(form, 1)
            found.append(tuple(forms.items()))
        return found

    def _formed(self, typed: str, folded: str, trust: float, words: Words) -> _Option:
        """Give *folded* the marks that come nearest to what was typed."""
        forms = self.vocabulary.marks.get(folded, (folded,)) if words.marked else (folded,)
        counts = self.vocabulary.accented
        near, _, best = max(
            (Indel.normalized_similarity(typed, form), counts.get(form, 0), form) for form in forms
        )
        known = folded in self.vocabulary.folded
        return _Option((best,), (folded,), "chính tả", trust if known else 0.0, near - 1)

    def _parted(self, word: str) -> list[_Option]:
        cuts = ((word[:cut], word[cut:]) for cut in range(1, len(word)))
        return [_Option(cut, cut, "dính chữ", NEAR) for cut in cuts if cut in self.vocabulary.pairs]

    def _moved_spaces(self, words: Words) -> Words:
        """Give back letters that slipped over a space: ``th ẻtín`` is ``thẻ tín``."""
        accented = list(words.accented)
        known = self.vocabulary
        for at in range(len(accented) - 1):
            left, right = accented[at], accented[at + 1]
            if known.knows((left, right)) or len(left + right) < 2 * SHORTEST:
                continue
            for moved in ((left + right[:1], right[1:]), (left[:-1], left[-1:] + right)):
                folded = tuple(fold_word(word) for word in moved if word)
                if len(folded) > 1 and folded in known.pairs:
                    accented[at : at + 2] = moved
                    break
        if tuple(accented) == words.accented:
            return words
        return Words.of(" ".join(accented))

    # Choosing ----------------------------------------------------------------------------------

    def _best(self, lattice: Sequence[Sequence[_Option]], words: Words) -> list[_Option]:
        """Walk the lattice once, keeping for every option the best way to it."""
        known = self.vocabulary
        ways: list[tuple[float, list[_Option]]] = [(0.0, [])]
        for at, options in enumerate(lattice):
            fresh = []
            for option in options[: 3 * _MOST_OPTIONS] or [
                _same(words.accented[at], words.folded[at], 0.0)
            ]:
                often = known.folded.get(option.folded[0], 0)
                worth = option.worth + 2 * log(option.trust + 0.1) + 0.1 * log(1 + often)
                score, way = max(
                    ((total + self._joined(way, option), way) for total, way in ways),
                    key=lambda pair: pair[0],
                )
                fresh.append((score + worth, [*way, option]))
            ways = fresh
        return max(ways, key=lambda pair: pair[0])[1]

    def _joined(self, way: Sequence[_Option], option: _Option) -> float:
        if not way:
            return 0.0
        pairs = self.vocabulary.pairs
        met = pairs.get((way[-1].folded[-1], option.folded[0]), 0)
        marked = pairs.get((way[-1].accented[-1], option.accented[0]), 0)
        return (_PAIR_WORTH + 0.3 * log(met) if met else 0.0) + (0.5 if marked else 0.0)


def _likeliest(lattice: Sequence[Sequence[_Option]], words: Words, at: int) -> _Option:
    """The first reading of a word; a word of no letters stands beyond either end."""
    if not 0 <= at < len(lattice):
        return _same("", "", 0.0)
    return lattice[at][0] if lattice[at] else _same(words.accented[at], words.folded[at], 0.0)


def _slips(typed: Sequence[str], listed: Sequence[str]) -> NDArray[np.uint8]:
    """How many slips part each of *typed* from each of *listed*; beyond two is three."""
    return process.cdist(typed, listed, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8)


def _reading(words: Words, chosen: Sequence[_Option]) -> Reading:
    folded: list[str] = []
    accented: list[str] = []
    trusts: list[float] = []
    repairs: list[Repair] = []
    for typed, option in zip(words.accented, chosen, strict=True):
        folded += option.folded
        accented += option.accented
        trusts += [option.trust] * len(option.folded)
        if option.how and option.accented != (typed,):
            repairs.append(Repair(typed, " ".join(option.accented), option.how, option.trust))
    return Reading(Words(tuple(folded), tuple(accented)), tuple(trusts), tuple(repairs))


def shorthand_table(table: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Key shorthand by its normalised spelling; what is no single word then cannot be met."""
    read: dict[str, tuple[str, ...]] = {}
    for typed, readings in table.items():
        read.setdefault(normalise(typed), tuple(normalise(reading) for reading in readings))
    return read
