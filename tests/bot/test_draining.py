"""The way out when the process is to end: what still goes, and what is not waited for."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TypeVar

import pytest

from bot.channels import Later, Pace, Unsure
from bot.delivery import Delivery
from bot.store.database import Store, Work
from tests.bot.conftest import AN, LAN, MINH, has_sent, queue, sending, states
from tests.doubles import FakeChannel, FakeClock, WatchedStore

T = TypeVar("T")


async def test_a_drained_way_out_ends_with_its_replies_sent_and_the_rest_queued(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    channel.takes = 0.5
    await queue(store, "một", "hai")
    await queue(store, "tin", kind="broadcast", to=MINH, after=0.1)
    await queue(store, "mai nhắc", kind="reminder", to=AN, after=86_400)
    async with sending(delivery) as run:
        await clock.until(lambda: channel.tried)
        delivery.drain(10.0)
        await clock.until(run.done, within=2.0)
    assert channel.texts(LAN.id) == ["một", "hai"]
    assert await states(store) == ["sent", "sent", "pending", "pending"]


async def test_a_drain_waits_for_a_cooling_address_but_not_for_a_postponed_row(
    store: Store, clock: FakeClock
) -> None:
    channel = FakeChannel(clock, pace=Pace(25.0, timedelta(seconds=1)))
    channel.answers[MINH.id].append(Unsure("no answer"))
    delivery = Delivery(store, channel, clock)
    await queue(store, "một", "hai")
    await queue(store, "chào", to=MINH)
    async with sending(delivery) as run:
        await clock.until(has_sent(channel, 1))
        delivery.drain(10.0)
        await clock.until(run.done, within=2.0)
    assert await states(store) == ["sent", "sent", "pending"]


async def test_a_reply_queued_just_before_a_drain_is_seen_by_a_look_that_began_earlier(
    store: WatchedStore,
    channel: FakeChannel,
    delivery: Delivery,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write, looked = store.write, asyncio.Event()

    async def write_late(work: Work[T]) -> T:
        """Between this look's beginning and its claim the last reply comes."""
        if not looked.is_set():
            looked.set()
            clock.passed += 0.01
            await queue(store, "cuối", now=clock.now())
            delivery.drain(10.0)
        return await write(work)

    monkeypatch.setattr(store, "write", write_late)
    async with sending(delivery) as run:
        await clock.until(run.done)
    assert channel.texts(LAN.id) == ["cuối"]


async def test_a_drain_does_not_wait_for_the_end_of_a_long_halt(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    channel.answers[LAN.id].append(Later(timedelta(hours=1), "Too Many Requests"))
    await queue(store, "một")
    await queue(store, "chào", to=MINH, after=0.5)
    async with sending(delivery) as run:
        await clock.pass_by(1)
        delivery.drain(10.0)
        await clock.until(run.done, within=1.0)
    assert channel.sent == []


async def test_a_drain_that_takes_too_long_still_settles_what_is_in_flight(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    channel.takes = 15.0
    await queue(store, "một", "hai")
    async with sending(delivery) as run:
        await clock.until(lambda: channel.tried)
        delivery.drain(10.0)
        await clock.until(run.done)
    assert clock.passed == pytest.approx(15.0)
    assert await states(store) == ["sent", "pending"]
