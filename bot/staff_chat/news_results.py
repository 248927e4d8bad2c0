"""What became of an announcement, person by person: as a file, and who may not have received it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.operations import recipients
from bot.operations.refusals import Unfit
from bot.operations.rights import Right
from bot.staff_chat.desk import may
from bot.staff_chat.moments import read_moment
from bot.staff_chat.news import NAMED
from bot.staff_chat.news_page import ask, asked_about, back, no_moment, page
from bot.staff_chat.progress import does_what
from bot.staff_chat.turn import Handler, StaffTurn
from handlers import attachments
from handlers.conversation import Outcome, Reply, Step


async def results(turn: StaffTurn) -> Step:
    """Everybody as a file, made when it is sent: what is queued names nobody."""
    number = turn.number()
    count = await recipients.export(turn.db, number, turn.by, turn.now)
    file = attachments.results(
        f"tin-{number}-{turn.now:%Y-%m-%d}",
        {"broadcast": number, "staff": turn.by.staff or 0},
        caption=turn.say("staff.news.exported", number=number, count=count),
        instead=turn.say("staff.news.not_exported"),
    )
    said = Reply(turn.say("staff.lead.export_care"), (back(turn, number),), attachment=file)
    return Step((said,), turn.session.idle(), Outcome.STAFF)


async def unsure(turn: StaffTurn) -> Step:
    """Who may or may not have received it, and the two ways to decide."""
    number = turn.number()
    people = await recipients.unsure(turn.db, number, turn.by)
    found = await recipients.get(turn.db, number, turn.by)
    unnamed = turn.say("staff.news.nameless")
    names = [f"- {each.person.enterprise or unnamed}" for each in people[:NAMED]]
    if len(people) > NAMED:
        names.append(turn.say("staff.news.and_others", count=len(people) - NAMED))
    does = does_what(found)
    ways = (
        [
            turn.choice(f"staff.news.choice.count.{does}", "news.count", number),
            turn.choice(f"staff.news.choice.again.{does}", "news.again", number),
        ]
        if may(turn, Right.APPROVE)
        else []
    )
    text = "\n".join([turn.say(f"staff.news.unsure.{does}", count=len(people)), *names])
    return turn.said(text, *ways, back(turn, number))


async def count(turn: StaffTurn) -> Step:
    """Decide that the unsure have it as it should be."""
    number = turn.number()
    await recipients.count_as_sent(turn.db, number, turn.by, turn.now)
    return await _decided(turn, number, "counted")


async def again(turn: StaffTurn) -> Step:
    """Send it to the unsure again; where its latest time has passed, ask for another first."""
    number = turn.number()
    try:
        await recipients.send_again(turn.db, number, turn.by, turn.now)
    except Unfit:  # it is late, and nothing was changed yet
        return ask(turn, "news.again", turn.say("staff.news.ask_latest"), number)
    return await _decided(turn, number, "sending_again")


async def sent_again(turn: StaffTurn) -> Step:
    number = asked_about(turn)
    latest = read_moment(turn.incoming.text, turn.now)
    if latest is None:
        return no_moment(turn, number)
    await recipients.send_again(turn.db, number, turn.by, turn.now, latest_at=latest)
    return await _decided(turn, number, "sending_again")


async def _decided(turn: StaffTurn, number: int, what: str) -> Step:
    found = await recipients.get(turn.db, number, turn.by)
    return await page(turn, number, turn.say(f"staff.news.{what}.{does_what(found)}"))


ACTIONS: Final[Mapping[str, Handler]] = {
    "news.results": results,
    "news.unsure": unsure,
    "news.count": count,
    "news.again": again,
}
TYPED: Final[Mapping[str, Handler]] = {"news.again": sent_again}
