"""An enterprise meets a person, over Telegram: a topic of the staff's group, quoting, an end."""

from __future__ import annotations

from bot.channels.telegram.updates import place_of
from bot.operations.rights import Role
from bot.store import schema
from tests.bot.conftest import rows
from tests.end_to_end.conftest import Live
from tests.end_to_end.test_staff import invited

HOA, LAN, STRANGER, GROUP = 100_001, 100_003, 100_004, -100_555


async def test_a_card_in_the_topic_is_quoted_and_the_enterprise_is_answered(live: Live) -> None:
    hoa, lan, stranger = (live.server.user(each) for each in (HOA, LAN, STRANGER))
    group = live.server.group(
        GROUP, forum=True, members={HOA: "creator", STRANGER: "member"}, bot_status="member"
    )
    topic = group.opens_topic(hoa, "Yêu cầu")
    await live.ask(hoa, f"/start {await invited(live, Role.APPROVER)}")
    hoa.types("chào cả nhà", into=group, thread=topic)
    hoa.types("/nhomcanbo@donghanh_bot", into=group, thread=topic)
    said = await group.reply(15)
    assert "được gửi vào đây" in said.text
    assert said.payload["message_thread_id"] == topic

    assert "gõ ngắn gọn" in await live.ask(lan, "gặp cán bộ")
    assert "Tôi đã chuyển yêu cầu" in await live.ask(lan, "Xin mẫu phiếu")
    card = await group.reply(15)
    assert card.text.startswith("Yêu cầu số 1")
    assert card.payload["message_thread_id"] == topic
    lan.types("mẫu năm 2027 nhé")
    relayed = await group.reply(15)
    assert relayed.text == "Yêu cầu số 1, doanh nghiệp viết: mẫu năm 2027 nhé"
    assert relayed.payload["reply_to_message"]["message_id"] == card.id

    stranger.types("Mẫu giả đây", into=group, thread=topic, reply_to=card)
    hoa.types("Mẫu ở trang chủ của Sở.", into=group, thread=topic, reply_to=card)
    assert "Đã gửi câu trả lời" in (await group.reply(15)).text
    answer = await lan.reply(15)
    assert answer.text.endswith("Mẫu ở trang chủ của Sở.")
    assert "Hoa" not in answer.text
    assert "đã kết thúc" in await live.press(lan, "Kết thúc trao đổi")
    assert "đã kết thúc trao đổi" in (await group.reply(15)).text
    assert "Hài lòng" in await live.press(lan, "1. 🙂 Hài lòng")

    (ticket,) = await rows(live.app.house.store, schema.ticket)
    assert (ticket["rated"], ticket["closed_by"]) == ("good", "enterprise")
    assert ticket["answered_at"] > ticket["opened_at"]
    answers = [m for m in await rows(live.app.house.store, schema.ticket_message) if m["staff"]]
    assert len(answers) == 1
    assert live.server.refusals == []


def test_a_topic_is_part_of_where_a_message_goes() -> None:
    assert place_of("-100555/7") == {"chat_id": "-100555", "message_thread_id": 7}
    assert place_of("1001") == {"chat_id": "1001"}
