"""When a person wants a person: how to reach the department, and their question noted for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from handlers.conversation import Outcome, Reply, Step, Turn
from handlers.effects import NoteUnanswered
from handlers.speech import FORM, command, link
from knowledge.answers import contact_block

STILL_MEANT = timedelta(hours=1)  # after that, who asks for a person has something new in mind
QUOTED = 120


async def contact(turn: Turn) -> Step:
    """The contact block, and a note to staff of what was asked last, once."""
    knowledge, session = turn.knowledge, turn.session
    text = contact_block(knowledge)
    recent = session.asked_at is not None and turn.now - session.asked_at <= STILL_MEANT
    asked = session.asked if recent else ""
    notes = (NoteUnanswered(asked, "asked_human"),) if asked else ()
    if asked:
        quoted = asked if len(asked) <= QUOTED else f"{asked[:QUOTED].rstrip()}…"
        text = f"{text}\n\n{knowledge.say('contact.noted', question=quoted)}"
    choices = (
        link(knowledge, f"{FORM}register"),
        command(knowledge, "menu", "choice.menu"),
    )
    session = replace(session, asked="", asked_at=None)
    return Step((Reply(text, choices),), session, Outcome.CONTACT, notes)
