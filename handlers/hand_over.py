"""When a person wants a person: how to reach the department, and their question noted for it."""

from __future__ import annotations

from handlers.conversation import Outcome, Reply, Step, Turn
from handlers.effects import NoteUnanswered
from handlers.speech import FORM, command, link
from knowledge.answers import contact_block


async def contact(turn: Turn) -> Step:
    """The contact block, and a note to staff of what was asked last, if anything was."""
    knowledge, asked = turn.knowledge, turn.session.asked
    text = contact_block(knowledge)
    notes = (NoteUnanswered(asked, "asked_human"),) if asked else ()
    if asked:
        text = f"{text}\n\n{knowledge.say('contact.noted')}"
    choices = (
        link(knowledge, f"{FORM}register"),
        command(knowledge, "menu", "choice.menu"),
    )
    return Step((Reply(text, choices),), turn.session, Outcome.MENU, notes)
