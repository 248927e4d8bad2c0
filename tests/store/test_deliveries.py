from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.operations import staff
from bot.operations.rights import Actor, Role
from bot.store import deliveries, schema
from bot.store.database import Store
from bot.store.deliveries import Due, Recovered
from bot.store.people import StoreLookup
from handlers.conversation import Conversation, Session
from handlers.effects import Subscribe
from tests.effort import examples
from tests.new_database import new_database
from tests.store.conftest import LAN, MINH, NOW, later, rows, say
from tests.store.test_effects import CONSENT, form


async def add(
    store: Store,
    *texts: str,
    who: Conversation = LAN,
    kind: str = "reply",
    now: datetime = NOW,
    due_at: datetime | None = None,
) -> None:
    payloads = [{"text": text} for text in texts]
    await store.write(lambda db: deliveries.add(db, who, kind, payloads, now, due_at))


async def claim(
    store: Store, now: datetime = NOW, limit: int = 10, busy: tuple[str, ...] = ()
) -> list[Due]:
    return await store.write(lambda db: deliveries.claim(db, "telegram", now, limit, busy))


def texts(due: list[Due]) -> list[str]:
    return [row.payload["text"] for row in due]


async def sent(store: Store, due: list[Due]) -> None:
    for row in due:
        await store.write(lambda db, number=row.id: deliveries.sent(db, [(number, "x", NOW)]))  # type: ignore[misc]  # mypy loses a lambda's default


async def state(store: Store, number: int = 0) -> tuple[str, str]:
    row = (await rows(store, schema.delivery))[number]
    return row["state"], row["reason"]


async def test_a_claimed_row_is_on_its_way_and_its_attempt_is_counted(store: Store) -> None:
    await add(store, "một")

    assert await claim(store) == [Due(1, LAN, "reply", {"text": "một"}, 1)]
    assert await state(store) == ("sending", "")
    assert await claim(store) == []


async def test_replies_go_before_everything_else_and_then_the_oldest(store: Store) -> None:
    await add(store, "thông báo", kind="broadcast", who=MINH, now=later(hours=-2))
    await add(
        store, "nhắc", kind="reminder", who=Conversation("telegram", "7"), now=later(hours=-3)
    )
    await add(store, "trả lời", who=LAN)

    assert texts(await claim(store, limit=2)) == ["trả lời", "nhắc"]
    assert texts(await claim(store)) == ["thông báo"]


async def test_one_address_gets_one_message_at_a_time_in_order(store: Store) -> None:
    await add(store, "một", "hai", "ba")
    await add(store, "thông báo", kind="broadcast", now=later(hours=-1))
    await add(store, "của Minh", who=MINH)

    first = await claim(store)
    assert texts(first) == ["một", "của Minh"]
    assert await claim(store) == []
    await sent(store, first)
    second = await claim(store)
    assert texts(second) == ["hai"]
    await sent(store, second)
    await sent(store, await claim(store))
    assert texts(await claim(store)) == ["thông báo"]


async def test_a_busy_address_waits(store: Store) -> None:
    await add(store, "một")
    await add(store, "của Minh", who=MINH)

    assert texts(await claim(store, busy=(LAN.id, "nobody"))) == ["của Minh"]


async def test_a_postponed_row_keeps_its_place_and_those_behind_it_wait(store: Store) -> None:
    await add(store, "một", "hai")
    (row,) = await claim(store)
    await store.write(lambda db: deliveries.postpone(db, row.id, later(seconds=30), counts=False))

    assert await claim(store) == []
    assert await store.read(lambda db: deliveries.next_due(db, "telegram")) == later(seconds=30)
    (again,) = await claim(store, now=later(seconds=30))
    assert (again.id, again.attempts) == (row.id, 1)


async def test_a_reminder_for_tomorrow_does_not_hold_up_one_for_today(store: Store) -> None:
    await add(store, "mai", kind="reminder", due_at=later(days=1))
    await add(store, "nay", kind="reminder")

    assert texts(await claim(store)) == ["nay"]


async def test_the_third_counted_attempt_is_the_last(store: Store) -> None:
    await add(store, "một")
    for _ in range(3):
        (row,) = await claim(store)
        again = partial(deliveries.postpone, id=row.id, until=NOW, counts=True)
        await store.write(again)

    assert await claim(store) == []
    assert await state(store) == ("failed", deliveries.GAVE_UP)


async def test_a_settled_row_stays_as_it_is(store: Store) -> None:
    await add(store, "một")
    (row,) = await claim(store)
    await store.write(lambda db: deliveries.unsure(db, row.id, "timed out", NOW))
    await store.write(lambda db: deliveries.sent(db, [(row.id, "x", later(days=1))]))
    await store.write(lambda db: deliveries.postpone(db, row.id, NOW, counts=False))

    assert await state(store) == ("unsure", "timed out")


async def test_a_person_who_is_gone_gets_nothing_more(store: Store) -> None:
    await say(store, Subscribe(wanted=True), payloads=[{"text": "một"}, {"text": "hai"}])
    await add(store, "của Minh", who=MINH)
    row = (await claim(store, limit=1))[0]

    await store.write(lambda db: deliveries.gone(db, row.id, LAN, "blocked", NOW))

    (person,) = await rows(store, schema.conversation)
    assert not person["reachable"]
    assert [await state(store, n) for n in range(3)] == [
        ("failed", "blocked"),
        ("cancelled", "blocked"),
        ("pending", ""),
    ]


async def test_a_chat_that_moved_takes_its_past_and_its_queue_along(store: Store) -> None:
    session = Session(topic="gtclqg")
    await say(store, CONSENT, form(), payloads=[{"text": "một"}, {"text": "hai"}], session=session)
    (row,) = await claim(store)
    await store.write(lambda db: deliveries.moved(db, LAN, "-100555", row.id, NOW))

    there = Conversation("telegram", "-100555")
    (again,) = await claim(store)
    assert (again.id, again.conversation, again.attempts) == (row.id, there, 1)
    assert len(await StoreLookup(store, there).submissions()) == 1
    assert len(await StoreLookup(store, there).consents()) == 1
    assert len(await StoreLookup(store, LAN).submissions()) == 0


async def test_a_chat_that_moved_to_where_we_are_known_becomes_one_with_it(store: Store) -> None:
    await say(store, Subscribe(wanted=True), form(), payloads=[{"text": "một"}])
    await say(store, form(contact="Minh"), who=MINH, external_id="2", now=later(days=1))
    (row,) = await claim(store)
    await store.write(lambda db: deliveries.moved(db, LAN, MINH.id, row.id, NOW))

    (person,) = await rows(store, schema.conversation)
    assert (person["conversation"], person["first_seen"], person["subscribed"]) == (
        MINH.id,
        NOW,
        True,
    )
    (contact,) = await rows(store, schema.enterprise_contact)
    assert contact["name"] == "Minh"
    assert len(await rows(store, schema.session)) == 1


async def test_after_a_crash_replies_go_again_and_the_rest_is_unsure(store: Store) -> None:
    await add(store, "trả lời")
    await add(store, "thông báo", kind="broadcast", who=MINH)
    await claim(store)

    assert await store.write(lambda db: deliveries.recover(db, NOW)) == Recovered(1, 1)
    assert [(await state(store, n))[0] for n in range(2)] == ["pending", "unsure"]
    assert texts(await claim(store)) == ["trả lời"]


async def test_a_card_of_the_staff_goes_again_where_what_staff_told_somebody_does_not(
    store: Store,
) -> None:
    await store.write(
        lambda db: staff.add(db, MINH, "Minh", Role.OFFICER, Actor(None, "test"), NOW)
    )
    for who in (LAN, MINH):
        await add(store, "lời", kind="staff", who=who)
    await claim(store)

    assert await store.write(lambda db: deliveries.recover(db, NOW)) == Recovered(1, 1)
    assert [(await state(store, n))[0] for n in range(2)] == ["unsure", "pending"]
    (card,) = await claim(store)
    await store.write(lambda db: deliveries.unsure(db, card.id, "no answer", NOW))
    assert await state(store, 1) == ("unsure", "no answer")


async def test_a_reply_that_kills_the_process_each_time_is_given_up(store: Store) -> None:
    await add(store, "trả lời")
    for _ in range(deliveries.MAX_RECOVERIES):
        assert await state(store) == ("pending", "")
        await claim(store)
        await store.write(lambda db: deliveries.recover(db, NOW))

    assert await state(store) == ("failed", "gave up after 20 attempts")


async def test_counts_name_every_kind_and_state(store: Store) -> None:
    await add(store, "một", "hai")
    await claim(store)

    counts = await store.read(deliveries.counts)
    assert counts["reply"] == dict.fromkeys(schema.STATES, 0) | {"sending": 1, "pending": 1}
    assert counts["staff"]["sent"] == 0


async def test_nothing_is_due_where_nothing_waits(store: Store) -> None:
    await add(store, "một")
    await claim(store)

    assert await store.read(lambda db: deliveries.next_due(db, "telegram")) is None


class Queue(RuleBasedStateMachine):
    """The queue against a list: every step of the real one must be what the list would do."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.loop = asyncio.Runner()
        self.store = self.loop.run(Store.open(new_database(Path(self.folder.name) / "queue.db")))
        self.now = NOW
        self.model: list[dict[str, object]] = []

    def teardown(self) -> None:
        self.loop.run(self.store.close())
        self.loop.close()
        self.folder.cleanup()

    def on_its_way(self) -> list[dict[str, object]]:
        return [row for row in self.model if row["state"] == "sending"]

    def expected(self) -> list[dict[str, object]]:
        """The rows that may go now, best first; the first of each address wins."""
        busy = {row["who"] for row in self.on_its_way()}
        heads: dict[tuple[object, object], dict[str, object]] = {}
        for row in sorted(self.model, key=lambda row: (row["due_at"], row["id"])):
            if row["state"] == "pending":
                heads.setdefault((row["who"], row["kind"]), row)
        ready = [
            row
            for row in heads.values()
            if row["ready_at"] <= self.now and row["who"] not in busy  # type: ignore[operator]  # both dates
        ]
        ready.sort(key=lambda row: (row["kind"] != "reply", row["due_at"], row["id"]))
        best: dict[object, dict[str, object]] = {}
        for row in ready:
            best.setdefault(row["who"], row)
        return list(best.values())

    @rule(who=st.sampled_from("abc"), kind=st.sampled_from(schema.KINDS), ahead=st.integers(0, 2))
    def add(self, who: str, kind: str, ahead: int) -> None:
        due_at = self.now + timedelta(minutes=ahead)
        self.loop.run(
            add(self.store, "x", who=Conversation("telegram", who), kind=kind, due_at=due_at)
        )
        row = {"who": who, "kind": kind, "due_at": due_at, "ready_at": due_at, "state": "pending"}
        self.model.append(row | {"id": len(self.model) + 1, "attempts": 0})

    @rule(limit=st.integers(1, 3))
    def claim(self, limit: int) -> None:
        expected = self.expected()[:limit]
        for row in expected:
            row["state"] = "sending"
            row["attempts"] = int(str(row["attempts"])) + 1
        claimed = self.loop.run(claim(self.store, self.now, limit))

        assert [(row.id, row.attempts) for row in claimed] == [
            (row["id"], row["attempts"]) for row in expected
        ]

    @rule(pick=st.integers(0, 9))
    def settle(self, pick: int) -> None:
        if way := self.on_its_way():
            row = way[pick % len(way)]
            row["state"] = "sent"
            number = int(str(row["id"]))
            self.loop.run(
                self.store.write(lambda db: deliveries.sent(db, [(number, "y", self.now)]))
            )

    @rule(pick=st.integers(0, 9), ahead=st.integers(0, 2), counts=st.booleans())
    def postpone(self, pick: int, ahead: int, *, counts: bool) -> None:
        if way := self.on_its_way():
            row = way[pick % len(way)]
            until = self.now + timedelta(minutes=ahead)
            attempts = int(str(row["attempts"]))
            given_up = counts and attempts >= deliveries.MAX_ATTEMPTS
            row["state"] = "failed" if given_up else "pending"
            row["ready_at"] = until
            row["attempts"] = attempts if counts else attempts - 1
            number = int(str(row["id"]))
            self.loop.run(
                self.store.write(lambda db: deliveries.postpone(db, number, until, counts=counts))
            )

    @rule(minutes=st.integers(1, 2))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @invariant()
    def next_due_is_honest(self) -> None:
        moment = self.loop.run(self.store.read(lambda db: deliveries.next_due(db, "telegram")))
        if self.expected():
            assert moment is not None
            assert moment <= self.now
        else:
            assert moment is None or moment > self.now


Queue.TestCase.settings = settings(max_examples=examples(15), stateful_step_count=25, deadline=None)
TestQueue = Queue.TestCase
