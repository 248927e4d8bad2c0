"""The fake Telegram is as strict as Telegram: each promise of `tests/telegram_server`, kept.

Driven by python-telegram-bot's unmodified `Bot`; by raw HTTP where that would not let us do wrong.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
)

from tests.telegram_server import ApiError, Flood, Manners, Query, TelegramServer, What
from tests.telegram_server.entities import parse_html, utf16_length

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

GROUP = -500
FORUM = -1001


@pytest.fixture(autouse=True)
def _retry_after_is_a_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it PTB 22.8 warns, here fatally, whenever it makes a `RetryAfter`."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(webhooks=Manners(pause=0.001, http_on_loopback=True)) as server:
        yield server


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[Bot]:
    async with Bot(server.token, base_url=server.base_url) as bot:
        yield bot


@pytest.fixture
async def post(server: TelegramServer) -> AsyncIterator[Callable[..., Awaitable[dict[str, Any]]]]:
    """Call a method with a JSON body and return Telegram's whole answer."""
    async with aiohttp.ClientSession() as session:

        async def post(method: str, **arguments: object) -> dict[str, Any]:
            url = f"{server.base_url}{server.token}/{method}"
            async with session.post(url, json=arguments) as answer:
                body: dict[str, Any] = await answer.json()
                assert answer.status == body.get("error_code", 200)
                return body

        yield post


def keyboard(*rows: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in rows]
    )


# --- who may call, and how ---


async def test_a_bot_learns_who_it_is(bot: Bot, server: TelegramServer) -> None:
    me = await bot.get_me()

    assert (me.id, me.is_bot, me.username) == (123456, True, "donghanh_bot")
    assert server.refusals == []


async def test_a_wrong_token_is_unauthorized(server: TelegramServer) -> None:
    stranger = Bot("123456:WRONG", base_url=server.base_url)
    with pytest.raises(InvalidToken):
        await stranger.initialize()
    await stranger.shutdown()

    assert [(r.code, r.reason) for r in server.refusals] == [(401, "Unauthorized")]


async def test_an_unknown_method_is_not_found(post: Any) -> None:
    answer = await post("sendNothing")

    assert answer == {
        "ok": False,
        "error_code": 404,
        "description": "Not Found: method not found",
    }


async def test_arguments_come_in_any_form(server: TelegramServer) -> None:
    lan = server.user(7)
    url = f"{server.base_url}{server.token}/sendmessage"
    arguments = {"chat_id": "7", "text": "chào"}
    async with aiohttp.ClientSession() as session:
        multipart = aiohttp.MultipartWriter("form-data")
        for name, value in arguments.items():
            multipart.append(value).set_content_disposition("form-data", name=name)
        for request in (
            session.get(url, params=arguments),
            session.post(url, data=arguments),
            session.post(url, json={"chat_id": 7, "text": "chào"}),
            session.post(url, data=multipart),
        ):
            async with request as answer:
                assert answer.status == 200, await answer.text()

    assert [message.text for message in lan.received] == ["chào"] * 4


@pytest.mark.parametrize(
    ("method", "arguments", "refusal"),
    [
        ("sendMessage", {"chat_id": 7}, "message text is empty"),
        ("sendMessage", {"chat_id": 7, "text": " \n"}, "text must be non-empty"),
        ("sendMessage", {"text": "x"}, "chat_id is empty"),
        ("sendMessage", {"chat_id": 99, "text": "x"}, "chat not found"),
        ("sendMessage", {"chat_id": 7, "text": "x" * 4097}, "message is too long"),
        ("sendMessage", {"chat_id": 7, "text": "😀" * 2049}, "message is too long"),
        ("sendMessage", {"chat_id": 7, "text": "x", "parse_mode": "XML"}, "unsupported parse_mode"),
        ("sendDocument", {"chat_id": 7}, "there is no document in the request"),
        (
            "sendPhoto",
            {"chat_id": 7, "photo": "https://a.vn/a.png", "caption": "x" * 1025},
            "message caption is too long",
        ),
        ("editMessageText", {"chat_id": 7, "text": "x"}, "message identifier is not specified"),
        (
            "editMessageText",
            {"chat_id": 7, "text": "x", "message_id": 9},
            "message to edit not found",
        ),
        ("deleteMessage", {"chat_id": 7, "message_id": 9}, "message to delete not found"),
        ("sendChatAction", {"chat_id": 7, "action": "dance"}, "wrong parameter action in request"),
        (
            "sendMessage",
            {"chat_id": 7, "text": "x", "message_thread_id": 4},
            "message thread not found",
        ),
        (
            "sendMessage",
            {"chat_id": 7, "text": "x", "reply_parameters": {"message_id": 4}},
            "message to be replied not found",
        ),
        (
            "copyMessage",
            {"chat_id": 7, "from_chat_id": 7, "message_id": 4},
            "message to copy not found",
        ),
        ("createForumTopic", {"chat_id": 7, "name": "x"}, "the chat is not a forum"),
    ],
)
async def test_what_telegram_refuses_is_refused(
    server: TelegramServer, post: Any, method: str, arguments: dict[str, Any], refusal: str
) -> None:
    server.user(7)
    answer = await post(method, **arguments)

    assert answer["description"] == f"Bad Request: {refusal}"
    assert server.refusals[-1].reason == answer["description"]
    assert server.sent == []


async def test_the_longest_text_counts_after_parsing(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(7)
    await bot.send_message(7, f"<b>{'x' * 4095}</b>&lt;", parse_mode="HTML")

    assert len(lan.received[0].text) == 4096


# --- formatted text ---


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("a < b".replace("<", "&lt;"), "a < b", []),
        ("Q&A > 1 &nbsp; &#128512;", "Q&A > 1 &nbsp; 😀", []),
        ("<b>Đậm</b>", "Đậm", [("bold", 0, 3)]),
        ("😀<i>a<u>b</u></i>", "😀ab", [("italic", 2, 2), ("underline", 3, 1)]),
        ('<a href="https://a.vn/?x=1&amp;y">đây</a>', "đây", [("text_link", 0, 3)]),
        ('<span class="tg-spoiler">kín</span>', "kín", [("spoiler", 0, 3)]),
        ('<pre><code class="language-py">x</code></pre>', "x", [("pre", 0, 1)]),
        ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
        ("<b></b>x", "x", []),
    ],
)
def test_html_is_read_as_telegram_reads_it(
    source: str, text: str, entities: list[tuple[str, int, int]]
) -> None:
    found_text, found = parse_html(source)

    assert found_text == text
    assert [(e["type"], e["offset"], e["length"]) for e in found] == entities


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("5 < 6", 'Unsupported start tag "" at byte offset 2'),
        ("đ<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 2'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a href>x</a>", "Expected equal sign in declaration of an attribute of the tag"),
        ("<a href=a/b>x</a>", "Unexpected end of name token at byte offset 8"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_bad_html_is_refused_with_the_place(source: str, reason: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_html(source)

    assert refused.value.description.startswith(f"Bad Request: can't parse entities: {reason}")


@given(st.text(st.sampled_from("ab<>&/=\"';#x1 đ😀"), max_size=30))
def test_any_text_is_parsed_or_refused_and_entities_fit(source: str) -> None:
    try:
        text, entities = parse_html(source)
    except ApiError:
        return
    assert all(e["offset"] + e["length"] <= utf16_length(text) for e in entities)


# --- keyboards ---


@pytest.mark.parametrize(
    ("rows", "refusal"),
    [
        ([[{"text": "x", "callback_data": "đ" * 33}]], "BUTTON_DATA_INVALID"),
        ([[{"text": "x", "callback_data": ""}]], "BUTTON_DATA_INVALID"),
        ([[]], 'field "inline_keyboard" has an empty row'),
        ([[{"text": "x", "callback_data": "x"}] * 9], "more than 8 buttons in a row"),
        ([[{"text": "x", "callback_data": "x"}] * 8] * 13, "reply markup is too long"),
        (
            [[{"text": "x"}]],
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            [[{"text": "x", "callback_data": "x", "url": "https://a.vn"}]],
            "can't parse inline keyboard button: exactly one kind must be specified",
        ),
        (
            [[{"text": "x", "url": "javascript:1"}]],
            "inline keyboard button URL 'javascript:1' is invalid: Wrong HTTP URL",
        ),
        ("x", 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array'),
    ],
)
async def test_a_bad_keyboard_is_refused(
    server: TelegramServer, post: Any, rows: object, refusal: str
) -> None:
    server.user(7)
    markup = {"inline_keyboard": rows}
    answer = await post("sendMessage", chat_id=7, text="x", reply_markup=json.dumps(markup))

    assert answer["description"] == f"Bad Request: {refusal}"


async def test_a_phone_number_is_asked_for_in_private_only(
    server: TelegramServer, bot: Bot
) -> None:
    lan = server.user(7)
    server.group(GROUP)
    ask = ReplyKeyboardMarkup([[KeyboardButton("Gửi số", request_contact=True)]])
    await bot.send_message(7, "Số của bạn?", reply_markup=ask)
    with pytest.raises(BadRequest, match="Phone number can be requested in private chats only"):
        await bot.send_message(GROUP, "Số của bạn?", reply_markup=ask)
    lan.shares_contact("+84900000000")
    lan.shares_contact("+84911111111", own=False)
    own, other = await bot.get_updates()

    assert own.message
    assert own.message.contact
    assert own.message.contact.user_id == 7
    assert own.message.reply_to_message
    assert other.message
    assert other.message.contact
    assert other.message.contact.user_id is None


# --- buttons, edits, deletions ---


async def test_a_button_that_was_sent_can_be_pressed_and_answered_once(
    server: TelegramServer, bot: Bot
) -> None:
    lan = server.user(7)
    await bot.send_message(7, "Chọn", reply_markup=keyboard([("Có", "yes"), ("Không", "no")]))
    query = lan.presses("Không")
    assert isinstance(query, Query)
    with pytest.raises(LookupError):
        lan.presses("Có lẽ")
    (update,) = await bot.get_updates()
    assert update.callback_query
    await update.callback_query.answer("Vâng")
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(query.id)

    assert update.callback_query.data == "no"
    assert (await query.answered())["text"] == "Vâng"


async def test_an_old_button_press_can_no_longer_be_answered() -> None:
    now = 1000.0
    async with (
        TelegramServer(clock=lambda: now) as server,
        Bot(server.token, base_url=server.base_url) as bot,
    ):
        lan = server.user(7)
        await bot.send_message(7, "Chọn", reply_markup=keyboard([("Có", "yes")]))
        query = lan.presses("Có")
        now += 16
        assert isinstance(query, Query)
        with pytest.raises(BadRequest, match="Query is too old"):
            await bot.answer_callback_query(query.id)


async def test_forged_data_reaches_the_bot(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(7)
    await bot.send_message(7, "Chọn", reply_markup=keyboard([("Có", "yes")]))
    lan.forges(b"\xff" * 300)
    (update,) = await bot.get_updates()

    assert update.callback_query
    assert update.callback_query.data == "\ufffd" * 300


async def test_an_edit_must_change_something(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(7)
    sent = await bot.send_message(7, "một", reply_markup=keyboard([("Có", "yes")]))
    theirs = lan.types("chào")
    with pytest.raises(BadRequest, match="Message is not modified"):
        await sent.edit_text("một", reply_markup=keyboard([("Có", "yes")]))
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("hai", 7, theirs.id)
    await sent.edit_text("hai")
    with pytest.raises(BadRequest, match="Message is not modified"):
        await sent.edit_reply_markup(None)
    await sent.edit_reply_markup(keyboard([("Có", "yes")]))

    assert lan.received[0].text == "hai"
    assert lan.received[0].labels == ["Có"]
    assert [version["text"] for version in lan.received[0].versions] == ["một", "hai"]


async def test_a_deleted_message_is_gone(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(7)
    sent = await bot.send_message(7, "nhầm")
    await sent.delete()
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await sent.delete()

    assert lan.received[0].deleted


async def test_files_captions_replies_and_copies(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(7)
    asked = lan.types("mẫu đâu?")
    sent = await bot.send_document(
        7,
        InputFile(b"%PDF", "mẫu.pdf"),
        caption="<b>Mẫu</b>",
        parse_mode="HTML",
        reply_parameters=ReplyParameters(asked.id),
    )
    photo = await bot.send_photo(7, InputFile(b"\x89PNG", "a.png"))
    copy = await bot.copy_message(7, 7, sent.message_id)
    assert sent.document
    again = await bot.send_document(7, sent.document.file_id)
    with pytest.raises(BadRequest, match="Wrong file identifier"):
        await bot.send_document(7, "no-such-file")

    first = await lan.reply()
    assert first.upload
    assert first.upload.content == b"%PDF"
    assert sent.document.file_name == "mẫu.pdf"
    assert sent.reply_to_message
    assert sent.reply_to_message.text == "mẫu đâu?"
    assert sent.caption_entities[0].type == "bold"
    assert photo.photo
    assert copy.message_id
    assert again.document == sent.document


async def test_a_test_waits_for_the_reply_it_expects(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(7)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(lan.replies(2))
        await bot.send_message(7, "một")
        await bot.send_message(7, "hai")

    assert [message.text for message in waiting.result()] == ["một", "hai"]
    assert lan.unread == []
    with pytest.raises(TimeoutError):
        await lan.reply(timeout=0.01)


# --- people and groups ---


async def test_the_bot_cannot_write_first(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(7, started=False)
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(7, "chào")
    lan.starts("tinh")
    await bot.send_message(7, "chào")
    (update,) = await bot.get_updates()

    assert update.message
    assert update.message.text == "/start tinh"
    assert update.message.entities[0].type == "bot_command"


async def test_a_block_is_told_and_enforced(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(7)
    lan.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(7, "chào")
    with pytest.raises(PermissionError):
        lan.types("chào")
    lan.unblocks()
    await bot.send_message(7, "chào")
    updates = await bot.get_updates()

    changes = [update.my_chat_member for update in updates]
    assert [c.new_chat_member.status for c in changes if c] == ["kicked", "member"]


async def test_a_closed_account_is_refused(server: TelegramServer, bot: Bot) -> None:
    server.user(7).deactivates()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(7, "chào")


async def test_a_group_that_became_a_supergroup_says_where_it_went(
    server: TelegramServer, bot: Bot
) -> None:
    lan = server.user(7)
    group = server.group(GROUP)
    await bot.send_message(GROUP, "chào")
    larger = group.migrates(-1009, lan)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(GROUP, "chào")
    await bot.send_message(moved.value.new_chat_id, "chào lại")
    old, new = await bot.get_updates()

    assert old.message
    assert old.message.migrate_to_chat_id == -1009
    assert new.message
    assert new.message.migrate_from_chat_id == GROUP
    assert [message.text for message in larger.received] == ["chào lại"]


async def test_topics_of_a_forum(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(7)
    forum = server.group(FORUM, forum=True)
    topic = await bot.create_forum_topic(FORUM, "Lan · 7")
    sent = await bot.send_message(FORUM, "Hỏi", message_thread_id=topic.message_thread_id)
    lan.types("Đáp", into=forum, thread=topic.message_thread_id, reply_to=sent.message_id)
    await bot.pin_chat_message(FORUM, sent.message_id)
    await bot.send_chat_action(FORUM, "typing", message_thread_id=topic.message_thread_id)
    (update,) = await bot.get_updates()

    assert update.message
    assert update.message.message_thread_id == topic.message_thread_id
    assert update.message.reply_to_message
    assert forum.chat.pinned == [sent.message_id]


async def test_a_plain_member_hears_only_what_is_meant_for_it(
    server: TelegramServer, bot: Bot
) -> None:
    lan = server.user(7)
    group = server.group(GROUP, bot_status="member", members={7: "creator"})
    sent = await bot.send_message(GROUP, "chào")
    lan.types("chuyện riêng", into=group)
    lan.types("/giup", into=group)
    lan.types("cảm ơn", into=group, reply_to=sent.message_id)
    heard = [update.message.text for update in await bot.get_updates() if update.message]
    group.removes_bot(lan)
    with pytest.raises(Forbidden, match="bot was kicked from the group chat"):
        await bot.send_message(GROUP, "chào")

    assert heard == ["/giup", "cảm ơn"]
    assert (await bot.get_chat_member(GROUP, 7)).status == "creator"
    assert (await bot.get_chat_member(GROUP, 123456)).status == "kicked"
    assert (await bot.get_chat(GROUP)).title == "Sở KH&CN"


async def test_other_kinds_of_message(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(7)
    lan.sends_photo("ảnh")
    lan.sends_document()
    lan.sends_sticker()
    lan.sends_voice()
    lan.sends_location()
    lan.edits(lan.types("nhầm"), "đúng")
    updates = await bot.get_updates()

    messages = [update.message for update in updates[:5] if update.message]
    kinds = ["photo", "document", "sticker", "voice", "location"]
    assert all(getattr(m, kind) for m, kind in zip(messages, kinds, strict=True))
    assert updates[6].edited_message
    assert updates[6].edited_message.text == "đúng"


# --- the bot's profile ---


@pytest.mark.parametrize(
    ("commands", "refusal"),
    [
        ([{"command": "Giup", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "x" * 33, "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "x", "description": ""}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([{"command": "x", "description": "x" * 257}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([{"command": "x", "description": "x"}] * 101, "BOT_COMMANDS_TOO_MUCH"),
        ("{", "can't parse commands JSON object"),
    ],
)
async def test_bad_commands_are_refused(post: Any, commands: object, refusal: str) -> None:
    answer = await post("setMyCommands", commands=commands)

    assert answer["description"] == f"Bad Request: {refusal}"


async def test_commands_and_texts_are_kept_per_scope_and_language(
    server: TelegramServer, bot: Bot
) -> None:
    server.user(7)
    await bot.set_my_commands([BotCommand("giup", "Trợ giúp")])
    await bot.set_my_commands([BotCommand("staff", "x")], BotCommandScopeChat(7), "vi")
    await bot.set_my_description("Trợ lý")
    await bot.set_my_short_description("Ngắn", "vi")
    await bot.set_my_name("Đồng Hành 2")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.set_my_commands([], BotCommandScopeChat(99))
    with pytest.raises(BadRequest, match=r"(?i)bot_about_too_long"):
        await bot.set_my_short_description("x" * 121)

    assert [c.command for c in await bot.get_my_commands()] == ["giup"]
    assert [c.command for c in await bot.get_my_commands(BotCommandScopeChat(7), "vi")] == ["staff"]
    await bot.delete_my_commands()
    assert await bot.get_my_commands() == ()
    assert (await bot.get_my_description()).description == "Trợ lý"
    assert (await bot.get_my_short_description()).short_description == ""
    assert (await bot.get_my_name()).name == "Đồng Hành 2"


# --- polling ---


async def test_an_update_returns_until_a_higher_offset_confirms_it(
    server: TelegramServer, bot: Bot
) -> None:
    lan = server.user(7)
    for text in "abc":
        lan.types(text)
    first = await bot.get_updates(limit=2)
    same = await bot.get_updates(limit=2)
    rest = await bot.get_updates(offset=first[-1].update_id + 1)
    last = await bot.get_updates(offset=-1)

    assert [u.update_id for u in first] == [u.update_id for u in same]
    assert [u.message.text for u in rest if u.message] == ["c"]
    assert [u.update_id for u in last] == [u.update_id for u in rest]
    assert len(server.updates.pending) == 1


async def test_a_negative_offset_forgets_what_is_older(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(7)
    for text in "abc":
        lan.types(text)
    (last,) = await bot.get_updates(offset=-1)

    assert last.message
    assert last.message.text == "c"
    assert len(server.updates.pending) == 1


async def test_a_long_poll_returns_as_soon_as_something_comes(
    server: TelegramServer, bot: Bot
) -> None:
    async with asyncio.TaskGroup() as group:
        poll = group.create_task(bot.get_updates(timeout=5))
        await server.updates.polled()
        server.user(7).types("chào")

    assert [u.message.text for u in poll.result() if u.message] == ["chào"]


async def test_a_second_poll_ends_the_first(server: TelegramServer, bot: Bot, post: Any) -> None:
    async def first() -> None:
        with pytest.raises(Conflict, match="terminated by other getUpdates"):
            await bot.get_updates(timeout=5)

    async with asyncio.TaskGroup() as group:
        group.create_task(first())
        await server.updates.polled()
        await post("getUpdates")

    assert server.refusals[-1].code == 409


async def test_a_killed_bot_gets_its_updates_again_and_no_blame(
    server: TelegramServer, post: Any
) -> None:
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:

        async def poll() -> None:
            await session.post(f"{server.base_url}{server.token}/getUpdates", json={"timeout": 50})

        killed = group.create_task(poll())
        await server.updates.polled()
        killed.cancel()
    server.user(7).types("chào")
    first = (await post("getUpdates"))["result"]
    again = (await post("getUpdates", timeout=50))["result"]

    assert first == again != []
    assert server.refusals == []


async def test_only_allowed_updates_are_queued(server: TelegramServer, bot: Bot) -> None:
    lan = server.user(7)
    await bot.get_updates(allowed_updates=["my_chat_member"])
    lan.types("không ai nghe")
    lan.blocks()

    assert [u.my_chat_member is not None for u in await bot.get_updates()] == [True]


async def test_a_duplicate_and_a_poisoned_update(server: TelegramServer, post: Any) -> None:
    server.user(7).types("chào")
    poison = server.poison()
    (first, second) = (await post("getUpdates"))["result"]
    await post("getUpdates", offset=poison + 1)
    server.repeats(first["update_id"])
    again = (await post("getUpdates", offset=poison + 1))["result"]

    assert again == [first]
    with pytest.raises(KeyError):
        Update.de_json(second)


# --- webhooks ---


@dataclass
class Receiver:
    """A bot's web server that answers as told and writes down what came."""

    answers: list[int] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)
    reply: dict[str, Any] | None = None
    open: int = 0
    most_open: int = 0
    url: str = ""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        assert request.content_type == "application/json"
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        self.bodies.append(await request.json())
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        await asyncio.sleep(0.005)
        self.open -= 1
        if self.reply:
            return web.json_response(self.reply)
        return web.Response(status=self.answers.pop(0) if self.answers else 200)


@asynccontextmanager
async def receiving(*answers: int) -> AsyncIterator[Receiver]:
    receiver = Receiver(list(answers))
    runner = web.ServerRunner(web.Server(receiver.handle), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()


async def test_a_webhook_gets_updates_with_its_secret(server: TelegramServer, bot: Bot) -> None:
    async with receiving() as receiver:
        await bot.set_webhook(receiver.url, secret_token="bi-mat_1", max_connections=500)
        server.user(7).types("chào")
        await server.until(lambda: not server.updates.pending)
        with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
            await bot.get_updates()
        info = await bot.get_webhook_info()
        await bot.delete_webhook()

        assert receiver.secrets == ["bi-mat_1"]
        assert receiver.bodies[0]["message"]["text"] == "chào"
        assert (info.url, info.max_connections) == (receiver.url, 100)
        assert (await bot.get_webhook_info()).url == ""


async def test_a_failed_delivery_is_retried_and_holds_back_its_chat_only(
    server: TelegramServer, bot: Bot
) -> None:
    async with receiving(500, 403) as receiver:
        await bot.set_webhook(receiver.url)
        lan, mai = server.user(7), server.user(8)
        lan.types("a")
        await server.until(lambda: server.record.deliveries)
        lan.types("b")
        mai.types("c")
        await server.until(lambda: not server.updates.pending)

        texts = [body["message"]["text"] for body in receiver.bodies]
        assert sorted(texts) == ["a", "a", "a", "b", "c"]
        assert texts.index("c") < 3 < texts.index("b")
        assert server.webhook.last_error
        assert server.record.undelivered == []


async def test_a_delivery_is_given_up_in_the_end(server: TelegramServer, bot: Bot) -> None:
    async with receiving(*[500] * 8) as receiver:
        await bot.set_webhook(receiver.url)
        server.user(7).types("a")
        await server.until(lambda: not server.updates.pending)

        assert len(receiver.bodies) == 8
        assert len(server.record.undelivered) == 1


async def test_deliveries_run_side_by_side_up_to_max_connections(
    server: TelegramServer, bot: Bot
) -> None:
    async with receiving() as receiver:
        await bot.set_webhook(receiver.url, max_connections=3)
        for number in range(12):
            server.user(100 + number).types("a")
        await server.until(lambda: not server.updates.pending)

        assert receiver.most_open == 3


async def test_an_answer_to_the_webhook_may_be_a_method(server: TelegramServer, bot: Bot) -> None:
    async with receiving() as receiver:
        receiver.reply = {"method": "sendMessage", "chat_id": 7, "text": "đáp"}
        await bot.set_webhook(receiver.url)
        lan = server.user(7)
        lan.types("hỏi")

        assert (await lan.reply()).text == "đáp"


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ({"url": "http://a.vn/hook"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        (
            {"url": "https://a.vn:8080/hook"},
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        (
            {"url": "https://a.vn/", "secret_token": "bí mật"},
            "secret token contains unallowed characters",
        ),
        (
            {"url": "https://a.vn/", "secret_token": "x" * 257},
            "secret token contains unallowed characters",
        ),
    ],
)
async def test_a_bad_webhook_is_refused(post: Any, arguments: dict[str, Any], refusal: str) -> None:
    answer = await post("setWebhook", **arguments)

    assert answer["description"] == f"Bad Request: {refusal}"


async def test_a_webhook_may_drop_what_waits(server: TelegramServer, bot: Bot) -> None:
    server.user(7).types("cũ")
    async with receiving() as receiver:
        await bot.set_webhook(receiver.url, drop_pending_updates=True)
        server.user(7).types("mới")
        await server.until(lambda: not server.updates.pending)

        assert [body["message"]["text"] for body in receiver.bodies] == ["mới"]


# --- limits and faults ---


async def test_flood_control_names_the_wait_and_insists_on_it() -> None:
    now = 1000.0
    async with (
        TelegramServer(flood=Flood(overall=3), clock=lambda: now) as server,
        Bot(server.token, base_url=server.base_url) as bot,
    ):
        for user in range(1, 6):
            server.user(user)
        await bot.send_message(1, "a")
        with pytest.raises(RetryAfter):
            await bot.send_message(1, "b")
        now += 0.9
        with pytest.raises(RetryAfter):
            await bot.send_message(1, "b")
        now += 0.1
        for user in (1, 2, 3):
            await bot.send_message(user, "b")
        with pytest.raises(RetryAfter):
            await bot.send_message(4, "b")

        assert server.refusals[0].reason == "Too Many Requests: retry after 1"
        assert [r.code for r in server.refusals] == [429] * 3
        assert server.record.busiest() == 3


async def test_a_group_takes_twenty_a_minute() -> None:
    now = 1000.0
    async with (
        TelegramServer(flood=Flood(), clock=lambda: now) as server,
        Bot(server.token, base_url=server.base_url) as bot,
    ):
        server.group(GROUP)
        for _ in range(20):
            await bot.send_message(GROUP, "a")
            now += 1
        with pytest.raises(RetryAfter):
            await bot.send_message(GROUP, "b")

        assert server.refusals[-1].reason == "Too Many Requests: retry after 40"


@pytest.mark.parametrize(
    ("what", "error", "accepted"),
    [
        (What.TOO_MANY, RetryAfter, 0),
        (What.FORBIDDEN, Forbidden, 0),
        (What.BAD_REQUEST, BadRequest, 0),
        (What.SERVER_ERROR, NetworkError, 0),
        (What.BAD_GATEWAY, NetworkError, 0),
        (What.RESET, NetworkError, 0),
        (What.LOST, NetworkError, 1),
        (What.TRUNCATED, Exception, 1),
    ],
)
async def test_each_fault_strikes_once_where_it_was_planned(
    server: TelegramServer, bot: Bot, what: What, error: type[Exception], accepted: int
) -> None:
    server.user(7)
    server.user(8)
    server.faults.add(what, method="sendMessage", chat=7)
    await bot.send_message(8, "chào")
    with pytest.raises(error):
        await bot.send_message(7, "chào")
    before = len([m for m in server.sent if m.chat_id == 7])
    await bot.send_message(7, "chào")

    assert before == accepted
    assert server.refusals == []
    assert [(i.what, i.chat) for i in server.record.injected] == [(what, "7")]


async def test_faults_by_chance_repeat_with_the_seed(server: TelegramServer, post: Any) -> None:
    server.faults.add(What.SERVER_ERROR, times=None, probability=0.5)
    runs = []
    for _ in range(2):
        server.faults.seed(42)
        runs.append([(await post("getMe"))["ok"] for _ in range(20)])

    assert runs[0] == runs[1]
    assert 0 < sum(runs[0]) < 20


async def test_a_slow_answer_and_latency_are_slow(server: TelegramServer, post: Any) -> None:
    server.latency = 0.01
    server.faults.add(What.SLOW, seconds=0.02)
    for _ in range(3):
        await post("getMe")
    times = [arrival.at for arrival in server.record.arrivals]
    gaps = [later - earlier for earlier, later in pairwise(times)]

    assert gaps[0] >= 0.03
    assert gaps[1] >= 0.01


# --- a process of its own ---


async def test_as_a_process_it_is_steered_from_outside_and_remembers(tmp_path: Any) -> None:
    state = tmp_path / "state.json"
    for run in (1, 2):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.telegram_server", "--state-file", str(state)),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout
        about = json.loads(await process.stdout.readline())
        async with aiohttp.ClientSession(about["url"]) as session:

            async def control(
                name: str, session: aiohttp.ClientSession = session, **arguments: object
            ) -> Any:
                async with session.post(f"/control/{name}", json=arguments) as answer:
                    assert answer.status == 200, await answer.text()
                    return await answer.json()

            await control("users", id=7, first_name="Lan")
            await control("act", person=7, act="types", text=f"lần {run}")
            async with Bot(about["token"], base_url=f"{about['url']}/bot") as bot:
                updates = await bot.get_updates()
                menu = keyboard([("Có", f"yes{run}")])
                sent = await bot.send_message(7, "chọn", reply_markup=menu)
            pressed = await control("act", person=7, act="presses", which="Có")
            counts = await control("wait", sent=run)
            async with session.post("/control/act", json={"person": 7, "act": "flies"}) as answer:
                assert answer.status == 400

        process.terminate()
        await process.wait()
        assert [u.message.text for u in updates if u.message][-1] == f"lần {run}"
        assert len(updates) == (1 if run == 1 else 3)
        assert pressed["data"] == f"yes{run}"
        assert counts["sent"] == run
        assert sent.message_id == 2 * run
