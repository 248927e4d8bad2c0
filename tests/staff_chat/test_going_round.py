"""What staff may do is asked for by the act itself, so there is no way round it.

Neither a typed command, nor a button that was never shown, nor an invitation used before.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot import staff_chat
from bot.operations import drafting, recipients, staff
from bot.operations.broadcasts import State
from bot.operations.rights import Role
from bot.staff_chat.turn import DIALOG
from bot.store import audit, schema, sessions, turns
from handlers.conversation import Incoming, Session
from knowledge.entries import Knowledge
from tests.staff_chat.announcing import approval, awaiting, broadcast
from tests.staff_chat.office import CONSOLE, Office


async def invited(office: Office, as_: Role = Role.OFFICER) -> str:
    now = office.clock.at
    made = await office.store.write(lambda db: staff.invite(db, as_, CONSOLE, now))
    return made.token


async def members(office: Office) -> dict[str, str]:
    found = await office.store.read(lambda db: staff.everyone(db, CONSOLE))
    return {each.conversation.id: each.role for each in found if each.active}


def offered(office: Office, verb: str) -> str:
    """The data of the button that does this, of those that were shown last."""
    return next(each.action for each in office.offered() if f":{verb}:" in each.action)


async def test_a_stranger_hears_of_no_command_of_the_staff(
    office: Office, shipped: Knowledge
) -> None:
    unknown = await office.types("Lan", "/xyz")
    for command in shipped.staff_commands.values():
        assert await office.types("Lan", f"/{command.slash}") == unknown

    old = await office.presses("Lan", "no such thing")
    for verb in staff_chat.ACTIONS:
        assert await office.presses("Lan", f"staff:{verb}:1") == old


async def test_an_invitation_works_once_and_for_a_day(office: Office) -> None:
    token = await invited(office)
    welcome = await office.hears(
        Incoming(office.at("Minh"), "a", office.clock.at, text=f"/start {token}", name="Minh Trần")
    )
    assert "Chào mừng Minh Trần" in welcome

    plain = await office.types("Lan", "/start")
    assert await office.types("Lan", f"/start {token}") == plain
    late = await invited(office)
    office.clock.at += timedelta(hours=24)
    assert await office.types("Lan", f"/start {late}") == plain
    assert await members(office) == {"Minh": "officer"}


async def test_an_invitation_that_is_brought_again_by_the_platform_takes_in_once(
    office: Office,
) -> None:
    token = await invited(office)
    brought = Incoming(office.at("Minh"), "a", office.clock.at, text=token)
    await office.hears(brought)

    assert await office.hears(brought) == ""
    assert await members(office) == {"Minh": "officer"}


async def test_in_a_group_nobody_joins_and_nobody_is_answered(office: Office) -> None:
    token = await invited(office)
    group = Incoming(
        office.at("-100"), "g", office.clock.at, text=f"/start {token}", private=False, sender="Lan"
    )

    assert await office.hears(group) == ""
    assert await members(office) == {}


async def test_who_has_left_is_a_stranger(office: Office) -> None:
    number = await office.employs("Dũng", Role.OFFICER)
    assert "Cán bộ" in await office.types("Dũng", "/canbo")

    now = office.clock.at
    await office.store.write(lambda db: staff.end(db, number, CONSOLE, now))
    assert await office.types("Dũng", "/canbo") == await office.types("Lan", "/canbo")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OFFICER, Role.APPROVER])
async def test_only_an_admin_changes_the_team(office: Office, role: Role) -> None:
    await office.employs("Hoa", Role.ADMIN)
    me = await office.employs("Dũng", role)
    for forged in (
        "staff:team.invite:admin",
        f"staff:team.role:{me}:admin",
        "staff:team.role:1:viewer",
        "staff:team.end:1:sure",
    ):
        assert "cần quyền khác" in await office.presses("Dũng", forged)
    assert await members(office) == {"Hoa": "admin", "Dũng": str(role)}


async def test_a_viewer_writes_nothing(office: Office) -> None:
    await office.employs("Dũng", Role.OFFICER)
    await office.employs("Vân", Role.VIEWER)
    await office.presses("Dũng", "staff:news.write")
    await office.types("Dũng", "Mời dự tập huấn.")

    await office.presses("Vân", "staff:news.text:1")
    assert "cần quyền khác" in await office.types("Vân", "Nội dung khác.")
    for act in (
        *("everybody:1", "submit:1", "test:1", "cancel:1:sure", "start:1", "pause:1", "count:1"),
        *("again:1", "approve:1:1:x"),
    ):
        assert "cần quyền khác" in await office.presses("Vân", f"staff:news.{act}"), act
    found = await broadcast(office, 1)
    assert (found.text, found.state) == ("Mời dự tập huấn.", State.DRAFT)


async def test_who_wrote_it_cannot_approve_it_by_a_button_of_their_own_making(
    office: Office,
) -> None:
    await office.types("Lan", "nhận tin")
    await office.employs("Hoa", Role.APPROVER)
    await office.employs("Dũng", Role.APPROVER)
    await awaiting(office, "Dũng", "Mời dự tập huấn.")
    button = approval(await broadcast(office, 1))

    assert "Người soạn không tự duyệt được" in await office.presses("Dũng", button)
    too_many = button.replace(":1:1:", ":1:9:")
    assert "Lúc này tin sẽ tới 1 người" in await office.presses("Hoa", too_many)
    assert (await broadcast(office, 1)).state == State.AWAITING
    assert "Đã duyệt" in await office.presses("Hoa", button)


async def test_an_old_button_does_not_approve_what_was_written_since(office: Office) -> None:
    await office.types("Lan", "nhận tin")
    await office.employs("Hoa", Role.APPROVER)
    await office.employs("Dũng", Role.OFFICER)
    await awaiting(office, "Dũng", "Mời dự tập huấn.")
    await office.types("Hoa", "/thongbao 1")
    (seen,) = [c.action for c in office.offered() if c.action.startswith("staff:news.approve")]
    await office.presses("Dũng", "staff:news.text:1")
    await office.types("Dũng", "Một tin khác hẳn.")
    await office.presses("Dũng", "staff:news.submit:1")

    assert "đã được sửa sau khi anh/chị mở" in await office.presses("Hoa", seen)
    assert (await broadcast(office, 1)).state == State.AWAITING


async def test_nobody_approves_their_own_by_sending_the_others_away(office: Office) -> None:
    await office.types("Lan", "nhận tin")
    await office.employs("Hoa", Role.ADMIN)
    other = await office.employs("Dũng", Role.APPROVER)
    await awaiting(office, "Hoa", "Mời dự tập huấn.")
    own = approval(await broadcast(office, 1))

    await office.presses("Hoa", f"staff:team.role:{other}:viewer")
    assert "chưa có ai khác duyệt được" in await office.presses("Hoa", own)
    await office.presses("Hoa", f"staff:team.end:{other}:sure")
    assert "chưa có ai khác duyệt được" in await office.presses("Hoa", own)
    assert (await broadcast(office, 1)).state == State.AWAITING


async def test_nor_by_writing_and_submitting_it_again_once_they_are_gone(office: Office) -> None:
    await office.types("Lan", "nhận tin")
    await office.employs("Hoa", Role.ADMIN)
    other = await office.employs("Dũng", Role.APPROVER)
    await awaiting(office, "Hoa", "Mời dự tập huấn.")
    await office.presses("Hoa", f"staff:team.end:{other}:sure")

    await office.presses("Hoa", "staff:news.everybody:1")
    await office.presses("Hoa", "staff:news.submit:1")
    own = approval(await broadcast(office, 1))
    assert "chưa có ai khác duyệt được" in await office.presses("Hoa", own)
    assert (await broadcast(office, 1)).state == State.AWAITING


async def test_nobody_publishes_their_own_by_sending_the_others_away(office: Office) -> None:
    await office.employs("Hoa", Role.ADMIN)
    other = await office.employs("Dũng", Role.APPROVER)
    await office.types("Lan", "công ty tôi muốn được kiểm tra lò hơi định kỳ ở đâu")
    await office.types("Hoa", "/chuatraloi")
    await office.types("Hoa", "1")
    await office.presses("Hoa", offered(office, "learn.answer"))
    await office.types("Hoa", "Liên hệ trung tâm.")
    await office.presses("Hoa", "staff:learn.of:so")
    await office.presses("Hoa", offered(office, "learn.send"))
    await office.presses("Hoa", "staff:learn.draft:1")
    own = offered(office, "learn.publish")

    assert "Dũng" in await office.presses("Hoa", own)
    await office.presses("Hoa", f"staff:team.end:{other}:sure")
    assert "chưa có ai khác duyệt được" in await office.presses("Hoa", own)
    draft = await office.store.read(lambda db: drafting.get(db, 1, CONSOLE))
    assert draft.state == drafting.State.DRAFT


async def test_the_only_one_approves_what_they_wrote_and_the_audit_says_so(office: Office) -> None:
    await office.types("Lan", "nhận tin")
    await office.employs("Hoa", Role.APPROVER)
    await awaiting(office, "Hoa", "Mời dự tập huấn.")
    own = approval(await broadcast(office, 1))

    assert "tự duyệt" in await office.presses("Hoa", own)
    newest = (await office.store.read(lambda db: audit.latest(db, 1)))[0]
    assert newest.after["self_approved"] == "nobody else is on the staff"


@pytest.mark.parametrize(
    "data", ["", ":", ":x", ":-1", ":99", ":1:2:3", ":99999999999999999999", ":1:programmes:x"]
)
async def test_any_data_of_a_button_is_taken_calmly(
    office: Office, shipped: Knowledge, data: str
) -> None:
    failed = shipped.say("failed")
    await office.employs("Hoa", Role.ADMIN)
    for verb in staff_chat.ACTIONS:
        assert await office.presses("Hoa", f"staff:{verb}{data}"[:64]) not in {"", failed}
    assert await office.presses("Hoa", f"staff:no.such{data}")

    assert await members(office) == {"Hoa": "admin"}
    assert await office.store.read(lambda db: recipients.newest(db, 9, CONSOLE)) == []


async def test_an_act_that_the_platform_brings_again_is_done_once(office: Office) -> None:
    await office.employs("Dũng", Role.OFFICER)
    await office.presses("Dũng", "staff:news.write")
    told = Incoming(office.at("Dũng"), "x", office.clock.at, text="Mời dự tập huấn.")
    await office.hears(told)

    assert await office.hears(told) == ""
    assert len(await office.store.read(lambda db: recipients.newest(db, 9, CONSOLE))) == 1


async def stands(office: Office, name: str) -> Session:
    return await office.store.read(lambda db: turns.session_of(db, office.at(name)))


async def asked(office: Office, name: str, step: str, **data: object) -> None:
    """Let the desk wait for that member's words."""
    asking = replace(await stands(office, name), dialog=DIALOG, step=step, data=data)
    state = update(schema.session).where(schema.session.c.conversation == name)
    await office.store.write(lambda db: db.execute(state.values(state=sessions.dump(asking))))


async def test_words_answer_no_ticket_but_the_one_shown_last(office: Office) -> None:
    await office.employs("Hoa", Role.ADMIN)
    for enterprise in ("Lan", "Minh"):
        await office.types(enterprise, "gặp cán bộ")
        await office.types(enterprise, "Hỏi về phí")
    await office.types("Hoa", "/traloi 1")
    assert (await stands(office, "Hoa")).data == {"ticket": 1}
    for verb in staff_chat.ACTIONS:
        await asked(office, "Hoa", "ticket.answer", ticket=1)
        await office.presses("Hoa", f"staff:{verb}:2")
        assert (await stands(office, "Hoa")).data.get("ticket") != 1, verb
    for refused in ("/traloi 9 Chào anh/chị", "/yeucau 9"):
        await asked(office, "Hoa", "ticket.answer", ticket=1)
        await office.types("Hoa", refused)
        assert (await stands(office, "Hoa")).dialog == "", refused


async def test_whatever_was_asked_is_asked_no_more_where_a_choice_led_elsewhere(
    office: Office,
) -> None:
    await office.employs("Hoa", Role.ADMIN)
    await office.types("Hoa", "/canbo")
    for step in staff_chat.TYPED:
        for elsewhere in ("duty", "ticket.show:9"):
            await asked(office, "Hoa", step, number=1)
            await office.presses("Hoa", f"staff:{elsewhere}")
            assert (await stands(office, "Hoa")).dialog == "", step


async def test_a_question_of_a_member_is_answered_like_anybodys(office: Office) -> None:
    await office.employs("Dũng", Role.OFFICER)
    await office.presses("Dũng", "staff:news.write")

    assert await office.types("Dũng", "/menu") == await office.types("Lan", "/menu")
    asked = await office.types("Dũng", "hồ sơ gồm những gì")
    assert asked == await office.types("Lan", "hồ sơ gồm những gì")
    assert await office.store.read(lambda db: recipients.newest(db, 9, CONSOLE)) == []
