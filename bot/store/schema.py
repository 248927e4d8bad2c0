"""The tables, named with the words of the types they hold.

Every row about one chat carries (channel, conversation) and no foreign key to `conversation`:
erasing a person gives their rows another id while the rows, and so the counts, stay. States are
compared as literals, because SQLite uses a partial index only where its predicate stands literally
in the query (measured: a bound parameter means a full scan).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    exists,
    false,
    true,
)

from bot.store.columns import UtcTime, literal, literals, metadata, same_conversation, to_json
from bot.store.dating_schema import date_order
from bot.store.follow_up_schema import (
    STATUSES,
    contact_check,
    follow_up,
    follow_up_change,
    follow_up_note,
    lead_index,
    merge,
    saved_view,
    told_apart,
)
from bot.store.handover_schema import duty, staff_room, ticket, ticket_message, ticket_post
from bot.store.learning_schema import answer_on_its_way, entry_draft
from bot.store.reminder_schema import reminder, reminder_day
from bot.store.staff_schema import (
    BROADCAST_STATES,
    ROLES,
    audit,
    broadcast,
    broadcast_watch,
    invitation,
    staff,
)

__all__ = [
    "BROADCAST_STATES",
    "HEAD",
    "ROLES",
    "STATUSES",
    "UtcTime",
    "answer_on_its_way",
    "audit",
    "broadcast",
    "broadcast_watch",
    "contact_check",
    "date_order",
    "duty",
    "entry_draft",
    "follow_up",
    "follow_up_change",
    "follow_up_note",
    "invitation",
    "lead_index",
    "literal",
    "literals",
    "merge",
    "metadata",
    "reminder",
    "reminder_day",
    "same_conversation",
    "saved_view",
    "staff",
    "staff_room",
    "ticket",
    "ticket_message",
    "ticket_post",
    "to_json",
    "told_apart",
]

HEAD: Final = "0013"  # the newest migration; a test compares it with migrations/versions

KINDS: Final = ("reply", "broadcast", "reminder", "staff")
STATES: Final = ("pending", "sending", "sent", "failed", "unsure", "cancelled", "held")
GOING_OUT: Final = ("pending", "sending")  # nobody need do anything for it
UNSENT: Final = ("pending", "held")  # so it can still be cancelled
UNSETTLED: Final = (*GOING_OUT, "held")
SETTLED_BADLY: Final = ("failed", "unsure", "cancelled")
SETTLED: Final = ("sent", *SETTLED_BADLY)

# What this installation knows about itself: its id, its salt.
instance = Table(
    "instance",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

conversation = Table(
    "conversation",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("conversation", Text, primary_key=True),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("reachable", Boolean, nullable=False, server_default=true()),
    Column("subscribed", Boolean, nullable=False, server_default=false()),
    Column("subscribed_at", UtcTime),
)

session = Table(
    "session",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("conversation", Text, primary_key=True),
    Column(
        "state", Text, nullable=False
    ),  # read by hand: a broken one must not raise in the driver
    Column("updated_at", UtcTime, nullable=False),
)

message = Table(
    "message",
    metadata,
    Column("turn", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("entries", JSON, nullable=False),
    Column("confidence", Float),
    Column("took_ms", Float, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("form", Text, nullable=False, server_default=""),  # where the conversation stood after
    Column("step", Text, nullable=False, server_default=""),  # it, if in a form
    UniqueConstraint("channel", "external_id"),
)
Index("ix_message_conversation", message.c.channel, message.c.conversation)
Index("ix_message_at", message.c.at)
Index("ix_message_form", message.c.form, message.c.at, sqlite_where=message.c.form != literal(""))
Index("ix_message_kept", message.c.at, sqlite_where=message.c.text != literal(""))

delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column(
        "lane", Integer, nullable=False
    ),  # 0 a reply, 1 what can wait for replies, 2 an announcement
    Column("state", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", UtcTime, nullable=False),  # when it was wanted: this orders an address's rows
    Column(
        "ready_at", UtcTime, nullable=False
    ),  # when it may be tried (again): never before due_at
    Column("reason", Text, nullable=False, server_default=""),
    Column("external_id", Text, nullable=False, server_default=""),
    Column("created_at", UtcTime, nullable=False),
    Column("settled_at", UtcTime),
    Column("turn", Text),
    Column("broadcast", ForeignKey("broadcast.id")),  # whose payload is what this row sends
    Column("erase_as", Text),  # set when its person was erased: blanked under this id once settled
    CheckConstraint(f"kind IN {KINDS}", name="kind"),
    CheckConstraint(f"state IN {STATES}", name="state"),
)
PENDING = delivery.c.state == literal("pending")
QUEUED = PENDING & delivery.c.broadcast.is_(None)  # an announcement has a queue of its own
SENDING = delivery.c.state == literal("sending")
# Said to staff, or by them: it may be about a person in whose chat it is not.
AT_DESK = (delivery.c.kind == literal("staff")) | exists().where(
    message.c.turn == delivery.c.turn, message.c.outcome == literal("staff")
).correlate(delivery)
UNBLANKED = delivery.c.settled_at.is_not(None) & (delivery.c.payload != literal("{}"))
Index(
    "ix_delivery_queue",
    delivery.c.channel,
    delivery.c.lane,
    delivery.c.due_at,
    delivery.c.id,
    sqlite_where=QUEUED,
)
Index(
    "ix_delivery_address",
    delivery.c.channel,
    delivery.c.conversation,
    delivery.c.kind,
    delivery.c.due_at,
    delivery.c.id,
    sqlite_where=QUEUED,
)
Index("ix_delivery_ready", delivery.c.channel, delivery.c.ready_at, sqlite_where=QUEUED)
Index("ix_delivery_sending", delivery.c.channel, delivery.c.conversation, sqlite_where=SENDING)
Index("ix_delivery_conversation", delivery.c.channel, delivery.c.conversation)
Index("ix_delivery_state", delivery.c.kind, delivery.c.state)
Index("ix_delivery_unblanked", delivery.c.settled_at, sqlite_where=UNBLANKED)

Index(
    "ix_delivery_recipient",
    delivery.c.broadcast,
    delivery.c.channel,
    delivery.c.conversation,
    unique=True,
    sqlite_where=delivery.c.broadcast.is_not(None),
)
Index(
    "ix_delivery_announcing",
    delivery.c.broadcast,
    delivery.c.channel,
    delivery.c.ready_at,
    delivery.c.id,
    sqlite_where=PENDING & delivery.c.broadcast.is_not(None),
)
Index(
    "ix_delivery_outcome",
    delivery.c.broadcast,
    delivery.c.state,
    delivery.c.settled_at,
    sqlite_where=delivery.c.broadcast.is_not(None),
)

enterprise = Table(
    "enterprise",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tax_code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("first_at", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False),
)

enterprise_contact = Table(
    "enterprise_contact",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("enterprise", ForeignKey("enterprise.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("position", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("phone_verified", Boolean, nullable=False),
    Column("email", Text, nullable=False),
    UniqueConstraint("enterprise", "channel", "conversation"),
)
Index(
    "ix_enterprise_contact_conversation",
    enterprise_contact.c.channel,
    enterprise_contact.c.conversation,
)

submission = Table(
    "submission",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("form", Text, nullable=False),
    Column("enterprise", ForeignKey("enterprise.id"), index=True),
    Column("channel", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("values", JSON, nullable=False),
    Column("sent_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False, index=True),
    Column("withdrawn_at", UtcTime),
)
Index("ix_submission_conversation", submission.c.channel, submission.c.conversation)

# Append-only: lines end (`withdrawn_at`), they are never removed.
consent = Table(
    "consent",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("wording", Text, nullable=False),
    Column("wording_sha256", Text, nullable=False),
    Column("external_id", Text),  # of the message that gave it; empty after erasure
    Column("given_at", UtcTime, nullable=False),
    Column("withdrawn_at", UtcTime),
    UniqueConstraint("channel", "conversation", "external_id", "purpose"),
)

unanswered = Table(
    "unanswered",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("turn", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("candidates", JSON, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("settled_at", UtcTime),
    Column("draft", Integer),  # entry_draft.id, of what staff made of it
    Column("same_as", Integer),  # shared by questions of which staff said that they ask the same
)
Index("ix_unanswered_draft", unanswered.c.draft, sqlite_where=unanswered.c.draft.is_not(None))
Index("ix_unanswered_open", unanswered.c.at, sqlite_where=unanswered.c.settled_at.is_(None))
Index("ix_unanswered_conversation", unanswered.c.channel, unanswered.c.conversation)

choice_made = Table(
    "choice_made",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("question", Text, nullable=False),
    Column("entry", Text, nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("raw", Text, nullable=False),
    Column("problem", Text, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
)
