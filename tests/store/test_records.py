"""What staff list (leads, quarantine) and what time takes away (retention)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from bot.store import deliveries, quarantine, retention, schema, turns
from bot.store.database import Store
from bot.store.leads import ACTIVE, WITHDRAWN, Lead, Wanted, leads
from bot.store.retention import Retention, Tidied
from handlers.conversation import Session
from handlers.effects import EraseMe, GiveConsent, WithdrawSubmission
from tests.store.conftest import LAN, MINH, NOW, later, rows, say
from tests.store.test_effects import CONSENT, form

KEEP = Retention(
    messages=timedelta(days=10),
    payloads=timedelta(days=5),
    quarantine=timedelta(days=3),
    sessions=timedelta(days=20),
)


async def listed(store: Store, **wanted: object) -> list[Lead]:
    filters = Wanted(**wanted)  # type: ignore[arg-type]  # the test's own words
    return list(await store.read(lambda db: leads(db, filters)))


async def test_one_enterprise_is_one_lead_with_all_who_registered_it(store: Store) -> None:
    await say(store, CONSENT, form(values={"programme": "gtclqg", "xa": "Cũ"}))
    await say(
        store,
        form(form="nscl", values={"programme": "nscl", "xa": "Mới"}, contact="Trần Văn Minh"),
        who=MINH,
        external_id="2",
        now=later(days=2),
    )

    (lead,) = await listed(store)
    assert (lead.tax_code, lead.enterprise, lead.state) == (
        "0400123456",
        "Công ty Đại Phát",
        ACTIVE,
    )
    assert lead.values["xa"] == "Mới"
    assert lead.forms == ("nscl", "gtclqg")
    assert [contact.name for contact in lead.contacts] == ["Nguyễn Thị Lan", "Trần Văn Minh"]
    assert (lead.first_at, lead.last_at) == (NOW, later(days=2))


async def test_leads_are_filtered_by_form_programme_and_date(store: Store) -> None:
    await say(store, form(form="a", tax_code="1", values={"programmes": ["x"]}))
    several = form(form="b", tax_code="2", values={"programmes": ["x", "y"]})
    await say(store, several, external_id="2", now=later(days=1))
    await say(store, form(form="b", tax_code="", values={}), external_id="3", now=later(days=2))

    async def codes(**wanted: object) -> list[str]:
        return [lead.tax_code for lead in await listed(store, **wanted)]

    assert await codes() == ["", "2", "1"]
    assert await codes(form="b") == ["", "2"]
    assert await codes(programme="x") == ["2", "1"]
    assert await codes(since=later(days=1)) == ["", "2"]
    assert await codes(until=later(days=1)) == ["1"]


async def test_who_withdrew_is_counted_but_no_longer_named(store: Store) -> None:
    await say(store, form())
    await say(store, WithdrawSubmission(1), external_id="2")

    (lead,) = await listed(store)
    assert (lead.state, lead.contacts, lead.values) == (WITHDRAWN, (), {})


async def test_an_erased_lead_shows_no_tax_code(store: Store) -> None:
    await say(store, form())
    await say(store, EraseMe(), external_id="2")

    (lead,) = await listed(store)
    assert (lead.tax_code, lead.enterprise, lead.contacts) == ("", "", ())


async def test_what_nobody_understood_is_listed_newest_first(store: Store) -> None:
    for raw in ("{", "x" * 100_000):
        await store.write(lambda db, raw=raw: quarantine.set_aside(db, "zalo_oa", raw, "odd", NOW))  # type: ignore[misc]  # mypy loses a lambda's default

    long, short = await store.read(quarantine.listing)
    assert (short.raw, short.channel, short.problem, short.at) == ("{", "zalo_oa", "odd", NOW)
    assert len(long.raw) == quarantine.MOST_RAW


async def test_a_lead_knows_its_place_among_those_who_chose_the_same(store: Store) -> None:
    await say(store, CONSENT, form(values={"course": "a", "programmes": ["x"]}))
    other = form(values={"course": "a"}, tax_code="0400999999")
    await say(store, CONSENT, other, who=MINH, external_id="2")
    assert [lead.places for lead in await listed(store)] == [{"course": 2}, {"course": 1}]

    await say(store, WithdrawSubmission(1), external_id="3")

    assert [lead.places for lead in await listed(store)] == [{"course": 1}, {}]


async def test_what_was_promised_to_be_kept_outlives_a_silent_session(store: Store) -> None:
    shelf: dict[str, dict[str, Any]] = {
        "dossier:d": {"ticked": ["a", "b"], "kept_until": later(days=400).date().isoformat()},
        "register": {"values": {"phone": "1"}, "kept_until": later(days=30).date().isoformat()},
    }
    await say(store, session=Session(dialog="form", data={"form": "survey"}, shelf=shelf))
    await say(store, session=Session(dialog="form"), who=MINH, external_id="2")

    async def tidy(days: int) -> int:
        done = await store.write(lambda db: retention.tidy(db, later(days=days), KEEP))
        return done.sessions

    assert await tidy(19) == 0
    assert await tidy(100) == 1  # Minh's
    assert await tidy(100) == 0
    kept = await store.read(lambda db: turns.session_of(db, LAN))
    assert kept == Session(shelf={"dossier:d": shelf["dossier:d"]})
    assert await tidy(401) == 1


async def test_a_session_that_cannot_be_read_goes_like_any_other(store: Store) -> None:
    await say(store)
    await store.write(lambda db: db.execute(update(schema.session).values(state="{")))

    done = await store.write(lambda db: retention.tidy(db, later(days=100), KEEP))
    assert done.sessions == 1


async def test_time_takes_the_words_and_leaves_the_counts(store: Store) -> None:
    await say(
        store, GiveConsent("p", "1", "w"), form(), payloads=[{"text": "một"}, {"text": "hai"}]
    )
    (row,) = await store.write(lambda db: deliveries.claim(db, "telegram", NOW, 1))
    await store.write(lambda db: deliveries.sent(db, [(row.id, "x", NOW)]))
    await store.write(lambda db: quarantine.set_aside(db, "telegram", "{", "odd", NOW))
    before = {t.name: len(await rows(store, t)) for t in schema.metadata.sorted_tables}

    async def tidy(days: int) -> Tidied:
        return await store.write(lambda db: retention.tidy(db, later(days=days), KEEP))

    assert await tidy(3) == Tidied(0, 0, 0, 0)
    assert await tidy(6) == Tidied(messages=0, payloads=1, quarantine=1, sessions=0)
    assert await tidy(30) == Tidied(messages=1, payloads=0, quarantine=0, sessions=1)
    assert await tidy(30) == Tidied(0, 0, 0, 0)

    after = {t.name: len(await rows(store, t)) for t in schema.metadata.sorted_tables}
    assert after == before | {"quarantine": 0, "session": 0}
    (message,) = await rows(store, schema.message)
    assert message["text"] == ""
    payloads = [row["payload"] for row in await rows(store, schema.delivery)]
    assert payloads == [{}, {"text": "hai"}]
    assert not (await tidy(30)).more
