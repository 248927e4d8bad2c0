"""What a failed call means: did Telegram get it, did Telegram take it, and when to come back.

Three steps, each a pure function or a class: the answer (status and body) becomes a TelegramError,
the TelegramError becomes an error of the port. python-telegram-bot's own translation is not used:
it cannot tell "never sent" from "sent, no answer", puts whole answers into messages, and its
RetryAfter warns about itself whenever it is raised (22.8, PTB_TIMEDELTA).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)

from bot.channels import Gone, Later, Moved, Rejected, Unsure

TOKEN_REFUSED_PAUSE = timedelta(minutes=1)  # only a person can repair it; others need no haste

_GONE_403 = ("blocked", "deactivated", "kicked", "initiate", "not a member", "send messages to bot")
_GONE_400 = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "group chat was deactivated",
    "input_user_deactivated",
)

# What cannot be changed any more, in reasons that staff are told in their own words.
_UNCHANGED = (
    ("message can't be deleted", "too late to withdraw"),
    ("message to edit not found", "no longer there"),
    ("message_id_invalid", "no longer there"),
    ("message can't be edited", "cannot be edited"),
    ("no text in the message to edit", "cannot be edited"),
)


class NotSentError(NetworkError):
    """Telegram never got the request: no connection, or something in between refused it."""


class UnansweredError(NetworkError):
    """The request went out and no usable answer came back: it may have been carried out."""


class BusyError(NetworkError):
    """Telegram itself says that it could not do it."""


class TooManyError(TelegramError):
    """Telegram asks for a pause."""

    def __init__(self, after: timedelta) -> None:
        super().__init__(f"too many requests, again after {after}")
        self.after = after


def refusal(status: int, body: bytes) -> TelegramError:
    """The error that an answer other than 2xx stands for.

    Only Telegram's own envelope counts as Telegram's word. A proxy's 403 must not make people
    "gone"; an HTML 502 or 504 may come from a gateway behind which the message was delivered.
    """
    answer = _envelope(body)
    if answer is None:
        reason = f"HTTP {status} that is not Telegram's"
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return UnansweredError(reason)
        return NotSentError(reason)
    description = str(answer.get("description") or f"HTTP {status}")
    parameters = answer.get("parameters")
    if isinstance(parameters, Mapping) and isinstance(parameters.get("migrate_to_chat_id"), int):
        return ChatMigrated(parameters["migrate_to_chat_id"])
    match status:
        case HTTPStatus.TOO_MANY_REQUESTS:
            return TooManyError(_pause(parameters))
        case HTTPStatus.FORBIDDEN:
            return Forbidden(description)
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.NOT_FOUND:
            return InvalidToken(description)
        case HTTPStatus.CONFLICT:
            return Conflict(description)
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return BusyError(description)
        case _:
            return BadRequest(description)


def port_error(error: TelegramError, back_off: timedelta) -> Exception:
    """The port's error for a failed send. `back_off` is for outages that name no time themselves.

    Most specific first: BadRequest and our own kinds are all NetworkErrors. What is not known to
    have failed is Unsure.
    """
    said = error.message
    lowered = said.lower()
    match error:
        case ChatMigrated():
            return Moved(str(error.new_chat_id))
        case TooManyError():
            return Later(error.after, said)
        case Forbidden() if any(sign in lowered for sign in _GONE_403):
            return Gone(said)
        case BadRequest() if any(sign in lowered for sign in _GONE_400):
            return Gone(said)
        case Forbidden() | BadRequest():
            return Rejected(next((why for sign, why in _UNCHANGED if sign in lowered), said))
        case InvalidToken():
            return Later(TOKEN_REFUSED_PAUSE, f"the token was refused: {said}")
        case NotSentError() | BusyError() | Conflict():
            return Later(back_off, said)
        case _:
            return Unsure(said)


def cannot_parse(error: TelegramError) -> bool:
    """Whether Telegram refused our markup; the same words without markup will be taken."""
    return isinstance(error, BadRequest) and "can't parse entities" in error.message.lower()


def wrong_file(error: TelegramError) -> bool:
    """Whether Telegram does not know, or no longer, the file that we named."""
    lowered = error.message.lower()
    return isinstance(error, BadRequest) and ("file" in lowered or "media" in lowered)


def not_modified(error: TelegramError) -> bool:
    """Whether a message already says what an edit would make it say."""
    return isinstance(error, BadRequest) and "message is not modified" in error.message.lower()


def already_deleted(error: TelegramError) -> bool:
    """Whether a message that is to be deleted is no longer there."""
    return isinstance(error, BadRequest) and "message to delete not found" in error.message.lower()


def _envelope(body: bytes) -> Mapping[str, Any] | None:
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and answer.get("ok") is False else None


def _pause(parameters: object) -> timedelta:
    seconds = parameters.get("retry_after") if isinstance(parameters, Mapping) else None
    return timedelta(seconds=max(1.0, seconds if isinstance(seconds, int | float) else 1.0))
