"""Live progress: one message that is edited while an announcement goes out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.broadcasting import Broadcasting
from bot.channels import Pace, Payload
from bot.delivery import Delivery
from bot.house import House
from bot.operations import broadcasts, recipients, staff
from bot.operations.broadcasts import Draft
from bot.staff_chat.progress import report
from bot.store import deliveries, watches
from bot.watching import Watching
from handlers.conversation import Conversation, Reply
from knowledge.entries import Knowledge
from tests.doubles import START, FakeChannel, FakeClock, WatchedStore
from tests.operations.conftest import CONSOLE, MINH, approved, do, subscribe

SCREEN = Conversation("telegram", "staff 3")  # Minh's
PEOPLE = [f"{number:03}" for number in range(200)]


class Screen(FakeChannel):
    """A channel on which Minh sees one message, and when it came to say what."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock, pace=Pace(5.0, timedelta(seconds=1)))
        self.shown: list[tuple[str, str, float]] = []  # the message that changed, its words, when
        self.fixed = False

    def edited(self, payload: Payload, external_id: str) -> Payload | None:
        return None if self.fixed else super().edited(payload, external_id)

    async def send(self, address: str, payload: Payload) -> str:
        found = await super().send(address, payload)
        if address == SCREEN.id:
            self.shown.append((payload.get("edits", found), payload["text"], self._clock.steady()))
        return found


@pytest.fixture
def screen(clock: FakeClock) -> Screen:
    return Screen(clock)


@asynccontextmanager
async def process(
    office: WatchedStore, screen: Screen, clock: FakeClock, known: Knowledge
) -> AsyncIterator[None]:
    """A life of the bot, as far as announcements go."""
    await office.write(lambda db: deliveries.recover(db, clock.now()))
    way_out = Delivery(office, screen, clock)
    ways_out = {screen.name: way_out}
    house = House(office, lambda: known, ways_out, lambda _, reply: screen.render(reply), clock)
    async with asyncio.TaskGroup() as tasks:
        runs = (way_out.run(), Broadcasting(house).run(), Watching(house).run())
        parts = [tasks.create_task(run) for run in runs]
        yield
        for part in parts:
            part.cancel()


async def watch(office: WatchedStore, known: Knowledge, number: int) -> None:
    progress = await office.read(lambda db: recipients.progress(db, number, MINH, START))
    said: Reply = report(known, progress)
    payload = {"text": said.text}
    await office.write(lambda db: watches.begin(db, number, SCREEN, payload, said.text, START))


async def watched(office: WatchedStore) -> Sequence[watches.Watch]:
    return await office.read(watches.under_way)


async def test_one_message_is_edited_until_the_last_one_is_counted_through_a_restart(
    office: WatchedStore, screen: Screen, clock: FakeClock, shipped: Knowledge
) -> None:
    await subscribe(office, *PEOPLE)
    number = await approved(office, Draft("tin"), now=START)
    await watch(office, shipped, number)
    for _ in range(2):  # the first life ends without a word
        async with process(office, screen, clock, shipped):
            before = len(screen.shown)
            await clock.until(lambda since=before: len(screen.shown) >= since + 3)  # type: ignore[misc]
    async with process(office, screen, clock, shipped):
        await clock.pass_by(120)
    messages, words, times = zip(*screen.shown, strict=True)

    assert len(set(messages)) == 1
    assert all(later - earlier >= 5.0 for earlier, later in pairwise(times))
    assert all(one != other for one, other in pairwise(words))
    assert "100%" in words[-1]
    assert "còn lại: 0" in words[-1]
    assert shipped.say("staff.state.done") in words[-1]
    assert await watched(office) == []


async def test_a_channel_that_cannot_edit_shows_it_once(
    office: WatchedStore, screen: Screen, clock: FakeClock, shipped: Knowledge
) -> None:
    screen.fixed = True
    await subscribe(office, *PEOPLE[:20])
    await watch(office, shipped, await approved(office, Draft("tin"), now=START))
    async with process(office, screen, clock, shipped):
        await clock.pass_by(60)
    assert len(screen.shown) == 1
    assert await watched(office) == []


async def test_whoever_has_left_the_staff_is_told_no_more(
    office: WatchedStore, screen: Screen, clock: FakeClock, shipped: Knowledge
) -> None:
    await subscribe(office, *PEOPLE)
    await watch(office, shipped, await approved(office, Draft("tin"), now=START))
    async with process(office, screen, clock, shipped):
        await clock.until(lambda: len(screen.shown) == 2)
        await do(office, staff.end, MINH.staff, CONSOLE)
        await clock.pass_by(60)
    assert len(screen.shown) == 2


async def test_to_look_again_edits_the_newer_message_only(
    office: WatchedStore, screen: Screen, clock: FakeClock, shipped: Knowledge
) -> None:
    await subscribe(office, *PEOPLE[:3])
    number = await approved(office, Draft("tin"), now=START)
    await watch(office, shipped, number)
    await watch(office, shipped, number)
    await do(office, broadcasts.cancel, number, MINH)
    async with process(office, screen, clock, shipped):
        await clock.pass_by(60)
    first, second, changed = (message for message, _, _ in screen.shown)
    assert first != second == changed
