"""Following leads up: the log, who may see and do what, the search, merging, due days, erasure."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.operations import lead_export, lead_merging, lead_views, leads
from bot.operations.lead_due import tell
from bot.operations.lead_merging import Shared
from bot.operations.refusals import NotAllowed, NotFound, NotNow, Unfit
from bot.operations.rights import Actor
from bot.store import audit, erasure, schema, submissions
from bot.store.database import Store
from bot.store.follow_up import Sought
from bot.store.lead_cards import Card
from bot.store.people import StoreLookup
from handlers.conversation import Conversation, Reply
from handlers.effects import SaveSubmission
from knowledge.entries import Knowledge
from tests.operations.conftest import DAY, HOA, LAN, MINH, NGA, at, do

ANHOA, NAMO = 1, 2


async def register(  # noqa: PLR0913 - what a form says
    store: Store,
    chat: str,
    *,
    tax_code: str = "0101243150",
    enterprise: str = "Công ty An Hòa",
    contact: str = "Nguyễn Thị Lan",
    phone: str = "+84912345678",
    email: str = "",
    commune: str = "xã Thăng Bình",
) -> None:
    values: dict[str, Any] = {"commune": commune, "programmes": ["award"], "phone": phone}
    form = SaveSubmission(
        "register",
        values,
        "lien-he-huong-dan",
        tax_code=tax_code,
        enterprise=enterprise,
        contact=contact,
        phone=phone,
        email=email,
    )
    where = Conversation("telegram", chat)
    await store.write(lambda db: submissions.save(db, where, form, DAY))


async def two(store: Store) -> None:
    await register(store, "a")
    await register(
        store,
        "b",
        tax_code="0400101394",
        enterprise="Cty TNHH Nam Ô",
        contact="Trần Văn Minh",
        phone="+84987654321",
        commune="Phường Hải Vân",
    )


async def card(store: Store, number: int, by: Actor = LAN) -> Card:
    return await store.read(lambda db: leads.card(db, number, by))


async def named(store: Store, words: str, by: Actor = LAN, **more: Any) -> list[str]:
    sought = Sought(words=words, **more)
    return [each.name for each in await store.read(lambda db: leads.find(db, sought, by, DAY))]


async def test_each_change_of_status_is_dated_and_says_who_and_why(office: Store) -> None:
    await two(office)

    await do(office, leads.set_status, ANHOA, "guided", "đã gọi", LAN)
    await do(office, leads.set_status, ANHOA, "contacted", "", MINH, now=at(hours=1))
    await do(office, leads.set_status, ANHOA, "contacted", "", MINH, now=at(hours=2))

    back, on = (await card(office, ANHOA)).changes
    assert (on.before, on.after, on.remark, on.by, on.at) == ("new", "guided", "đã gọi", 2, DAY)
    assert (back.before, back.after, back.by) == ("guided", "contacted", 3)
    seen = await office.read(lambda db: leads.overview(db, HOA, DAY))
    assert seen.counts["contacted"] == 1
    assert seen.counts["new"] == 1


async def test_the_audit_names_enterprises_by_number_and_nobody(office: Store) -> None:
    await two(office)
    await do(office, leads.set_status, ANHOA, "guided", "chị Lan 0912345678", LAN)
    await do(office, leads.add_note, ANHOA, "chị Lan hẹn 9 giờ", LAN)
    await do(office, leads.assign, ANHOA, 3, LAN)
    await do(office, leads.set_due, ANHOA, date(2026, 11, 24), LAN)
    await do(office, lead_merging.merge, ANHOA, NAMO, LAN)
    await do(office, lead_export.export, LAN)

    lines = await office.read(lambda db: audit.latest(db, 6))
    written = [(line.act, line.object) for line in lines]
    assert written == [
        ("export", "enterprises"),
        ("merge", "enterprise:1"),
        ("due", "enterprise:1"),
        ("owner", "enterprise:1"),
        ("note", "enterprise:1"),
        ("status", "enterprise:1"),
    ]
    told = "".join(f"{line.before}{line.after}" for line in lines)
    assert not any(word in told for word in ("Lan", "An Hòa", "0912", "0101243150"))


async def test_a_viewer_sees_how_far_it_is_but_no_numbers_and_changes_nothing(
    office: Store,
) -> None:
    await register(office, "a", email="lan@anhoa.vn")
    await do(office, leads.set_status, ANHOA, "guided", "gọi 0912 345 678", LAN)
    await do(office, leads.add_note, ANHOA, "thư về lan@anhoa.vn", LAN)

    seen = await card(office, ANHOA, HOA)
    assert seen.brief.status == "guided"
    assert "912" not in str(seen)
    assert "lan@anhoa.vn" not in str(seen)
    assert await named(office, "0912345678", HOA) == []
    assert await named(office, "0912345678", LAN) == ["Công ty An Hòa"]
    for act, given in (
        (leads.set_status, (ANHOA, "new", "")),
        (leads.assign, (ANHOA, 2)),
        (leads.set_due, (ANHOA, None)),
        (leads.add_note, (ANHOA, "x")),
        (leads.confirm_phone, (1,)),
        (lead_merging.merge, (1, 2)),
        (lead_merging.undo, (1,)),
        (lead_export.export, ()),
    ):
        with pytest.raises(NotAllowed):
            await do(office, act, *given, HOA)
    with pytest.raises(NotAllowed):
        await office.read(lambda db: lead_merging.suggestions(db, ANHOA, HOA))
    with pytest.raises(NotAllowed):
        await do(office, lead_views.save, "x", Sought(), HOA, shared=True)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("an hoa", ["Công ty An Hòa"]),
        ("AN HOÀ", ["Công ty An Hòa"]),
        ("hòa an", ["Công ty An Hòa"]),
        ("nam o", ["Cty TNHH Nam Ô"]),
        ("thang binh", ["Công ty An Hòa"]),
        ("hai van nam", ["Cty TNHH Nam Ô"]),
        ("0101243150", ["Công ty An Hòa"]),
        ("0101 243", ["Công ty An Hòa"]),
        ("0987 654 321", ["Cty TNHH Nam Ô"]),
        ("+84 987654321", ["Cty TNHH Nam Ô"]),
        ("4321", ["Cty TNHH Nam Ô"]),
        ("không có", []),
        ("%", []),
        ("' OR 1=1 --", []),
    ],
)
async def test_what_is_sought_is_found_without_accents(
    office: Store, words: str, expected: list[str]
) -> None:
    await two(office)

    assert await named(office, words) == expected


async def test_filters_are_kept_for_oneself_or_for_all(office: Store) -> None:
    await two(office)
    await do(office, leads.assign, NAMO, 3, LAN)
    await do(office, leads.set_due, NAMO, date(2026, 11, 21), LAN)
    await do(office, leads.set_due, ANHOA, date(2026, 11, 23), LAN)

    assert await named(office, "", owner=3) == ["Cty TNHH Nam Ô"]
    assert await named(office, "", due=True) == ["Cty TNHH Nam Ô"]  # the other is due next week
    assert await named(office, "", commune="phuong hai van") == ["Cty TNHH Nam Ô"]
    assert len(await named(office, "", programme="award")) == 2

    own = await do(office, lead_views.save, "của tôi", Sought(owner=3), LAN, shared=False)
    await do(office, lead_views.save, "chung", Sought(status="new"), LAN, shared=True)
    assert [v.name for v in (await office.read(lambda db: leads.overview(db, LAN, DAY))).views] == [
        "của tôi",
        "chung",
    ]
    assert [v.name for v in (await office.read(lambda db: leads.overview(db, HOA, DAY))).views] == [
        "chung"
    ]
    with pytest.raises(NotFound):
        await do(office, lead_views.drop, own, MINH)


async def test_only_an_officer_of_today_can_be_given_an_enterprise(office: Store) -> None:
    await two(office)

    with pytest.raises(Unfit):
        await do(office, leads.assign, ANHOA, HOA.staff, LAN)
    with pytest.raises(NotFound):
        await do(office, leads.assign, ANHOA, 99, LAN)
    for day in (date(2026, 11, 19), date(2031, 1, 1)):
        with pytest.raises(Unfit):
            await do(office, leads.set_due, ANHOA, day, LAN)
    for text in (" ", "x" * 1001):
        with pytest.raises(Unfit):
            await do(office, leads.add_note, ANHOA, text, LAN)
    with pytest.raises(Unfit):
        await do(office, leads.set_status, ANHOA, "rich", "", LAN)


@pytest.mark.parametrize(
    ("given", "shared"),
    [
        ({"tax_code": "0101243150-001"}, (Shared.TAX_CODE,)),
        ({"tax_code": "0101243158"}, (Shared.TAX_CODE,)),
        ({"enterprise": "CTY TNHH AN HOÀ"}, (Shared.NAME,)),
        ({"enterprise": "CTY TNHH AN HOÀ", "commune": "xã khác"}, ()),
        ({"phone": "+84912345678"}, (Shared.PHONE,)),
        ({}, ()),
    ],
)
async def test_duplicates_are_suggested_and_never_merged_by_themselves(
    office: Store, given: dict[str, str], shared: tuple[Shared, ...]
) -> None:
    other = {
        "tax_code": "0400101394",
        "enterprise": "Bình Minh",
        "phone": "+84987654321",
        "commune": "xã Thăng Bình",
    }
    await register(office, "a")
    await register(office, "b", **other | given)

    found = await office.read(lambda db: lead_merging.suggestions(db, ANHOA, LAN))

    assert [each.shared for each in found] == ([shared] if shared else [])
    pairs = await office.read(lambda db: lead_merging.pairs(db, LAN))
    one_digit = given == {"tax_code": "0101243158"}  # only looked for one at a time
    assert len(pairs) == (shared != () and not one_digit)
    assert len(await named(office, "")) == 2


async def test_citizen_numbers_that_follow_each_other_suggest_nothing(office: Store) -> None:
    await register(office, "a", tax_code="049090001234", commune="một")
    await register(office, "b", tax_code="049090001235", phone="+84987654321", commune="hai")

    assert await office.read(lambda db: lead_merging.suggestions(db, ANHOA, LAN)) == []


async def test_a_merge_moves_everything_and_can_be_undone(office: Store) -> None:
    await two(office)
    await do(office, leads.set_status, NAMO, "guided", "đã gọi", LAN)
    await do(office, leads.add_note, NAMO, "ghi chú của Nam Ô", LAN)
    before = await card(office, NAMO)

    await do(office, lead_merging.merge, ANHOA, NAMO, LAN)

    merged = await card(office, ANHOA)
    assert {each.name for each in merged.people} == {"Nguyễn Thị Lan", "Trần Văn Minh"}
    assert (len(merged.sent), len(merged.changes), len(merged.notes)) == (2, 1, 1)
    assert [each.tax_code for each in merged.merged] == ["0400101394"]
    assert await named(office, "") == ["Công ty An Hòa"]
    assert (await card(office, NAMO)).brief.id == ANHOA  # an old button leads to what it became
    with pytest.raises(NotNow):
        await do(office, leads.set_status, NAMO, "new", "", LAN)
    with pytest.raises(NotNow):
        await do(office, lead_merging.merge, NAMO, ANHOA, LAN)
    with pytest.raises(Unfit):
        await do(office, lead_merging.merge, ANHOA, ANHOA, LAN)

    await register(office, "c", tax_code="0400101394", enterprise="Nam Ô", contact="Lê Thị Hoa")
    assert len((await card(office, ANHOA)).people) == 3  # who registers the old number joins

    await do(office, lead_merging.undo, 1, LAN)
    after = await card(office, NAMO)
    assert (after.people, after.sent, after.changes, after.notes) == (
        before.people,
        before.sent,
        before.changes,
        before.notes,
    )
    with pytest.raises(NotFound):
        await do(office, lead_merging.undo, 1, LAN)


async def test_one_person_of_both_is_there_once_after_a_merge(office: Store) -> None:
    await register(office, "a")
    await register(office, "a", tax_code="0400101394", enterprise="An Hòa")

    await do(office, lead_merging.merge, ANHOA, NAMO, LAN)

    assert [each.name for each in (await card(office, ANHOA)).people] == ["Nguyễn Thị Lan"]
    await office.write(lambda db: erasure.erase(db, Conversation("telegram", "a"), DAY))
    rows = await office.read(lambda db: db.execute(select(schema.enterprise)))
    assert [row.name for row in rows] == ["", ""]


async def test_a_number_that_was_called_is_so_until_it_changes(office: Store) -> None:
    await two(office)
    await do(office, leads.confirm_phone, 1, LAN)

    (person,) = (await card(office, ANHOA)).people
    assert (person.verified, person.checked_by) == ("called", LAN.staff)

    await register(office, "a", phone="+84911111111")
    (person,) = (await card(office, ANHOA)).people
    assert person.verified == ""
    with pytest.raises(NotFound):
        await do(office, leads.confirm_phone, 99, LAN)


async def test_who_takes_back_their_forms_is_no_contact_any_more(office: Store) -> None:
    await two(office)
    where = Conversation("telegram", "a")
    await office.write(lambda db: submissions.withdraw(db, where, 1, DAY))

    found = await card(office, ANHOA)
    assert (found.people, found.brief.phones) == ((), ())
    assert [(each.withdrawn, each.values) for each in found.sent] == [(True, {})]


async def test_erasing_a_person_takes_what_staff_noted_about_them(office: Store) -> None:
    await register(office, "a", email="lan@anhoa.vn")
    await register(office, "b", contact="Trần Văn Minh", phone="+84987654321")
    for text in ("gặp NGUYEN THI LAN ở Sở", "gọi 0912.345.678", "Lan@AnHoa.vn", "đã xem hồ sơ"):
        await do(office, leads.add_note, ANHOA, text, LAN)
    await do(office, leads.set_status, ANHOA, "guided", "chị Nguyễn Thị Lan nhờ", LAN)
    await do(office, leads.confirm_phone, 1, LAN)
    lan = Conversation("telegram", "a")
    assert await StoreLookup(office, lan).noted() == 5

    await office.write(lambda db: erasure.erase(db, lan, DAY))

    assert await StoreLookup(office, lan).noted() == 0
    found = await card(office, ANHOA)
    assert [each.text for each in found.notes] == ["đã xem hồ sơ", "", "", ""]
    assert [each.remark for each in found.changes] == [""]
    assert [each.name for each in found.people] == ["Trần Văn Minh"]
    assert found.brief.name == "Công ty An Hòa"

    await do(office, leads.assign, ANHOA, LAN.staff, LAN)
    await office.write(lambda db: erasure.erase(db, Conversation("telegram", "b"), DAY))
    assert await named(office, "") == []
    notes = await office.read(lambda db: db.scalars(select(schema.follow_up_note.c.text)))
    assert set(notes) == {""}
    with pytest.raises(NotFound):
        await card(office, ANHOA)


class Told:
    """What owners were queued, and the way a channel shapes it."""

    def __init__(self, store: Store, knowledge: Knowledge) -> None:
        self._store, self._knowledge = store, knowledge

    async def look(self, now: Any) -> int:
        def render(_name: str, reply: Reply) -> tuple[dict[str, Any], ...]:
            return ({"text": reply.text},)

        return await self._store.write(lambda db: tell(db, self._knowledge, render, now))

    async def queued(self) -> list[tuple[str, str]]:
        table = schema.delivery
        rows = await self._store.read(
            lambda db: db.execute(
                select(table.c.conversation, table.c.kind).where(table.c.kind == "staff")
            )
        )
        return [tuple(row) for row in rows]


async def test_an_owner_is_told_once_on_the_morning_of_the_day(
    office: Store, shipped: Knowledge
) -> None:
    await two(office)
    told = Told(office, shipped)
    for number in (ANHOA, NAMO):
        await do(office, leads.assign, number, MINH.staff, LAN)
        await do(office, leads.set_due, number, date(2026, 11, 24), LAN)

    assert await told.look(at(days=3)) == 0  # the day before
    assert await told.look(at(days=4, hours=-3)) == 0  # at six in the morning
    assert await told.look(at(days=4, hours=-1)) == 1  # one message for both
    assert await told.look(at(days=4)) == 0
    assert await told.queued() == [("staff 3", "staff")]

    await do(office, leads.set_due, NAMO, date(2026, 11, 25), LAN, now=at(days=4))
    assert await told.look(at(days=6)) == 1  # the machine was off on that day
    await do(office, leads.assign, ANHOA, NGA.staff, LAN)
    assert await told.look(at(days=6)) == 1  # a new owner is told, too


async def test_an_owner_who_left_is_not_told(office: Store, shipped: Knowledge) -> None:
    await two(office)
    await do(office, leads.assign, ANHOA, MINH.staff, LAN)
    await do(office, leads.set_due, ANHOA, date(2026, 11, 20), LAN)
    ended = update(schema.staff).where(schema.staff.c.id == MINH.staff).values(ended_at=DAY)
    await office.write(lambda db: db.execute(ended))

    assert await Told(office, shipped).look(DAY) == 0
