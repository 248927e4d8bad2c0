"""The runner with the real queue, the real way out and virtual time: from approval to the last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from bot.broadcasting import Broadcasting
from bot.channels import Later, Pace, Payload, Rejected
from bot.channels.telegram import rendering
from bot.delivery import Delivery
from bot.house import House
from bot.operations import broadcasts, course, recipients
from bot.operations.broadcasts import LONGEST_TEXT, MOST_CHOICES, Changes, Draft, State
from bot.store import audiences
from handlers.conversation import Choice, Reply
from tests.bot.conftest import saying
from tests.doubles import START, FakeChannel, FakeClock, WatchedStore
from tests.operations.conftest import LAN, MINH, approved, do, found, subscribe

WORDS = saying(
    {
        "choice.stop_news": "Dừng nhận tin",
        "staff.news.choice.page": "Xem tin",
        "staff.news.held.failures": "quá nhiều tin không gửi được",
        "staff.news.held.late": "quá giờ muộn nhất",
        "staff.news.held_told": "Tin số {number}: {reason}",
    }
)
MANY = tuple(f"{number:03}" for number in range(60))


@pytest.fixture
def channel(clock: FakeClock) -> FakeChannel:
    return FakeChannel(clock)


@asynccontextmanager
async def process(
    office: WatchedStore, channel: FakeChannel, clock: FakeClock
) -> AsyncIterator[None]:
    """A life of the bot, as far as broadcasts go; it ends without a word."""

    def render(name: str, reply: Reply) -> tuple[Payload, ...]:
        assert name == channel.name
        return channel.render(reply)

    way_out = Delivery(office, channel, clock)
    runner = Broadcasting(House(office, lambda: WORDS, {channel.name: way_out}, render, clock))
    async with asyncio.TaskGroup() as tasks:
        parts = [tasks.create_task(way_out.run()), tasks.create_task(runner.run())]
        yield
        for part in parts:
            part.cancel()


async def state(office: WatchedStore, number: int) -> str:
    return (await found(office, number)).state


def seconds(**later: float) -> float:
    return timedelta(**later).total_seconds()


def people(channel: FakeChannel) -> list[str]:
    """Who received it; what the staff are told of it is another matter."""
    return sorted(each.address for each in channel.sent if not each.address.startswith("staff"))


async def test_everybody_gets_it_once_and_it_is_done(
    office: WatchedStore, channel: FakeChannel, clock: FakeClock
) -> None:
    await subscribe(office, *MANY)
    number = await approved(office, Draft("Hạn nộp hồ sơ"), now=START)
    async with process(office, channel, clock):
        await clock.pass_by(60)

    assert people(channel) == list(MANY)
    assert await state(office, number) == State.DONE


async def test_it_begins_at_its_time_and_not_before(
    office: WatchedStore, channel: FakeChannel, clock: FakeClock
) -> None:
    await subscribe(office, *MANY)
    await approved(office, Draft("tin", send_at=START + timedelta(minutes=20)), now=START)
    async with process(office, channel, clock):
        await clock.pass_by(1_190)
        assert channel.sent == []
        await clock.pass_by(60)

    assert people(channel) == list(MANY)
    assert min(message.at for message in channel.sent) >= 1_200


async def test_the_night_interrupts_a_long_one(office: WatchedStore, clock: FakeClock) -> None:
    channel = FakeChannel(clock, pace=Pace(0.1, timedelta(0)))
    await subscribe(office, *MANY)
    number = await approved(office, Draft("tin"), now=START)
    clock.passed = seconds(hours=11, minutes=55)
    async with process(office, channel, clock):
        await clock.pass_by(600)
    by_eight = len(channel.sent)
    clock.passed = seconds(hours=23, minutes=25)  # 7:25 the next morning
    async with process(office, channel, clock):
        await clock.pass_by(1200)

    assert 25 <= by_eight <= 31
    assert people(channel) == list(MANY)
    assert channel.sent[by_eight - 1].at <= seconds(hours=12, minutes=0.5)
    assert channel.sent[by_eight].at >= seconds(hours=23, minutes=30)
    assert await state(office, number) == State.DONE


async def test_too_slow_to_be_in_time_it_is_held_and_nobody_hears_of_it_late(
    office: WatchedStore, clock: FakeClock
) -> None:
    channel = FakeChannel(clock, pace=Pace(1.0, timedelta(0)))
    await subscribe(office, *MANY)
    number = await approved(
        office, Draft("tin", latest_at=START + timedelta(seconds=30)), now=START
    )
    async with process(office, channel, clock):
        await clock.pass_by(3600)

    assert await state(office, number) == State.HELD
    assert (await found(office, number)).reason == "late"
    assert 0 < len(people(channel)) < len(MANY)
    times = [message.at for message in channel.sent if message.address in MANY]
    assert max(times) < 32  # who was claimed before had a slot
    assert channel.texts("staff 2") == channel.texts("staff 3") == ["Tin số 1: quá giờ muộn nhất"]


async def test_a_message_that_everybody_refuses_is_held_after_a_few(
    office: WatchedStore, clock: FakeClock
) -> None:
    channel = FakeChannel(clock, pace=Pace(5.0, timedelta(0)))
    for chat in MANY:
        channel.answers[chat].append(Rejected("wrong file"))
    await subscribe(office, *MANY)
    number = await approved(office, Draft("tin"), now=START)
    async with process(office, channel, clock):
        await clock.pass_by(600)

    assert (await found(office, number)).reason == "failures"
    assert len(channel.tried) < len(MANY)


async def test_an_outage_only_delays(
    office: WatchedStore, channel: FakeChannel, clock: FakeClock
) -> None:
    channel.answers["030"].extend([Later(timedelta(seconds=5), "busy")] * 5)
    await subscribe(office, *MANY)
    channel.down_until = 200.0
    await approved(office, Draft("tin"), now=START)
    async with process(office, channel, clock):
        await clock.pass_by(600)

    assert people(channel) == list(MANY)


async def test_a_pause_and_a_resume_reach_the_running_process(
    office: WatchedStore, clock: FakeClock
) -> None:
    channel = FakeChannel(clock, pace=Pace(1.0, timedelta(0)))
    await subscribe(office, *MANY)
    number = await approved(office, Draft("tin"), now=START)
    async with process(office, channel, clock):
        await clock.until(lambda: len(channel.sent) == 10)
        await do(office, broadcasts.pause, number, LAN, now=clock.now())
        await clock.pass_by(600)
        assert len(channel.sent) <= 12  # what had its slot already
        await do(office, broadcasts.resume, number, MINH, now=clock.now())
        await clock.pass_by(120)

    assert people(channel) == list(MANY)


@pytest.mark.parametrize("standing", State)
async def test_a_new_process_goes_on_from_every_state(
    office: WatchedStore, channel: FakeChannel, clock: FakeClock, standing: State
) -> None:
    await subscribe(office, *MANY)
    number = await brought_to(standing, office, clock)
    before = set(people(channel))
    async with process(office, channel, clock):
        await clock.pass_by(120)

    goes_on = standing in {State.SCHEDULED, State.RUNNING}
    assert people(channel) == sorted(set(MANY) if goes_on else before)
    assert await state(office, number) == (State.DONE if goes_on else standing)


async def brought_to(standing: State, office: WatchedStore, clock: FakeClock) -> int:
    """Bring a broadcast so far, by a process of its own where one is needed; nothing was sent."""
    number = await do(office, broadcasts.compose, Draft("tin"), LAN, now=START)
    if standing is State.DRAFT:
        return number
    await do(office, broadcasts.submit, number, LAN, now=START)
    if standing is State.AWAITING:
        return number
    count = await office.read(lambda db: audiences.count(db, audiences.EVERYBODY))
    await do(office, broadcasts.approve, number, count, MINH, now=START)
    if standing is State.SCHEDULED:
        return number
    silent = FakeChannel(clock)
    silent.down_until = 10_000.0
    async with process(office, silent, clock):
        await clock.pass_by(1)
    if standing in {State.RUNNING, State.PAUSED, State.HELD, State.CANCELLED}:
        await finished_as(standing, office, number, clock.now())
        clock.passed += 60  # what was postponed is ready again
        return number
    everything = FakeChannel(clock)
    clock.passed += 60
    async with process(office, everything, clock):
        await clock.pass_by(60)
    assert await state(office, number) == State.DONE
    return number


async def finished_as(standing: State, office: WatchedStore, number: int, now: datetime) -> None:
    if standing is State.PAUSED:
        await do(office, broadcasts.pause, number, LAN, now=now)
    elif standing is State.CANCELLED:
        await do(office, broadcasts.cancel, number, MINH, now=now)
    elif standing is State.HELD:
        await do(office, course.hold, number, course.FAILURES, now=now)


async def test_the_longest_announcement_is_one_message_on_telegram(office: WatchedStore) -> None:
    choices = tuple(Choice("Xem điều kiện tham dự " * 3, f"entry:{n}") for n in range(MOST_CHOICES))
    draft = Draft("**ữ** " * (LONGEST_TEXT // 6), choices)
    number = await do(office, broadcasts.compose, draft, LAN)
    reply = recipients.message(await found(office, number), WORDS)

    (payload,) = rendering.render(reply, "Chia sẻ", "Bấm nút")
    labels = [row[0]["text"] for row in payload["reply_markup"]["inline_keyboard"]]
    assert labels[-1] == "Dừng nhận tin"


async def test_a_test_goes_to_oneself_exactly_as_the_others_will_get_it(
    office: WatchedStore, channel: FakeChannel, clock: FakeClock
) -> None:
    number = await do(office, broadcasts.compose, Draft("Hạn nộp hồ sơ"), LAN)

    def render(_name: str, reply: Reply) -> tuple[Payload, ...]:
        return channel.render(reply)

    await do(office, recipients.test, number, WORDS, render, LAN, now=START)
    async with process(office, channel, clock):
        await clock.pass_by(5)

    assert [(sent.address, sent.text) for sent in channel.sent] == [("staff 2", "Hạn nộp hồ sơ")]


@pytest.mark.parametrize("changes", [Changes.EDIT, Changes.WITHDRAW])
async def test_what_was_sent_is_changed_where_the_channel_can_and_nothing_new_is_said(
    office: WatchedStore, channel: FakeChannel, clock: FakeClock, changes: Changes
) -> None:
    await subscribe(office, *MANY)
    wrong = await approved(office, Draft("tin sai"), now=START)
    async with process(office, channel, clock):
        await clock.pass_by(60)
    text = "tin đúng" if changes is Changes.EDIT else ""
    draft = Draft(text, correction_of=wrong, changes=changes)
    number = await approved(office, draft, now=clock.now())
    async with process(office, channel, clock):
        await clock.pass_by(60)

    later = channel.sent[len(MANY) :]
    assert [each.changes for each in channel.sent[: len(MANY)]] == [""] * len(MANY)
    ids = {each.address: str(place) for place, each in enumerate(channel.sent[: len(MANY)], 1)}
    assert {each.address: each.changes for each in later} == ids
    assert {each.text for each in later} == {text}
    assert await state(office, number) == State.DONE
