"""Following leads up: the log, who may see and do what, the search, merging, due days, erasure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.operations import lead_export, lead_merging, lead_twins, lead_views, leads
from bot.operations.lead_due import tell
from bot.operations.lead_twins import Shared
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
        email="minh@namo.vn",
        commune="Phường Hải Vân",
    )


async def card(store: Store, number: int, by: Actor = LAN) -> Card:
    return await store.read(lambda db: leads.card(db, number, by))


async def named(store: Store, words: str, by: Actor = LAN, **more: Any) -> list[str]:
    sought = Sought(words=words, **more)
    found = await store.read(lambda db: leads.find(db, sought, by, DAY))
    assert found.count == len(found.page)
    return [each.name for each in found.page]


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
    await do(office, lead_export.export, Sought(), LAN)

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
    for reach in ("0912345678", "lan@anhoa.vn"):
        assert await named(office, reach, HOA) == []
    assert await named(office, "0912345678", LAN) == ["Công ty An Hòa"]
    for act, given in (
        (leads.set_status, (ANHOA, "new", "")),
        (leads.assign, (ANHOA, 2)),
        (leads.set_due, (ANHOA, None)),
        (leads.add_note, (ANHOA, "x")),
        (leads.confirm_phone, (1,)),
        (lead_merging.merge, (1, 2)),
        (lead_merging.undo, (1,)),
        (lead_export.export, (Sought(),)),
        (lead_merging.tell_apart, (1, 2)),
    ):
        with pytest.raises(NotAllowed):
            await do(office, act, *given, HOA)
    with pytest.raises(NotAllowed):
        await office.read(lambda db: lead_twins.suggestions(db, ANHOA, HOA))
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
        ("nguyen thi lan", ["Công ty An Hòa"]),
        ("MINH@namo.vn", ["Cty TNHH Nam Ô"]),
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


async def test_words_that_stand_together_come_first_and_the_rest_by_age(office: Store) -> None:
    for number, name in enumerate(("Hòa An", "An Hòa", "Hòa Bình An")):
        await register(office, f"c{number}", tax_code=f"{number:010}", enterprise=name)

    assert await named(office, "an hoa") == ["An Hòa", "Hòa Bình An", "Hòa An"]


async def test_a_list_is_given_page_by_page_with_the_count_of_all(office: Store) -> None:
    for number in range(leads.PAGE * 2 + 1):
        await register(office, f"c{number}", tax_code=f"{number:010}", enterprise=f"Số {number}")

    pages = [
        await office.read(lambda db, n=number: leads.find(db, Sought(words="so"), LAN, DAY, n))  # type: ignore[misc]  # mypy loses a lambda's default
        for number in range(4)
    ]

    assert [(each.count, len(each.page), each.more) for each in pages] == [
        (17, 8, True),
        (17, 8, True),
        (17, 1, False),
        (17, 0, False),
    ]
    assert [each.name for page in pages for each in page.page] == [
        f"Số {number}" for number in reversed(range(17))
    ]


async def test_an_export_is_in_the_audit_with_its_filter_and_count_and_no_words(
    office: Store,
) -> None:
    await two(office)
    await do(office, lead_export.export, Sought(), LAN)
    sought = Sought(words="0912345678 lan", status="new", commune="xa thang binh")
    assert await do(office, lead_export.export, replace(sought, words="nguyen thi lan"), LAN) == 1
    assert await do(office, lead_export.export, sought, LAN) == 0

    lines = await office.read(lambda db: audit.latest(db, 3))
    assert [line.after for line in lines] == [
        {"status": "new", "commune": "xa thang binh", "words": 2},
        {
            "status": "new",
            "commune": "xa thang binh",
            "words": 3,
            "enterprises": 1,
            "numbers": [1],
        },
        {"enterprises": 2, "numbers": [1, 2]},
    ]


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


async def suggested(store: Store, number: int) -> list[tuple[int, tuple[Shared, ...]]]:
    found = await store.read(lambda db: lead_twins.suggestions(db, number, LAN))
    return [(each.other.id, each.shared) for each in found]


async def paired(store: Store) -> list[tuple[int, int]]:
    count, found = await store.read(lambda db: lead_twins.pairs(db, LAN))
    assert count == len(found)
    return [(each.one.id, each.other.id) for each in found]


@pytest.mark.parametrize(
    ("given", "shared"),
    [
        ({"tax_code": "0101243150-001"}, (Shared.TAX_CODE,)),
        ({"phone": "+84912345678"}, (Shared.PHONE,)),
        ({"email": "LAN@anhoa.vn"}, (Shared.EMAIL,)),
        ({"enterprise": "CTY TNHH AN HOÀ"}, (Shared.NAME,)),
        ({"enterprise": "CTY TNHH AN HOÀ", "commune": "xã khác"}, ()),
        ({"enterprise": "CTY TNHH AN HOÀ", "commune": ""}, (Shared.NAME_ALONE,)),
        ({"enterprise": "HTX nước mắm An Hòa"}, ()),
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
    await register(office, "a", email="lan@anhoa.vn")
    await register(office, "b", **other | given)

    assert await suggested(office, ANHOA) == ([(NAMO, shared)] if shared else [])
    assert await paired(office) == ([(ANHOA, NAMO)] if shared else [])
    assert len(await named(office, "")) == 2


async def test_what_is_likeliest_one_is_suggested_first(office: Store) -> None:
    near = {"enterprise": "Công ty nước mắm Hồng Hương", "commune": "xã Thăng Bình"}
    await register(office, "a", enterprise="Cty Nước mắm Hồng Hưng", phone="+84911111111")
    await register(office, "b", tax_code="0400101394", phone="+84922222222", **near)
    other = {"enterprise": "Bình Minh", "commune": "khác", "phone": "+84911111111"}
    await register(office, "c", tax_code="0312345671", **other)
    branch = {"enterprise": "Chi nhánh Hồng Hương", "phone": "+84911111111"}
    await register(office, "d", tax_code="0101243150-002", **branch)

    assert await suggested(office, 1) == [
        (4, (Shared.TAX_CODE, Shared.PHONE)),
        (3, (Shared.PHONE,)),
        (2, (Shared.NEAR_NAME,)),
    ]
    assert await paired(office) == [(1, 4), (1, 3), (3, 4), (1, 2)]


async def test_a_number_that_many_enterprises_gave_says_nothing_of_any_two(office: Store) -> None:
    for each in range(lead_twins.ALIKE + 1):
        facts = {"tax_code": f"{each:010}", "enterprise": f"Số {each}", "commune": f"xã {each}"}
        await register(office, f"c{each}", **facts)

    assert await paired(office) == []


async def test_two_that_somebody_told_apart_are_not_suggested_again(office: Store) -> None:
    await register(office, "a")
    await register(office, "b", tax_code="0400101394")
    await do(office, lead_merging.tell_apart, NAMO, ANHOA, LAN)
    await do(office, lead_merging.tell_apart, ANHOA, NAMO, MINH)

    assert await suggested(office, ANHOA) == []
    assert await suggested(office, NAMO) == []
    assert await paired(office) == []

    await register(office, "c", tax_code="0312345671")
    assert await paired(office) == [(1, 3), (2, 3)]
    await do(office, lead_merging.merge, 3, ANHOA, LAN)
    assert await paired(office) == []  # who is one with the first is not the second either
    await do(office, lead_merging.merge, 3, NAMO, LAN)  # and a person may still think again


async def test_citizen_numbers_that_follow_each_other_suggest_nothing(office: Store) -> None:
    await register(office, "a", tax_code="049090001234", commune="một")
    await register(office, "b", tax_code="049090001235", phone="+84987654321", commune="hai")

    assert await suggested(office, ANHOA) == []


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
    for old in ("0400101394", "nam o"):  # what it was called leads to what it became
        assert await named(office, old) == ["Công ty An Hòa"]
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
