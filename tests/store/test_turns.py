from __future__ import annotations

import json
import logging
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from bot.store import schema, sessions, turns
from bot.store.database import Store
from handlers.conversation import Choice, Outcome, Session
from handlers.effects import NoteChoice, Subscribe
from tests.effort import examples
from tests.store.conftest import LAN, MINH, NOW, later, rows, say, seen

VIETNAM = timezone(timedelta(hours=7))
FULL = Session(
    dialog="register",
    step="phone",
    data={"ten": "Công ty Đại Phát", "so": 3, "phan": ["a", None]},
    shelf={"eligibility": {"step": "size", "data": {"x": True}}},
    offered=(Choice("Hạn nộp", "entry:deadline.current"), Choice("Quay lại", "back")),
    topic="gtclqg",
    topic_at=NOW.astimezone(VIETNAM),
    asked="hạn nộp là khi nào",
    asked_at=NOW,
)


async def stored(store: Store) -> Session:
    return await store.read(lambda db: turns.session_of(db, LAN))


async def test_a_turn_is_kept_whole(store: Store) -> None:
    kept = await say(
        store, NoteChoice("q", "e"), payloads=[{"text": "một"}, {"text": "hai"}], session=FULL
    )

    assert kept
    assert await seen(store, "telegram", "1")
    assert await stored(store) == FULL
    (message,) = await rows(store, schema.message)
    assert (message["text"], message["outcome"], message["at"]) == ("xin chào", "answered", NOW)
    assert [row["payload"]["text"] for row in await rows(store, schema.delivery)] == ["một", "hai"]
    assert {row["turn"] for row in await rows(store, schema.delivery)} == {message["turn"]}
    assert len(await rows(store, schema.choice_made)) == 1


async def test_the_same_message_twice_is_kept_once(store: Store) -> None:
    first = await say(store, NoteChoice("q", "e"), payloads=[{"text": "một"}])
    second = await say(store, NoteChoice("q", "e"), payloads=[{"text": "một"}], session=FULL)

    assert (first, second) == (True, False)
    assert await stored(store) == Session()
    for table in (schema.message, schema.delivery, schema.choice_made):
        assert len(await rows(store, table)) == 1


async def test_the_same_external_id_on_another_channel_is_another_message(store: Store) -> None:
    await say(store)

    assert not await seen(store, "zalo_oa", "1")


async def test_a_message_makes_its_person_known_and_reachable_again(store: Store) -> None:
    await say(store)
    await store.write(lambda db: db.execute(update(schema.conversation).values(reachable=False)))
    await say(store, external_id="2", now=later(days=1))

    (person,) = await rows(store, schema.conversation)
    assert person["reachable"]
    assert (person["first_seen"], person["last_seen"]) == (NOW, later(days=1))


async def test_the_words_of_a_form_are_not_kept_with_the_message(store: Store) -> None:
    await say(store, text="Nguyễn Thị Lan", outcome=Outcome.FORM)

    (message,) = await rows(store, schema.message)
    assert message["text"] == ""


async def test_a_phone_number_in_a_question_is_masked(store: Store) -> None:
    await say(store, text="gọi cho tôi số 0912 345 678 nhé")

    (message,) = await rows(store, schema.message)
    assert message["text"] == "gọi cho tôi số [phone] nhé"


async def test_somebody_never_seen_has_a_fresh_session(store: Store) -> None:
    assert await store.read(lambda db: turns.session_of(db, MINH)) == Session()


@pytest.mark.parametrize(
    "state",
    [
        "",
        "{",
        "[]",
        '{"dialog": 3}',
        '{"data": "text"}',
        '{"shelf": {"a": 1}}',
        '{"offered": 7}',
        '{"offered": [["a"]]}',
        '{"offered": [["a", ""]]}',
        '{"topic_at": "2026-11-20T08:00:00"}',
        '{"topic_at": "gestern"}',
        '{"topic_at": 5}',
    ],
)
async def test_an_unreadable_session_starts_afresh_and_is_logged(
    store: Store, state: str, caplog: pytest.LogCaptureFixture
) -> None:
    await say(store, session=FULL)
    await store.write(lambda db: db.execute(update(schema.session).values(state=state)))

    with caplog.at_level(logging.WARNING):
        found = await stored(store)

    assert found == Session()
    assert "starts afresh" in caplog.text


def test_fields_of_a_newer_release_do_not_spoil_a_session() -> None:
    text = json.dumps(json.loads(sessions.dump(FULL)) | {"mood": "new"})

    assert sessions.load(text) == FULL


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(
    data=st.dictionaries(st.text(), json_values),
    shelf=st.dictionaries(st.text(), st.dictionaries(st.text(), json_values)),
    topic_at=st.none() | st.datetimes(timezones=st.sampled_from([UTC, VIETNAM])),
)
@settings(max_examples=examples(40), deadline=None)
def test_every_session_survives_the_way_through_json(data, shelf, topic_at) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - hypothesis gives them
    session = Session(data=data, shelf=shelf, topic_at=topic_at)

    assert sessions.load(sessions.dump(session)) == session


async def test_a_naive_time_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="needs a time zone"):
        await say(store, Subscribe(wanted=True), now=NOW.replace(tzinfo=None))

    assert await rows(store, schema.message) == []
