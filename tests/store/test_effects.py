from __future__ import annotations

import hashlib
from datetime import datetime
from typing import get_args

from bot.store import deliveries, effects, schema
from bot.store.database import Store
from bot.store.people import StoreLookup, reachable
from handlers.conversation import Conversation, Lookup
from handlers.effects import (
    Effect,
    GiveConsent,
    NoteChoice,
    NoteUnanswered,
    SaveSubmission,
    Subscribe,
    WithdrawConsent,
    WithdrawSubmission,
)
from handlers.records import Consent, Submission
from tests.store.conftest import LAN, MINH, NOW, later, rows, say

CONSENT = GiveConsent("dang_ky", "1", "Tôi đồng ý để Sở liên hệ.")


def form(**changes: object) -> SaveSubmission:
    facts: dict[str, object] = {
        "form": "gtclqg",
        "values": {"xa": "Phường Hải Châu"},
        "purpose": "dang_ky",
        "tax_code": "0400123456",
        "enterprise": "Công ty Đại Phát",
        "contact": "Nguyễn Thị Lan",
        "position": "Giám đốc",
        "phone": "+84912345678",
        "email": "lan@daiphat.vn",
    }
    return SaveSubmission(**(facts | changes))  # type: ignore[arg-type]  # the test's own words


def past(store: Store, who: Conversation = LAN) -> Lookup:
    return StoreLookup(store, who)


def test_every_effect_is_kept() -> None:
    assert set(effects.KEEPERS) == set(get_args(Effect))


async def test_a_consent_is_kept_with_its_exact_wording_as_proof(store: Store) -> None:
    await say(store, CONSENT, external_id="m-7")

    (line,) = await rows(store, schema.consent)
    assert line["wording"] == CONSENT.wording
    assert line["wording_sha256"] == hashlib.sha256(CONSENT.wording.encode()).hexdigest()
    assert (line["external_id"], line["given_at"]) == ("m-7", NOW)
    assert await past(store).consents() == [Consent("dang_ky", "1", NOW, None)]


async def test_withdrawing_consent_ends_it_and_withdraws_what_rests_on_it(store: Store) -> None:
    await say(store, CONSENT, form())
    await say(store, CONSENT, form(), who=MINH, external_id="2")
    await say(store, form(purpose="luat_dinh"), external_id="3")
    await say(store, WithdrawConsent(), external_id="4", now=later(days=1))
    await say(store, WithdrawConsent(), external_id="5", now=later(days=2))

    assert await past(store).consents() == [Consent("dang_ky", "1", NOW, later(days=1))]
    assert [s["withdrawn_at"] for s in await rows(store, schema.submission)] == [
        later(days=1),
        None,
        None,
    ]
    assert len(await past(store, MINH).submissions()) == 1


async def test_consent_given_again_is_a_new_line_of_the_ledger(store: Store) -> None:
    await say(store, CONSENT)
    await say(store, WithdrawConsent(), external_id="2", now=later(days=1))
    await say(store, CONSENT, external_id="3", now=later(days=2))

    assert await past(store).consents() == [
        Consent("dang_ky", "1", NOW, later(days=1)),
        Consent("dang_ky", "1", later(days=2), None),
    ]


async def test_an_enterprise_registered_twice_is_one_with_two_contacts(store: Store) -> None:
    await say(store, form())
    await say(
        store,
        form(contact="Trần Văn Minh", enterprise=""),
        who=MINH,
        external_id="2",
        now=later(days=1),
    )

    (enterprise,) = await rows(store, schema.enterprise)
    assert enterprise["name"] == "Công ty Đại Phát"
    assert (enterprise["first_at"], enterprise["last_at"]) == (NOW, later(days=1))
    names = [row["name"] for row in await rows(store, schema.enterprise_contact)]
    assert names == ["Nguyễn Thị Lan", "Trần Văn Minh"]


async def test_a_replaced_submission_keeps_its_id_and_its_first_date(store: Store) -> None:
    await say(store, form())
    await say(store, form(values={"xa": "Hội An"}, replaces=1), external_id="2", now=later(days=1))

    assert await past(store).submissions() == [
        Submission(1, "gtclqg", {"xa": "Hội An"}, NOW, later(days=1))
    ]


async def test_a_corrected_tax_code_takes_the_contact_along(store: Store) -> None:
    await say(store, form(tax_code="0400999999"))
    await say(store, form(replaces=1), external_id="2")

    wrong, right = await rows(store, schema.enterprise)
    (contact,) = await rows(store, schema.enterprise_contact)
    assert (wrong["tax_code"], right["tax_code"]) == ("0400999999", "0400123456")
    assert contact["enterprise"] == right["id"]


async def test_nobody_changes_or_withdraws_another_persons_submission(store: Store) -> None:
    await say(store, form())
    await say(store, form(values={}, replaces=1), WithdrawSubmission(1), who=MINH, external_id="2")

    assert [s.values for s in await past(store).submissions()] == [{"xa": "Phường Hải Châu"}]
    assert len(await past(store, MINH).submissions()) == 1


async def test_a_withdrawn_submission_is_no_longer_told_nor_changed(store: Store) -> None:
    await say(store, form())
    await say(store, WithdrawSubmission(1), external_id="2")
    await say(store, form(replaces=1), external_id="3")

    assert [s.id for s in await past(store).submissions()] == [2]


async def test_a_form_without_a_tax_code_makes_no_enterprise(store: Store) -> None:
    await say(store, form(tax_code="", enterprise=""))

    assert await rows(store, schema.enterprise) == []
    assert len(await past(store).submissions()) == 1


async def test_submissions_are_told_newest_first(store: Store) -> None:
    await say(store, form(form="a"))
    await say(store, form(form="b"), external_id="2", now=later(days=1))

    assert [s.form for s in await past(store).submissions()] == ["b", "a"]


async def test_a_noted_question_is_masked_and_a_choice_carries_nobody(store: Store) -> None:
    await say(
        store,
        NoteUnanswered("gọi 0912345678", "asked_human", ("a", "b")),
        NoteChoice("thư lan@daiphat.vn", "contact"),
    )

    (question,) = await rows(store, schema.unanswered)
    assert (question["question"], question["candidates"]) == ("gọi [phone]", ["a", "b"])
    assert (question["reason"], question["conversation"]) == ("asked_human", LAN.id)
    (choice,) = await rows(store, schema.choice_made)
    assert choice["question"] == "thư [email]"
    assert "conversation" not in choice


async def test_unsubscribing_stops_what_was_already_queued(store: Store) -> None:
    await say(store, Subscribe(wanted=True))
    assert await past(store).subscribed()
    for kind in ("broadcast", "reminder"):
        await store.write(lambda db, kind=kind: deliveries.add(db, LAN, kind, [{}], NOW))  # type: ignore[misc]  # mypy loses a lambda's default

    await say(store, Subscribe(wanted=False), external_id="2")

    assert not await past(store).subscribed()
    states = {row["kind"]: row["state"] for row in await rows(store, schema.delivery)}
    assert states == {"broadcast": "cancelled", "reminder": "pending"}


async def test_a_person_who_blocked_us_has_nothing_waiting_any_more(store: Store) -> None:
    await say(store, payloads=[{"text": "một"}])
    await store.write(lambda db: reachable(db, LAN, yes=False, at=NOW, now=NOW))

    (person,) = await rows(store, schema.conversation)
    (row,) = await rows(store, schema.delivery)
    assert not person["reachable"]
    assert (row["state"], row["reason"]) == ("cancelled", "blocked")

    await store.write(lambda db: reachable(db, LAN, yes=True, at=NOW, now=NOW))
    (person,) = await rows(store, schema.conversation)
    assert person["reachable"]


async def test_a_block_that_is_brought_again_changes_nothing(store: Store) -> None:
    async def heard(moment: datetime, *, yes: bool) -> None:
        await store.write(lambda db: reachable(db, LAN, yes=yes, at=moment, now=later(hours=3)))

    await say(store)
    await heard(later(minutes=1), yes=False)
    await say(store, external_id="2", now=later(minutes=2), payloads=[{"text": "một"}])
    await heard(later(minutes=1), yes=False)
    await heard(later(minutes=3), yes=False)
    await heard(later(minutes=4), yes=True)
    await say(store, external_id="3", now=later(minutes=5), payloads=[{"text": "hai"}])
    await heard(later(minutes=3), yes=False)

    (person,) = await rows(store, schema.conversation)
    assert person["reachable"]
    states = [(row["state"], row["reason"]) for row in await rows(store, schema.delivery)]
    assert states == [("cancelled", "blocked"), ("pending", "")]


async def test_a_message_from_before_the_block_does_not_undo_it(store: Store) -> None:
    await say(store, external_id="1", now=later(minutes=-5))
    await store.write(lambda db: reachable(db, LAN, yes=False, at=NOW, now=NOW))
    await say(store, external_id="2", now=later(minutes=-1))

    (person,) = await rows(store, schema.conversation)
    assert not person["reachable"]
    assert person["last_seen"] == NOW


async def test_a_withdrawn_consent_ends_announcements_too(store: Store) -> None:
    await say(store, Subscribe(wanted=True), CONSENT)
    await store.write(lambda db: deliveries.add(db, LAN, "broadcast", [{}], NOW))

    await say(store, WithdrawConsent(), external_id="2")

    assert not await past(store).subscribed()
    (announcement,) = await rows(store, schema.delivery)
    assert (announcement["state"], announcement["reason"]) == ("cancelled", "unsubscribed")


async def test_a_queue_has_those_who_chose_the_same_first_come_first(store: Store) -> None:
    def choosing(course: str) -> SaveSubmission:
        return form(form="training", tax_code="", values={"course": course})

    await say(store, choosing("tools-2027"))
    await say(store, choosing("award-2027"), who=MINH, external_id="2")
    await say(store, choosing("tools-2027"), who=MINH, external_id="3")
    await say(store, form(values={"course": "tools-2027"}), external_id="4")
    first, _, third, _ = [row["id"] for row in await rows(store, schema.submission)]

    assert await past(store).queue("training", "course", "tools-2027") == [first, third]
    await say(store, WithdrawSubmission(first), external_id="5")
    assert await past(store).queue("training", "course", "tools-2027") == [third]


async def test_a_number_that_its_owner_shared_stays_verified_when_named_again(
    store: Store,
) -> None:
    await say(store, form(phone_verified=True))
    await say(store, form(), external_id="2")
    assert [row["phone_verified"] for row in await rows(store, schema.enterprise_contact)] == [True]

    await say(store, form(phone="+84987654321"), external_id="3")
    assert [row["phone_verified"] for row in await rows(store, schema.enterprise_contact)] == [
        False
    ]


async def test_messages_kept_counts_ones_own(store: Store) -> None:
    await say(store)
    await say(store, external_id="2")
    await say(store, who=MINH, external_id="3")

    assert await past(store).messages_kept() == 2
    assert await past(store, Conversation("console", LAN.id)).messages_kept() == 0
