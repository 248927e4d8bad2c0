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

# Wordings compared with each other, the newest: 0.25 s the first time, then remembered.
MOST: Final = 200
# Older ones are held against the largest groups, so many at a time; each time is another 0.25 s.
OLDER, AT_ONCE, LARGEST = 200, 100, 100
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
    def by_hand(self) -> bool:
        """Whether staff put something of it together."""
        return any(each.same_as is not None for each in self.questions)

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(sorted({each.reason for each in self.questions}))


@dataclass(frozen=True, slots=True)
class Listing:
    """The groups, the most asked first, and how many wordings are still in none: the oldest."""

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
    return with_question(await listing(db, knowledge, by), head)


def with_question(listed: Listing, number: int) -> Group:
    """The group of a list that this question is in. Raises NotFound."""
    for each in listed.groups:
        if any(question.id == number for question in each.questions):
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
    newest, rest = wordings[:MOST], wordings[MOST:]
    members = [[newest[at] for at in numbers] for numbers in _grouped(index, _texts(newest))]
    older, left = rest[:OLDER], rest[OLDER:]
    for start in range(0, len(older), AT_ONCE):
        _place(members, older[start : start + AT_ONCE], index)
    found = [Group(tuple(sorted(each, key=_by_use))) for each in _put_together(members)]
    found.sort(key=lambda each: (-each.people, -each.last_at.timestamp(), each.head))
    return Listing(tuple(found), len(left))


def nearby(listed: Listing, of: Group) -> tuple[Group, ...]:
    """The other groups, those first that share words with this one that few groups have."""
    words = {each.head: _words(each) for each in listed.groups}
    common = Counter(word for each in words.values() for word in each)
    mine = words.get(of.head, frozenset())

    def shared(other: Group) -> float:
        return sum(1 / common[word] for word in mine & words[other.head])

    others = [each for each in listed.groups if each.head != of.head]
    return tuple(sorted(others, key=lambda each: (-shared(each), -each.people, each.head)))


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


def _place(members: list[list[Phrasing]], older: Sequence[Phrasing], index: Index) -> None:
    """Let each older wording join the group that it is alike to; the others make their own."""
    largest = sorted(members, key=lambda each: (-sum(map(_uses, each)), min(map(_by_use, each))))
    largest = largest[:LARGEST]
    heads = [min(each, key=_by_use) for each in largest]
    for numbers in _grouped(index, _texts([*heads, *older])):
        new = [older[at - len(heads)] for at in numbers if at >= len(heads)]
        with_ = [at for at in numbers if at < len(heads)]
        if with_:
            largest[with_[0]].extend(new)
        elif new:
            members.append(new)


def _put_together(members: Sequence[Sequence[Phrasing]]) -> list[list[Phrasing]]:
    """The same groups, those as one of which staff said so."""
    found: list[tuple[set[int], list[Phrasing]]] = []
    for each in members:
        marks = {
            question.same_as
            for phrasing in each
            for question in phrasing.questions
            if question.same_as is not None
        }
        phrasings = list(each)
        for other in [other for other in found if other[0] & marks]:
            found.remove(other)
            marks |= other[0]
            phrasings += other[1]
        found.append((marks, phrasings))
    return [phrasings for _, phrasings in found]


@lru_cache(maxsize=8)
def _grouped(index: Index, texts: tuple[str, ...]) -> list[list[int]]:
    return index.grouped(texts)


def _best(same: Sequence[Asked]) -> str:
    """One spelling: with accents where somebody typed them, else what was typed most."""
    spellings = Counter(" ".join(each.question.split()) for each in same)
    return max(spellings, key=lambda text: (has_accents(text), spellings[text], text))


def _texts(wordings: Sequence[Phrasing]) -> tuple[str, ...]:
    return tuple(each.text for each in wordings)


def _words(group: Group) -> frozenset[str]:
    return frozenset(word for each in group.phrasings for word in fold(each.text).split())


def _uses(phrasing: Phrasing) -> int:
    return len(phrasing.questions)


def _by_use(phrasing: Phrasing) -> tuple[int, str]:
    return (-len(phrasing.questions), phrasing.text)


def _latest(questions: Sequence[Asked]) -> tuple[datetime, int]:
    return max((each.at, each.id) for each in questions)
