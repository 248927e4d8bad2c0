"""Everything that goes wrong between a person and the bot, with the real channel in between."""

from __future__ import annotations

import pytest

from bot.store import deliveries, schema
from handlers.conversation import Conversation
from tests.bot.conftest import rows
from tests.end_to_end.conftest import Live
from tests.telegram_server import What

LAN, MINH = 100_001, 100_002
PATIENCE = 15.0


async def test_an_update_that_is_delivered_again_is_answered_once(live: Live) -> None:
    lan = live.server.user(LAN)
    first = lan.types("xin chào")
    await lan.reply(PATIENCE)
    (update,) = [
        u.id for u in live.server.updates.known.values() if u.body["message"] == first.payload
    ]
    for _ in range(3):
        live.server.repeats(update)
    assert await live.ask(lan, "cảm ơn")
    assert len(lan.received) == 2


async def test_a_poison_update_between_two_good_ones_is_put_aside(live: Live) -> None:
    lan, minh = live.server.user(LAN), live.server.user(MINH)
    lan.types("xin chào")
    live.server.poison(LAN)
    minh.types("xin chào")
    lan.types("cảm ơn")
    assert [message.text for message in await lan.replies(2, PATIENCE)]
    assert await minh.reply(PATIENCE)
    (aside,) = await rows(live.app.house.store, schema.quarantine)
    assert aside["channel"] == "telegram"
    assert "update_id" in aside["raw"]


async def test_a_reply_that_is_refused_for_the_moment_comes_later_and_once(polling: Live) -> None:
    for what in (What.TOO_MANY, What.SERVER_ERROR, What.BAD_GATEWAY, What.RESET):
        polling.server.faults.add(what, method="sendMessage", times=2 if what == "too_many" else 1)
        lan = polling.server.user(LAN)
        before = len(lan.received)
        assert await polling.ask(lan, "xin chào")
        assert len(lan.received) == before + 1
    assert polling.server.record.injected


async def test_after_a_429_nobody_is_written_to_before_the_time_that_was_named(
    polling: Live,
) -> None:
    polling.server.faults.add(What.TOO_MANY, method="sendMessage", retry_after=4)
    people = [polling.server.user(LAN + number) for number in range(5)]
    for person in people:
        person.types("xin chào")
    for person in people:
        await person.reply(PATIENCE)
    (injected,) = polling.server.record.injected
    fast = 20.0  # the bot's clock runs so much faster, and so does its patience
    in_flight_at_most = 3
    early = [
        arrival
        for arrival in polling.server.record.arrivals
        if arrival.method == "sendmessage" and injected.at < arrival.at < injected.at + 4 / fast
    ]
    assert len(early) <= in_flight_at_most


async def test_an_answer_lost_after_it_was_accepted_is_said_twice_at_most(polling: Live) -> None:
    polling.server.faults.add(What.LOST, method="sendMessage")
    lan = polling.server.user(LAN)
    lan.types("xin chào")
    await lan.replies(2, PATIENCE)
    assert await polling.ask(lan, "cảm ơn")
    assert len(lan.received) == 3
    states = [row["state"] for row in await rows(polling.app.house.store, schema.delivery)]
    assert states[0] == "sent"


async def test_a_person_who_is_gone_costs_the_others_nothing(polling: Live) -> None:
    lan, minh = polling.server.user(LAN), polling.server.user(MINH)
    polling.server.faults.add(What.FORBIDDEN, method="sendMessage", chat=LAN)
    lan.types("xin chào")
    assert await polling.ask(minh, "xin chào")
    assert await polling.ask(minh, "cảm ơn")
    people = {
        row["conversation"]: row["reachable"]
        for row in await rows(polling.app.house.store, schema.conversation)
    }
    assert people == {str(LAN): False, str(MINH): True}
    assert lan.received == []


async def test_what_is_queued_for_a_group_follows_it_when_it_becomes_a_supergroup(
    polling: Live,
) -> None:
    lan = polling.server.user(LAN)
    group = polling.server.group(-42, members={LAN: "creator"})
    supergroup = group.migrates(-100_42, lan)
    conversation = Conversation("telegram", str(group.id))
    payload = {"method": "sendMessage", "text": "Thông báo cho cán bộ"}
    now = polling.app.house.clock.now()
    await polling.app.house.store.write(
        lambda db: deliveries.add(db, conversation, "staff", [payload], now)
    )
    polling.app.house.ways_out["telegram"].wake()
    assert (await supergroup.reply(PATIENCE)).text == "Thông báo cho cán bộ"
    (row,) = await rows(polling.app.house.store, schema.delivery)
    assert row["conversation"] == str(supergroup.id)


@pytest.mark.parametrize(
    "hostile", ["form:nothing", "erase.sure", "entry:" + "x" * 58, "\x00", "0"]
)
async def test_forged_buttons_change_nothing_and_stop_nothing(polling: Live, hostile: str) -> None:
    lan = polling.server.user(LAN)
    lan.starts()
    await lan.reply(PATIENCE)
    lan.forges(hostile)
    await lan.reply(PATIENCE)
    assert await polling.ask(lan, "xin chào")
    assert await rows(polling.app.house.store, schema.submission) == []
