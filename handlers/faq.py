"""Answering a free question: say, say and offer another, ask which was meant, or decline.

`decide` is the whole policy, as a pure function; evaluation calls the same one. A confident wrong
answer is the worst outcome, so every doubt moves one step towards asking back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto
from itertools import zip_longest

from handlers.conversation import Choice, Outcome, Reply, Session, Step, Turn
from handlers.effects import Effect, NoteChoice, NoteUnanswered
from handlers.speech import ENTRY, links, ways_out
from knowledge.answers import no_longer, speak
from knowledge.entries import ASIDE, OUT_OF_SCOPE, SMALLTALK, Entry, Knowledge
from knowledge.finding import Found, Hit, asks, beside, find, without_opener
from knowledge.text import clauses, clean, fold

SHORT = 3  # syllables: below, only a question that names one thing is answered without asking back
# How likely the best entry, another topic's best entry, and "not ours" must be beside the rest.
_ALONE = 3
_TORN = 1.25
_FOREIGN = 0.75
OFFERED = 3
TOPIC_LASTS = timedelta(minutes=10)
SAME_BREATH = timedelta(seconds=2)
NONE_OF_THESE = "none"


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
    back, up to three: the likely topics in turn. Declining by name needs less certainty than an
    answer, as long as no other entry is clearly likelier: nobody is misled by it.
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
    enough = (limits.answer + limits.offer) / 2 if named else limits.answer
    if topic in ASIDE and own and sure >= enough:
        return Decision(Verdict.ANSWER, own[:1])
    enough_said = found.look.syllables > SHORT or _names_one_thing(knowledge, found)
    torn = _may_be_foreign(found) or (elsewhere and _is_rivalled(found))
    if own and sure >= limits.answer and enough_said and not torn:
        close = tuple(hit for hit in own[1:] if hit.confidence >= own[0].confidence / 2)
        return _answer(own[0], close[: OFFERED - 1])
    near = _in_turn([found.of(name) for name in _likely(found, limits.offer)])
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


def _may_be_foreign(found: Found) -> bool:
    """Whether another office's business is nearly as likely: then nothing of ours is answered.

    Of 1,656 strangers' questions, most of them spoilt, that left 1 answered of 8, for 1 right
    answer in a hundred.
    """
    (_, sure), *others = found.topics
    return dict(others).get(OUT_OF_SCOPE, 0.0) >= _FOREIGN * sure


def _is_rivalled(found: Found) -> bool:
    """Whether the likeliest entry is of another topic of ours that is as likely as the first."""
    (_, sure), *others = found.topics
    other = found.hits[0].entry.topic
    return other not in ASIDE and dict(others).get(other, 0.0) >= sure


def _names_one_thing(knowledge: Knowledge, found: Found) -> bool:
    """Whether a few syllables leave no doubt of the entry itself: "ai chấm giải", not "hồ sơ"."""
    best, *others = found.hits
    sure = knowledge.index.thresholds[knowledge.organisation.policy].answer
    rival = max((hit.confidence for hit in others), default=0.0)
    return best.confidence >= max(sure, _ALONE * rival)


def _answer(best: Hit, close: tuple[Hit, ...]) -> Decision:
    verdict = Verdict.ANSWER_AND_OFFER if close else Verdict.ANSWER
    return Decision(verdict, (best, *close))


def _in_turn(topics: Sequence[tuple[Hit, ...]]) -> tuple[Hit, ...]:
    """The best hit of each topic, then the second ones, and so on."""
    rounds = zip_longest(*topics)
    return tuple(hit for each in rounds for hit in each if hit is not None)


async def ask(turn: Turn) -> Step:
    """Answer the words of *turn* from the knowledge, in the light of what was said before."""
    knowledge, text = turn.knowledge, turn.incoming.text
    if not any(c.isalnum() for c in text):
        return _said(turn, knowledge.say("faq.empty"), turn.session.offered)
    decision = _with_context(turn, text)
    session = replace(turn.session, asked=clean(text), asked_at=turn.now)
    turn = replace(turn, session=session)
    if (both := _two_questions(turn, text, decision)) is not None:
        return both
    if decision.verdict is Verdict.DECLINE:
        note = NoteUnanswered(text, "unanswered")
        reply = knowledge.say("faq.unanswered")
        return _said(turn, reply, ways_out(knowledge), Outcome.UNANSWERED, (note,))
    if decision.verdict is Verdict.ASK_WHICH:
        return _which(turn, decision)
    step = give(turn, decision.hits[0])
    if decision.verdict is Verdict.ANSWER_AND_OFFER and step.outcome is Outcome.ANSWERED:
        return _offer_others(turn, step, decision.hits[1:])
    return step


def sounds_like_question(turn: Turn, text: str, *, no_value: bool) -> bool:
    """Whether *text*, typed where a form waits for a value, is a question of its own.

    Where it could be the value, only an exact question or one with the marks of asking counts:
    the name of an enterprise may well contain "chất lượng". With *no_value* it cannot be, yet a
    slip is likelier than a question: "huyện Núi Thành" is no question about another office, and
    "6" none about schools.
    """
    if not any(letter.isalpha() for letter in text):
        return False
    found = find(turn.knowledge, text, turn.now.date())
    decision = decide(turn.knowledge, found)
    if found.look.exact:
        return True
    if "?" in text:
        words = sum(word.isalpha() for word in fold(text).split())
        return decision.verdict is not Verdict.DECLINE or words >= SHORT
    if decision.hits and decision.hits[0].entry.topic == SMALLTALK:
        return False
    if no_value and decision.hits and decision.hits[0].entry.topic != OUT_OF_SCOPE:
        long_enough = decision.verdict in SURE and found.look.syllables > SHORT
        return asks(text) or long_enough
    return asks(text) and decision.verdict in SURE


async def pressed(turn: Turn) -> Step:
    """The entry behind a choice. After "did you mean", the press is kept as evidence."""
    entry = turn.knowledge.entries.get(turn.incoming.action.removeprefix(ENTRY))
    if entry is None:
        return _said(turn, turn.knowledge.say("menu.gone"), ways_out(turn.knowledge))
    step = give(turn, Hit(entry, 1.0))
    offered = any(choice.action == NONE_OF_THESE for choice in turn.session.offered)
    if offered and turn.session.asked:
        learned = NoteChoice(turn.session.asked, entry.id)
        step = replace(step, effects=(*step.effects, learned))
    return replace(step, session=replace(step.session, asked="", asked_at=None))


async def none_of_these(turn: Turn) -> Step:
    """None of the offered entries was meant: staff get the question."""
    question = turn.session.asked
    notes = (NoteUnanswered(question, "disputed"),) if question else ()
    text = turn.knowledge.say("faq.noted" if question else "faq.ask_otherwise")
    session = replace(turn.session, asked="", asked_at=None)
    turn = replace(turn, session=session)
    return _said(turn, text, ways_out(turn.knowledge), Outcome.UNANSWERED, notes)


def give(turn: Turn, hit: Hit) -> Step:
    """Say one entry, or say that the rule under it has lapsed."""
    knowledge, entry = turn.knowledge, hit.entry
    ended = no_longer(knowledge, entry, turn.now.date())
    if ended:
        return _lapsed(turn, entry, ended)
    spoken = speak(knowledge, entry, turn.now)
    text = spoken.text
    if hit.about_year:
        text = f"{knowledge.say('answer.current_rule_only', year=hit.about_year)}\n\n{text}"
    return Step(
        replies=(Reply(text, links(knowledge, entry.follow_ups)),),
        session=_remember(turn, entry),
        outcome=_outcome(entry),
        entries=(entry.id,),
        confidence=hit.confidence,
    )


def _with_context(turn: Turn, text: str) -> Decision:
    """Decide alone; only where that is not confident, in the light of what was just said."""
    knowledge, session, today = turn.knowledge, turn.session, turn.now.date()
    alone = find(knowledge, text, today)
    decision = decide(knowledge, alone)
    if decision.verdict in SURE:
        return decision
    subject = without_opener(text)
    if subject != text:
        plain = decide(knowledge, find(knowledge, subject, today))
        if plain.verdict in SURE:
            return plain
    answered = session.asked_at == session.topic_at  # then the next message is a new question
    if session.asked_at and not answered and turn.now - session.asked_at <= SAME_BREATH:
        joined = decide(knowledge, find(knowledge, f"{session.asked} {text}", today))
        if joined.verdict in SURE:
            return joined
    recent = session.topic_at and turn.now - session.topic_at <= TOPIC_LASTS
    if recent and session.topic and (alone.look.syllables <= SHORT or subject != text):
        return _in_topic(find(knowledge, subject, today, topic=session.topic)) or decision
    return decision


def _in_topic(found: Found) -> Decision | None:
    """What a question means that is known to go on about one topic; nothing if it shares no word.

    The topic is not in doubt, so entries are weighed against each other alone.
    """
    if not any(candidate.matched for candidate in found.look.candidates):
        return None
    best, *others = found.hits
    if found.look.exact or not others or best.confidence >= 2 * others[0].confidence:
        return _answer(best, tuple(others[: OFFERED - 1]))
    return Decision(Verdict.ASK_WHICH, found.hits[:OFFERED])


def _two_questions(turn: Turn, text: str, whole: Decision) -> Step | None:
    """Both answers, only where two clauses are each confident and name different entries.

    Where the message as a whole is not sure either, one menu with what each clause may mean.
    """
    parts = clauses(text)
    if len(parts) != 2 or whole.exact:  # noqa: PLR2004 - two questions
        return None
    today = turn.now.date()
    decisions = [decide(turn.knowledge, find(turn.knowledge, part, today)) for part in parts]
    if not all(each.verdict in SURE for each in decisions):
        two = all(each.hits for each in decisions) and all(map(asks, parts))
        if whole.verdict in SURE or not two:
            return None
        near = (hit for each in decisions for hit in each.hits[:2])
        by_id = {hit.entry.id: hit for hit in near if hit.entry.topic not in ASIDE}
        menu = tuple(by_id.values())[:OFFERED]
        return _which(turn, Decision(Verdict.ASK_WHICH, menu)) if menu else None
    first, second = (each.hits[0] for each in decisions)
    social = {SMALLTALK, OUT_OF_SCOPE} & {first.entry.topic, second.entry.topic}
    if first.entry.id == second.entry.id or social:
        return None
    return _both(turn, first, second)


def _both(turn: Turn, first: Hit, second: Hit) -> Step | None:
    one, two = give(turn, first), give(turn, second)
    if Outcome.LAPSED in (one.outcome, two.outcome):
        return None
    heading = turn.knowledge.say("faq.also")
    follow = replace(two.replies[0], text=f"{heading}\n{two.replies[0].text}")
    return Step(
        replies=(replace(one.replies[0], choices=()), follow),
        session=two.session,
        outcome=Outcome.ANSWERED,
        entries=(first.entry.id, second.entry.id),
        confidence=min(first.confidence, second.confidence),
    )


def _which(turn: Turn, decision: Decision) -> Step:
    knowledge = turn.knowledge
    ids = [hit.entry.id for hit in decision.hits]
    none = Choice(knowledge.say("choice.none_of_these"), NONE_OF_THESE)
    text = knowledge.say("faq.did_you_mean")
    step = _said(turn, text, (*links(knowledge, ids), none), Outcome.OFFERED)
    return replace(step, confidence=decision.hits[0].confidence)


def _offer_others(turn: Turn, step: Step, others: Sequence[Hit]) -> Step:
    reply = step.replies[0]
    near = links(turn.knowledge, [hit.entry.id for hit in others])
    follow = tuple(choice for choice in reply.choices if choice not in near)
    return replace(step, replies=(replace(reply, choices=(*near, *follow)),))


def _lapsed(turn: Turn, entry: Entry, text: str) -> Step:
    note = NoteUnanswered(turn.incoming.text or entry.question, "lapsed", (entry.id,))
    return _said(turn, text, ways_out(turn.knowledge), Outcome.LAPSED, (note,))


def _remember(turn: Turn, entry: Entry) -> Session:
    if entry.topic == SMALLTALK:  # nothing that an officer should be told
        return replace(turn.session, asked="", asked_at=None)
    if entry.topic == OUT_OF_SCOPE:
        return turn.session
    return replace(turn.session, topic=entry.topic, topic_at=turn.now)


def _outcome(entry: Entry) -> Outcome:
    known = {SMALLTALK: Outcome.SMALLTALK, OUT_OF_SCOPE: Outcome.REFUSED}
    return known.get(entry.topic, Outcome.ANSWERED)


def _said(
    turn: Turn,
    text: str,
    choices: tuple[Choice, ...],
    outcome: Outcome = Outcome.MENU,
    effects: tuple[Effect, ...] = (),
) -> Step:
    return Step((Reply(text, choices),), turn.session, outcome, effects)
