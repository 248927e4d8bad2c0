"""When a person wants a person: how to reach the department, and a conversation with its staff.

While the staff listens the bot keeps silent: what is typed goes to them. Commands with a slash,
choices, and the words for one's rights and for ending it go on working.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from handlers.conversation import Choice, Outcome, Reply, Session, Step, Turn
from handlers.drafts import shelve, waiting
from handlers.effects import EndHandOver, HandOver, NoteUnanswered, RateHandOver, TellStaff
from handlers.form_pages import resume
from handlers.records import Desk
from handlers.speech import FORM, command, link
from knowledge.answers import contact_block, organisation_name
from knowledge.clock import VIETNAM
from knowledge.entries import Knowledge
from knowledge.workhours import working_time

STILL_MEANT: Final = timedelta(hours=1)  # later, who asks for a person has something new in mind
QUOTED: Final = 120
LONGEST_REASON: Final = 300
SILENCE: Final = timedelta(minutes=10)  # after so long, who writes is told again that it arrives
CHANGEABLE: Final = timedelta(days=1)  # so long a judgement may be changed

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # as their phrases are named
DIALOG, REASON = "hand_over", "reason"
HUMAN, END, RATE = "human", "human-end", "rate:"
SCORES: Final = ("good", "fair", "poor")
# What may be typed in words while the staff listens; all else that is typed goes to them.
ALWAYS: Final = frozenset(
    {
        *("my_data", "withdraw", "erase", "stop", "stop_reminders"),
        *("contact", "end_talk", "cancel", "menu", "help", "start"),
    }
)


async def contact(turn: Turn) -> Step:
    """The contact block, a note of what was asked last, and the way to a person where one is."""
    desk = await turn.lookup.desk()
    if desk.listening:
        return _going_on(turn, desk)
    knowledge = turn.knowledge
    asked = _asked(turn)
    notes = (NoteUnanswered(asked, "asked_human"),) if asked else ()
    parts = [contact_block(knowledge)]
    if asked:
        parts.append(knowledge.say("contact.noted", question=_short(asked)))
    choices = [link(knowledge, f"{FORM}register"), command(knowledge, "menu", "choice.menu")]
    session = replace(turn.session, asked="", asked_at=None)
    if not desk.staffed:
        return Step((Reply("\n\n".join(parts), tuple(choices)),), session, Outcome.CONTACT, notes)
    parts.append(knowledge.say("handover.reason"))
    skip = "handover.choice.question" if asked else "handover.choice.at_once"
    session = shelve(replace(turn, session=session))
    ways = [resume(knowledge, draft) for draft in waiting(replace(turn, session=session))[:1]]
    data = {"asked": asked, "at": turn.now.isoformat()}
    session = replace(session, dialog=DIALOG, step=REASON, data=data)
    choices = [Choice(knowledge.say(skip), HUMAN), *choices, *ways]
    reply = Reply("\n\n".join(parts), tuple(choices))
    return Step((reply,), session, Outcome.CONTACT, notes)


def asks_reason(turn: Turn) -> bool:
    """Whether what is typed now is why a person is wanted."""
    if turn.session.dialog != DIALOG:
        return False
    return turn.now - datetime.fromisoformat(turn.session.data["at"]) <= STILL_MEANT


def left(turn: Turn) -> Turn:
    """The turn of somebody who turned to something else: nothing is asked any more."""
    dialog = turn.session.dialog == DIALOG
    return replace(turn, session=turn.session.idle()) if dialog else turn


async def at_once(turn: Turn) -> Step:
    """Hand over without a reason of its own: what was asked before is the reason, if anything."""
    data: Mapping[str, str] = turn.session.data if turn.session.dialog == DIALOG else {}
    return await _hand_over(turn, data.get("asked", ""))


async def reason(turn: Turn) -> Step:
    """Hand over for the reason that was typed."""
    if turn.incoming.unreadable:
        choice = Choice(turn.knowledge.say("handover.choice.at_once"), HUMAN)
        return _said(turn.session, turn.knowledge.say("handover.unreadable"), (choice,))
    asked = _one_line(turn.session.data.get("asked", ""))
    typed = _words(turn)
    return await _hand_over(turn, f"{typed} ({asked})" if asked and asked != typed else typed)


async def pass_on(turn: Turn) -> Step:
    """Give what was typed to the staff; say so once per silence, and what was not passed on."""
    knowledge, ticket = turn.knowledge, (await turn.lookup.desk()).ticket
    if turn.incoming.unreadable or ticket is None:
        return _said(turn.session, knowledge.say("handover.unreadable"), numbered=False)
    last = max(filter(None, (ticket.heard_at, ticket.spoken_at)))
    effects = (TellStaff(_words(turn)),)
    told = _file_left(turn)
    if turn.now - last >= SILENCE:
        told.insert(0, knowledge.say("handover.passed_on", when=expected(knowledge, turn.now)))
    if not told:
        return Step((), turn.session, Outcome.STAFF, effects)
    reply = Reply("\n".join(told), (_end(knowledge),), numbered=False)
    return Step((reply,), turn.session, Outcome.STAFF, effects)


async def end(turn: Turn) -> Step:
    """The enterprise ends the conversation with the staff, and is asked how it was."""
    desk = await turn.lookup.desk()
    if desk.ticket is None or desk.ticket.closed_at:
        menu = command(turn.knowledge, "menu", "choice.menu")
        return _said(turn.session, turn.knowledge.say("handover.nothing_open"), (menu,))
    reply = closed(turn.knowledge, desk.ticket.number, "handover.ended")
    return Step((reply,), turn.session, Outcome.CONTACT, (EndHandOver(),))


async def offer_end(turn: Turn) -> Step:
    """“Huỷ” while the staff listens: it may mean that, and is not taken for it."""
    menu = command(turn.knowledge, "menu", "choice.menu")
    choices = (_end(turn.knowledge), menu)
    return _said(turn.session, turn.knowledge.say("handover.end_sure"), choices)


async def rate(turn: Turn) -> Step:
    """Note how somebody found it: `rate:<number>:<score>`, about their own last request alone."""
    knowledge, ticket = turn.knowledge, (await turn.lookup.desk()).ticket
    number, _, score = turn.incoming.action.removeprefix(RATE).partition(":")
    menu = command(knowledge, "menu", "choice.menu")
    if ticket is None or number != str(ticket.number) or score not in SCORES:
        return _said(turn.session, knowledge.say("menu.old_choice"), (menu,))
    if ticket.rated_at and turn.now - ticket.rated_at > CHANGEABLE:
        return _said(turn.session, knowledge.say("handover.rated_before"), (menu,))
    given = turn.incoming.action
    others = tuple(each for each in scores(knowledge, ticket.number) if each.action != given)
    text = knowledge.say("handover.rated", score=knowledge.say(f"handover.score.{score}"))
    step = _said(turn.session, text, (*others, menu))
    return replace(step, effects=(RateHandOver(ticket.number, score),))


def meant_for_staff(heard: Turn, choice: str, words: str) -> bool:
    """Whether a message goes to the staff where they listen.

    `choice` is the action that its words stand for in the latest menu, `words` the command that
    they name. A form that was opened meanwhile gets its answers.
    """
    incoming = heard.incoming
    if incoming.action or choice or heard.session.dialog:
        return False
    return not incoming.text.lstrip().startswith("/") and words not in ALWAYS


def expected(knowledge: Knowledge, now: datetime) -> str:
    """When somebody can answer: in the hours that go on, or from the next ones on."""
    hours = working_time(knowledge)
    if hours.is_on(now):
        return knowledge.say("handover.today")
    opens = hours.opens(now).astimezone(VIETNAM)
    day = knowledge.say(f"handover.weekday_{WEEKDAYS[opens.weekday()]}")
    return knowledge.say("handover.later", at=f"{opens:%H:%M}", day=day, date=f"{opens:%d/%m/%Y}")


def answered(knowledge: Knowledge, text: str) -> Reply:
    """What the staff writes, signed by what they are and never by who."""
    office = organisation_name(knowledge)
    said = knowledge.say("handover.answer", office=office, text=text)
    return Reply(said, (_end(knowledge),), numbered=False)


def closed(knowledge: Knowledge, number: int, phrase: str) -> Reply:
    """It has come to an end, and one tap says how it was."""
    text = knowledge.say(phrase, number=number)
    return Reply(f"{text}\n\n{knowledge.say('handover.how')}", scores(knowledge, number))


def reopened(knowledge: Knowledge, number: int) -> Reply:
    """The staff has more to say about what had come to an end."""
    text = knowledge.say("handover.reopened", number=number)
    return Reply(text, (_end(knowledge),), numbered=False)


def waited(knowledge: Knowledge, number: int) -> Reply:
    """Nobody has answered for long: the bot speaks again, and the request stays open."""
    again = Choice(knowledge.say("handover.choice.again"), HUMAN)
    text = knowledge.say("handover.waited", number=number)
    return Reply(text, (again, _end(knowledge)), numbered=False)


def scores(knowledge: Knowledge, number: int) -> tuple[Choice, ...]:
    return tuple(
        Choice(knowledge.say(f"handover.score.{score}"), f"{RATE}{number}:{score}")
        for score in SCORES
    )


async def _hand_over(turn: Turn, why: str) -> Step:
    knowledge, desk = turn.knowledge, await turn.lookup.desk()
    if desk.listening:
        return _going_on(turn, desk)
    if not desk.staffed:
        return await contact(turn)
    text = knowledge.say("handover.opened", when=expected(knowledge, turn.now))
    choices = (_end(knowledge), command(knowledge, "menu", "choice.menu"))
    reply = Reply("\n".join([text, *_file_left(turn)]), choices, numbered=False)
    effects = (HandOver(why[:LONGEST_REASON]),)
    return Step((reply,), shelve(turn), Outcome.CONTACT, effects)


def _going_on(turn: Turn, desk: Desk) -> Step:
    knowledge = turn.knowledge
    number = desk.ticket.number if desk.ticket else 0
    text = knowledge.say("handover.going_on", number=number, when=expected(knowledge, turn.now))
    text = f"{contact_block(knowledge)}\n\n{text}"
    choices = (_end(knowledge), command(knowledge, "menu", "choice.menu"))
    return _said(turn.session, text, choices, numbered=False)


def _asked(turn: Turn) -> str:
    session = turn.session
    recent = session.asked_at is not None and turn.now - session.asked_at <= STILL_MEANT
    return session.asked if recent else ""


def _words(turn: Turn) -> str:
    incoming = turn.incoming
    if incoming.phone:
        return turn.knowledge.say("handover.phone", phone=incoming.phone)
    words = incoming.text.strip()
    if incoming.more_than_words:
        return f"{words} {turn.knowledge.say('handover.with_file')}"
    return words


def _file_left(turn: Turn) -> list[str]:
    """That only the words went to the staff, where something came with them."""
    return [turn.knowledge.say("handover.file_left")] if turn.incoming.more_than_words else []


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _short(text: str) -> str:
    return text if len(text) <= QUOTED else f"{text[:QUOTED].rstrip()}…"


def _end(knowledge: Knowledge) -> Choice:
    return Choice(knowledge.say("handover.choice.end"), END)


def _said(
    session: Session,
    text: str,
    choices: tuple[Choice, ...] = (),
    *,
    numbered: bool = True,
) -> Step:
    return Step((Reply(text, choices, numbered=numbered),), session, Outcome.CONTACT)
