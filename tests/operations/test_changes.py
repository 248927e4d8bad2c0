"""An announcement that edits or withdraws what an earlier one sent: a life like any other's."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import update

from bot.operations import broadcasts, course, recipients
from bot.operations.broadcasts import Changes, Draft, State
from bot.operations.refusals import NeedsAnother, NotAllowed, NotNow, Unfit
from bot.store import deliveries, schema
from bot.store.announcing import NOTHING_EARLIER
from bot.store.database import Store
from bot.store.erasure import erase
from handlers.attachments import PICTURE, stored
from handlers.conversation import Choice
from tests.operations.conftest import (
    DAY,
    HOA,
    LAN,
    MINH,
    approved,
    at,
    claim,
    do,
    found,
    running,
    start,
    subscribe,
)


async def gone_out(office: Store, *chats: str) -> int:
    """A broadcast that these received, under an id of their own each, and that is done."""
    number = await running(office, *chats)
    for row in await claim(office):
        taken = [(row.id, f"id of {row.conversation.id}", DAY)]
        await office.write(partial(deliveries.sent, taken=taken))
    await office.write(partial(course.finish, number=number, now=DAY))
    return number


def editing(number: int) -> Draft:
    return Draft("Đúng ra là ngày 28", correction_of=number, changes=Changes.EDIT)


def withdrawing(number: int) -> Draft:
    return Draft("", correction_of=number, changes=Changes.WITHDRAW)


async def test_each_row_names_its_own_persons_earlier_message(office: Store) -> None:
    wrong = await gone_out(office, "1", "2", "3")
    await subscribe(office, "new")
    await start(office, await approved(office, editing(wrong)))

    rows = await claim(office)
    assert {row.conversation.id: row.earlier for row in rows} == {
        each: f"id of {each}" for each in "123"
    }


async def test_whose_message_cannot_be_named_is_neither_counted_nor_written_to(
    office: Store,
) -> None:
    wrong = await running(office, "1", "2", "3", "4")
    one, two, three, four = await claim(office)
    await office.write(partial(deliveries.sent, taken=[(one.id, "7", DAY), (two.id, "", DAY)]))
    await office.write(partial(deliveries.unsure, id=three.id, reason="lost", now=DAY))
    await do(office, recipients.count_as_sent, wrong, MINH)
    await office.write(lambda db: deliveries.failed(db, four.id, "rejected", DAY))
    await do(office, broadcasts.cancel, wrong, MINH)
    number = await approved(office, withdrawing(wrong))

    count, people = await office.read(lambda db: recipients.meant(db, number, 9, LAN))
    assert (count, [each.conversation.id for each in people]) == (1, ["1"])
    await start(office, number)
    assert [row.conversation.id for row in await claim(office)] == ["1"]


async def opts_out(office: Store, *chats: str) -> None:
    person = schema.conversation
    these = update(person).where(person.c.conversation.in_(chats))
    await office.write(lambda db: db.execute(these.values(subscribed=False)))


async def test_who_wants_no_more_of_them_has_the_wrong_one_edited_and_withdrawn_too(
    office: Store,
) -> None:
    wrong = await gone_out(office, "1", "2", "3")
    await opts_out(office, "1")
    edit = await approved(office, editing(wrong))
    await start(office, edit)
    await opts_out(office, "2")  # between approval and sending
    changed = await claim(office)
    assert [row.conversation.id for row in changed] == ["1", "2", "3"]
    for row in changed:
        await office.write(partial(deliveries.sent, taken=[(row.id, row.earlier, DAY)]))
    await office.write(partial(course.finish, number=edit, now=DAY))

    await start(office, await approved(office, withdrawing(edit)))
    assert [row.conversation.id for row in await claim(office)] == ["1", "2", "3"]


async def test_who_received_it_and_is_left_out_is_counted_by_reason(office: Store) -> None:
    wrong = await running(office, "1", "2", "3", "4444444", "5")
    one, two, three, four, five = await claim(office)
    told = [(one.id, "1", DAY), (two.id, "2", DAY), (three.id, "3", DAY), (four.id, "4", DAY)]
    await office.write(partial(deliveries.sent, taken=[*told, (five.id, "", DAY)]))
    await office.write(partial(course.finish, number=wrong, now=DAY))
    await opts_out(office, "1", "3")
    await office.write(lambda db: deliveries.unreachable(db, three.conversation, "blocked", DAY))
    await office.write(lambda db: erase(db, four.conversation, DAY))
    correction = await do(office, broadcasts.compose, Draft("Đúng", correction_of=wrong), LAN)
    edit = await do(office, broadcasts.compose, editing(wrong), LAN)

    left_out = {}
    for number in (correction, edit):
        meant = partial(recipients.meant, number=number, limit=9, by=LAN)
        people, _ = await office.read(meant)
        missed = await office.read(partial(recipients.missed, number=number, by=LAN))
        left_out[number] = missed
        assert people + sum(missed.values()) == 5
    assert left_out[correction] == {"stopped": 1, "blocked": 1, "erased": 1}
    assert left_out[edit] == {"unnamed": 1, "blocked": 1, "erased": 1}


async def test_who_blocks_the_bot_or_is_unknown_by_then_is_left_alone(office: Store) -> None:
    wrong = await gone_out(office, "1", "2", "3")
    number = await approved(office, editing(wrong))
    await start(office, number)
    person, delivery = schema.conversation, schema.delivery
    blocks = update(person).where(person.c.conversation == "1").values(reachable=False)
    two = (delivery.c.broadcast == wrong, delivery.c.conversation == "2")
    forgets = update(delivery).where(*two).values(external_id="")
    await office.write(lambda db: db.execute(blocks))
    await office.write(lambda db: db.execute(forgets))

    assert [row.conversation.id for row in await claim(office)] == ["3"]
    counts = (await office.read(lambda db: recipients.progress(db, number, LAN, DAY))).counts
    struck = {reason for state, reason, _ in counts.by_reason if state == "cancelled"}
    assert struck == {"blocked", NOTHING_EARLIER}


async def test_a_crash_on_the_way_leaves_it_unsure_and_again_it_names_the_same_message(
    office: Store,
) -> None:
    number = await approved(office, editing(await gone_out(office, "1")))
    await start(office, number)
    (before,) = await claim(office)
    await office.write(lambda db: deliveries.recover(db, at(seconds=1)))
    assert await claim(office) == []
    await do(office, recipients.send_again, number, MINH)
    (after,) = await claim(office, now=at(seconds=2))
    assert (after.id, after.earlier) == (before.id, before.earlier)


async def test_an_edit_may_itself_be_withdrawn_but_nothing_after_a_withdrawal(
    office: Store,
) -> None:
    edit = await approved(office, editing(await gone_out(office, "1")))
    await start(office, edit)
    (row,) = await claim(office)
    await office.write(partial(deliveries.sent, taken=[(row.id, row.earlier, DAY)]))
    await office.write(partial(course.finish, number=edit, now=DAY))
    withdrawal = await approved(office, withdrawing(edit))
    await start(office, withdrawal)
    (row,) = await claim(office)
    assert row.earlier == "id of 1"
    await office.write(partial(deliveries.sent, taken=[(row.id, row.earlier, DAY)]))
    await office.write(partial(course.finish, number=withdrawal, now=DAY))

    for draft in (editing(withdrawal), withdrawing(withdrawal)):
        with pytest.raises(Unfit):
            await do(office, broadcasts.compose, draft, LAN)


async def test_four_eyes_rights_and_times_hold_for_it_too(office: Store) -> None:
    wrong = await gone_out(office, "1")
    with pytest.raises(NotAllowed):
        await do(office, broadcasts.compose, withdrawing(wrong), HOA)
    number = await do(office, broadcasts.compose, withdrawing(wrong), MINH)
    with pytest.raises(NotNow):
        await do(office, broadcasts.approve, number, 1, MINH)
    await do(office, broadcasts.submit, number, MINH)
    with pytest.raises(NeedsAnother):
        await do(office, broadcasts.approve, number, 1, MINH)
    assert (await found(office, number)).state == State.AWAITING


async def test_what_makes_no_sense_is_refused(office: Store) -> None:
    wrong, picture = await gone_out(office, "1"), stored(PICTURE, "a.png", "0" * 64)
    still = await running(office, "2")
    number = await do(office, broadcasts.compose, withdrawing(wrong), LAN)
    refused = [
        Draft("sửa", changes=Changes.EDIT),  # of nothing
        Draft("", changes=Changes.WITHDRAW),
        Draft("", correction_of=wrong, changes=Changes.EDIT),
        Draft("lời", correction_of=wrong, changes=Changes.WITHDRAW),
        Draft("", (Choice("Xem", "a"),), correction_of=wrong, changes=Changes.WITHDRAW),
        Draft("sửa", correction_of=wrong, changes=Changes.EDIT, attachment=picture),
    ]
    for draft in refused:
        with pytest.raises(Unfit):
            await do(office, broadcasts.compose, draft, LAN)
    with pytest.raises(NotNow):
        await do(office, broadcasts.compose, editing(still), LAN)
    worded = Draft("lời", correction_of=wrong, changes=Changes.WITHDRAW)
    with pytest.raises(Unfit):  # forged: words for what has none
        await do(office, broadcasts.edit, number, worded, LAN)
