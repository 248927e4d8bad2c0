"""Every query that runs per message or per delivery uses an index: SQLite says so itself."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from bot.store import (
    addresses,
    announcing,
    deliveries,
    erasure,
    lanes,
    people,
    reminder_queue,
    reminders,
    retention,
    submissions,
    turns,
)
from bot.store.database import Store
from tests.store.conftest import NOW

# an expanding list is compiled with its values
CLAIM = {
    "of_channel": "telegram",
    "now": NOW,
    "busy": ["7", "8"],
    "most": 4,
    "reminders_since": NOW,
}
HOT: dict[str, tuple[Any, str]] = {
    "seen": (turns._SEEN, "sqlite_autoindex_message_2"),
    "session": (turns._SESSION, "sqlite_autoindex_session_1"),
    "writer": (turns._WRITER, "sqlite_autoindex_staff_1"),
    "claim replies": (lanes._REPLIES.params(CLAIM), "ix_delivery_queue"),
    "claim others": (lanes._OTHERS.params(CLAIM), "ix_delivery_queue"),
    "next due": (lanes._NEXT, "ix_delivery_ready"),
    "running": (announcing._RUNNING, "ix_broadcast_running"),
    "claim announced": (
        announcing._WAITING.params(CLAIM | {"of_broadcast": 1}),
        "ix_delivery_announcing",
    ),
    "claim changed": (
        announcing._CHANGING.params(CLAIM | {"of_broadcast": 2, "of_corrected": 1}),
        "ix_delivery_announcing",
    ),
    "next announced": (announcing._NEXT, "ix_delivery_announcing"),
    "reminders to plan": (
        reminder_queue._TO_PLAN.params({"channels": ["telegram"], "fingerprint": "", "most": 1}),
        "ix_reminder_planned",
    ),
    "late reminders": (
        reminder_queue._LATE.params({"channels": ["telegram"], "now": NOW}),
        "ix_delivery_queue",
    ),
    "wishes for seats": (
        reminder_queue._FOR_SEATS.params({"channels": ["telegram"]}),
        "ix_reminder_planned",
    ),
    "queued reminders": (reminder_queue._QUEUED, "reminder_day"),
    "my reminders": (reminders._MINE, "sqlite_autoindex_reminder_1"),
    "my waiting reminders": (reminders._MINE_WAITING, "sqlite_autoindex_reminder_1"),
    "stop reminders": (reminders._CANCEL_ALL[0], "sqlite_autoindex_reminder_1"),
    "cancel": (deliveries._CANCEL, "ix_delivery_(address|conversation)"),
    "recover": (deliveries._AGAIN, "ix_delivery_(sending|state)"),
    "counts": (deliveries._COUNTS, "COVERING INDEX ix_delivery_state"),
    "submissions": (people._SUBMISSIONS, "ix_submission_conversation"),
    "consents": (people._CONSENTS, "sqlite_autoindex_consent_1"),
    "messages kept": (people._MESSAGES, "ix_message_conversation"),
    "withdraw all": (submissions._WITHDRAW_ALL, "ix_submission_conversation"),
    "old texts": (retention._MESSAGES, "ix_message_kept"),
    "old payloads": (retention._PAYLOADS, "ix_delivery_unblanked"),
    "erase messages": (erasure._MESSAGES, "ix_message_conversation"),
    "erase deliveries": (erasure._DELIVERIES, "ix_delivery_conversation"),
} | {
    f"move {table.name}": (move, "INDEX")
    for table, move in zip(addresses.TABLES, addresses._MOVES, strict=True)
    if table.name != "quarantine"
}


@pytest.mark.parametrize("name", HOT)
async def test_no_hot_query_reads_a_whole_table(store: Store, name: str) -> None:
    statement, index = HOT[name]
    compiled = statement.compile(
        dialect=sqlite.dialect(paramstyle="named"), compile_kwargs={"render_postcompile": True}
    )
    names = re.findall(r"(?<!\w):(\w+)", str(compiled))
    explain = text(f"EXPLAIN QUERY PLAN {compiled}")

    rows = (await store.write(lambda db: db.execute(explain, dict.fromkeys(names)))).all()

    steps = [row.detail for row in rows]
    assert any(re.search(index, step) for step in steps), steps
    assert not [step for step in steps if step.startswith("SCAN") and "INDEX" not in step], steps
    if name.startswith("claim") or name == "next due":
        assert not [step for step in steps if "TEMP B-TREE" in step], steps
