"""What an enterprise does in one sitting, over Telegram by polling and by webhook."""

from __future__ import annotations

from bot.store import schema
from handlers.conversation import Conversation
from knowledge.text import fold
from tests.bot.conftest import rows
from tests.end_to_end.conftest import Live
from tests.end_to_end.registrant import GOOD_TAX_CODE, MISTAKES

LAN = 100_001


async def test_questions_a_registration_with_mistakes_and_my_data(live: Live) -> None:
    lan = live.server.user(LAN)
    lan.starts()
    assert "trợ lý tự động" in (await lan.reply(15)).text
    conditions = live.knowledge.entries["eligibility.conditions"]
    assert "36 tháng" in await live.ask(lan, fold(conditions.question))
    dossier = live.knowledge.entries["dossier.items"].question
    abbreviated = dossier.replace("hồ sơ", "hs").replace("Hồ sơ", "hs")
    assert abbreviated != dossier
    assert "Nguồn:" in await live.ask(lan, abbreviated)
    assert "Nguồn:" not in await live.ask(lan, "tuyển cầu thủ bóng đá đá tối nay")

    registrant = live.registrant()
    registrant.mistakes = dict(MISTAKES)
    await live.register(lan, registrant)
    assert registrant.mistakes == {}
    assert GOOD_TAX_CODE in await live.ask(lan, "phiếu của tôi")
    assert live.knowledge.forms["register"].title in await live.ask(lan, "dữ liệu của tôi")

    (kept,) = await rows(live.app.house.store, schema.submission)
    assert kept["values"]["tax_code"] == GOOD_TAX_CODE
    assert kept["values"]["months_operating"] == 40
    assert live.server.refusals == []


async def test_a_question_in_the_middle_of_the_form_is_answered_and_the_form_goes_on(
    polling: Live,
) -> None:
    lan = polling.server.user(LAN)
    registrant = polling.registrant()
    said = await polling.fill(lan, registrant, registrant.opening)
    while "tax_code" not in registrant.given:
        said = await polling.fill(lan, registrant, registrant.next_words(said))
    lan.types(polling.knowledge.entries["cost.fee"].question)
    answer, question = await lan.replies(2, 15)
    assert "Nguồn:" in answer.text
    assert registrant.form.field("contact").prompt in question.text
    said = await polling.fill(lan, registrant, registrant.next_words(question.text))
    assert registrant.form.field("position").prompt in said


async def test_buttons_do_what_they_say(live: Live) -> None:
    lan = live.server.user(LAN)
    lan.starts()
    greeting = await lan.reply(15)
    said = await live.press(lan, greeting.labels[0])
    assert said != greeting.text
    assert live.server.refusals == []


async def test_news_are_stopped_and_taken_up_again(polling: Live) -> None:
    lan = polling.server.user(LAN)
    lan.starts()
    await lan.reply(15)
    await polling.ask(lan, "nhận tin lại")
    (person,) = await rows(polling.app.house.store, schema.conversation)
    assert person["subscribed"] is True
    await polling.ask(lan, "dừng nhận tin")
    (person,) = await rows(polling.app.house.store, schema.conversation)
    assert person["subscribed"] is False


async def test_ones_own_phone_number_is_taken_as_verified_and_no_other_is(polling: Live) -> None:
    for number, own in ((1, True), (2, False)):
        person = polling.server.user(LAN + number)
        registrant = polling.registrant()
        said = await polling.fill(person, registrant, registrant.opening)
        phone = registrant.form.field("phone").prompt
        while phone not in said:
            said = await polling.fill(person, registrant, registrant.next_words(said))
        person.shares_contact("84912345678", own=own)
        said = (await person.reply(15)).text
        while not registrant.expects(said):
            said = (await person.reply(15)).text
        assert phone not in said
        while not registrant.finished(said):
            said = await polling.fill(person, registrant, registrant.next_words(said))
    verified = [
        row["phone_verified"]
        for row in await rows(polling.app.house.store, schema.enterprise_contact)
    ]
    assert verified == [True, False]


async def test_who_blocks_us_gets_nothing_and_is_served_again_after_unblocking(
    polling: Live,
) -> None:
    lan = polling.server.user(LAN)
    lan.starts()
    await lan.reply(15)
    lan.blocks()
    await polling.ask(polling.server.user(LAN + 1), "xin chào")  # by then the block has arrived
    person, _ = await rows(polling.app.house.store, schema.conversation)
    assert person["reachable"] is False
    lan.unblocks()
    assert await polling.ask(lan, "xin chào")
    person, _ = await rows(polling.app.house.store, schema.conversation)
    assert person["reachable"] is True
    assert person["conversation"] == Conversation("telegram", str(LAN)).id


async def test_everything_about_a_person_is_erased_on_request(polling: Live) -> None:
    lan = polling.server.user(LAN)
    await polling.register(lan, polling.registrant())
    await polling.ask(lan, "xoá dữ liệu")
    await polling.press(lan, lan.received[-1].labels[0])
    for table in (schema.message, schema.submission, schema.conversation):
        for row in await rows(polling.app.house.store, table):
            assert str(LAN) not in row["conversation"]
            assert GOOD_TAX_CODE not in str(row)
