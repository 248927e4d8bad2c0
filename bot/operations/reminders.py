"""What the bot itself does about reminders: plan them, move them with the deadline, catch up.

Each act is one transaction over a few wishes and gives the same result when it is done again. What
is queued follows the plan by difference, so what went out is never queued a second time.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Payload
from bot.operations.recipients import Render
from bot.store import reminder_queue as queue
from bot.store.reminder_queue import MOVED, USELESS, Queued, Wish
from handlers.reminders import message
from knowledge.entries import Knowledge
from knowledge.reminding import another_moment, awake, late_day, plan, remind_on
from knowledge.rules import Standing, standing_of

PENDING: Final = "pending"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What reminders depend on at one moment. Only wishes of `channels` can be rendered."""

    knowledge: Knowledge
    channels: Collection[str]
    render: Render
    now: datetime


@dataclass(frozen=True, slots=True)
class Aim:
    """What a wish comes to now: every moment it was planned for, and the last day it rests on.

    `since` is when that day became known: counted from then, the moments stay the same for as long
    as the day does, whenever they are counted again. Without a day ahead there are none.
    """

    moments: tuple[datetime, ...]
    last_day: str
    since: datetime
    standing: Standing | None = None


async def plan_some(db: AsyncConnection, at: Outlook, limit: int) -> int:
    """Plan up to `limit` wishes that this knowledge has not planned; say how many they were."""
    wishes = await queue.to_plan(db, at.knowledge.fingerprint, at.channels, limit)
    for wish in wishes:
        aim = aim_of(wish, at.knowledge, at.now)
        await _follow(db, wish, aim, at)
        await queue.planned(db, wish, at.knowledge.fingerprint, aim.last_day, aim.since)
    return len(wishes)


async def catch_up(db: AsyncConnection, at: Outlook) -> int:
    """Judge what is due and still waits: it may go now, later, or is dropped with a log line.

    Say how many may go now. Of several that one person missed of one deadline, one goes.
    """
    ready = 0
    for wish in await queue.late(db, at.channels, at.now):
        aim = aim_of(wish, at.knowledge, at.now)
        for row in await queue.queued(db, wish):
            if row.state == PENDING and row.due_at <= at.now:
                ready += await _judge(db, wish, aim, row, at)
    return ready


def aim_of(wish: Wish, knowledge: Knowledge, now: datetime) -> Aim:
    """Count a wish anew."""
    standing = standing_of(knowledge, wish.subject, now)
    last = wish.day or (standing.last_day if standing else None)
    last_day = last.isoformat() if last else ""
    since = now
    if wish.planned_from is not None and wish.planned_for == last_day:
        since = wish.planned_from
    if wish.day is not None:
        moments: tuple[datetime, ...] = (remind_on(wish.day, since, knowledge.holidays),)
        return Aim(moments, last_day, since)
    moments = plan(standing, since, knowledge.holidays, wish.days_before) if standing else ()
    return Aim(moments, last_day, since, standing)


async def _follow(db: AsyncConnection, wish: Wish, aim: Aim, at: Outlook) -> None:
    """Make what is queued what is planned: take out, say it anew, put in what is still to come."""
    taken = set()
    for row in await queue.queued(db, wish):
        if row.state == PENDING and row.moment not in aim.moments:
            await _drop(db, wish, row, MOVED, at.now)
            continue
        taken.add(row.due_at.date())
        if row.state == PENDING:
            payload = payload_of(wish, row.due_at, at)
            if payload != row.payload:
                await queue.change(db, row.delivery, row.due_at, payload)
    for moment in aim.moments:
        if moment > at.now and moment.date() not in taken:
            await queue.add(db, wish, moment, payload_of(wish, moment, at), at.now)


async def _judge(db: AsyncConnection, wish: Wish, aim: Aim, row: Queued, at: Outlook) -> bool:
    """Whether a late message may go now; where it may go another day, it is put there."""
    now = at.now
    if row.moment not in aim.moments:
        await _drop(db, wish, row, MOVED, now)
        return False
    if row.due_at.date() == now.date() and awake(now) and _still_open(aim):
        return True
    moment = _another(aim, row, at)
    others = {each.due_at.date() for each in await queue.queued(db, wish) if each != row}
    if moment is None or moment.date() in others:
        await _drop(db, wish, row, USELESS, now)
        return False
    await queue.change(db, row.delivery, moment, payload_of(wish, moment, at))
    logger.info("reminder %d (%s): from %s to %s", wish.id, wish.subject, row.due_at, moment)
    return moment <= now


def _still_open(aim: Aim) -> bool:
    """A deadline may close, by its hour, on the very day on which it is recalled."""
    return aim.standing is None or aim.standing.days_left is not None


def _another(aim: Aim, row: Queued, at: Outlook) -> datetime | None:
    if aim.standing is None:
        return late_day(at.now, at.knowledge.holidays)
    return another_moment(row.moment, at.now, aim.standing, aim.moments, at.knowledge.holidays)


async def _drop(db: AsyncConnection, wish: Wish, row: Queued, reason: str, now: datetime) -> None:
    await queue.take_out(db, row.delivery, reason, now)
    if row.due_at <= now:
        logger.info("reminder %d (%s) of %s: %s", wish.id, wish.subject, row.due_at, reason)


def payload_of(wish: Wish, moment: datetime, at: Outlook) -> Payload:
    """What is sent at *moment*: days are counted from there.

    Raises ValueError where a channel would make several messages of it: one row sends one.
    """
    reply = message(at.knowledge, wish.subject, wish.day, moment)
    shaped = at.render(wish.conversation.channel, reply)
    if len(shaped) != 1:
        raise ValueError(f"a reminder of {wish.subject} is {len(shaped)} messages")
    return shaped[0]
