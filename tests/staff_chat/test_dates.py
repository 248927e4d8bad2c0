"""A date that staff order into the knowledge is in its file, in the audit, and told of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.dating import Dating, Register
from bot.operations.rights import Role
from bot.store import audit, dating, schema
from bot.store.database import Store
from handlers import deadlines
from knowledge.entries import Knowledge
from knowledge.loading import load
from knowledge.rules import key_of, standing
from tests.knowledge.folders import small, write
from tests.new_database import new_database
from tests.staff_chat.office import Office

KEY = "gtclqg.registration.2027"


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(write(tmp_path / "kb", small()), tmp_path / "cache")


@pytest.fixture(params=["31, closes_at: '17:00'", "31, inclusive: false"], ids=["at", "before"])
async def with_a_date(
    request: pytest.FixtureRequest, tmp_path: Path, register: Register, shipped: Knowledge
) -> AsyncIterator[Office]:
    """The office of a department whose registration ends at 17:00 of 31/03/2027, or before it."""
    dated = f"closes_on: 2027-03-{request.param}, letter: 12/TB-SKHCN, source: nd37-2026"
    swap_in_file(register, "year: 2027}", f"year: 2027, {dated}}}")
    known = replace(shipped, deadlines=read(register).deadlines)
    store = await Store.open(new_database(tmp_path / "with_a_date.db"))
    try:
        yield Office(store, known)
    finally:
        await store.close()


def swap_in_file(register: Register, old: str, new: str) -> None:
    path = register.folder / "rules/deadlines.yaml"
    assert text_of(register).count(old) == 1
    path.write_text(text_of(register).replace(old, new), "utf-8")


def read(register: Register) -> Knowledge:
    return load(register.folder, today=date(2026, 11, 20), cache=register.cache)


def text_of(register: Register) -> str:
    return (register.folder / "rules/deadlines.yaml").read_text("utf-8")


async def ordered(office: Office, day: str, letter: str) -> str:
    """Hoa, who may, goes through the dialog; what was shown to be confirmed."""
    assert "Thời hạn đang biết" in await office.types("Hoa", "/thoihan")
    verb = next(c.action for c in office.offered() if c.action.endswith(KEY))
    await office.presses("Hoa", verb)
    await office.types("Hoa", day)
    shown = await office.types("Hoa", letter)
    assert "Đã nhận" in await office.presses("Hoa", "staff:dates.write")
    return shown


async def told(office: Office) -> list[str]:
    table = schema.delivery
    queued = select(table.c.payload).where(table.c.kind == schema.literal("staff"))
    rows = (await office.store.read(lambda db: db.execute(queued))).all()
    return [row.payload["text"] for row in rows]


async def test_a_date_is_written_once_whatever_happens_to_the_process(
    office: Office, register: Register
) -> None:
    await office.employs("Hoa", Role.APPROVER)
    await ordered(office, "31/03/2027 17h", "12/TB-SKHCN ngày 15/11/2026")
    (waiting,) = await office.store.read(dating.waiting)

    register.write(waiting.order, office.clock.at)  # and then the process is killed
    once = text_of(register)
    await Dating(office.house, register).look()
    await Dating(office.house, register).look()

    assert text_of(register) == once
    known = load(register.folder, today=office.clock.at.date(), cache=register.cache)
    (found,) = [each for each in known.deadlines if each.milestone == "registration"]
    assert (str(found.closes_on), str(found.closes_at)) == ("2027-03-31", "17:00:00")
    assert known.sources[found.source].title == "Văn bản số 12/TB-SKHCN ngày 15/11/2026"
    assert [line for line in await told(office) if "Đã ghi hạn" in line] != []
    lines = await office.store.read(lambda db: audit.latest(db, 9, about=f"deadline:{KEY}"))
    assert [(line.act, line.who) for line in lines] == [("write a date", 1), ("order a date", 1)]


async def test_an_order_is_settled_though_whoever_gave_it_cannot_be_told(
    office: Office, register: Register
) -> None:
    await office.employs("Hoa", Role.APPROVER)
    await ordered(office, "31/03/2027 17h", "12/TB-SKHCN ngày 15/11/2026")
    not_running = update(schema.staff).values(channel="zalo")
    await office.store.write(lambda db: db.execute(not_running))

    await Dating(office.house, register).look()

    assert await office.store.read(dating.waiting) == []
    lines = await office.store.read(lambda db: audit.latest(db, 1, about=f"deadline:{KEY}"))
    assert [line.act for line in lines] == ["write a date"]


async def test_what_cannot_be_written_is_told_and_changes_nothing(
    office: Office, register: Register
) -> None:
    await office.employs("Hoa", Role.APPROVER)
    await ordered(office, "31/03/2027", "12/TB-SKHCN ngày 15/11/2026")
    await Dating(office.house, register).look()
    before = text_of(register)
    await ordered(office, "31/12/2026", "13/TB-SKHCN ngày 16/11/2026")

    await Dating(office.house, register).look()

    assert text_of(register) == before
    assert "vừa được ghi ngày khác" in (await told(office))[-1]


async def test_what_is_confirmed_is_what_is_written_hour_and_old_day_and_all(
    with_a_date: Office, register: Register
) -> None:
    office = with_a_date
    await office.employs("Hoa", Role.APPROVER)
    shown = await ordered(office, "15/04/2027", "20/TB-SKHCN ngày 15/11/2026")
    (waiting,) = await office.store.read(dating.waiting)

    register.write(waiting.order, office.clock.at)  # and then the process is killed
    await Dating(office.house, register).look()

    known = read(register)
    said = deadlines.line(known, standing(known, known.deadlines[0], office.clock.at))
    assert said in shown
    assert ("31/03/2027" in said and "17:00" in said) or "30/03/2027" in said
    assert "Đã ghi hạn" in (await told(office))[-1]


async def test_an_extension_that_is_none_is_told_before_anything_is_ordered(
    with_a_date: Office,
) -> None:
    office = with_a_date
    await office.employs("Hoa", Role.APPROVER)
    await office.presses("Hoa", f"staff:dates.set:0:{KEY}")

    assert "Hạn đang có là 3" in await office.types("Hoa", "30/03/2027")
    assert "Căn cứ văn bản nào" in await office.types("Hoa", "01/04/2027")


async def test_a_deadline_that_is_not_there_yet_is_added(
    office: Office, register: Register
) -> None:
    await office.employs("Hoa", Role.APPROVER)
    await office.types("Hoa", "/thoihan")
    for step in ("", ":gtclqg", ":gtclqg.registration"):
        await office.presses("Hoa", f"staff:dates.add{step}")
    years = [choice.label for choice in office.offered()]
    await office.presses("Hoa", "staff:dates.set:new:gtclqg.registration.2028")
    await office.types("Hoa", "31/03/2028 17h")
    shown = await office.types("Hoa", "12/TB-SKHCN ngày 15/11/2026")
    await office.presses("Hoa", "staff:dates.write")
    for _ in range(2):
        await Dating(office.house, register).look()

    assert years[:3] == ["2026", "2028", "2029"]  # that of 2027 is there
    known = read(register)
    assert [key_of(each) for each in known.deadlines] == [KEY, "gtclqg.registration.2028"]
    assert deadlines.line(known, standing(known, known.deadlines[1], office.clock.at)) in shown


async def test_only_what_the_knowledge_has_can_be_added(office: Office) -> None:
    await office.employs("Hoa", Role.APPROVER)
    await office.employs("Dũng", Role.OFFICER)

    assert "cần quyền khác" in await office.presses("Dũng", "staff:dates.add")
    for lost in ("add:nobel", f"set:new:{KEY}", "set:new:gtclqg.party.2028", "set:new:x"):
        assert "không còn dùng được" in await office.presses("Hoa", f"staff:dates.{lost}"), lost


async def test_the_button_alone_orders_nothing(office: Office) -> None:
    await office.employs("Hoa", Role.APPROVER)
    await office.employs("Dũng", Role.OFFICER)

    assert "không còn dùng được" in await office.presses("Hoa", "staff:dates.write")
    assert "cần quyền khác" in await office.presses("Dũng", "staff:dates")
    await office.presses("Dũng", f"staff:dates.set:0:{KEY}")
    await office.types("Dũng", "31/03/2027")
    await office.types("Dũng", "12/TB-SKHCN ngày 15/11/2026")
    assert "cần quyền khác" in await office.presses("Dũng", "staff:dates.write")
    found = await office.store.read(lambda db: db.execute(select(schema.date_order)))
    assert found.all() == []


@pytest.mark.parametrize(
    "typed", ["số 12/TB-SKHCN", "Công văn số: 12/TB-SKHCN", "so 12/TB-SKHCN", "12/TB-SKHCN"]
)
async def test_the_words_around_a_letters_number_are_no_part_of_it(
    office: Office, typed: str
) -> None:
    await office.employs("Hoa", Role.APPROVER)
    shown = await ordered(office, "31/03/2027", f"{typed} ngày 15/11/2026")

    assert "công văn số 12/TB-SKHCN." in shown
