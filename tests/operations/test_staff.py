"""Who is on the staff, and every way round the rules that a person might try."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bot.operations import broadcasts, staff
from bot.operations.broadcasts import Draft
from bot.operations.refusals import NotAllowed, NotFound, NotNow, Refused, Unfit, Why
from bot.operations.rights import RIGHTS, Actor, Right, Role, allowed, identify, roles_with
from bot.store import schema, staffing
from bot.store.database import Store
from handlers.conversation import Conversation
from tests.operations.conftest import (
    CONSOLE,
    HOA,
    LAN,
    MINH,
    NGA,
    ROLES,
    at,
    do,
    take_in,
)
from tests.store.conftest import rows

MAI = Conversation("telegram", "555")


async def refused(store: Store, act: object, *given: object, **more: object) -> Why:
    with pytest.raises(Refused) as error:
        await do(store, act, *given, **more)  # type: ignore[arg-type]
    return error.value.why


def test_each_role_may_do_what_the_one_before_may_and_more() -> None:
    each = [RIGHTS[role] for role in Role]

    assert all(less < more for less, more in pairwise(each))


@pytest.mark.parametrize("right", Right)
async def test_a_right_belongs_to_exactly_the_roles_of_the_table(
    office: Store, right: Right
) -> None:
    may = []
    for actor, role in ROLES.items():
        try:
            await office.read(lambda db, who=actor: allowed(db, who, right))  # type: ignore[misc]  # mypy loses a lambda's default
            may.append(role)
        except NotAllowed:
            pass

    assert tuple(may) == roles_with(right)


@pytest.mark.parametrize("actor", [Actor(99, "telegram"), Actor(0, "telegram")])
async def test_a_number_that_is_nobodys_may_do_nothing(office: Store, actor: Actor) -> None:
    for right in Right:
        with pytest.raises(NotAllowed):
            await office.read(lambda db, wanted=right: allowed(db, actor, wanted))  # type: ignore[misc]  # mypy loses a lambda's default


async def test_the_command_line_appoints_but_announces_nothing(office: Store) -> None:
    assert await refused(office, broadcasts.compose, Draft("tin"), CONSOLE) is Why.NO_RIGHT
    assert await take_in(office, "the next", Role.ADMIN) == 5


@pytest.mark.parametrize("actor", [HOA, LAN, MINH, NGA])
async def test_nobody_is_added_by_hand_from_a_chat(office: Store, actor: Actor) -> None:
    why = await refused(office, staff.add, MAI, "Mai", Role.VIEWER, actor)

    assert why is Why.NO_RIGHT


@pytest.mark.parametrize("actor", [HOA, LAN, MINH])
async def test_only_an_admin_invites_changes_roles_and_ends(office: Store, actor: Actor) -> None:
    assert await refused(office, staff.invite, Role.ADMIN, actor) is Why.NO_RIGHT
    assert await refused(office, staff.change_role, actor.staff, Role.ADMIN, actor) is Why.NO_RIGHT
    assert await refused(office, staff.end, 4, actor) is Why.NO_RIGHT


async def test_an_invitation_lets_one_person_in(office: Store) -> None:
    invited = await do(office, staff.invite, Role.OFFICER, NGA)
    member = await do(office, staff.accept, invited.token, MAI, " Mai  Anh ", "telegram")

    assert (member.name, member.role, member.conversation) == ("Mai Anh", "officer", MAI)
    assert await office.read(lambda db: identify(db, MAI)) == member


async def test_the_token_is_kept_nowhere(office: Store) -> None:
    invited = await do(office, staff.invite, Role.OFFICER, NGA)

    kept = [str(await rows(office, table)) for table in (schema.invitation, schema.audit)]
    assert not [text for text in kept if invited.token in text]


async def test_a_used_invitation_is_as_good_as_a_made_up_one(office: Store) -> None:
    invited = await do(office, staff.invite, Role.OFFICER, NGA)
    await do(office, staff.accept, invited.token, MAI, "Mai", "telegram")
    other = Conversation("telegram", "666")

    for token in (invited.token, invited.token + "x", "nv-made-up", ""):
        assert await refused(office, staff.accept, token, other, "Kẻ lạ", "telegram") is (
            Why.NO_SUCH_INVITATION
        )
    assert await office.read(lambda db: identify(db, other)) is None


async def test_an_invitation_ends_after_a_day_to_the_moment(office: Store) -> None:
    early = await do(office, staff.invite, Role.OFFICER, NGA)
    late = await do(office, staff.invite, Role.OFFICER, NGA)

    why = await refused(office, staff.accept, late.token, MAI, "Mai", "telegram", now=at(hours=24))
    assert why is Why.NO_SUCH_INVITATION
    await do(
        office, staff.accept, early.token, MAI, "Mai", "telegram", now=at(hours=23, minutes=59)
    )


async def test_an_invitation_ends_with_the_right_of_whoever_made_it(office: Store) -> None:
    await take_in(office, "second admin", Role.ADMIN)
    invited = await do(office, staff.invite, Role.ADMIN, NGA)
    await do(office, staff.change_role, 4, Role.OFFICER, NGA)

    with pytest.raises(NotFound):
        await do(office, staff.accept, invited.token, MAI, "Mai", "telegram")


async def test_who_is_on_the_staff_cannot_use_up_an_invitation_or_raise_themselves(
    office: Store,
) -> None:
    invited = await do(office, staff.invite, Role.ADMIN, NGA)
    lan = Conversation("telegram", "staff 2")

    assert await refused(office, staff.accept, invited.token, lan, "Lan", "x") is Why.ALREADY_STAFF
    member = await do(office, staff.accept, invited.token, MAI, "Mai", "x")
    assert member.role == "admin"


async def test_the_last_admin_stays(office: Store) -> None:
    assert await refused(office, staff.end, 4, NGA) is Why.LAST_ADMIN
    assert await refused(office, staff.end, 4, CONSOLE) is Why.LAST_ADMIN
    assert await refused(office, staff.change_role, 4, Role.APPROVER, NGA) is Why.LAST_ADMIN

    await take_in(office, "second admin", Role.ADMIN)
    await do(office, staff.end, 4, NGA)
    with pytest.raises(NotAllowed):
        await do(office, staff.invite, Role.VIEWER, NGA)


async def test_anybody_else_may_leave_and_is_a_stranger_then(office: Store) -> None:
    await do(office, staff.end, 2, LAN)

    assert await refused(office, broadcasts.compose, Draft("tin"), LAN) is Why.NO_RIGHT
    assert await refused(office, staff.end, 2, LAN) is Why.HAS_LEFT
    assert await office.read(lambda db: identify(db, Conversation("telegram", "staff 2"))) is None


async def test_who_comes_back_is_the_same_person(office: Store) -> None:
    await do(office, staff.end, 2, NGA)

    assert await take_in(office, "staff 2", Role.APPROVER) == 2
    everyone = await office.read(staffing.everyone)
    assert [(member.id, member.role) for member in everyone if member.active][1] == (2, "approver")


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
async def test_a_name_is_something_one_can_say(office: Store, name: str) -> None:
    with pytest.raises(Unfit):
        await do(office, staff.add, MAI, name, Role.VIEWER, CONSOLE)


async def test_a_role_for_who_is_not_there_is_refused(office: Store) -> None:
    with pytest.raises(NotFound):
        await do(office, staff.change_role, 77, Role.VIEWER, NGA)
    await do(office, staff.end, 1, NGA)
    with pytest.raises(NotNow):
        await do(office, staff.change_role, 1, Role.OFFICER, NGA)


async def test_a_refused_act_leaves_no_trace(office: Store) -> None:
    before = [await rows(office, table) for table in (schema.staff, schema.audit)]
    await refused(office, staff.change_role, 4, Role.VIEWER, NGA)
    await refused(office, staff.invite, Role.ADMIN, LAN)

    assert [await rows(office, table) for table in (schema.staff, schema.audit)] == before
