"""What people see of the bot before the first word: its commands and its description.

Only what differs is written: Telegram allows few such changes a day. Nothing here is needed to
answer people, so no failure here stops anything.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from telegram.error import TelegramError

from bot.channels.telegram.client import Client

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Command:
    """A command without its slash, and what it does in both languages."""

    name: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Profile:
    """Vietnamese is what everybody sees whose app is not in English."""

    commands: Sequence[Command] = ()
    description_vi: str = ""
    description_en: str = ""


async def introduce(client: Client, profile: Profile) -> None:
    """Make Telegram show `profile`; log what it refuses and go on."""
    for language in ("", "vi", "en"):
        english = language == "en"
        commands = [
            {"command": command.name, "description": command.en if english else command.vi}
            for command in profile.commands
        ]
        description = profile.description_en if english else profile.description_vi
        if commands:
            await _show(client, "MyCommands", language, commands, {"commands": commands})
        if description:
            wanted = {"description": description}
            await _show(client, "MyDescription", language, wanted, wanted)


async def _show(
    client: Client, what: str, language: str, wanted: object, arguments: dict[str, Any]
) -> None:
    scope = {"language_code": language} if language else {}
    try:
        if await client.call(f"get{what}", scope) != wanted:
            await client.call(f"set{what}", {**arguments, **scope})
    except TelegramError as error:
        logger.warning("%s (%s) could not be set: %r", what, language or "default", error)
