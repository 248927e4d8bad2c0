"""What the staff's own chats remember between two messages about the people they serve.

A dialog that waits holds words half written, and its choices have names on them. They are
forgotten with whoever they may be about, and by age; the dialog then has to be begun again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select, tuple_, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import schema, sessions
from bot.store.columns import of_conversation
from handlers.conversation import Session

DIALOG: Final = "staff"  # of a session in which the desk waits for words; its step says for which
FORGOTTEN: Final = "forgotten"  # a step that nobody answers: what is typed there is no question
_ABOUT_PEOPLE: Final = ("ticket.", "learn.", "lead.")  # how steps and choices about people begin

_session, _staff, _room = schema.session, schema.staff, schema.staff_room
_AT_DESK = union(
    select(_staff.c.channel, _staff.c.conversation), select(_room.c.channel, _room.c.conversation)
)
_THEIRS = select(_session.c.channel, _session.c.conversation, _session.c.state).where(
    tuple_(_session.c.channel, _session.c.conversation).in_(_AT_DESK),
    _session.c.updated_at < bindparam("before", type_=schema.UtcTime),
)
_FORGET = update(_session).where(of_conversation(_session)).values(state=bindparam("as_state"))


async def forget(db: AsyncConnection, before: datetime) -> None:
    """Forget what these sessions hold of people, where they were last used before a moment."""
    for row in (await db.execute(_THEIRS, {"before": before})).all():
        try:
            found = sessions.load(row.state)
        except ValueError:  # it starts afresh anyhow
            found = Session()
        if _is_about_people(found):
            of = {"of_channel": row.channel, "of_conversation": row.conversation}
            await db.execute(_FORGET, of | {"as_state": sessions.dump(_without(found))})


def _is_about_people(session: Session) -> bool:
    offered = (each.action.removeprefix(f"{DIALOG}:") for each in session.offered)
    step = session.step if session.dialog == DIALOG else ""
    return any(each.startswith(_ABOUT_PEOPLE) for each in (step, *offered))


def _without(session: Session) -> Session:
    left = replace(session, offered=())
    if session.dialog != DIALOG:
        return left
    return replace(left, step=FORGOTTEN, data={})
