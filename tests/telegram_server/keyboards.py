"""What may hang under a message: inline keyboards, reply keyboards, and what they must be.

Telegram quietly repairs a few things (an empty row, a button of two kinds). Here they are refused:
a bot that needs the repair does not know what it sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.telegram_server.errors import bad_request

if TYPE_CHECKING:
    from tests.telegram_server.call import Call

Markup = dict[str, Any]

MOST_BUTTONS = 100
MOST_IN_A_ROW = 8
MOST_CALLBACK_BYTES = 64
_INLINE_KINDS = {
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
}
_PRIVATE_ONLY = {
    "request_contact": "phone number can be requested in private chats only",
    "request_location": "location can be requested in private chats only",
    "request_poll": "poll can be requested in private chats only",
    "web_app": "Web App buttons can be used in private chats only",
    "request_users": "users can be requested in private chats only",
    "request_chat": "chats can be requested in private chats only",
}
_SCHEMES = ("http://", "https://", "tg://")


def read_markup(call: Call, *, private: bool) -> Markup | None:
    """Return the checked `reply_markup` of *call*, or `None` when there is none."""
    markup = call.decoded("reply_markup", "reply keyboard markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        for button in _buttons(markup, "inline_keyboard", "InlineKeyboardMarkup"):
            _check_inline(button)
        return markup
    if "keyboard" in markup:
        buttons = _buttons(markup, "keyboard", "ReplyKeyboardMarkup")
        if not buttons:
            raise bad_request("reply keyboard must be non-empty")
        for button in buttons:
            _check_reply(button, private=private)
        return markup
    if markup.get("remove_keyboard") is True or markup.get("force_reply") is True:
        return markup
    if markup:
        raise bad_request("can't parse reply markup: unknown kind of reply markup")
    return None


def read_inline(call: Call) -> Markup | None:
    """Return the keyboard for an edited message, which can only be an inline one."""
    markup = read_markup(call, private=True)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup if markup and markup["inline_keyboard"] else None


def labelled(markup: Markup | None, label: str | None) -> Markup | None:
    """Find the button that says *label*; any button will do when there is no label."""
    rows = (markup or {}).get("inline_keyboard") or (markup or {}).get("keyboard") or []
    for row in rows:
        for button in row:
            plain = {"text": button} if isinstance(button, str) else button
            if label is None or plain["text"] == label:
                return dict(plain)
    return None


def _buttons(markup: Markup, field: str, kind: str) -> list[Any]:
    rows = markup[field]
    if not isinstance(rows, list):
        raise bad_request(f'field "{field}" of the {kind} must be an Array')
    for row in rows:
        if not isinstance(row, list):
            raise bad_request(f'field "{field}" must be an Array of Arrays')
        if not row:
            raise bad_request(f'field "{field}" has an empty row')
        if len(row) > MOST_IN_A_ROW:
            raise bad_request(f"more than {MOST_IN_A_ROW} buttons in a row")
    buttons = [button for row in rows for button in row]
    if len(buttons) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return buttons


def _check_inline(button: Any) -> None:
    if not isinstance(button, dict):
        raise bad_request(
            "can't parse inline keyboard button: InlineKeyboardButton must be an Object"
        )
    _check_label(button, "inline keyboard button")
    kinds = _INLINE_KINDS & button.keys()
    if not kinds:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(kinds) > 1:
        raise bad_request("can't parse inline keyboard button: exactly one kind must be specified")
    if "callback_data" in kinds:
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= MOST_CALLBACK_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    if "url" in kinds and not str(button["url"]).startswith(_SCHEMES):
        raise bad_request(
            f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL"
        )


def _check_reply(button: Any, *, private: bool) -> None:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict):
        raise bad_request("can't parse keyboard button: KeyboardButton must be an Object")
    _check_label(button, "keyboard button")
    kinds = [kind for kind in _PRIVATE_ONLY if button.get(kind)]
    if len(kinds) > 1:
        raise bad_request("can't parse keyboard button: at most one request may be specified")
    if kinds and not private:
        raise bad_request(_PRIVATE_ONLY[kinds[0]])


def _check_label(button: Markup, what: str) -> None:
    if "text" not in button:
        raise bad_request(f"can't parse {what}: Can't find field \"text\"")
    if not isinstance(button["text"], str):
        raise bad_request(f'can\'t parse {what}: Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request(f"{what} text must be non-empty")
