"""A session as JSON and back: exactly what `Session` holds, and nothing that is not sound."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.store.schema import to_json
from handlers.conversation import Choice, Session


def dump(session: Session) -> str:
    """Write a session. Raises TypeError for data that JSON cannot hold."""
    return to_json(
        {
            "dialog": session.dialog,
            "step": session.step,
            "data": session.data,
            "shelf": session.shelf,
            "offered": [[choice.label, choice.action] for choice in session.offered],
            "numbered": session.numbered,
            "topic": session.topic,
            "topic_at": _write_time(session.topic_at),
            "asked": session.asked,
            "asked_at": _write_time(session.asked_at),
        }
    )


def load(text: str) -> Session:
    """Read a session, leaving out unknown fields. Raises ValueError for any other flaw."""
    stored = json.loads(text)
    if not isinstance(stored, dict):
        raise ValueError("a session is a JSON object")  # noqa: TRY004 - one error for every flaw of the text
    return Session(
        dialog=_text(stored, "dialog"),
        step=_text(stored, "step"),
        data=_mapping(stored, "data"),
        shelf=_shelf(stored),
        offered=_offered(stored),
        numbered=stored.get("numbered") is not False,
        topic=_text(stored, "topic"),
        topic_at=_time(stored, "topic_at"),
        asked=_text(stored, "asked"),
        asked_at=_time(stored, "asked_at"),
    )


def _write_time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _text(stored: Mapping[str, Any], name: str) -> str:
    value = stored.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text: {value!r}")  # noqa: TRY004 - as in load()
    return value


def _mapping(stored: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = stored.get(name, {})
    if not isinstance(value, dict):
        raise ValueError(f"{name} is no object: {value!r}")  # noqa: TRY004 - as in load()
    return value


def _shelf(stored: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    shelf = _mapping(stored, "shelf")
    return {name: _mapping(shelf, name) for name in shelf}


def _offered(stored: Mapping[str, Any]) -> tuple[Choice, ...]:
    offered = stored.get("offered", [])
    try:
        return tuple(Choice(str(label), str(action)) for label, action in offered)
    except TypeError as error:
        raise ValueError(f"offered is no list of choices: {offered!r}") from error


def _time(stored: Mapping[str, Any], name: str) -> datetime | None:
    value = stored.get(name)
    if value is None:
        return None
    moment = datetime.fromisoformat(_text(stored, name))
    if moment.utcoffset() is None:
        raise ValueError(f"{name} has no time zone: {value!r}")
    return moment
