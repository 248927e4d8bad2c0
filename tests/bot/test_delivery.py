"""The way out: what becomes of each row, in which order, and after which trouble."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from bot.channels import Gone, Moved, Rejected, Unsure
from bot.delivery import Delivery
from bot.store import deliveries, people, schema
from bot.store.database import Store
from tests.bot.conftest import LAN, MINH, has_sent, queue, rows, sending, states
from tests.doubles import FakeChannel, FakeClock, Sent, WatchedStore


async def test_a_queued_reply_is_sent_and_its_row_says_so(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    await queue(store, "chào Lan")
    async with sending(delivery):
        await clock.until(has_sent(channel, 1))
        await clock.pass_by(0)
    (row,) = await rows(store, schema.delivery)
    assert (row["state"], row["external_id"], row["attempts"]) == ("sent", "1", 1)


async def test_a_message_takes_one_transaction_before_it_leaves_and_one_after(
    store: WatchedStore, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    channel.takes = 0.3
    async with sending(delivery):
        await clock.pass_by(1)
        await queue(store, "chào Lan")
        before = store.operations
        delivery.wake()
        await clock.until(channel.tried.__len__)
        assert store.operations - before == 1
        await clock.pass_by(1)
        assert store.operations - before == 2


async def test_messages_to_one_person_go_in_order_and_one_at_a_time(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    channel.takes = 0.3
    await queue(store, "một", "hai", "ba")
    async with sending(delivery):
        await clock.until(has_sent(channel, 3))
    assert channel.texts(LAN.id) == ["một", "hai", "ba"]
    assert all(b.at - a.at >= 0.3 for a, b in pairwise(channel.tried))


async def test_a_slow_answer_to_one_person_does_not_delay_the_others(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    stuck = asyncio.Event()
    channel.answers[LAN.id].append(stuck)
    await queue(store, "một", "hai")
    await queue(store, "chào Minh", to=MINH)
    async with sending(delivery):
        await clock.until(has_sent(channel, 1))
        assert [each.address for each in channel.sent] == [MINH.id]
        stuck.set()
        await clock.until(has_sent(channel, 3))
    assert channel.texts(LAN.id) == ["một", "hai"]


async def test_what_is_queued_while_it_rests_goes_at_once(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    async with sending(delivery):
        await clock.pass_by(100)
        await queue(store, "mới")
        delivery.wake()
        await clock.pass_by(0)
        assert channel.sent == [Sent(100.0, LAN.id, "mới")]


async def test_a_row_for_later_goes_when_it_is_due_although_nobody_wakes_us(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    await queue(store, "nhắc hẹn", kind="reminder", after=3700.25)
    async with sending(delivery):
        await clock.until(has_sent(channel, 1))
    assert channel.texts(LAN.id) == ["nhắc hẹn"]
    assert channel.sent[0].at == pytest.approx(3700.25, abs=0.002)


async def test_an_idle_hour_costs_two_looks_a_minute(
    store: WatchedStore, delivery: Delivery, clock: FakeClock
) -> None:
    async with sending(delivery):
        await clock.pass_by(0)
        before = store.operations
        await clock.pass_by(3600)
    assert store.operations - before <= 2 * 120


async def test_a_person_who_blocked_us_gets_nothing_more(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    channel.answers[LAN.id].append(Gone("bot was blocked by the user"))
    await queue(store, "một", "hai")
    await queue(store, "chào Minh", to=MINH)
    async with sending(delivery):
        await clock.pass_by(60)
    assert await states(store) == [
        "failed: bot was blocked by the user",
        "cancelled: bot was blocked by the user",
        "sent",
    ]


async def test_what_waits_for_a_person_who_blocks_us_is_never_tried(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    await queue(store, "tin", kind="broadcast", after=5)
    async with sending(delivery):
        await clock.pass_by(1)
        now = clock.now()
        await store.write(lambda db: people.reachable(db, LAN, yes=False, at=now, now=now))
        await clock.pass_by(60)
    assert channel.tried == []
    assert await states(store) == ["cancelled: blocked"]


async def test_a_rejected_message_fails_and_the_ones_behind_it_go(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    channel.answers[LAN.id].append(Rejected("message is too long"))
    await queue(store, "dài", "ngắn")
    async with sending(delivery):
        await clock.pass_by(60)
    assert await states(store) == ["failed: message is too long", "sent"]


async def test_a_defect_of_a_channel_fails_one_message_and_nothing_else(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    channel.answers[LAN.id].append(ZeroDivisionError("ours"))
    await queue(store, "một", "hai")
    async with sending(delivery):
        await clock.pass_by(60)
    assert await states(store) == ["failed: ZeroDivisionError('ours')", "sent"]


async def test_a_chat_that_moved_gets_its_message_at_the_new_address(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    channel.answers[LAN.id].append(Moved("-100777"))
    await queue(store, "một", "hai")
    async with sending(delivery):
        await clock.pass_by(60)
    assert channel.texts("-100777") == ["một", "hai"]
    assert channel.texts(LAN.id) == []


async def test_a_reply_that_may_have_arrived_goes_once_more_after_a_pause(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    channel.answers[LAN.id].extend([Unsure("no answer"), Unsure("no answer again")])
    await queue(store, "một", "hai")
    async with sending(delivery):
        await clock.pass_by(60)
    assert await states(store) == ["unsure: no answer again", "sent"]
    assert [round(message.at) for message in channel.tried] == [0, 5, 5]


async def test_a_broadcast_that_may_have_arrived_is_never_sent_again(
    store: Store, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    channel.answers[LAN.id].append(Unsure("no answer"))
    await queue(store, "tin", kind="broadcast")
    async with sending(delivery):
        await clock.pass_by(3600)
    assert len(channel.tried) == 1
    assert await states(store) == ["unsure: no answer"]


async def test_a_killed_process_sends_its_replies_again_and_leaves_broadcasts_to_staff(
    tmp_path: Path,
) -> None:
    before = await Store.open(tmp_path / "killed.db")
    for kind in ("reply", "broadcast"):
        await queue(before, kind, to=LAN if kind == "reply" else MINH, kind=kind)
    now = FakeClock().now()
    await before.write(lambda db: deliveries.claim(db, "telegram", now, 4))
    await before.close()  # nothing was settled: for the file it is as if we had been killed

    store = await WatchedStore.open(tmp_path / "killed.db")
    clock = FakeClock(store)
    channel = FakeChannel(clock)
    found = await store.write(lambda db: deliveries.recover(db, clock.now()))
    async with sending(Delivery(store, channel, clock)):
        await clock.pass_by(60)
    assert (found.again, found.unsure) == (1, 1)
    assert channel.sent == [Sent(0.0, LAN.id, "reply")]
    assert await states(store) == ["sent", "unsure: the process ended while it was sent"]
    await store.close()


async def test_what_was_sent_while_the_store_failed_is_settled_when_it_is_back(
    store: WatchedStore, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    answered = asyncio.Event()
    channel.answers[LAN.id].append(answered)
    await queue(store, "một", "hai")
    async with sending(delivery):
        await clock.until(lambda: channel.tried)
        store.full = True
        answered.set()
        await clock.pass_by(600)
        assert channel.texts(LAN.id) == ["một"]
        store.full = False
        await clock.pass_by(10)
    assert channel.texts(LAN.id) == ["một", "hai"]
    assert await states(store) == ["sent", "sent"]


async def test_a_store_that_fails_for_ten_minutes_is_asked_once_a_second(
    store: WatchedStore, channel: FakeChannel, delivery: Delivery, clock: FakeClock
) -> None:
    store.full = True
    async with sending(delivery):
        await clock.pass_by(600)
        sleeps = clock.sleeps
        store.full = False
        await queue(store, "cuối cùng", now=clock.now())
        delivery.wake()
        await clock.until(has_sent(channel, 1))
    assert sleeps <= 620
