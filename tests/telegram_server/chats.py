"""The methods about chats: who is there, what they are, topics, and "is typing"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.telegram_server.errors import bad_request

if TYPE_CHECKING:
    from tests.telegram_server.call import Call
    from tests.telegram_server.world import World

Json = dict[str, Any]

LONGEST_TOPIC = 128
TOPIC_COLOURS = {7322096, 16766590, 13338331, 9367192, 16749490, 16478047}
ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
_RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
)
_GIFTS = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)


def get_chat(world: World, call: Call) -> Json:
    chat = world.chat(call)
    return chat.about | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(_GIFTS, False),
    }


def get_chat_member(world: World, call: Call) -> Json:
    chat = world.chat(call)
    user_id = call.integer("user_id")
    if not user_id:
        raise bad_request("invalid user_id specified")
    if user_id == world.bot["id"]:
        blocked = "kicked" if chat.blocked else "member"
        return member(world.bot, blocked if chat.private else chat.bot_status)
    user = world.users.get(user_id)
    if user is None:
        raise bad_request("user not found")
    if chat.private:
        if user_id != chat.id:
            raise bad_request("PARTICIPANT_ID_INVALID")
        return member(user, "member")
    return member(user, chat.members.get(user_id, "left"))


def member(user: Json, status: str) -> Json:
    """Return a ChatMember object with the fields that its status demands."""
    about: Json = {"user": user, "status": status}
    if status == "administrator":
        about |= dict.fromkeys(_RIGHTS, True) | {"can_be_edited": False, "is_anonymous": False}
    elif status == "creator":
        about["is_anonymous"] = False
    elif status == "kicked":
        about["until_date"] = 0
    return about


def send_chat_action(world: World, call: Call) -> bool:
    action = call.text("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = world.writable(call)
    world.thread(chat, call)
    chat.actions.append(action)
    return True


def create_forum_topic(world: World, call: Call) -> Json:
    chat = world.writable(call)
    if not chat.forum:
        raise bad_request("the chat is not a forum")
    if chat.bot_status != "administrator":
        raise bad_request("not enough rights to create a topic")
    name = call.text("name").strip()
    if not name:
        raise bad_request("title must be non-empty")
    if len(name) > LONGEST_TOPIC:
        raise bad_request("TOPIC_TITLE_INVALID")
    colour = call.integer("icon_color", 7322096)
    if colour not in TOPIC_COLOURS:
        raise bad_request("invalid icon color specified")
    topic = {"name": name, "icon_color": colour}
    thread_id = open_topic(world, chat.id, world.bot, topic)
    return {"message_thread_id": thread_id} | topic


def open_topic(world: World, chat_id: int, by: Json, topic: Json) -> int:
    """Start a topic with its service message, whose id is the topic's id."""
    chat = world.chats[chat_id]
    opening = world.hear(chat, by, {"forum_topic_created": topic, "is_topic_message": True})
    opening.payload["message_thread_id"] = opening.id
    chat.topics[opening.id] = topic["name"]
    return opening.id
