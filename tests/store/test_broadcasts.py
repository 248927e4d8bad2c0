"""The queue of the announcements: one row per person, and everything that can still forbid it."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.operations import broadcasts as acts
from bot.operations import course, recipients
from bot.operations.broadcasts import Draft
from bot.store import announcing, audiences, backup, broadcasts, deliveries, erasure, schema
from bot.store.audiences import EVERYBODY, Audience, Stage
from bot.store.database import Store
from handlers.conversation import Conversation
from handlers.effects import SaveSubmission, Subscribe, WithdrawConsent
from knowledge.clock import VIETNAM
from tests.operations.conftest import (
    DAY,
    LAN,
    MINH,
    ROLES,
    approved,
    at,
    claim,
    do,
    found,
    running,
    sent,
    start,
    subscribe,
    take_in,
)
from tests.store.conftest import rows, say
from tests.store.test_effects import CONSENT


@pytest.fixture
async def office(store: Store) -> Store:
    for actor, role in ROLES.items():
        await take_in(store, f"staff {actor.staff}", role)
    return store


def chat(name: str) -> Conversation:
    return Conversation("telegram", name)


async def states(store: Store) -> list[tuple[str, str, str]]:
    return [
        (row["conversation"], row["state"], row["reason"])
        for row in await rows(store, schema.delivery)
    ]


async def test_everybody_who_wants_it_and_can_be_reached_gets_one_row(office: Store) -> None:
    await subscribe(office, "blocked", reachable=False)
    await subscribe(office, "not wanted", subscribed=False)
    await subscribe(office, "elsewhere", channel="zalo")
    await running(office, "1", "2")

    assert await states(office) == [("1", "pending", ""), ("2", "pending", "")]


async def test_a_fan_out_that_was_cut_off_goes_on_without_a_second_row(
    office: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    chats = [f"{number:04}" for number in range(25)]
    await subscribe(office, *chats)
    number = await approved(office, Draft("tin"))
    monkeypatch.setattr(broadcasts, "_LAST_OF_CHUNK", broadcasts._LAST_OF_CHUNK.offset(9))
    payloads = {"telegram": {"text": "tin"}}
    await office.write(partial(course.prepare, number=number, payloads=payloads))
    piece = partial(course.fan_out, number=number, after=course.FIRST, now=DAY)
    assert await office.write(piece) == chat("0009")
    assert await claim(office) == []  # nothing leaves before the audience is fixed

    await start(office, number)
    assert [who for who, _, _ in await states(office)] == chats


async def test_the_same_chat_cannot_have_two_rows_of_one_broadcast(office: Store) -> None:
    number = await running(office, "1")
    broadcast = await found(office, number)

    await office.write(
        partial(broadcasts.fan_out, broadcast=broadcast, after=course.FIRST, now=DAY)
    )
    assert len(await rows(office, schema.delivery)) == 1


async def test_who_opts_out_between_approval_and_sending_gets_nothing(office: Store) -> None:
    number = await running(office, "1", "2")
    await say(office, Subscribe(wanted=False), who=chat("1"), now=DAY)

    assert await sent(office, await claim(office)) == ["2"]
    assert (await states(office))[0] == ("1", "cancelled", "unsubscribed")
    assert not await office.read(partial(broadcasts.is_open, number=number))


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"subscribed": False}, "unsubscribed"), ({"reachable": False}, "blocked")],
)
async def test_consent_is_asked_again_at_the_last_moment(
    office: Store, change: dict[str, bool], reason: str
) -> None:
    await running(office, "1", "2")
    person = schema.conversation
    await office.write(
        lambda db: db.execute(person.update().where(person.c.conversation == "1").values(change))
    )

    assert await sent(office, await claim(office)) == ["2"]
    assert (await states(office))[0] == ("1", "cancelled", reason)


async def test_many_who_left_do_not_hide_those_behind_them(office: Store) -> None:
    await running(office, *(str(number) for number in range(10, 50)))
    person = schema.conversation
    gone = person.update().where(person.c.conversation < "48").values(subscribed=False)
    await office.write(lambda db: db.execute(gone))

    assert await sent(office, await claim(office, limit=2)) == ["48", "49"]


async def test_a_pause_stops_everything_and_a_resume_goes_on(office: Store) -> None:
    number = await running(office, "1", "2")
    await do(office, acts.pause, number, LAN)
    assert await claim(office) == []
    assert await office.read(lambda db: deliveries.next_due(db, "telegram")) is None

    await do(office, acts.resume, number, MINH)
    assert await sent(office, await claim(office)) == ["1", "2"]


async def test_a_paused_one_stands_in_nobodys_way(office: Store) -> None:
    first = await running(office, "1")
    await do(office, acts.pause, first, LAN)
    second = await approved(office, Draft("tin thứ hai"))
    await start(office, second)
    await office.write(
        lambda db: deliveries.add(db, chat("1"), "reminder", [{"text": "nhắc"}], DAY)
    )

    (reminder,) = await claim(office)
    assert reminder.kind == "reminder"
    await sent(office, [reminder])
    assert await sent(office, await claim(office)) == ["1"]


async def test_nothing_leaves_after_the_latest_time(office: Store) -> None:
    number = await running(office, "1", draft=Draft("tin", latest_at=at(hours=1)))

    assert await claim(office, at(hours=1)) == []
    assert await sent(office, await claim(office, at(minutes=59))) == ["1"]
    assert (await found(office, number)).latest_at == at(hours=1)


@pytest.mark.parametrize(
    ("hour", "minute", "open_"),
    [(7, 29, False), (7, 30, True), (19, 59, True), (20, 0, False), (0, 0, False)],
)
async def test_nothing_leaves_at_night(office: Store, hour: int, minute: int, open_: bool) -> None:  # noqa: FBT001 - a row of the table
    await running(office, "1", draft=Draft("tin", latest_at=at(days=3)))
    then = datetime(2026, 11, 21, hour, minute, tzinfo=VIETNAM)

    assert bool(await claim(office, then)) is open_


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(VIETNAM)))  # noqa: DTZ001 - hypothesis adds the zone
def test_it_opens_at_the_next_moment_by_day(now: datetime) -> None:
    opens = announcing.opens_at(now)

    assert now <= opens <= now + timedelta(hours=11, minutes=30)
    assert announcing.opens_at(opens) == opens


async def test_a_reply_overtakes_a_broadcast(office: Store) -> None:
    await running(office, "1", "2", "3")
    await office.write(lambda db: deliveries.add(db, chat("3"), "reply", [{"text": "vâng"}], DAY))

    first, second = await claim(office, limit=2)
    assert (first.kind, first.conversation.id, second.kind) == ("reply", "3", "broadcast")


async def test_each_row_sends_what_its_broadcast_says(office: Store) -> None:
    await running(office, "1")
    (due,) = await claim(office)

    assert (due.payload, (await rows(office, schema.delivery))[0]["payload"]) == (
        {"text": "tin"},
        {},
    )


async def test_after_a_crash_those_in_flight_are_unsure_and_the_others_wait(office: Store) -> None:
    await running(office, "1", "2", "3", "4", "5", "6")
    await claim(office, limit=4)
    recovered = await office.write(lambda db: deliveries.recover(db, DAY))

    assert (recovered.unsure, len(await claim(office))) == (4, 2)


async def test_two_addresses_of_one_group_get_one_copy(office: Store) -> None:
    await running(office, "-1", "-100")
    old = next(row for row in await claim(office) if row.conversation.id == "-1")
    await office.write(lambda db: deliveries.moved(db, old.conversation, "-100", old.id, DAY))

    assert [who for who, _, _ in await states(office)] == ["-100"]


async def test_a_moved_chat_gets_it_at_its_new_address(office: Store) -> None:
    await running(office, "-1")
    (old,) = await claim(office)
    await office.write(lambda db: deliveries.moved(db, old.conversation, "-100", old.id, DAY))

    assert await sent(office, await claim(office)) == ["-100"]


async def test_an_erased_person_gets_nothing_and_stays_counted(office: Store) -> None:
    number = await running(office, "1", "2")
    await office.write(lambda db: erasure.erase(db, chat("1"), DAY))

    assert await sent(office, await claim(office)) == ["2"]
    counts = await office.read(lambda db: broadcasts.counts(db, number, DAY))
    assert (counts.total, counts.of("cancelled")) == (2, 1)


async def test_a_restored_backup_sends_nothing_until_a_person_says_so(
    office: Store, path: Path, tmp_path: Path
) -> None:
    first = await running(office, "1", "2")
    second = await approved(office, Draft("tin sau", send_at=at(hours=1)))
    await office.close()
    backup.backup(path, tmp_path / "copy.db")
    backup.restore(tmp_path / "copy.db", path)
    restored = await Store.open(path)

    assert [(await found(restored, each)).state for each in (first, second)] == ["held", "held"]
    assert await claim(restored, at(hours=2)) == []
    await do(restored, acts.resume, first, MINH)
    assert await sent(restored, await claim(restored)) == ["1", "2"]
    await restored.close()


# --- whom it is for


def form(**values: object) -> SaveSubmission:
    return SaveSubmission("register", values, "lien-he", "0100109106", "Đại Phát", contact="Lan")


async def meant(store: Store, audience: Audience) -> set[str]:
    found_ = await store.read(lambda db: audiences.people(db, audience, 100))
    number = await store.read(lambda db: audiences.count(db, audience))
    assert number == len(found_)
    return {person.conversation.id for person in found_}


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        (EVERYBODY, {"an", "binh", "chi", "dung"}),
        (Audience(programmes=("award",)), {"an", "binh"}),
        (Audience(programmes=("award", "training")), {"an", "binh"}),
        (Audience(programmes=("iso",)), {"an"}),
        (Audience(programmes=("war",)), set()),
        (Audience(programmes=('"]',)), set()),
        (Audience(provinces=("Ninh Bình",)), {"an"}),
        (Audience(communes=("phường Hoa Lư", "xã Gia Viễn")), {"an", "binh"}),
        (Audience(programmes=("award",), provinces=("Nam Định",)), {"binh"}),
        (Audience(programmes=("iso",), provinces=("Nam Định",)), set()),
        (Audience(channels=("zalo",)), set()),
        (Audience(stages=(Stage.SENT,)), {"an", "binh"}),
        (Audience(stages=(Stage.WITHDRAWN,)), {"chi"}),
        (Audience(stages=(Stage.NONE, Stage.WITHDRAWN)), {"chi", "dung"}),
    ],
)
async def test_an_audience_is_who_fits_all_that_is_asked(
    store: Store, audience: Audience, expected: set[str]
) -> None:
    await subscribe(store, "an", "binh", "chi", "dung")
    an = form(programmes=["award", "iso"], province="Ninh Bình", commune="phường Hoa Lư")
    binh = form(programmes=["award"], province="Nam Định", commune="xã Gia Viễn")
    await say(store, an, who=chat("an"), external_id="1")
    await say(store, binh, who=chat("binh"), external_id="2")
    await say(store, CONSENT, form(programmes=["award"]), who=chat("chi"), external_id="3")
    withdraw = schema.submission.update().where(schema.submission.c.conversation == "chi")
    await store.write(lambda db: db.execute(withdraw.values(withdrawn_at=DAY)))

    assert await meant(store, audience) == expected


async def test_withdrawing_consent_leaves_the_audience_of_the_form(store: Store) -> None:
    await subscribe(store, "an")
    submission = SaveSubmission("register", {"programmes": ["award"]}, CONSENT.purpose)
    await say(store, CONSENT, submission, who=chat("an"), external_id="1")
    assert await meant(store, Audience(programmes=("award",))) == {"an"}

    await say(store, WithdrawConsent(), who=chat("an"), external_id="2")
    assert await meant(store, Audience(programmes=("award",))) == set()


words = st.lists(st.text(max_size=5), max_size=3).map(tuple)


@given(
    st.builds(
        Audience,
        words,
        words,
        words,
        words,
        st.lists(st.sampled_from(Stage), max_size=3).map(tuple),
    )
)
def test_an_audience_survives_the_way_through_json(audience: Audience) -> None:
    assert Audience.of_data(audience.as_data()) == audience


async def test_the_runner_orders_people_as_they_are_listed(office: Store) -> None:
    number = await running(office, "3", "1", "2")
    _, listed = await office.read(lambda db: recipients.meant(db, number, 10, LAN))
    order = [row.conversation.id for row in await claim(office)]

    assert order == [person.conversation.id for person in listed]
    assert all(one < other for one, other in pairwise(order))
