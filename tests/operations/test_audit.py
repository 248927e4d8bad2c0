"""The audit: what it tells, and what happens to who touches it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.operations import auditing, broadcasts, staff
from bot.operations.broadcasts import Draft
from bot.operations.refusals import NotAllowed
from bot.operations.rights import Role
from bot.store.audit import BEGINNING, Chain
from bot.store.database import Store
from tests.operations.conftest import CONSOLE, DAY, HOA, LAN, MINH, NGA, do

TAMPERING = (
    "UPDATE audit SET who = 1 WHERE id = 3",
    'UPDATE audit SET after = \'{"role": "viewer"}\' WHERE id = 2',
    "UPDATE audit SET at = at + 1 WHERE id = 2",
    "DELETE FROM audit WHERE id = 2",
    "DELETE FROM audit WHERE id = 1",
    "UPDATE audit SET id = 100 WHERE id = 2",
    "INSERT INTO audit VALUES (9, 0, 4, '', 'x', 'y', '{}', '{}', '', 'z')",
)


async def chain(store: Store) -> Chain:
    return await store.read(lambda db: auditing.verify(db, NGA))


async def test_a_line_says_who_did_what_by_which_way_to_what_and_when(office: Store) -> None:
    await do(office, staff.change_role, 1, Role.OFFICER, NGA)
    (line,) = await office.read(lambda db: auditing.lines(db, MINH, 1))

    assert (line.who, line.via, line.act, line.object, line.at) == (
        4,
        "telegram",
        "role",
        "staff:1",
        DAY,
    )
    assert (line.before, line.after) == ({"role": "viewer"}, {"role": "officer"})


async def test_the_audit_of_one_thing_can_be_read_page_by_page(office: Store) -> None:
    number = await do(office, broadcasts.compose, Draft("một"), LAN)
    await do(office, broadcasts.edit, number, Draft("hai"), LAN)
    about = f"broadcast:{number}"
    (newest,) = await office.read(lambda db: auditing.lines(db, NGA, 1, about=about))
    rest = await office.read(
        lambda db: auditing.lines(db, NGA, 9, about=about, before_id=newest.id)
    )

    assert (newest.before["text"], newest.after["text"]) == ("một", "hai")
    assert [line.act for line in rest] == ["compose"]


@pytest.mark.parametrize("actor", [HOA, LAN])
async def test_who_may_not_read_it_does_not(office: Store, actor: object) -> None:
    with pytest.raises(NotAllowed):
        await office.read(lambda db: auditing.lines(db, actor, 1))  # type: ignore[arg-type]


async def test_an_untouched_chain_is_whole(office: Store) -> None:
    verified = await chain(office)

    assert (verified.lines, verified.broken_at) == (4, None)


async def test_an_empty_audit_is_whole(store: Store) -> None:
    verified = await store.read(lambda db: auditing.verify(db, CONSOLE))

    assert verified == Chain(0, BEGINNING, None)


@pytest.mark.usefixtures("office")
async def test_the_database_itself_refuses_to_change_a_line(path: Path) -> None:
    for statement in TAMPERING[:6]:
        with (
            closing(sqlite3.connect(path)) as connection,
            pytest.raises(sqlite3.IntegrityError, match="append-only"),
        ):
            connection.execute(statement)


@pytest.mark.parametrize("statement", TAMPERING)
async def test_who_gets_round_that_is_found_out(office: Store, path: Path, statement: str) -> None:
    await do(office, staff.change_role, 1, Role.OFFICER, NGA)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript("DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;")
        connection.execute(statement)

    assert (await chain(office)).broken_at is not None


async def test_lines_cut_off_at_the_end_show_against_a_hash_noted_before(
    office: Store, path: Path
) -> None:
    noted = (await chain(office)).last_hash
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER audit_no_delete")
        connection.execute("DELETE FROM audit WHERE id = 4")

    assert (await chain(office)).last_hash != noted
