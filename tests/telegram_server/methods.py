"""The table of contents of the fake Bot API: every method it knows, by its lower-case name.

`getUpdates` and the webhook methods are not here: they are about the connection, so the server has
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.telegram_server import chats, downloads, editing, profile, sending

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.telegram_server.call import Call
    from tests.telegram_server.world import World

METHODS: dict[str, Callable[[World, Call], Any]] = {
    "getme": profile.get_me,
    "setmycommands": profile.set_my_commands,
    "getmycommands": profile.get_my_commands,
    "deletemycommands": profile.delete_my_commands,
    "setmyname": profile.setter("name", 64, "BOT_TITLE_INVALID"),
    "getmyname": profile.getter("name"),
    "setmydescription": profile.setter("description", 512, "BOT_DESCRIPTION_TOO_LONG"),
    "getmydescription": profile.getter("description"),
    "setmyshortdescription": profile.setter("short_description", 120, "BOT_ABOUT_TOO_LONG"),
    "getmyshortdescription": profile.getter("short_description"),
    "sendmessage": sending.send_message,
    "sendphoto": sending.send_photo,
    "senddocument": sending.send_document,
    "getfile": downloads.get_file,
    "copymessage": sending.copy_message,
    "editmessagetext": editing.edit_message_text,
    "editmessagereplymarkup": editing.edit_message_reply_markup,
    "deletemessage": editing.delete_message,
    "pinchatmessage": editing.pin_chat_message,
    "answercallbackquery": editing.answer_callback_query,
    "sendchataction": chats.send_chat_action,
    "getchat": chats.get_chat,
    "getchatmember": chats.get_chat_member,
    "createforumtopic": chats.create_forum_topic,
}
