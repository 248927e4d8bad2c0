"""What the staff reads of a ticket without asking: its card, and each message that follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.staff_chat.turn import StaffTurn, moment
from bot.store.callers import Caller
from bot.store.handover import Said, Ticket
from handlers.conversation import Choice, Reply
from knowledge.clock import VIETNAM
from knowledge.entries import Knowledge

QUOTED: Final = 160  # characters of one earlier question
TOLD: Final = 1500  # of one message that is passed on


def card(knowledge: Knowledge, ticket: Ticket, caller: Caller, late: str) -> Reply:
    """Who wants what since when, and how to answer; `late` says why it comes to this person."""
    say = knowledge.say
    lines = [say(f"staff.ticket.late_{late}", number=ticket.id)] if late else []
    lines.append(say("staff.ticket.card", number=ticket.id, since=moment(ticket.opened_at)))
    lines += about(knowledge, ticket, caller)
    lines += ["", say("staff.ticket.how", number=ticket.id)]
    return Reply("\n".join(lines), acts(knowledge, ticket), numbered=False)


def relay(knowledge: Knowledge, ticket: Ticket, said: Said, answers: str) -> Reply:
    """A message of the enterprise, or that it ended the conversation."""
    say, number = knowledge.say, ticket.id
    if said.kind == "told":
        text = say("staff.ticket.told", number=number, text=said.text[:TOLD])
    else:
        text = say(f"staff.ticket.{said.kind}", number=number)
    choices = acts(knowledge, ticket)[:1] if ticket.closed_at is None else ()
    return Reply(text, choices, numbered=False, answers=answers)


def about(knowledge: Knowledge, ticket: Ticket, caller: Caller) -> Iterator[str]:
    """Who it is, why, and what they asked before."""
    say = knowledge.say
    for name, tax_code in caller.enterprises:
        yield say("staff.ticket.who", name=name, tax_code=tax_code)
    titles = [knowledge.forms[form].title for form in caller.forms if form in knowledge.forms]
    if titles:
        yield say("staff.ticket.forms", forms=", ".join(titles))
    if not caller.forms:
        yield say("staff.ticket.unknown")
    if ticket.reason:
        yield say("staff.ticket.reason", reason=ticket.reason)
    if caller.asked:
        yield say("staff.ticket.asked")
    for at, text in caller.asked:
        words = " ".join(text.split())
        short = words if len(words) <= QUOTED else f"{words[:QUOTED].rstrip()}…"
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
