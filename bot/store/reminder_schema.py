"""The tables of reminders: who wants to be reminded of what, and the message of each day for it."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from bot.store.columns import UtcTime, metadata

# A wish, kept for as long as the person is: it is planned anew whenever the knowledge changes.
reminder = Table(
    "reminder",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("subject", Text, nullable=False),  # the key of a deadline, or what a day is about
    Column("days", JSON, nullable=False),  # so many days before the last day
    Column("day", Text, nullable=False, server_default=""),  # or once, on this very day
    Column("asked_at", UtcTime, nullable=False),
    Column("stopped_at", UtcTime),
    Column("submitted_at", UtcTime),  # what the deadline asks for was handed in
    Column("planned_with", Text, nullable=False, server_default=""),  # the knowledge's fingerprint
    Column("planned_for", Text, nullable=False, server_default=""),  # the last day, as it was then
    Column("planned_from", UtcTime),  # the moment since which that day is known
    UniqueConstraint("channel", "conversation", "subject"),
)
WANTED = reminder.c.stopped_at.is_(None) & reminder.c.submitted_at.is_(None)
Index("ix_reminder_planned", reminder.c.channel, reminder.c.planned_with, sqlite_where=WANTED)

# One message a day for each wish; `moment` is when it was planned for, wherever it stands now.
reminder_day = Table(
    "reminder_day",
    metadata,
    Column("reminder", ForeignKey("reminder.id"), primary_key=True),
    Column("day", Text, primary_key=True),
    Column("moment", UtcTime, nullable=False),
    Column("delivery", ForeignKey("delivery.id"), nullable=False, unique=True),
)
