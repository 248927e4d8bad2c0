"""The methods about the bot itself: who it is, how it describes itself, its command menus."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.telegram_server.call import Call
from tests.telegram_server.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.telegram_server.world import World

Json = dict[str, Any]

MOST_COMMANDS = 100
LONGEST_DESCRIPTION = 256
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"(?:[a-z]{2})?")
_WIDE_SCOPES = {
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
}
_CHAT_SCOPES = {"chat", "chat_administrators", "chat_member"}


def get_me(world: World, _call: Call) -> Json:
    return world.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def set_my_commands(world: World, call: Call) -> bool:
    commands = call.decoded("commands", "commands")
    if commands is None:
        commands = []
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        _check_command(command)
    world.commands[_scope(world, call)] = commands
    return True


def get_my_commands(world: World, call: Call) -> list[Json]:
    return world.commands.get(_scope(world, call), [])


def delete_my_commands(world: World, call: Call) -> bool:
    world.commands.pop(_scope(world, call), None)
    return True


def setter(name: str, longest: int, refusal: str) -> Callable[[World, Call], bool]:
    """Return the method that keeps one of the bot's texts, per language."""

    def keep(world: World, call: Call) -> bool:
        text = call.text(name)
        if len(text) > longest:
            raise bad_request(refusal)
        world.texts[f"{name}:{_language(call)}"] = text
        return True

    return keep


def getter(name: str) -> Callable[[World, Call], Json]:
    """Return the method that reads one of the bot's texts; a language falls back to the default."""

    def read(world: World, call: Call) -> Json:
        otherwise = world.bot["first_name"] if name == "name" else ""
        default = world.texts.get(f"{name}:", otherwise)
        return {name: world.texts.get(f"{name}:{_language(call)}") or default}

    return read


def _check_command(command: Any) -> None:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    for name in ("command", "description"):
        if not isinstance(command.get(name), str):
            raise bad_request(f"can't parse BotCommand: Can't find field \"{name}\"")
    # Telegram forgives the slash.
    if not _COMMAND.fullmatch(command["command"].removeprefix("/")):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(command["description"].strip()) <= LONGEST_DESCRIPTION:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")


def _scope(world: World, call: Call) -> str:
    scope = call.decoded("scope", "BotCommandScope")
    if scope is None:
        scope = {"type": "default"}
    if not isinstance(scope, dict):
        raise bad_request("can't parse BotCommandScope: BotCommandScope must be an Object")
    kind = scope.get("type")
    if kind in _WIDE_SCOPES:
        return f"{kind}:{_language(call)}"
    if kind not in _CHAT_SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    chat = world.chat(Call(call.method, scope, call.arrived))
    if kind == "chat_administrators" and chat.private:
        raise bad_request("can't use specified scope in private chats")
    if kind == "chat_member" and scope.get("user_id") not in world.users:
        raise bad_request("user not found")
    return f"{kind}:{chat.id}:{scope.get('user_id', '')}:{_language(call)}"


def _language(call: Call) -> str:
    code = call.text("language_code")
    if not _LANGUAGE.fullmatch(code):
        raise bad_request("invalid language code specified")
    return code
