"""Answering a free question as `deciding` says, in the light of what was said before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from handlers.conversation import Choice, Outcome, Reply, Session, Step, Turn
from handlers.courtesy import readable, without_courtesy
from handlers.deciding import OFFERED, SHORT, SURE, Decision, Verdict, answer_with, decide
from handlers.effects import Effect, NoteChoice, NoteUnanswered
from handlers.speech import ENTRY, links, ways_out
from knowledge.answers import no_longer, speak
from knowledge.entries import ASIDE, OUT_OF_SCOPE, SMALLTALK, Entry
from knowledge.finding import Found, Hit, asks, find, without_opener
from knowledge.text import clauses, clean, fold

TOPIC_LASTS = timedelta(minutes=10)
SAME_BREATH = timedelta(seconds=2)
NONE_OF_THESE = "none"
# Of what a follow-up says that is about the topic: all of it, and how likely its entry then is at
# least. "Thế bao lâu" after a fee comes to 0.022, "vậy thôi" after a dossier to 0.014.
_EVERY_WORD = 0.95
_FAINT = 0.018
# Syllables: "số điện thoại bao nhiêu" after a question about a hospital goes on about that.
_NAMES_ITS_MATTER = 6


async def ask(turn: Turn) -> Step:
    """Answer the words of *turn* from the knowledge, in the light of what was said before."""
    knowledge, text = turn.knowledge, readable(turn.incoming.text)
    if not any(c.isalnum() for c in text):
        return _said(turn, knowledge.say("faq.empty"), turn.session.offered)
    question, decision = _beside_courtesy(turn, text)
    asked = clean(f"{_said_just_now(turn)} {text}")
    turn = replace(turn, session=replace(turn.session, asked=asked, asked_at=turn.now))
    if (both := _two_questions(turn, question, decision)) is not None:
        return both
    if decision.verdict is Verdict.DECLINE:
        note = NoteUnanswered(turn.incoming.text, "unanswered")
        reply = knowledge.say("faq.unanswered")
        return _said(turn, reply, ways_out(knowledge), Outcome.UNANSWERED, (note,))
    if decision.verdict is Verdict.ASK_WHICH:
        return _which(turn, decision)
    step = give(turn, decision.hits[0])
    if decision.verdict is Verdict.ANSWER_AND_OFFER and step.outcome is not Outcome.LAPSED:
        return _offer_others(turn, step, decision.hits[1:])
    return step


def understood(turn: Turn) -> tuple[str, ...]:
    """The words that `ask` decides about: of each of two questions, else of the one, bare.

    Only of a new conversation, where nothing said before counts.
    """
    knowledge, today = turn.knowledge, turn.now.date()
    question, decision = _beside_courtesy(turn, readable(turn.incoming.text))
    if _two_questions(turn, question, decision) is not None:
        return clauses(question)
    alone = decide(knowledge, find(knowledge, question, today))
    return (question if decision == alone else without_opener(question),)


def sounds_like_question(turn: Turn, text: str, *, no_value: bool) -> bool:
    """Whether *text*, typed where a form waits for a value, is a question of its own.

    Where it could be the value, only an exact question or one with the marks of asking counts:
    the name of an enterprise may well contain "chất lượng". With *no_value* it cannot be, yet a
    slip is likelier than a question: "huyện Núi Thành" is no question about another office, and
    "6" none about schools.
    """
    if not any(letter.isalpha() for letter in text):
        return False
    found = find(turn.knowledge, readable(text), turn.now.date())
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
        ahead = hit.about_year > turn.now.year
        note = "answer.rule_of_today" if ahead else "answer.current_rule_only"
        text = f"{knowledge.say(note, year=hit.about_year)}\n\n{text}"
    return Step(
        replies=(Reply(text, links(knowledge, entry.follow_ups)),),
        session=_remember(turn, entry),
        outcome=_outcome(entry),
        entries=(entry.id,),
        confidence=hit.confidence,
    )


def _beside_courtesy(turn: Turn, text: str) -> tuple[str, Decision]:
    """The question that stands beside greetings and thanks, and what is decided about it.

    Where no question does, the message counts as a whole: "Kính chào Sở, chúc Sở nhiều sức khỏe."
    """
    question = without_courtesy(text, lambda words: _is_small_talk(turn, words))
    decision = _with_context(turn, question)
    if question == text:
        return text, decision
    few = len(fold(question).split()) <= SHORT
    doubtful = decision.verdict not in SURE or few
    if decision.verdict is not Verdict.DECLINE and (asks(question) or not doubtful):
        return question, decision
    whole = _with_context(turn, text)
    social = whole.verdict in SURE and whole.hits[0].entry.topic == SMALLTALK
    if decision.verdict is Verdict.DECLINE or social:
        return text, whole
    return question, decision


def _is_small_talk(turn: Turn, words: str) -> bool:
    decision = decide(turn.knowledge, find(turn.knowledge, words, turn.now.date()))
    return decision.verdict in SURE and decision.hits[0].entry.topic == SMALLTALK


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
    if before := _said_just_now(turn):
        joined = decide(knowledge, find(knowledge, f"{before} {text}", today))
        if joined.verdict in SURE or decision.verdict is Verdict.DECLINE:
            return joined
    recent = session.topic_at and turn.now - session.topic_at <= TOPIC_LASTS
    if recent and session.topic and (alone.look.syllables <= SHORT or subject != text):
        meant = find(knowledge, subject, today, topic=session.topic)
        enough = knowledge.index.thresholds[knowledge.organisation.policy].offer
        return _in_topic(meant, enough) or decision
    return decision


def _said_just_now(turn: Turn) -> str:
    """What was typed within the same breath and not answered yet: all of it is one question."""
    session = turn.session
    answered = session.asked_at == session.topic_at  # then the next message is a new question
    if session.asked_at is None or answered or turn.now - session.asked_at > SAME_BREATH:
        return ""
    return session.asked


def _in_topic(found: Found, enough: float) -> Decision | None:
    """What a question means that seems to go on about one topic; None if no entry is likely enough.

    Entries are weighed against each other alone. Less than *enough* is needed where the likeliest
    explains every word: "thế bao lâu" names nothing, "còn lương giám đốc" another matter.
    """
    if not found.hits:
        return None
    explained = found.look.candidates[0].coverage >= _EVERY_WORD
    if found.hits[0].confidence < (_FAINT if explained else enough):
        return None
    best, *others = found.hits
    if found.look.exact or not others or best.confidence >= 2 * others[0].confidence:
        return answer_with(best, tuple(others[: OFFERED - 1]))
    return Decision(Verdict.ASK_WHICH, found.hits[:OFFERED])


def _two_questions(turn: Turn, text: str, whole: Decision) -> Step | None:
    """Both answers, only where two clauses are each confident and name different entries.

    Of one that is not ours the refusal comes after the answer, and small talk gets no reply. Where
    the message as a whole is not sure either, one menu with what each clause may mean.
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
    first, second = sorted((each.hits[0] for each in decisions), key=_is_aside)
    if first.entry.id == second.entry.id or _is_aside(first):
        return None
    if first.entry.topic == second.entry.topic and not all(map(asks, parts)):
        return None  # "giải bạc và giải vàng khác nhau thế nào"
    if not _is_aside(second):
        return _both(turn, first, second)
    own, other = parts if decisions[0].hits[0] is first else parts[::-1]
    if not asks(own) or (whole.verdict in SURE and not _is_aside(whole.hits[0])):
        return None
    if second.entry.topic == SMALLTALK:
        return give(turn, first)
    own_matter = len(fold(own).split()) > (SHORT if own is parts[0] else _NAMES_ITS_MATTER)
    return _both(turn, first, second) if own_matter and asks(other) else None


def _is_aside(hit: Hit) -> bool:
    return hit.entry.topic in ASIDE


def _both(turn: Turn, first: Hit, second: Hit) -> Step | None:
    one, two = give(turn, first), give(turn, second)
    if Outcome.LAPSED in (one.outcome, two.outcome):
        return None
    heading = turn.knowledge.say("faq.also")
    follow = replace(two.replies[0], text=f"{heading}\n{two.replies[0].text}")
    return Step(
        replies=(replace(one.replies[0], choices=()), follow),
        session=one.session if _is_aside(second) else two.session,
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
    if step.outcome is Outcome.REFUSED:
        reply = replace(reply, text=f"{reply.text}\n\n{turn.knowledge.say('faq.may_be_ours')}")
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
