"""Telegram. Nothing outside this package knows python-telegram-bot."""

from bot.channels.telegram.channel import Phrases, Settings, TelegramChannel
from bot.channels.telegram.profile import Command, Profile

__all__ = ["Command", "Phrases", "Profile", "Settings", "TelegramChannel"]
