"""What is evaluated: the assistant with its knowledge, or a bare index of anybody's questions.

The assistant is asked through the handlers that answer people; its policies are compared by the
same `decide`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from bot import asking
from bot.quality.questions import TOPIC, Question
from handlers.conversation import Outcome, Session, Step
from handlers.deciding import OFFERED, SURE, Verdict, decide
from handlers.speech import ENTRY
from knowledge.calibration import POLICIES, Thresholds
from knowledge.entries import ASIDE, OUT_OF_SCOPE, SMALLTALK, Entry, Knowledge
from knowledge.finding import Found, find
from knowledge.index import Index

MOMENTS: Final = timedelta(minutes=1)  # since the topic of a follow-up was spoken of
_MEANS: Final = {Outcome.CONTACT: "contact", Outcome.FORM: "register"}  # topics served by a dialog
_RANKED: Final = 8


class Did(StrEnum):
    """What a subject did about a question."""

    ANSWER = "answered"
    OFFER = "offered"
    DECLINE = "declined"


@dataclass(frozen=True, slots=True)
class Act:
    """What was done, and about which topics or entries: those answered, or those offered."""

    did: Did
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of a question: names best first with their probability, and what was done.

    *by_policy* is what each policy would do with the question alone, by topic where there are any.
    """

    ranked: tuple[tuple[str, float], ...]
    act: Act
    by_policy: Mapping[str, Act] = field(default_factory=dict)


class Subject(Protocol):
    """Something that can be asked."""

    @property
    def expected(self) -> Mapping[str, Thresholds]:
        """By policy, the error rates to expect."""

    async def judge(self, question: Question, *, after: str = "") -> Judgement:
        """Judge *question*; *after* is the topic that was spoken of a minute ago."""

    def labels(self, question: Question) -> tuple[str, ...]:
        """What *question* wants, in the words that `Judgement.by_policy` uses."""


@dataclass(frozen=True, slots=True)
class Assistant:
    """The shipped handlers on *knowledge*; it names topics or entries, as the question does."""

    knowledge: Knowledge
    now: datetime

    @property
    def expected(self) -> Mapping[str, Thresholds]:
        return self.knowledge.index.group_thresholds

    def labels(self, question: Question) -> tuple[str, ...]:
        entries = self.knowledge.entries
        return tuple(entries[name].topic if name in entries else name for name in question.wanted)

    async def judge(self, question: Question, *, after: str = "") -> Judgement:
        found = find(self.knowledge, question.text, self.now.date())
        session = Session(topic=after, topic_at=self.now - MOMENTS) if after else Session()
        step = await asking.ask(self.knowledge, question.text, self.now, session)
        by = question.by
        return Judgement(self._ranked(found, by), self._act(step, by), self._policies(found))

    def _ranked(self, found: Found, by: str) -> tuple[tuple[str, float], ...]:
        if by == TOPIC:
            return found.topics
        best: dict[str, float] = {}
        for hit in found.hits:
            best.setdefault(_name(hit.entry, by), hit.confidence)
        return tuple(best.items())

    def _act(self, step: Step, by: str) -> Act:
        entries = [self.knowledge.entries[name] for name in step.entries]
        if step.outcome is Outcome.REFUSED and (ours := self._offered(step, *entries)):
            return Act(Did.OFFER, _names(ours, by))
        if entries:
            return Act(Did.ANSWER, _names(entries, by))
        if step.outcome in _MEANS and by == TOPIC:
            return Act(Did.ANSWER, (_MEANS[step.outcome],))
        if step.outcome is Outcome.OFFERED:
            return Act(Did.OFFER, _names(self._offered(step), by))
        return Act(Did.DECLINE)

    def _offered(self, step: Step, refusal: Entry | None = None) -> list[Entry]:
        """The entries among the choices, but for those that come with a *refusal* anyway."""
        ids = [choice.action.removeprefix(ENTRY) for choice in step.replies[-1].choices]
        usual = refusal.follow_ups if refusal else ()
        known = self.knowledge.entries
        return [known[each] for each in ids if each in known and each not in usual]

    def _policies(self, found: Found) -> dict[str, Act]:
        acts = {}
        for policy in POLICIES:
            organisation = replace(self.knowledge.organisation, policy=policy)
            decision = decide(replace(self.knowledge, organisation=organisation), found)
            topics = tuple(hit.entry.topic for hit in decision.hits)
            if decision.verdict in SURE:
                acts[policy] = Act(Did.ANSWER, topics[:1])
            elif decision.verdict is Verdict.ASK_WHICH:
                acts[policy] = Act(Did.OFFER, topics)
            else:
                acts[policy] = Act(Did.DECLINE)
        return acts


def _names(entries: Sequence[Entry], by: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_name(entry, by) for entry in entries))


def _name(entry: Entry, by: str) -> str:
    return entry.topic if by == TOPIC or entry.topic in ASIDE else entry.id


@dataclass(frozen=True, slots=True)
class BareIndex:
    """An index alone: answers from its threshold on, offers up to three, has no small talk."""

    index: Index

    @property
    def expected(self) -> Mapping[str, Thresholds]:
        return self.index.thresholds

    def labels(self, question: Question) -> tuple[str, ...]:
        return question.wanted

    async def judge(self, question: Question, *, after: str = "") -> Judgement:
        del after  # an index has no memory
        ranked = tuple(self.index.rank(question.text, _RANKED))
        acts = {name: _by_thresholds(ranked, each) for name, each in self.expected.items()}
        return Judgement(ranked, acts["vừa"], acts)


def _by_thresholds(ranked: Sequence[tuple[str, float]], limits: Thresholds) -> Act:
    if ranked and ranked[0][1] >= limits.answer:
        return Act(Did.ANSWER, (ranked[0][0],))
    offered = tuple(name for name, sure in ranked[:OFFERED] if sure >= limits.offer)
    return Act(Did.OFFER, offered) if offered else Act(Did.DECLINE)


def declines(act: Act) -> bool:
    """Whether nothing of the department's own matters was answered or offered."""
    return act.did is Did.DECLINE or set(act.names) <= {OUT_OF_SCOPE, SMALLTALK}
