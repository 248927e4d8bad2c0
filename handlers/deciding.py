"""Deciding what to do about a free question: say, say and offer another, ask back, or decline.

`decide` is the whole policy, as a pure function; evaluation calls the same one. It weighs what the
index thinks of topics and of entries into one certainty that the likeliest topic of ours is what
is asked. Every doubt moves one step towards asking back: a confident wrong answer is the worst.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import zip_longest
from math import exp, log

from knowledge.calibration import Thresholds
from knowledge.entries import ASIDE, OUT_OF_SCOPE, SMALLTALK, Knowledge
from knowledge.finding import Found, Hit, beside

SHORT = 3  # syllables: below, only a question that names one thing is answered without asking back
OFFERED = 3
# How much likelier than any other an entry without a rival is, and a topic that comes near another.
_ALONE = 3
_NEARLY = 0.75
# The least certainties: to answer outright, not to be declined by name, to be a choice beside that.
ENOUGH = 0.6
DOUBTED = 0.15
_FAINT = 0.03
# What speaks for the likeliest topic of ours, in log-odds but for the length: logistic regression
# over 2,200 questions of strangers, clean, bare and misspelt, a third of them not ours. Those that
# the knowledge had not learnt from weighed three times the others.
_BASE = -5.1
_TOPIC = 1.33  # its probability, counted from what the policy asks
_ENTRY = 0.51  # its likeliest entry
_FOREIGN = -0.5  # the probability that the question is another office's
_OTHER_ENTRY = -0.69  # the likeliest entry of any other topic
_LENGTH = 1.66  # the logarithm of the number of syllables: a long question rarely fits by accident
_LONG = 15  # syllables: beyond, length says nothing more
_UTMOST = 0.999  # no probability says more, nor its complement less


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
    """Answer, ask back or decline under the department's policy, which sets what a topic needs.

    The likeliest topic of ours is answered by its best entry, with neighbours offered where they
    come close. What is likely another office's is declined by name, offering what may be ours.
    Asked back, up to three: the likely topics in turn.
    """
    if not found.hits or not found.topics:
        return Decision(Verdict.DECLINE, ())
    if found.look.exact:
        return Decision(Verdict.ANSWER, found.hits[:1], exact=True)
    limits = knowledge.index.group_thresholds[knowledge.organisation.policy]
    sure = certainty(found, limits.answer)
    enough_said = found.look.syllables > SHORT or _names_one_thing(knowledge, found)
    small_talk = found.topics[0][0] == SMALLTALK
    if sure >= ENOUGH and enough_said and not small_talk:
        return _answer(found, limits.answer)
    menu = _worth_offering(found, limits.offer)
    if sure < DOUBTED and (aside := _aside(found, limits)):
        foreign = aside.entry.topic == OUT_OF_SCOPE and sure >= _FAINT
        return answer_with(aside, menu[: OFFERED - 1] if foreign else ())
    if sure < DOUBTED and _chance_of_ours(found) < limits.offer:
        menu = ()
    return _ask_which(knowledge, found, menu)


def certainty(found: Found, enough: float) -> float:
    """How likely the likeliest topic of ours is what is asked, all evidence weighed, from 0 to 1.

    *enough* is the topic's probability that the policy asks for: there the other evidence decides.
    """
    ours = _ours(found)
    if not ours:
        return 0.0
    topic, chance = ours[0]
    others = (hit.confidence for hit in found.hits if hit.entry.topic != topic)
    weighed = (
        _BASE
        + _TOPIC * (_odds(chance) - _odds(enough))
        + _ENTRY * _odds(found.of(topic)[0].confidence)
        + _FOREIGN * _odds(dict(found.topics).get(OUT_OF_SCOPE, 0.0))
        + _OTHER_ENTRY * _odds(max(others, default=0.0))
        + _LENGTH * log(min(max(found.look.syllables, 1), _LONG))
    )
    return 1 / (1 + exp(-weighed))


def answer_with(best: Hit, close: tuple[Hit, ...]) -> Decision:
    """Answer with *best*, offering what comes *close*."""
    verdict = Verdict.ANSWER_AND_OFFER if close else Verdict.ANSWER
    return Decision(verdict, (best, *close))


def _answer(found: Found, enough: float) -> Decision:
    """The best entry of the likeliest topic of ours, its neighbours, and a likely second topic."""
    (topic, chance), *others = _ours(found)
    best, *own = found.of(topic)
    close = tuple(hit for hit in own if hit.confidence >= best.confidence / 2)
    rivals = [name for name, rival in others if rival >= min(enough, _NEARLY * chance)]
    rival = found.of(rivals[0])[:1] if rivals else ()
    return answer_with(best, (*close[: OFFERED - 1 - len(rival)], *rival))


def _aside(found: Found, limits: Thresholds) -> Hit | None:
    """What is not ours but likely meant: another office's business at less than small talk.

    Not where the likeliest entry is of another topic: a false reason is worse than none.
    """
    (topic, chance), best = found.topics[0], found.hits[0]
    halfway = (limits.answer + limits.offer) / 2
    enough = halfway if topic == OUT_OF_SCOPE else limits.answer
    return best if topic in ASIDE and best.entry.topic == topic and chance >= enough else None


def _ask_which(knowledge: Knowledge, found: Found, menu: tuple[Hit, ...]) -> Decision:
    if len(menu) < OFFERED:
        near = (hit for hit in beside(knowledge, found) if hit.entry.topic not in ASIDE)
        menu = tuple({hit.entry.id: hit for hit in (*menu, *near)}.values())
    return Decision(Verdict.ASK_WHICH if menu else Verdict.DECLINE, menu[:OFFERED])


def _worth_offering(found: Found, enough: float) -> tuple[Hit, ...]:
    """Hits of ours, each topic in turn: those likely *enough*, and half as likely as the first."""
    ours = _ours(found)
    least = min(enough, ours[0][1] / 2) if ours else enough
    return _in_turn([found.of(name) for name, chance in ours if chance >= least])


def _ours(found: Found) -> list[tuple[str, float]]:
    """The topics of ours with their probability, likeliest first."""
    return [each for each in found.topics if each[0] not in ASIDE and found.of(each[0])]


def _chance_of_ours(found: Found) -> float:
    return max((chance for _, chance in _ours(found)), default=0.0)


def _odds(chance: float) -> float:
    kept = min(max(chance, 1 - _UTMOST), _UTMOST)
    return log(kept / (1 - kept))


def _names_one_thing(knowledge: Knowledge, found: Found) -> bool:
    """Whether a few syllables leave no doubt of the entry itself: "ai chấm giải", not "hồ sơ"."""
    best, *others = found.hits
    sure = knowledge.index.thresholds[knowledge.organisation.policy].answer
    rival = max((hit.confidence for hit in others), default=0.0)
    return best.confidence >= max(sure, _ALONE * rival)


def _in_turn(topics: Sequence[tuple[Hit, ...]]) -> tuple[Hit, ...]:
    """The best hit of each topic, then the second ones, and so on."""
    rounds = zip_longest(*topics)
    return tuple(hit for each in rounds for hit in each if hit is not None)
