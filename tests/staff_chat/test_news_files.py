"""Files for announcements: where they are waited for, by whom, and what becomes of the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.operations import broadcasts, recipients
from bot.operations.broadcasts import Draft
from bot.operations.rights import Actor, Role
from bot.store import audit
from handlers.attachments import SentFile
from handlers.conversation import Incoming
from knowledge.entries import Knowledge
from tests.staff_chat.office import CONSOLE, Office

INVITATION = SentFile("Thư mời.pdf", "Thư mời.pdf")


async def sends(office: Office, name: str, file: SentFile, words: str = "") -> str:
    bare = Incoming(office.at(name), f"{name} {file.id} {office.clock.at}", office.clock.at)
    return await office.hears(replace(bare, file=file, text=words, unreadable=not words))


async def attached_to(office: Office, number: int) -> str:
    found = await office.store.read(lambda db: recipients.get(db, number, CONSOLE))
    return found.attachment.name if found.attachment else ""


@pytest.fixture
async def drafted(office: Office) -> Office:
    """Dũng has written the first announcement, Vân may only look."""
    dung = Actor(await office.employs("Dũng", Role.OFFICER), "test")
    await office.employs("Vân", Role.VIEWER)
    now = office.clock.at
    await office.store.write(lambda db: broadcasts.compose(db, Draft("Mời họp."), dung, now))
    return office


async def test_nothing_is_fetched_for_whom_nothing_waits(
    drafted: Office, shipped: Knowledge
) -> None:
    assert "không giữ lại" in await sends(drafted, "Dũng", INVITATION, "Mời họp")
    stranger = await sends(drafted, "Lan", INVITATION)
    assert await sends(drafted, "Vân", INVITATION) == stranger == shipped.say("menu.unreadable")

    assert not (drafted.store.path.parent / "files").exists()


async def test_a_viewer_attaches_and_takes_away_nothing(drafted: Office) -> None:
    await drafted.presses("Dũng", "staff:news.file:1")
    await sends(drafted, "Dũng", INVITATION)

    await drafted.presses("Vân", "staff:news.file:1")
    assert "cần quyền khác" in await sends(drafted, "Vân", SentFile("b.pdf", "Khác.pdf"), "Khác")
    assert "cần quyền khác" in await drafted.presses("Vân", "staff:news.unfile:1")
    assert await attached_to(drafted, 1) == "Thư mời.pdf"


async def test_a_file_for_what_was_submitted_makes_it_a_draft_again(drafted: Office) -> None:
    await drafted.types("Lan", "nhận tin")
    await drafted.presses("Dũng", "staff:news.submit:1")
    await drafted.presses("Dũng", "staff:news.file:1")

    assert "đang là bản nháp" in await sends(drafted, "Dũng", INVITATION)
    newest = (await drafted.store.read(lambda db: audit.latest(db, 1)))[0]
    assert "Thư mời.pdf" in newest.after["attachment"]


async def test_a_file_that_the_platform_brings_again_goes_along_once(drafted: Office) -> None:
    await drafted.presses("Dũng", "staff:news.file:1")
    sent = Incoming(drafted.at("Dũng"), "a", drafted.clock.at, file=INVITATION, unreadable=True)
    await drafted.hears(sent)

    assert await drafted.hears(sent) == ""
    assert await attached_to(drafted, 1) == "Thư mời.pdf"


async def test_words_too_long_for_a_file_are_refused_and_nothing_changes(drafted: Office) -> None:
    await drafted.presses("Dũng", "staff:news.text:1")
    await drafted.types("Dũng", "x" * 1_200)
    await drafted.presses("Dũng", "staff:news.file:1")

    assert "tối đa 960 ký tự" in await sends(drafted, "Dũng", INVITATION)
    assert await attached_to(drafted, 1) == ""


async def test_a_dialog_that_wants_words_is_not_confused_by_a_file(
    drafted: Office, shipped: Knowledge
) -> None:
    for opens in ("news.links:1", "news.times:1", "news.edit:1"):
        await drafted.presses("Dũng", f"staff:{opens}")
        assert await sends(drafted, "Dũng", INVITATION) not in {"", shipped.say("failed")}
