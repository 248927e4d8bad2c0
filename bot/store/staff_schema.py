"""The tables of the staff: who they are, what they did, and what they announce.

What is written here names staff by their number and enterprises not at all, so that erasing a
person never has to touch it.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    DDL,
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    event,
    false,
)

from bot.store.columns import UtcTime, literal, metadata

ROLES: Final = ("viewer", "officer", "approver", "admin")
BROADCAST_STATES: Final = (
    "draft",
    "awaiting",
    "scheduled",
    "running",
    "paused",
    "held",
    "done",
    "cancelled",
)

# Who may act for the department; a person keeps one row, and so one number, for ever.
staff = Table(
    "staff",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("added_by", ForeignKey("staff.id")),  # empty for one whom the command line added
    Column("since", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    CheckConstraint(f"role IN {ROLES}", name="role"),
    UniqueConstraint("channel", "conversation"),
)
ON_STAFF = staff.c.ended_at.is_(None)

invitation = Table(
    "invitation",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("made_by", ForeignKey("staff.id")),
    Column("made_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
    Column("used_by", ForeignKey("staff.id")),
    CheckConstraint(f"role IN {ROLES}", name="role"),
)

# Append-only, and chained: each line's hash covers the hash before it.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", Integer),  # staff.id; empty for the command line and for the bot itself
    Column("via", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("before", JSON, nullable=False),
    Column("after", JSON, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
)
Index("ix_audit_object", audit.c.object)
AUDIT_GUARDS: Final = tuple(
    f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
    for verb in ("UPDATE", "DELETE")
)
for _guard in AUDIT_GUARDS:
    event.listen(
        audit,
        "after_create",
        DDL(_guard).execute_if(dialect="sqlite"),  # type: ignore[no-untyped-call]  # SQLAlchemy's
    )

# An announcement: `payloads` is what each channel sends, fixed when it starts.
broadcast = Table(
    "broadcast",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("choices", JSON, nullable=False),
    Column("attachment", Text, nullable=False, server_default=""),
    Column("audience", JSON, nullable=False),
    Column("correction_of", ForeignKey("broadcast.id")),
    Column("note", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),  # why it is held
    Column("made_by", ForeignKey("staff.id"), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("written_by", JSON, nullable=False),  # staff.id of everyone who had a hand in it
    Column("submitted_at", UtcTime),
    Column("approved_by", ForeignKey("staff.id")),
    Column("approved_at", UtcTime),
    Column("self_approved", Boolean, nullable=False, server_default=false()),
    Column("send_at", UtcTime),
    Column("latest_at", UtcTime),
    Column("started_at", UtcTime),
    Column("watched_from", UtcTime),  # since when failures count: its start, or its last resume
    Column("ended_at", UtcTime),
    Column("payloads", JSON, nullable=False),
    Column(
        "changes", Text, nullable=False, server_default=""
    ),  # 'edit' or 'withdraw', what it corrects
    CheckConstraint(f"state IN {BROADCAST_STATES}", name="state"),
)
RUNNING = broadcast.c.state == literal("running")
Index("ix_broadcast_running", broadcast.c.started_at, broadcast.c.id, sqlite_where=RUNNING)

# Who watches an announcement: `post` is the message that is edited, `edit` its latest change.
broadcast_watch = Table(
    "broadcast_watch",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("broadcast", ForeignKey("broadcast.id"), nullable=False),
    Column("post", ForeignKey("delivery.id"), nullable=False),
    Column("edit", ForeignKey("delivery.id")),
    Column("words", Text, nullable=False),  # what it says by now
    Column("ended_at", UtcTime),
)
WATCHED = broadcast_watch.c.ended_at.is_(None)
Index("ix_broadcast_watch_open", broadcast_watch.c.id, sqlite_where=WATCHED)
