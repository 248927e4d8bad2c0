"""A broadcast among everything else that leaves, on a clock that counts exactly."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.channels import Later
from bot.channels.telegram.channel import TelegramPace
from bot.operations.broadcasts import Draft
from handlers.conversation import Conversation
from tests.bot.conftest import queue
from tests.bot.test_delivery_pace import busiest
from tests.doubles import START, FakeChannel, FakeClock, WatchedStore
from tests.operations.conftest import approved, subscribe
from tests.operations.test_broadcasting import process

LIMIT, PER_GROUP = 30, 20  # a second in all, a minute to a group
GROUP = "-9002"
TOPICS = [Conversation("telegram", f"{GROUP}/{number}") for number in (1, 2)]
PERSON = Conversation("telegram", "9001")
NAMED = 7.0  # seconds, by the 429


@pytest.fixture
def channel(clock: FakeClock) -> FakeChannel:
    channel = FakeChannel(clock, pace=TelegramPace(LIMIT, timedelta(seconds=1)))
    channel.takes = 0.08
    return channel


async def test_a_broadcast_keeps_every_limit_uses_97_percent_and_lets_replies_pass(
    office: WatchedStore,
    channel: FakeChannel,
    clock: FakeClock,
) -> None:
    people = [str(number) for number in range(1000, 1240)]
    await subscribe(office, *people)
    refused = people[120]
    channel.answers[refused].append(Later(timedelta(seconds=NAMED), "Too Many Requests"))
    for topic in TOPICS:
        await queue(office, *map(str, range(12)), to=topic, kind="staff")
    await approved(office, Draft("tin"), now=START)
    async with process(office, channel, clock):
        await clock.until(lambda: len(channel.sent) > 60)
        asked = clock.passed
        await queue(office, "trả lời", to=PERSON, now=clock.now())
        await clock.until(lambda: channel.texts(PERSON.id))
        answered = clock.passed
        await clock.until(lambda: {each.address for each in channel.sent} >= set(people))
        sent, whole = len(channel.sent), clock.passed
        await clock.until(lambda: all(len(channel.texts(each.id)) == 12 for each in TOPICS))
    told = next(each.at for each in channel.tried if each.address == refused) + channel.takes
    to_chat = defaultdict(list)
    for each in channel.tried:
        to_chat[each.address.partition("/")[0]].append(each)

    assert answered - asked < 1.0
    assert busiest(channel.tried) <= LIMIT
    assert busiest(to_chat[GROUP], 60.0) <= PER_GROUP
    assert min(each.at for each in channel.tried if each.at > told) >= told + NAMED
    assert all(b.at - a.at >= 1.0 for chat in to_chat.values() for a, b in pairwise(chat))
    assert sent >= 0.97 * LIMIT * (whole - NAMED - channel.takes)
