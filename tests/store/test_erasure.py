# ruff: noqa: ASYNC240 - small files of the test itself; nothing else runs meanwhile

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.store import addresses, deliveries, following, quarantine, schema, turns
from bot.store.columns import ERASED
from bot.store.database import Store
from bot.store.erasure import proof_of
from handlers.conversation import Choice, Conversation, Session
from handlers.effects import EraseMe, GiveConsent, NoteUnanswered, Subscribe
from tests.store.conftest import LAN, MINH, NOW, later, rows, say, seen
from tests.store.test_effects import form

CONSENT = GiveConsent("dang_ky", "1", "Tôi đồng ý.")
TRACES = ("Nguyễn Thị Lan", "912345678", "lan@daiphat.vn", "Giám đốc", LAN.id, "Bí mật", "Đại Phát")


async def live(store: Store) -> None:
    """Leave a trace of Lan in every table that can hold one."""
    session = Session(data={"phone": "+84912345678"}, offered=(Choice("Bí mật", "x"),))
    await say(store, CONSENT, form(), payloads=[{"text": "Chào Nguyễn Thị Lan"}], session=session)
    await say(
        store,
        Subscribe(wanted=True),
        NoteUnanswered("thế nào", "unanswered"),
        external_id="2",
        text="tôi là Nguyễn Thị Lan, Bí mật",
        payloads=[{"text": "Bí mật"}],
        session=session,
    )
    (first,) = await store.write(lambda db: deliveries.claim(db, "telegram", NOW, 1))
    await store.write(lambda db: deliveries.sent(db, [(first.id, f"{LAN.id}:55", NOW)]))
    await store.write(lambda db: deliveries.add(db, LAN, "reminder", [{"t": "Bí mật"}], NOW))
    noted = "gọi Nguyễn Thị Lan, 0912345678, Giám đốc"
    await store.write(lambda db: following.note(db, 1, noted, None, NOW))
    raw = f'{{"chat": {LAN.id}, "name": "Nguyễn Thị Lan"}}'
    await store.write(lambda db: quarantine.set_aside(db, "telegram", raw, "odd", NOW))


async def erase(store: Store, external_id: str = "9") -> None:
    await say(
        store,
        EraseMe(),
        external_id=external_id,
        payloads=[{"text": "Đã xoá, chị Nguyễn Thị Lan"}],
        now=later(days=1),
        session=Session(topic="Bí mật"),
    )


async def settle_everything(store: Store) -> list[Any]:
    sent = []
    while due := await store.write(lambda db: deliveries.claim(db, "telegram", later(days=1), 9)):
        for row in due:
            sent.append(row)
            taken = (row.id, f"{LAN.id}:56", later(days=1))
            await store.write(lambda db, taken=taken: deliveries.sent(db, [taken]))  # type: ignore[misc]  # mypy loses a lambda's default
    return sent


async def test_erasing_leaves_no_trace_in_the_bytes_on_disk(store: Store, path: Path) -> None:
    await live(store)
    await store.checkpoint()
    before = path.read_bytes()
    await erase(store)
    await settle_everything(store)
    await store.checkpoint()

    log = path.with_name(f"{path.name}-wal")
    after = path.read_bytes() + log.read_bytes()
    for trace in TRACES:
        assert trace.encode() in before, trace
        assert trace.encode() not in after, trace


async def test_the_counts_stay(store: Store) -> None:
    await live(store)
    counted = (schema.conversation, schema.message, schema.delivery, schema.submission)
    tables = (*counted, schema.consent, schema.unanswered, schema.enterprise)
    before = [len(await rows(store, table)) for table in tables]
    await erase(store)

    after = [len(await rows(store, table)) for table in tables]
    expected = [
        n + (table in {schema.message, schema.delivery})
        for n, table in zip(before, tables, strict=True)
    ]
    assert after == expected


async def test_what_was_asked_in_vain_is_counted_without_its_words(store: Store) -> None:
    await live(store)
    await erase(store)

    (asked,) = await rows(store, schema.unanswered)
    assert (asked["question"], asked["reason"]) == ("", "unanswered")
    assert asked["settled_at"] is not None


async def test_no_row_of_any_table_leads_back_to_the_person(store: Store) -> None:
    await live(store)
    await erase(store)
    await settle_everything(store)

    for table in addresses.TABLES:
        assert LAN.id not in {row["conversation"] for row in await rows(store, table)}, table.name


async def test_the_reply_that_says_so_still_goes_out_and_is_blanked_then(store: Store) -> None:
    await live(store)
    await erase(store)

    sent = await settle_everything(store)
    assert [(row.conversation, row.payload) for row in sent] == [
        (LAN, {"text": "Đã xoá, chị Nguyễn Thị Lan"})
    ]
    for row in await rows(store, schema.delivery):
        assert (row["payload"], row["external_id"]) == ({}, "")
        assert row["conversation"].startswith(ERASED)
    states = [row["state"] for row in await rows(store, schema.delivery)]
    assert sorted(states) == ["cancelled", "cancelled", "sent", "sent"]


async def test_a_reply_on_its_way_is_blanked_when_it_arrives(store: Store) -> None:
    await say(store, payloads=[{"text": "Bí mật"}])
    (due,) = await store.write(lambda db: deliveries.claim(db, "telegram", NOW, 1))
    await erase(store)

    await store.write(lambda db: deliveries.failed(db, due.id, f"chat {LAN.id}", NOW))

    row = (await rows(store, schema.delivery))[0]
    assert (row["state"], row["payload"], row["reason"]) == ("failed", {}, "")
    assert row["conversation"].startswith(ERASED)


async def test_the_erasing_message_itself_is_not_answered_twice(store: Store) -> None:
    await live(store)
    await erase(store)

    assert await seen(store, "telegram", "9")
    assert await rows(store, schema.session) == []


async def test_consent_stays_as_proof_that_only_its_owner_can_be_matched_with(
    store: Store,
) -> None:
    await live(store)
    await say(store, CONSENT, external_id="3")
    await erase(store)

    lines = await rows(store, schema.consent)
    proof = await store.read(lambda db: proof_of(db, LAN))
    assert [line["conversation"] for line in lines] == [proof, proof]
    assert [line["withdrawn_at"] for line in lines] == [later(days=1)] * 2
    assert [(line["wording"], line["external_id"]) for line in lines] == [("Tôi đồng ý.", None)] * 2
    assert proof != await store.read(lambda db: proof_of(db, MINH))


async def test_an_enterprise_keeps_its_name_while_another_contact_remains(store: Store) -> None:
    await say(store, form())
    await say(store, form(contact="Trần Văn Minh"), who=MINH, external_id="2")
    await erase(store)

    (enterprise,) = await rows(store, schema.enterprise)
    assert (enterprise["tax_code"], enterprise["name"]) == ("0400123456", "Công ty Đại Phát")
    (contact,) = await rows(store, schema.enterprise_contact)
    assert contact["name"] == "Trần Văn Minh"

    await say(store, EraseMe(), who=MINH, external_id="10")
    (enterprise,) = await rows(store, schema.enterprise)
    assert enterprise["name"] == ""
    assert enterprise["tax_code"].startswith(ERASED)


async def test_other_people_keep_everything(store: Store) -> None:
    await say(store, CONSENT, form(), who=MINH, external_id="2", payloads=[{"text": "của Minh"}])
    before = [await rows(store, table) for table in schema.metadata.sorted_tables]
    other = Conversation("zalo_oa", MINH.id)
    await say(store, EraseMe(), who=other, external_id="x")
    after = [await rows(store, table) for table in schema.metadata.sorted_tables]

    for old, new in zip(before, after, strict=True):
        assert [row for row in new if row in old] == old


async def test_erasing_twice_erases_once_and_the_person_may_come_back(store: Store) -> None:
    await live(store)
    await erase(store)
    await erase(store, external_id="10")
    await say(store, external_id="11", text="chào lại")

    session = await store.read(lambda db: turns.session_of(db, LAN))
    assert session == Session()
    mine = [row for row in await rows(store, schema.message) if row["conversation"] == LAN.id]
    assert [row["text"] for row in mine] == ["chào lại"]
