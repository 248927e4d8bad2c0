"""What the staff reads of a ticket without asking: its card, and each message that follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.channels.text import cut, one_line
from bot.operations.hand_over import Case
from bot.staff_chat.turn import StaffTurn, moment
from bot.store.answer_fates import Fate
from bot.store.handover import Said, Ticket
from handlers.conversation import Choice, Reply
from knowledge.clock import VIETNAM
from knowledge.entries import Knowledge

QUOTED: Final = 160  # characters of one earlier question
TOLD: Final = 1500  # of one message that is passed on
_BLOCKED: Final = ("blocked", "deactivated", "kicked", "chat not found", "user not found")


def card(knowledge: Knowledge, case: Case, why: str) -> Reply:
    """Who wants what since when, and how to answer; `why` says why it comes to this person."""
    say, ticket = knowledge.say, case.ticket
    before = case.caller.before
    lines = []
    if why:
        earlier = before.number if before else ticket.id
        lines = [say(f"staff.ticket.why_{why}", number=ticket.id, earlier=earlier), ""]
    lines.append(say("staff.ticket.card", number=ticket.id, since=moment(ticket.opened_at)))
    lines += about(knowledge, case)
    lines += ["", say("staff.ticket.how", number=ticket.id)]
    return Reply("\n".join(lines), acts(knowledge, ticket), numbered=False)


def taken(knowledge: Knowledge, case: Case, answers: str) -> Reply:
    """That a colleague has taken it."""
    number = case.ticket.id
    text = knowledge.say("staff.ticket.taken_now", number=number, name=case.taker)
    return Reply(text, acts(knowledge, case.ticket)[2:3], numbered=False, answers=answers)


def lost(knowledge: Knowledge, case: Case, fate: Fate) -> Reply:
    """That an answer did not arrive, or may not have, and what to do now."""
    say, number = knowledge.say, case.ticket.id
    gone = any(sign in fate.reason.lower() for sign in _BLOCKED)
    why = "unsure" if fate.state == "unsure" else "blocked" if gone else "failed"
    told = {"number": number, "at": f"{fate.at.astimezone(VIETNAM):%H:%M}"}
    quoted = cut(one_line(fate.text), QUOTED)
    lines = [say(f"staff.ticket.lost_{why}", **told), say("staff.ticket.lost_words", words=quoted)]
    lines += [
        say("staff.ticket.who", name=name, tax_code=tax_code)
        for name, tax_code in case.caller.enterprises
    ]
    leads = [
        StaffTurn.named_choice(
            knowledge.say("staff.ticket.choice.lead", number=each), "lead.card", each
        )
        for each in case.caller.leads
    ]
    lines.append(say("staff.ticket.lost_call" if leads else "staff.ticket.lost_wait"))
    show = acts(knowledge, case.ticket)[2:3]
    return Reply("\n".join(lines), (*leads, *show), numbered=False)


def relay(knowledge: Knowledge, ticket: Ticket, said: Said, answers: str) -> Reply:
    """A message of the enterprise, or that it ended the conversation."""
    say, number = knowledge.say, ticket.id
    if said.kind == "told":
        text = say("staff.ticket.told", number=number, text=said.text[:TOLD])
    else:
        text = say(f"staff.ticket.{said.kind}", number=number)
    choices = acts(knowledge, ticket)[:1] if ticket.closed_at is None else ()
    return Reply(text, choices, numbered=False, answers=answers)


def about(knowledge: Knowledge, case: Case) -> Iterator[str]:
    """Who it is, why, who looks after them, and what they asked before."""
    say, ticket, caller = knowledge.say, case.ticket, case.caller
    for name, tax_code in caller.enterprises:
        yield say("staff.ticket.who", name=name, tax_code=tax_code)
    titles = [knowledge.forms[form].title for form in caller.forms if form in knowledge.forms]
    if titles:
        yield say("staff.ticket.forms", forms=", ".join(titles))
    if not caller.forms:
        yield say("staff.ticket.unknown")
    if ticket.reason:
        yield say("staff.ticket.reason", reason=ticket.reason)
    if case.taker:
        yield say("staff.ticket.taken", name=case.taker)
    if caller.before:
        day = f"{caller.before.closed_at.astimezone(VIETNAM):%d/%m/%Y}"
        who = case.taker_before or say("staff.ticket.nobody")
        yield say("staff.ticket.before", number=caller.before.number, day=day, name=who)
    if caller.asked:
        yield say("staff.ticket.asked")
    for at, text in caller.asked:
        short = cut(one_line(text), QUOTED)
        yield say("staff.ticket.asked_line", at=f"{at.astimezone(VIETNAM):%H:%M}", text=short)


def acts(knowledge: Knowledge, ticket: Ticket) -> tuple[Choice, ...]:
    """What may be done about an open ticket."""
    verbs = ("reply", "take", "show", "close")
    return tuple(
        StaffTurn.named_choice(
            knowledge.say(f"staff.ticket.choice.{verb}"), f"ticket.{verb}", ticket.id
        )
        for verb in verbs
    )
