"""Announcements as the office's people write and approve them."""

from __future__ import annotations

from bot.operations import recipients
from bot.operations.broadcasts import digest
from bot.store.broadcasts import Broadcast
from tests.staff_chat.office import CONSOLE, Office


async def broadcast(office: Office, number: int) -> Broadcast:
    return await office.store.read(lambda db: recipients.get(db, number, CONSOLE))


async def awaiting(office: Office, name: str, text: str) -> None:
    """Write the first announcement and hand it on."""
    await office.presses(name, "staff:news.write")
    await office.types(name, text)
    await office.presses(name, "staff:news.submit:1")


def approval(found: Broadcast) -> str:
    """The button that approves it as it stands, for one person."""
    return f"staff:news.approve:{found.id}:1:{digest(found)}"


async def approves(office: Office, name: str, number: int = 1) -> None:
    """Approve it as it stands."""
    await office.presses(name, approval(await broadcast(office, number)))
