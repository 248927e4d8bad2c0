"""Telling colleagues something in their own chats."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.operations.recipients import Render
from bot.store import deliveries
from bot.store.staffing import Member
from handlers.conversation import Reply


async def tell(
    db: AsyncConnection, members: Iterable[Member], reply: Reply, render: Render, now: datetime
) -> int:
    """Queue it to each who is still on the staff and whose channel runs; how many those are."""
    told = 0
    for each in members:
        here = each.conversation
        if not each.active:
            continue
        try:
            payloads = render(here.channel, reply)
        except KeyError:  # their channel does not run at present
            continue
        await deliveries.add(db, here, "staff", payloads, now)
        told += 1
    return told
