"""The staff's desk over a real channel: an invitation, an announcement, who approved it."""

from __future__ import annotations

from bot.operations import staff
from bot.operations.rights import Actor, Role
from bot.store import schema
from tests.bot.conftest import rows
from tests.end_to_end.conftest import Live

HOA, DUNG, LAN = 100_001, 100_002, 100_003


async def invited(live: Live, role: Role) -> str:
    by, now = Actor(None, "test"), live.app.house.clock.now()
    made = await live.app.house.store.write(lambda db: staff.invite(db, role, by, now))
    return made.token


async def test_two_people_announce_what_one_of_them_wrote(polling: Live) -> None:
    lan, dung, hoa = (polling.server.user(each) for each in (LAN, DUNG, HOA))
    await polling.ask(lan, "nhận tin")
    for somebody, role in ((dung, Role.OFFICER), (hoa, Role.APPROVER)):
        token = await invited(polling, role)
        assert "Chào mừng" in await polling.ask(somebody, f"/start {token}")
        assert "Chào mừng" not in await polling.ask(lan, f"/start {token}")

    assert "Chưa có tin nào" in await polling.ask(dung, "/thongbao")
    assert "gõ nội dung tin" in await polling.press(dung, "1. Soạn tin mới")
    dung.types("Mời dự **tập huấn** ngày 28/11.")
    preview, control = await dung.replies(2, 15)
    assert preview.text == "Mời dự tập huấn ngày 28/11."
    assert "1 người" in control.text
    dung.presses("1. Gửi duyệt", on=control)
    assert "Đã gửi duyệt" in (await dung.replies(2, 15))[1].text

    assert "đang chờ anh/chị duyệt" in (await hoa.reply(15)).text
    hoa.types("/thongbao 1")
    shown = (await hoa.replies(2, 15))[1]
    hoa.presses("1. Duyệt", on=shown)
    assert "Đã duyệt" in (await hoa.replies(2, 15))[1].text
    (kept,) = await rows(polling.app.house.store, schema.broadcast)
    assert (kept["approved_by"], kept["written_by"]) == (2, [1])
    assert polling.server.refusals == []


async def test_an_invitation_is_a_link_to_the_bot(polling: Live) -> None:
    hoa = polling.server.user(HOA)
    token = await invited(polling, Role.ADMIN)
    await polling.ask(hoa, f"/start {token}")

    await polling.ask(hoa, "/nhansu")
    await polling.press(hoa, "1. Mời thêm người")
    told = await polling.press(hoa, "1. Người xem")

    assert f"https://t.me/donghanh_bot?start={staff.PREFIX}" in told
