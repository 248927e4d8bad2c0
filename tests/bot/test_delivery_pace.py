"""The way out: how fast, who waits for whom, and what a platform's "later" stops."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from bot import delivery as way_out
from bot.channels import Later, Pace
from bot.delivery import Delivery
from bot.store import schema
from bot.store.database import Store
from handlers.conversation import Conversation, Reply
from tests.bot.conftest import AN, LAN, MINH, has_sent, queue, rows, sending, states
from tests.doubles import FakeChannel, FakeClock, Sent


def busiest(messages: list[Sent], seconds: float = 1.0) -> int:
    """The largest number of messages in any window of *seconds*."""
    times = sorted(message.at for message in messages)
    return max(sum(1 for other in times if at <= other < at + seconds) for at in times)


async def test_after_a_429_nobody_is_written_to_before_the_time_that_was_named(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    channel.answers[LAN.id].append(Later(timedelta(seconds=30), "Too Many Requests"))
    await queue(store, "một", "hai")
    async with sending(delivery):
        await clock.until(lambda: channel.tried)
        for who in (MINH, AN):
            await queue(store, "chào", to=who)
        delivery.wake()
        await clock.until(has_sent(channel, 4))
    assert all(message.at >= 30 for message in channel.sent)
    assert channel.texts(LAN.id) == ["một", "hai"]
    assert {row["attempts"] for row in await rows(store, schema.delivery)} == {1}


async def test_what_was_claimed_when_a_halt_came_goes_back_untried(
    store: Store, clock: FakeClock
) -> None:
    channel = FakeChannel(clock, pace=Pace(10.0, timedelta(0)))
    delivery = Delivery(store, channel, clock)
    channel.answers[LAN.id].append(Later(timedelta(hours=1), "Too Many Requests"))
    for who in (LAN, MINH, AN):
        await queue(store, "tin", to=who, kind="broadcast")
    async with sending(delivery):
        await clock.pass_by(60)
        assert await states(store) == ["pending"] * 3
        assert {row["attempts"] for row in await rows(store, schema.delivery)} == {0}
        await clock.until(has_sent(channel, 3))
    assert min(message.at for message in channel.sent) >= 3600


async def test_an_address_that_is_always_refused_does_not_stop_the_others_for_ever(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    refusals = [Later(timedelta(seconds=30), "Too Many Requests") for _ in range(10_000)]
    channel.answers[LAN.id].extend(refusals)
    await queue(store, "không bao giờ tới")
    async with sending(delivery):
        for minute in range(60):
            await queue(store, f"phút {minute}", to=MINH, now=clock.now())
            delivery.wake()
            await clock.pass_by(60)
    tried = [message for message in channel.tried if message.address == LAN.id]
    assert len(channel.texts(MINH.id)) == 60
    assert len(tried) <= 8


async def test_an_outage_delays_everybody_by_what_the_channel_asks_and_no_more(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    channel.down_until = 600.0
    for who in (LAN, MINH, AN):
        await queue(store, "tin", to=who)
    async with sending(delivery):
        await clock.until(has_sent(channel, 3))
    assert 600 <= clock.passed < 610.1


async def test_the_pace_holds_in_every_second_and_is_used_to_97_percent(
    store: Store, clock: FakeClock
) -> None:
    channel = FakeChannel(clock, pace=Pace(25.0, timedelta(seconds=1)))
    channel.takes = 0.08
    delivery = Delivery(store, channel, clock)
    for person in range(250):
        await queue(store, "tin", to=Conversation("telegram", str(person)), kind="broadcast")
    async with sending(delivery):
        await clock.until(has_sent(channel, 250))
    assert busiest(channel.tried) <= 25
    assert len(channel.sent) / channel.sent[-1].at >= 0.97 * 25


async def test_one_person_gets_one_message_a_second_and_the_others_use_the_time(
    store: Store, clock: FakeClock
) -> None:
    channel = FakeChannel(clock, pace=Pace(25.0, timedelta(seconds=1)))
    delivery = Delivery(store, channel, clock)
    await queue(store, *map(str, range(20)))
    for person in range(200):
        await queue(store, "tin", to=Conversation("telegram", str(person)))
    async with sending(delivery):
        await clock.until(has_sent(channel, 220))
    to_lan = [message.at for message in channel.sent if message.address == LAN.id]
    assert min(b - a for a, b in pairwise(to_lan)) == pytest.approx(1.0)
    assert channel.sent[-1].at < 21.0


async def test_a_reply_overtakes_a_long_queue_of_broadcasts(store: Store, clock: FakeClock) -> None:
    channel = FakeChannel(clock, pace=Pace(25.0, timedelta(seconds=1)))
    channel.takes = 0.08
    delivery = Delivery(store, channel, clock, in_flight=100)
    for person in range(300):
        await queue(store, "tin", to=Conversation("telegram", str(person)), kind="broadcast")
    async with sending(delivery):
        await clock.pass_by(4)
        await queue(store, "trả lời", to=LAN, now=clock.now())
        delivery.wake()
        await clock.until(lambda: channel.texts(LAN.id))
    assert channel.sent[-1].at - 4 < 1.0


async def test_what_must_be_said_at_once_keeps_the_pace_and_is_said_once(
    channel: FakeChannel, store: Store, clock: FakeClock
) -> None:
    channel.pace = Pace(25.0, timedelta(seconds=1))
    delivery = Delivery(store, channel, clock)
    for _ in range(3):
        await delivery.say_now(LAN, Reply("chưa ghi nhận được"))
    assert channel.texts(LAN.id) == ["chưa ghi nhận được"]


async def test_a_channel_that_cannot_say_it_at_once_raises_nothing(
    channel: FakeChannel, delivery: Delivery
) -> None:
    channel.answers[LAN.id].append(ZeroDivisionError())
    await delivery.say_now(LAN, Reply("chưa ghi nhận được"))
    assert channel.sent == []


def test_the_promises_of_the_documentation_are_the_constants() -> None:
    """design.md 4: at most 4 in flight; a claimed row waits half a second at most."""
    assert (way_out.IN_FLIGHT, way_out.LOOK_AHEAD) == (4, 0.5)
