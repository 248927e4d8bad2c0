"""Shaping: nothing beyond a limit, nothing lost, nothing that Telegram's parser refuses."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels import Payload
from bot.channels.console import LOCAL, ConsoleChannel
from bot.channels.telegram.rendering import (
    LABEL_UNITS,
    MAX_BUTTONS,
    MAX_ENTITIES,
    MAX_TEXT,
    render,
    utf16,
    without_markup,
)
from bot.channels.text import blank, clean, plain, runs, shorten, split, written
from handlers.conversation import BACK, MAX_ACTION_BYTES, Choice, Reply
from tests.channels.inbox_double import MemoryInbox
from tests.telegram_server.entities import parse_html

UNHURRIED = settings(deadline=None)  # the cores are shared
SHARE, HINT = "Gửi số điện thoại", "Hoặc bấm nút dưới đây."

pieces = st.sampled_from(
    [
        "**",
        "*",
        "\n",
        "\n\n",
        " ",
        ". ",
        "- ",
        "<b>",
        "</b>",
        "&amp;",
        "<",
        ">",
        "&",
        "Điều kiện",
        "hồ sơ",
        "e\u0301\u0323",
        "👨‍👩‍👧‍👦",
        "🇻🇳",
        "👍🏽",
        "\ud800",
        "\u200b",
        "\0",
        "x" * 50,
        "Nghị định 37/2026/NĐ-CP. ",
    ]
)
texts = st.lists(pieces | st.text(max_size=8), max_size=30).map("".join)
long_texts = st.builds(lambda text, times: text * times, texts, st.integers(0, 60))
choices = st.builds(
    Choice,
    label=texts,
    action=st.text(st.characters(codec="utf-8"), min_size=1, max_size=16) | st.just(BACK),
)
replies = st.builds(
    Reply,
    text=long_texts,
    choices=st.lists(choices, max_size=8).map(tuple),
    numbered=st.booleans(),
    asks_phone=st.booleans(),
)


def shown(payload: Payload) -> str:
    return parse_html(payload["text"])[0]


def solid(text: str) -> str:
    """What must survive any cutting: everything but white space."""
    return "".join(text.split())


@UNHURRIED
@given(replies)
def test_telegram_takes_every_rendered_reply(reply: Reply) -> None:
    payloads = render(reply, SHARE, HINT)
    for payload in payloads:
        text, entities = parse_html(payload["text"])
        assert text.strip()
        assert utf16(text) <= MAX_TEXT
        assert len(entities) <= MAX_ENTITIES
        payload["text"].encode()
    for payload in payloads:
        rows = payload.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row]
        assert len(buttons) <= MAX_BUTTONS
        assert all(rows)
        for button in buttons:
            assert button["text"].strip()
            assert utf16(button["text"]) <= LABEL_UNITS
            assert 0 < len(button["callback_data"].encode()) <= MAX_ACTION_BYTES


@UNHURRIED
@given(replies)
def test_every_choice_is_a_button_of_the_last_message_with_its_number(reply: Reply) -> None:
    payloads = render(reply, SHARE, HINT)
    keyboards = [
        payload["reply_markup"]["inline_keyboard"]
        for payload in payloads
        if "inline_keyboard" in payload.get("reply_markup", {})
    ]
    assert len(keyboards) == bool(reply.choices)
    for keyboard in keyboards:
        buttons = [button for row in keyboard for button in row]
        assert sorted(button["callback_data"] for button in buttons) == sorted(
            choice.action for choice in reply.choices
        )
        if reply.numbered:
            for button in buttons:
                number = button["text"].partition(".")[0]
                assert (number == "0") == (button["callback_data"] == BACK)


@UNHURRIED
@given(long_texts)
def test_no_word_is_lost_on_the_way_to_telegram(text: str) -> None:
    sent = "".join(shown(payload) for payload in render(Reply(text), SHARE, HINT))
    if blank(clean(text)):
        assert sent == ""
    else:
        letters = str.maketrans("", "", "*•-")  # marks of bold and bullets may change
        assert solid(sent).translate(letters) == solid(clean(text)).translate(letters)


@UNHURRIED
@given(long_texts, st.integers(20, 200), st.sampled_from([len, utf16]))
def test_split_keeps_the_limit_and_loses_only_white_space(text, limit, length) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    parts = split(text, limit, length)
    assert all(parts)
    assert all(length(part) <= limit for part in parts)
    assert solid("".join(parts)).replace("*", "") == solid(text).replace("*", "")


words = st.lists(st.sampled_from(["một", "hai.", "**ba bốn**", "năm\n\n", "sáu\n"]), min_size=1)


@UNHURRIED
@given(words.map(" ".join), st.integers(12, 60))
def test_split_never_cuts_bold_nor_words(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert " ".join(" ".join(parts).split()) == " ".join(text.split())
    assert sum(bold for part in parts for _, bold in runs(part)) == text.count("**") // 2


@UNHURRIED
@given(
    st.lists(st.sampled_from(["e\u0301\u0323", "👨‍👩‍👧", "🇻🇳", "👍🏽", "1️⃣"]), min_size=1).map(
        "".join
    )
)
def test_split_keeps_clusters_whole(text: str) -> None:
    for part in split(text, 12, utf16):
        first = part[0]
        assert first not in "\u0301\u0323\u200d\ufe0f\u20e3🏽"
        assert part.count("🇻") == part.count("🇳")


def test_split_prefers_paragraphs_then_sentences_then_words() -> None:
    assert split("Một hai.\n\nBa bốn. Năm", 16) == ("Một hai.", "Ba bốn. Năm")
    assert split("Một hai. Ba bốn năm", 12) == ("Một hai.", "Ba bốn năm")
    assert split("Một hai ba bốn năm", 12) == ("Một hai ba", "bốn năm")
    assert split("Mộthaibabốnnăm", 6) == ("Mộthai", "babốnn", "ăm")


def test_split_drops_the_marks_of_bold_that_no_part_can_hold() -> None:
    assert split("**" + "a " * 10 + "a**", 10) == ("a a a a a", "a a a a a", "a")


def test_split_makes_progress_where_nothing_fits() -> None:
    assert split("👍👍", 1, utf16) == ("👍", "👍")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("**đậm** thường", "đậm thường"),
        ("2**3 = 8", "2**3 = 8"),
        ("** không **", "** không **"),
        ("**hai\ndòng**", "**hai\ndòng**"),
        ("****", "****"),
        ("**a* b**", "a* b"),
    ],
)
def test_plain_drops_marks_that_mark_something(text: str, said: str) -> None:
    assert plain(text) == said


def test_bold_is_read_in_linear_time() -> None:
    assert plain("**a" * 100_000) != ""
    assert plain("* " * 100_000) != ""
    assert len(split("**a " * 20_000, 4096, utf16)) == 20


def test_shorten_cuts_at_a_word() -> None:
    assert shorten("Hạn nộp hồ sơ", 13) == "Hạn nộp hồ sơ"
    assert shorten("Hạn nộp hồ sơ", 12) == "Hạn nộp hồ…"


def test_telegram_shape_of_a_menu() -> None:
    choices = (
        Choice("Hạn nộp", "entry:deadline"),
        Choice("Hồ sơ", "entry:dossier"),
        Choice("Đăng ký quan tâm & nhận tin", "form:interest"),
        Choice("Quay lại", BACK),
    )
    (payload,) = render(Reply("**Chọn** <một>:\n- a\n- b", choices), SHARE, HINT)
    assert payload["text"] == "<b>Chọn</b> &lt;một&gt;:\n• a\n• b"
    assert payload["parse_mode"] == "HTML"
    rows = payload["reply_markup"]["inline_keyboard"]
    assert [[button["text"] for button in row] for row in rows] == [
        ["1. Hạn nộp", "2. Hồ sơ"],
        ["3. Đăng ký quan tâm & nhận tin"],
        ["0. Quay lại"],
    ]
    assert rows[0][0]["callback_data"] == "entry:deadline"


def test_buttons_have_no_numbers_where_a_number_means_itself() -> None:
    (payload,) = render(Reply("Bao nhiêu tháng?", (Choice("Bỏ qua", "skip"),), False), SHARE, HINT)
    assert payload["reply_markup"]["inline_keyboard"][0][0]["text"] == "Bỏ qua"


def test_a_label_that_no_button_can_show_is_also_said_in_full() -> None:
    label = "Doanh nghiệp mới thành lập chưa đủ ba mươi sáu tháng có được tham gia không?"
    (payload,) = render(Reply("Ý anh chị là:", (Choice(label, "entry:age"),)), SHARE, HINT)
    assert payload["text"].endswith(f"\n\n1. {label}")
    button = payload["reply_markup"]["inline_keyboard"][0][0]["text"]
    assert button.endswith("…")
    assert label.startswith(button.removeprefix("1. ").removesuffix("…"))


def test_more_choices_than_buttons_are_all_said_and_the_way_back_stays() -> None:
    choices = (*(Choice(f"Mục {n}", f"entry:{n}") for n in range(120)), Choice("Quay lại", BACK))
    (payload,) = render(Reply("Chọn:", choices), SHARE, HINT)
    rows = payload["reply_markup"]["inline_keyboard"]
    assert sum(map(len, rows)) == MAX_BUTTONS
    assert rows[-1][-1]["text"] == "0. Quay lại"
    assert "120. Mục 119" in payload["text"]


def test_a_phone_is_asked_for_with_a_button_and_the_button_goes_away() -> None:
    (asked,) = render(Reply("Số điện thoại?", asks_phone=True), SHARE, HINT)
    assert asked["reply_markup"]["keyboard"] == [[{"text": SHARE, "request_contact": True}]]
    (thanks,) = render(Reply("Cảm ơn."), SHARE, HINT)
    assert thanks["reply_markup"] == {"remove_keyboard": True}


def test_choices_beside_the_phone_button_come_first() -> None:
    reply = Reply("Số điện thoại?", (Choice("Quay lại", BACK),), asks_phone=True)
    question, hint = render(reply, SHARE, HINT)
    assert "inline_keyboard" in question["reply_markup"]
    assert (hint["text"], "keyboard" in hint["reply_markup"]) == (HINT, True)


def test_nothing_to_say_is_no_message() -> None:
    assert render(Reply(" \u200b\n"), SHARE, HINT) == ()


def test_without_markup_the_words_are_the_same() -> None:
    (payload,) = render(Reply("**a** < b & <b>"), SHARE, HINT)
    bare = without_markup(payload)
    assert bare["text"] == "a < b & <b>"
    assert "parse_mode" not in bare


class Screen(io.StringIO):
    """A terminal as far as anybody asks."""

    def isatty(self) -> bool:
        return True


def console(typed: str = "", out: io.StringIO | None = None) -> ConsoleChannel:
    return ConsoleChannel(
        lambda: datetime(2026, 11, 20, tzinfo=UTC), Path(), io.StringIO(typed), out
    )


MENU = Reply("**Chọn:**", (Choice("Hạn nộp", "a"), Choice("Quay lại", BACK)))


async def test_console_prints_choices_as_text() -> None:
    out = io.StringIO()
    channel = console(out=out)
    (payload,) = channel.render(MENU)
    assert await channel.send("local", payload) == ""  # nothing can name it again
    assert out.getvalue() == "Chọn:\n\n1. Hạn nộp\n0. Quay lại\n\n"


async def test_console_prints_bold_on_a_terminal_only() -> None:
    out = Screen()
    channel = console(out=out)
    await channel.send("local", {"text": "**Chọn:** [đỏ]"})
    assert "**" not in out.getvalue()
    assert "Chọn:" in re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())
    assert "[đỏ]" in out.getvalue()


def test_choices_are_words_to_type_where_a_number_means_itself() -> None:
    reply = Reply("Bao nhiêu tháng?", (Choice("Bỏ qua", "skip"),), numbered=False)
    assert written(reply) == "Bao nhiêu tháng?\n\n- Bỏ qua"


def test_choices_that_the_text_told_are_buttons_and_no_lines() -> None:
    choices = (
        Choice("☐", "tick:1", told=True),
        Choice("In ra", "print"),
        Choice("Quay lại", "back"),
    )
    reply = Reply("☐ 1. Giấy đăng ký", choices)

    assert written(reply) == "☐ 1. Giấy đăng ký\n\n2. In ra\n0. Quay lại"
    (message,) = render(reply, "", "")
    rows = message["reply_markup"]["inline_keyboard"]
    assert [b["text"] for row in rows for b in row] == ["1. ☐", "2. In ra", "0. Quay lại"]


async def test_console_reads_lines_until_the_input_ends_with_ids_never_used_before() -> None:
    inbox = MemoryInbox()
    await console("xin chào\n\n  1 \n", io.StringIO()).run(inbox)
    await console("xin chào", io.StringIO()).run(inbox)
    assert inbox.texts == ["xin chào", "1", "xin chào"]
    assert {incoming.conversation for incoming in inbox.received} == {LOCAL}
