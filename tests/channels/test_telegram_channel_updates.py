"""Telegram's updates as they come, and what they mean: one file of `golden/` each."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.updates import (
    NotUnderstoodError,
    Reachability,
    callback_id,
    incoming,
)
from handlers.attachments import SentFile
from handlers.conversation import MAX_ACTION_BYTES, Conversation, Incoming

UNHURRIED = settings(deadline=None)  # the cores are shared
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
LAN = Conversation("telegram", "1001")
GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))


def expected(said: Any) -> Incoming | Reachability | None:
    if said is None:
        return None
    if "reachable" in said:
        return Reachability(LAN, yes=said["reachable"], at=datetime.fromisoformat(said["at"]))
    at = NOW if said["at"] == "now" else datetime.fromisoformat(said["at"])
    where = Conversation("telegram", said["where"]) if "where" in said else LAN
    told = {name: value for name, value in said.items() if name != "where"}
    file = SentFile(**told.pop("file")) if "file" in told else None
    return Incoming(where, **{**told, "at": at}, file=file)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    if case["expected"] == "not understood":
        with pytest.raises(NotUnderstoodError):
            incoming(case["update"], NOW)
        return
    found = incoming(case["update"], NOW)
    assert found == expected(case["expected"])
    if isinstance(found, Incoming):
        assert found.at.tzinfo is not None


def pressed(data: object) -> dict[str, Any]:
    case = json.loads(
        (Path(__file__).parent / "golden" / "pressed.json").read_text(encoding="utf-8")
    )
    update: dict[str, Any] = case["update"]
    update["callback_query"]["data"] = data
    return update


@UNHURRIED
@given(st.text(alphabet=st.characters(), max_size=80) | st.none() | st.integers())
def test_any_data_of_a_button_is_an_action_that_fits_or_an_unknown_one(data: object) -> None:
    found = incoming(pressed(data), NOW)
    assert isinstance(found, Incoming)
    assert 0 < len(found.action.encode()) <= MAX_ACTION_BYTES
    assert found.action in (data, "unknown")


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "chat", "from", "date", "text", "type", "data", "message", "user"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@UNHURRIED
@given(
    st.dictionaries(
        st.sampled_from(["update_id", "message", "callback_query", "my_chat_member"]), junk
    )
)
def test_anything_is_understood_or_said_not_to_be(raw: dict[str, Any]) -> None:
    callback_id(raw)
    try:
        found = incoming(raw, NOW)
    except NotUnderstoodError:
        return
    assert found is None or isinstance(found, Incoming | Reachability)
