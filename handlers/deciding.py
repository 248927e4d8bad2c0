"""Deciding what to do about a free question: say, say and offer another, ask back, or decline.

`decide` is the whole policy, as a pure function; evaluation calls the same one. A confident wrong
answer is the worst outcome, so every doubt moves one step towards asking back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import zip_longest

from knowledge.entries import ASIDE, OUT_OF_SCOPE, Knowledge
from knowledge.finding import Found, Hit, beside

SHORT = 3  # syllables: below, only a question that names one thing is answered without asking back
OFFERED = 3
# How likely, beside what it is compared with, is an entry without a rival, one that is clearly the
# likelier, a topic that comes near another, and one that is as likely as another.
_ALONE = 3
_TORN = 1.25
_NEARLY = 0.75
_TIED = 0.9


class Verdict(Enum):
    """What to do about a question."""

    ANSWER = auto()
    ANSWER_AND_OFFER = auto()
    ASK_WHICH = auto()
    DECLINE = auto()


SURE = (Verdict.ANSWER, Verdict.ANSWER_AND_OFFER)


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and the hits it is about, best first; `exact`: asked word for word as written."""

    verdict: Verdict
    hits: tuple[Hit, ...]
    exact: bool = False


def decide(knowledge: Knowledge, found: Found) -> Decision:
    """Weigh how sure the topic is, then pick its best entries, under the department's policy.

    A topic is answered by its best entry, with its neighbours offered where they come close. Asked
    back, up to three: the likely topics in turn. A topic that no other comes near needs less
    certainty; so does declining by name, as long as no other entry is clearly likelier.
    """
    if not found.hits or not found.topics:
        return Decision(Verdict.DECLINE, ())
    if found.look.exact:
        return Decision(Verdict.ANSWER, found.hits[:1], exact=True)
    limits = knowledge.index.group_thresholds[knowledge.organisation.policy]
    topic, sure = found.topics[0]
    own = found.of(topic)
    elsewhere = bool(own) and found.hits[0].confidence >= _TORN * own[0].confidence
    named = topic == OUT_OF_SCOPE and not elsewhere
    halfway = (limits.answer + limits.offer) / 2
    if topic in ASIDE:
        aside = own and sure >= (halfway if named else limits.answer)
        if aside and not _may_be_ours(found):
            return Decision(Verdict.ANSWER, own[:1])
        return _ask_which(knowledge, found, limits.offer)
    enough_said = found.look.syllables > SHORT or _names_one_thing(knowledge, found)
    torn = _may_be_foreign(found) or _is_rivalled(found)
    enough = halfway if _stands_alone(found) else limits.answer
    if own and sure >= enough and enough_said and not torn:
        close = tuple(hit for hit in own[1:] if hit.confidence >= own[0].confidence / 2)
        rival = _also_likely(found, limits.answer)
        return answer_with(own[0], (*close[: OFFERED - 1 - len(rival)], *rival))
    return _ask_which(knowledge, found, limits.offer)


def _ask_which(knowledge: Knowledge, found: Found, enough: float) -> Decision:
    near = _in_turn([found.of(name) for name in _likely(found, enough)])
    if len(near) < OFFERED:
        said = (hit for hit in beside(knowledge, found) if hit.entry.topic not in ASIDE)
        near = tuple({hit.entry.id: hit for hit in (*near, *said)}.values())
    menu = near[:OFFERED]
    return Decision(Verdict.ASK_WHICH, menu) if menu else Decision(Verdict.DECLINE, ())


def _likely(found: Found, enough: float) -> list[str]:
    """The topics of ours worth offering: once one is, also those half as likely."""
    ours = [(name, chance) for name, chance in found.topics if name not in ASIDE]
    if not ours or ours[0][1] < enough:
        return []
    return [name for name, chance in ours if chance >= min(enough, ours[0][1] / 2)]


def _also_likely(found: Found, enough: float) -> tuple[Hit, ...]:
    """The best hit of a second topic of ours that would be answered itself, or comes near."""
    (_, sure), (name, chance), *_ = (*found.topics, ("", 0.0))
    if name in ASIDE or chance < min(enough, _NEARLY * sure):
        return ()
    return found.of(name)[:1]


def _may_be_foreign(found: Found) -> bool:
    """Whether another office's business is nearly as likely: then nothing of ours is answered.

    Of 1,656 strangers' questions, most of them spoilt, that left 1 answered of 8, for 1 right
    answer in a hundred.
    """
    (_, sure), *others = found.topics
    return dict(others).get(OUT_OF_SCOPE, 0.0) >= _NEARLY * sure


def _may_be_ours(found: Found) -> bool:
    """Whether a topic of ours is as likely as one that is not, whose entry is not clearly likelier.

    Of 12,126 questions of ours, most of them spoilt, 102 were declined by name or taken for small
    talk; that asks back for 23 of them, and for 71 of 2,517 that had to be declined.
    """
    (topic, sure), *others = found.topics
    tied = any(name not in ASIDE and chance >= _TIED * sure for name, chance in others)
    ours = max((hit.confidence for hit in found.hits if hit.entry.topic not in ASIDE), default=0.0)
    return tied and found.of(topic)[0].confidence < _TORN * ours


def _stands_alone(found: Found) -> bool:
    """Whether the likeliest topic has the likeliest entry and no other comes near.

    Of 15,162 questions, most of them spoilt, that answered 230 more rightly, 2 more wrongly and 5
    more that had to be declined, four of these one insult.
    """
    (topic, sure), *others = found.topics
    second = max((chance for _, chance in others), default=0.0)
    return found.hits[0].entry.topic == topic and second < _NEARLY * sure


def _is_rivalled(found: Found) -> bool:
    """Whether the likeliest entry is of another topic of ours that is as likely as the first.

    Of 4,776 unseen questions, most of them spoilt, 279 were answered with such a rival about, one
    in three wrongly; that asks back for 24 of the 89, and for 30 right answers.
    """
    (topic, sure), *others = found.topics
    other = found.hits[0].entry.topic
    return other not in (topic, *ASIDE) and dict(others).get(other, 0.0) >= _TIED * sure


def _names_one_thing(knowledge: Knowledge, found: Found) -> bool:
    """Whether a few syllables leave no doubt of the entry itself: "ai chấm giải", not "hồ sơ"."""
    best, *others = found.hits
    sure = knowledge.index.thresholds[knowledge.organisation.policy].answer
    rival = max((hit.confidence for hit in others), default=0.0)
    return best.confidence >= max(sure, _ALONE * rival)


def answer_with(best: Hit, close: tuple[Hit, ...]) -> Decision:
    """Answer with *best*, offering what comes *close*."""
    verdict = Verdict.ANSWER_AND_OFFER if close else Verdict.ANSWER
    return Decision(verdict, (best, *close))


def _in_turn(topics: Sequence[tuple[Hit, ...]]) -> tuple[Hit, ...]:
    """The best hit of each topic, then the second ones, and so on."""
    rounds = zip_longest(*topics)
    return tuple(hit for each in rounds for hit in each if hit is not None)
