"""An announcement with a picture, from the file on disk to three telephones."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.broadcast_files import Files, folder_of
from bot.operations import broadcasts, recipients, staff
from bot.operations.broadcasts import Draft
from bot.operations.rights import Actor, Role
from handlers.conversation import Conversation
from tests.end_to_end.conftest import PATIENCE, Live

LAN, CROWD = 100_001, (100_002, 100_003, 100_004)
PNG = b"\x89PNG\r\n\x1a\n a poster"
CONSOLE = Actor(None, "test")


async def test_a_picture_is_tried_approved_and_sent_to_all(polling: Live, tmp_path: Path) -> None:
    house, settings = polling.app.house, polling.app.settings
    lan, *crowd = (polling.server.user(each) for each in (LAN, *CROWD))
    for person in crowd:
        await polling.ask(person, "nhận tin")
    (tmp_path / "Áp phích.png").write_bytes(PNG)
    poster = Files(folder_of(settings.data_folder)).keep(tmp_path / "Áp phích.png")
    now, chat = house.clock.now(), Conversation("telegram", str(LAN))
    draft = Draft("Mời dự **tập huấn**", attachment=poster)

    async def compose(db: AsyncConnection) -> int:
        by = Actor(await staff.add(db, chat, "Lan", Role.APPROVER, CONSOLE, now), "test")
        number = await broadcasts.compose(db, draft, by, now)
        await recipients.test(db, number, house.knowledge(), house.render, by, now)
        await broadcasts.submit(db, number, by, now)
        await broadcasts.approve(db, number, len(crowd), by, now)
        return number

    number = await house.store.write(compose)
    shown = [await person.reply(PATIENCE) for person in (lan, *crowd)]

    assert {message.text for message in shown} == {"Mời dự tập huấn"}
    assert {message.method for message in shown} == {"sendphoto"}
    assert {message.upload.content for message in shown if message.upload} == {PNG}
    assert len({message.payload["photo"][-1]["file_id"] for message in shown}) == 1
    crowd[0].presses("Dừng nhận tin")
    assert "dừng" in (await crowd[0].reply(PATIENCE)).text.lower()
    counts = (
        await house.store.read(lambda db: recipients.progress(db, number, CONSOLE, now))
    ).counts
    assert counts.of("sent") == len(crowd)
    assert polling.server.refusals == []


async def test_an_officer_sends_a_picture_by_chat_and_everybody_gets_it(polling: Live) -> None:
    lan, *crowd = (polling.server.user(each) for each in (LAN, *CROWD))
    for person in crowd:
        await polling.ask(person, "nhận tin")
    store, now = polling.app.house.store, polling.app.house.clock.now()
    chat = Conversation("telegram", str(LAN))
    await store.write(lambda db: staff.add(db, chat, "Lan", Role.APPROVER, CONSOLE, now))

    lan.sends_document("Áp phích.png", PNG)
    assert "chưa biết dùng vào việc gì" in (await lan.reply(PATIENCE)).text
    await polling.press(lan, "1. Soạn tin mới")
    polling.server.faults.add("bad_request", method="getFile")
    lan.sends_document("Áp phích.png", PNG, "Mời dự **tập huấn**")
    assert "chưa tải được tệp" in (await lan.reply(PATIENCE)).text
    lan.sends_document("Áp phích.png", PNG, "Mời dự **tập huấn**")
    preview, _ = await lan.replies(2, PATIENCE)
    lan.presses("1. Gửi duyệt")
    await lan.replies(2, PATIENCE)
    lan.presses("1. Duyệt")
    shown = [await person.reply(PATIENCE) for person in crowd]

    for message in (preview, *shown):
        assert (message.method, message.text) == ("sendphoto", "Mời dự tập huấn")
        assert message.upload is not None
        assert message.upload.content == PNG
        assert message.markup == preview.markup
    assert polling.server.refusals == []
