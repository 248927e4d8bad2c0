"""`donghanh suggest`: what people chose and what nothing answered becomes a list for authors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.quality.suggesting import Suggestion, read, suggest
from bot.store import turns
from bot.store.database import Store
from bot.store.evidence import Asked
from handlers.conversation import Conversation, Incoming, Outcome, Reply, Session, Step
from handlers.effects import Effect, NoteChoice, NoteUnanswered
from knowledge import Knowledge
from tests.new_database import new_database
from tests.quality.conftest import TODAY, Run

SENT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
ODD = "vụ xu hướng ấy tính sao"  # shares no word of weight with any entry


def asked(*questions: str, entry: str = "") -> list[Asked]:
    return [Asked(question, entry, SENT) for question in questions]


def test_equal_words_are_one_phrasing_told_with_their_accents(little: Knowledge) -> None:
    pressed = asked("vu xu huong ay", "Vụ xu hướng ấy?", "vụ xu hướng  ấy", entry="cost.fee")

    (found,) = suggest(little, [*pressed, *asked("khoản kia", entry="cost.fee")], TODAY)
    assert (found.entry, found.chosen, found.count) == ("cost.fee", True, 4)
    assert found.phrasings == (("vụ xu hướng ấy", 3), ("khoản kia", 1))


def test_the_most_frequent_meaning_comes_first(little: Knowledge) -> None:
    once = asked("vụ xu hướng ấy", entry="cost.fee")
    twice = asked("khoản kia", "khoản kia", entry="levels.gold")

    assert [each.entry for each in suggest(little, [*once, *twice], TODAY)] == [
        "levels.gold",
        "cost.fee",
    ]


def test_what_is_answered_by_now_is_settled(little: Knowledge) -> None:
    now_a_variant = asked("đăng ký có tốn tiền không", entry="cost.fee")
    answered = asked("Nộp hồ sơ ở đâu?")
    entry_is_gone = asked("khoản kia", entry="cost.gone")

    assert suggest(little, [*now_a_variant, *answered, *entry_is_gone], TODAY) == []


def test_a_choice_against_todays_answer_is_still_evidence(little: Knowledge) -> None:
    (found,) = suggest(little, asked("Nộp hồ sơ ở đâu?", entry="contact.phone"), TODAY)

    assert found.entry == "contact.phone"


def test_what_nothing_answered_is_told_with_what_is_nearest(little: Knowledge) -> None:
    found = suggest(little, asked(ODD, "vụ lệ phí ấy sao rồi"), TODAY)

    by_entry = {each.entry: each for each in found}
    assert set(by_entry) == {"", "cost.fee"}
    assert not any(each.chosen for each in found)
    assert "chưa có câu trả lời nào gần" in str(by_entry[""])


def test_a_suggestion_is_plain_values_too() -> None:
    found = Suggestion("cost.fee", "Lệ phí", chosen=True, phrasings=(("bao tiền", 2),))

    assert found.as_data() == {
        "entry": "cost.fee",
        "chosen": True,
        "count": 2,
        "phrasings": [{"question": "bao tiền", "count": 2}],
    }


# From a database -------------------------------------------------------------------------------


@pytest.fixture
def database(here: Path) -> Path:
    path = here / "data" / "donghanh.db"
    path.parent.mkdir()
    asyncio.run(_keep(path))
    return path


async def _keep(path: Path) -> None:
    store = await Store.open(new_database(path))
    try:
        for number, effect in enumerate(_effects()):
            await _turn(store, number, effect)
    finally:
        await store.close()


def _effects() -> Sequence[Effect]:
    return (
        NoteChoice("khoản kia, gọi em 0912345678", "cost.fee"),
        NoteUnanswered(ODD, "unanswered"),
        NoteUnanswered(ODD, "disputed"),
        NoteUnanswered("cho gặp cán bộ", "asked_human"),
    )


async def _turn(store: Store, number: int, effect: Effect) -> None:
    now = SENT + timedelta(days=number)
    incoming = Incoming(Conversation("telegram", "1"), str(number), now, text="hỏi")
    step = Step((Reply("vâng"),), Session(), Outcome.UNANSWERED, (effect,))
    await store.write(
        lambda db: turns.keep(
            db,
            turn_id=f"turn-{number}",
            incoming=incoming,
            step=step,
            payloads=({"text": "vâng"},),
            now=now,
            took_ms=1.0,
        )
    )


def test_evidence_is_read_masked_and_since_a_day(database: Path) -> None:
    everything = read(database)
    later = read(database, SENT + timedelta(days=2))

    assert [each.question for each in everything] == ["khoản kia, gọi em [phone]", ODD, ODD]
    assert [each.question for each in later] == [ODD]


def test_the_command_lists_what_is_worth_adding(database: Path, donghanh: Run) -> None:
    assert database.exists()

    done = donghanh("suggest")

    assert done.exit_code == 0
    assert "cost.fee" in done.stdout
    assert "0912345678" not in done.stdout
    lines = [json.loads(line) for line in donghanh("suggest", "--json").stdout.splitlines()]
    assert [line["count"] for line in lines] == [2, 1]


def test_without_a_database_the_command_says_so(donghanh: Run) -> None:
    done = donghanh("suggest")

    assert done.exit_code == 1
    assert "donghanh.db: không có tệp" in done.stderr
