"""What people asked in vain, by meaning: who asked, in which words, and what is nearest to it.

A group has no number of its own: it is called by the first of its questions, and is counted anew
whenever it is asked for. So whoever settles one says which questions they were shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.refusals import NotFound, Why
from bot.operations.rights import Actor, Right, allowed
from bot.store import learning
from bot.store.learning import Asked
from knowledge.entries import OUT_OF_SCOPE, SMALLTALK, Entry, Knowledge
from knowledge.finding import find
from knowledge.index import Index
from knowledge.text import fold, has_accents

# Wordings compared at once, the newest: 0.4 s the first time on two busy cores, then remembered.
MOST: Final = 200
WEIGHED: Final = 3  # wordings of a group that are held against the entries


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One wording, accents aside, in its best spelling, and the questions that used it."""

    text: str
    questions: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Questions of one meaning; `phrasings` by how often they were used."""

    phrasings: tuple[Phrasing, ...]

    @property
    def questions(self) -> tuple[Asked, ...]:
        return tuple(each for phrasing in self.phrasings for each in phrasing.questions)

    @property
    def head(self) -> int:
        """What the group is called by: the number of its first question."""
        return min(each.id for each in self.questions)

    @property
    def people(self) -> int:
        return len({each.conversation for each in self.questions})

    @property
    def reachable(self) -> int:
        """How many people could still be told something."""
        return len({each.conversation for each in self.questions if each.reachable})

    @property
    def first_at(self) -> datetime:
        return min(each.at for each in self.questions)

    @property
    def last_at(self) -> datetime:
        return max(each.at for each in self.questions)

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(sorted({each.reason for each in self.questions}))


@dataclass(frozen=True, slots=True)
class Listing:
    """The groups, the most asked first, and how many wordings were too old to be compared."""

    groups: tuple[Group, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Near:
    """An entry that may answer already, and the probability that it does."""

    entry: Entry
    probability: float


async def listing(db: AsyncConnection, knowledge: Knowledge, by: Actor) -> Listing:
    """Group what is to be settled; most people first, then the latest. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    return sorted_out(await learning.asked(db), knowledge.index)


async def group(db: AsyncConnection, knowledge: Knowledge, head: int, by: Actor) -> Group:
    """Give the group that this question is in by now. Raises NotAllowed, NotFound."""
    for each in (await listing(db, knowledge, by)).groups:
        if any(question.id == head for question in each.questions):
            return each
    raise NotFound(Why.NO_SUCH_GROUP)


async def these(db: AsyncConnection, ids: Sequence[int], by: Actor) -> Group:
    """Those of *ids* that are still to be settled, as one group. Raises NotAllowed, NotFound."""
    await allowed(db, by, Right.READ)
    found = await learning.still_open(db, ids)
    if not found:
        raise NotFound(Why.NO_SUCH_GROUP)
    return Group(phrasings(found))


def sorted_out(questions: Sequence[Asked], index: Index) -> Listing:
    """Group by meaning: each question is in exactly one group, in whatever order they come."""
    wordings = sorted(phrasings(questions), key=lambda each: _latest(each.questions), reverse=True)
    told, left = wordings[:MOST], wordings[MOST:]
    found = [
        Group(tuple(sorted((told[at] for at in numbers), key=_by_use)))
        for numbers in _grouped(index, tuple(each.text for each in told))
    ]
    found.sort(key=lambda each: (-each.people, -each.last_at.timestamp(), each.head))
    return Listing(tuple(found), len(left))


def phrasings(questions: Sequence[Asked]) -> tuple[Phrasing, ...]:
    """The wordings of *questions*, the most used first."""
    by_words: dict[str, list[Asked]] = {}
    for each in questions:
        by_words.setdefault(fold(each.question), []).append(each)
    found = [Phrasing(_best(same), tuple(same)) for same in by_words.values()]
    return tuple(sorted(found, key=_by_use))


def nearest(knowledge: Knowledge, of: Group, today: date, most: int = 1) -> tuple[Near, ...]:
    """The entries nearest to the group's wordings, the likeliest first."""
    best: dict[str, Near] = {}
    for phrasing in of.phrasings[:WEIGHED]:
        for hit in find(knowledge, phrasing.text, today).hits:
            known = best.get(hit.entry.id)
            if known is None or known.probability < hit.confidence:
                best[hit.entry.id] = Near(hit.entry, hit.confidence)
    own = [each for each in best.values() if each.entry.topic not in {SMALLTALK, OUT_OF_SCOPE}]
    own.sort(key=lambda each: (-each.probability, each.entry.id))
    return tuple(own[:most])


@lru_cache(maxsize=4)
def _grouped(index: Index, texts: tuple[str, ...]) -> list[list[int]]:
    return index.grouped(texts)


def _best(same: Sequence[Asked]) -> str:
    """One spelling: with accents where somebody typed them, else what was typed most."""
    spellings = Counter(" ".join(each.question.split()) for each in same)
    return max(spellings, key=lambda text: (has_accents(text), spellings[text], text))


def _by_use(phrasing: Phrasing) -> tuple[int, str]:
    return (-len(phrasing.questions), phrasing.text)


def _latest(questions: Sequence[Asked]) -> tuple[datetime, int]:
    return max((each.at, each.id) for each in questions)
