"""Who waited for a seat and has one now is told, once, and not by night.

Nobody's place is stored: each look reads the line as it stands, so it does not matter whether
somebody withdrew, was erased, chose another class, or the class got more seats. The message is a
delivery of the wish that was kept with the submission which had to wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.reminders import PENDING, Outlook, payload_of
from bot.store import reminder_queue as queue
from bot.store import reminders, submissions
from bot.store.reminder_queue import MOVED, Queued, Wish
from bot.store.schema import GOING_OUT
from handlers.conversation import Conversation
from handlers.seats import awaited
from knowledge.reminding import late_day, remind_on

TOLD: Final = "told"  # what such a wish is planned for, once its message is in the queue


async def tell_who_moved_up(db: AsyncConnection, at: Outlook) -> int:
    """Queue what is to be said, and end the wishes that are fulfilled or rest on nothing any more.

    Say how many messages may go now.
    """
    ready, lines = 0, dict[str, Sequence[Conversation]]()
    for wish in await queue.for_seats(db, at.channels):
        found = awaited(at.knowledge, wish.subject)
        if wish.subject not in lines and found is not None:
            form, field, option = found
            lines[wish.subject] = await submissions.in_line(db, form.id, field.id, option.id)
        line = lines.get(wish.subject, ())
        own = [place for place, who in enumerate(line, start=1) if who == wish.conversation]
        if found is None or not own:
            await reminders.stop(db, wish.conversation, wish.subject, at.now)
        else:
            seats = found[2].seats
            ready += await _judge(db, wish, at, seated=seats is None or own[-1] <= seats)
    return ready


async def _judge(db: AsyncConnection, wish: Wish, at: Outlook, *, seated: bool) -> int:
    """One wish: nothing while it waits, one message once it does not, an end after it went."""
    rows = await queue.queued(db, wish)
    waiting = [row for row in rows if row.state == PENDING]
    if not seated:
        for row in waiting:
            await queue.take_out(db, row.delivery, MOVED, at.now)
        await queue.planned(db, wish, at.knowledge.fingerprint, "", at.now)
        return 0
    if wish.planned_for != TOLD:
        moment = _soon(at, rows)
        payload = payload_of(wish, moment, at)
        await queue.add(db, wish, moment, payload, at.now)
        await queue.planned(db, wish, at.knowledge.fingerprint, TOLD, at.now)
        return int(moment <= at.now)
    if all(row.state not in GOING_OUT for row in rows):
        await reminders.stop(db, wish.conversation, wish.subject, at.now)
    for row in waiting:
        moment = _soon(at, [each for each in rows if each != row])
        if row.due_at < at.now and row.due_at.date() != moment.date():  # nobody could send it then
            await queue.change(db, row.delivery, moment, payload_of(wish, moment, at))
    return 0


def _soon(at: Outlook, rows: Sequence[Queued]) -> datetime:
    """Now, or when it is day; a wish has one message a day, so after those that it had before."""
    moment, taken = late_day(at.now, at.knowledge.holidays), {row.due_at.date() for row in rows}
    while moment.date() in taken:
        following = moment.date() + timedelta(days=1)
        moment = remind_on(following, at.now, at.knowledge.holidays)
    return moment
