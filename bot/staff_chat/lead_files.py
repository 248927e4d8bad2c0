"""Enterprises as a file by chat: all of them, or the list that is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.operations import lead_export, leads
from bot.staff_chat import lead_pages
from bot.staff_chat.lead_place import current, mark
from bot.staff_chat.turn import Handler, StaffTurn, moment
from bot.store.follow_up import Sought
from handlers import attachments
from handlers.conversation import Outcome, Reply, Step


async def exported(turn: StaffTurn) -> Step:
    """Everything, or the list of this mark: `lead.export[:<mark>]`; of another, that list first."""
    if not turn.argument:
        return await export(turn)
    sought = current(turn)
    if turn.argument != mark(sought):
        return await lead_pages.page(turn, sought)
    return await export(turn, sought)


async def export(turn: StaffTurn, sought: Sought | None = None) -> Step:
    """The file is drawn when it is sent."""
    wanted = sought or Sought()
    count = await lead_export.export(turn.db, wanted, turn.by, turn.now)
    words = await lead_pages.in_words(turn, wanted)
    content: attachments.LeadsContent = {
        "staff": turn.by.staff or 0,
        "sought": wanted.as_data(),
        "until": leads.last_day_due(turn.now).isoformat(),
        "words": words,
        "asked_at": moment(turn.now),
    }
    file = attachments.leads(
        f"doanh-nghiep-{turn.now:%Y-%m-%d}",
        content,
        caption=turn.say("staff.lead.exported", words=words, count=count),
        instead=turn.say("staff.lead.not_exported"),
    )
    back = turn.choice("staff.lead.choice.overview", "leads")
    ways = [turn.choice("staff.lead.choice.list", "lead.results")] if sought else []
    reply = Reply(turn.say("staff.lead.export_care"), (*ways, back), attachment=file)
    return Step((reply,), turn.session.idle(), Outcome.STAFF)


ACTIONS: Final[Mapping[str, Handler]] = {"lead.export": exported}
