"""The tables of what passes between an enterprise and the staff, and of who is on duty.

`ticket.opened_at` and `answered_at`, its first answer, are facts that figures count; texts go by
age, and with their person.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from bot.store.columns import UtcTime, literal, metadata

CLOSED_BY: Final = ("", "staff", "enterprise", "silence", "erased")
SCORES: Final = ("", "good", "fair", "poor")
KINDS: Final = ("told", "answer", "ended", "erased")
PARTS: Final = ("duty", "deputy", "head")

# One request for a person. A conversation has at most one that is open.
ticket = Table(
    "ticket",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("called_at", UtcTime, nullable=False),  # when they last asked for a person
    Column("heard_at", UtcTime, nullable=False),  # the enterprise's last word
    Column("waiting_since", UtcTime),  # the first word that nobody has answered yet
    Column("answered_at", UtcTime),  # the first answer
    Column("spoken_at", UtcTime),  # the last answer
    Column("taken_by", ForeignKey("staff.id")),
    Column("deputy_at", UtcTime),  # when the deputy was told of what is waiting, and the head
    Column("head_at", UtcTime),
    Column("released_at", UtcTime),  # since when the bot speaks again although it is open
    Column("closed_at", UtcTime),
    Column("closed_by", Text, nullable=False, server_default=""),
    Column("rated", Text, nullable=False, server_default=""),
    Column("rated_at", UtcTime),  # when it was rated first
    Column("reopened_at", UtcTime),  # when it opened again, until whoever handled it was told
    Column("taken_told", Integer),  # who has taken it, as far as the others were told
    CheckConstraint(f"closed_by IN {CLOSED_BY}", name="closed_by"),
    CheckConstraint(f"rated IN {SCORES}", name="rated"),
)
OPEN = ticket.c.closed_at.is_(None)
Index("ix_ticket_conversation", ticket.c.channel, ticket.c.conversation)
Index("ix_ticket_open", ticket.c.opened_at, sqlite_where=OPEN)

# What was said. `source` is the message it came by: the same one is kept once.
ticket_message = Table(
    "ticket_message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket", ForeignKey("ticket.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("staff", ForeignKey("staff.id")),  # who wrote an answer
    Column("text", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("source", Text, unique=True),
    Column("relayed_at", UtcTime),
    Column("delivery", Integer),  # delivery.id of an answer, until it is known how that ended
    CheckConstraint(f"kind IN {KINDS}", name="kind"),
)
TO_RELAY = ticket_message.c.relayed_at.is_(None) & (ticket_message.c.kind != literal("answer"))
ON_ITS_WAY = ticket_message.c.delivery.is_not(None)
Index("ix_ticket_message_ticket", ticket_message.c.ticket)
Index("ix_ticket_message_on_its_way", ticket_message.c.ticket, sqlite_where=ON_ITS_WAY)
Index("ix_ticket_message_relay", ticket_message.c.id, sqlite_where=TO_RELAY)
Index(
    "ix_ticket_message_kept",
    ticket_message.c.at,
    sqlite_where=ticket_message.c.text != literal(""),
)

# Which ticket a message to the staff is about: whoever quotes it answers that ticket.
ticket_post = Table(
    "ticket_post",
    metadata,
    Column("delivery", ForeignKey("delivery.id"), primary_key=True),
    Column("ticket", ForeignKey("ticket.id"), nullable=False),
    Column("card", Boolean, nullable=False),
)
Index("ix_ticket_post_ticket", ticket_post.c.ticket)

# The group, or its topic, in which the staff of one channel sees the cards.
staff_room = Table(
    "staff_room",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("conversation", Text, nullable=False),
    Column("set_by", ForeignKey("staff.id")),
    Column("set_at", UtcTime, nullable=False),
)

# Who answers: `weekday` is 1 (Monday) to 7, or 0 for every day.
duty = Table(
    "duty",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("part", Text, nullable=False),
    Column("weekday", Integer, nullable=False),
    Column("staff", ForeignKey("staff.id"), nullable=False),
    CheckConstraint(f"part IN {PARTS}", name="part"),
    UniqueConstraint("part", "weekday", "staff"),
)
