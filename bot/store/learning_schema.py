"""The table of what staff wrote for the knowledge and nobody has published yet.

It names staff by their number and askers not at all; but its variants are people's own words, so
that erasing a person takes theirs out (`bot.store.learning.forget`).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    false,
)

from bot.store.columns import UtcTime, literal, metadata

DRAFT_STATES: Final = ("draft", "publishing", "published", "rejected")
DRAFT_KINDS: Final = ("entry", "variants")

# An entry to be, or new variants of one that is there (`entry` names it, the other words are its).
entry_draft = Table(
    "entry_draft",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("variants", JSON, nullable=False),
    Column("source", Text, nullable=False),
    Column("article", Text, nullable=False),
    Column("made_by", ForeignKey("staff.id"), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("written_by", JSON, nullable=False),  # staff.id of everyone who had a hand in it
    Column("decided_by", ForeignKey("staff.id")),
    Column("decided_at", UtcTime),
    Column("self_approved", Boolean, nullable=False, server_default=false()),
    Column("note", Text, nullable=False, server_default=""),  # why rejected, or what was not sound
    CheckConstraint(f"kind IN {DRAFT_KINDS}", name="kind"),
    CheckConstraint(f"state IN {DRAFT_STATES}", name="state"),
)
PUBLISHING = entry_draft.c.state == literal("publishing")
Index("ix_entry_draft_publishing", entry_draft.c.decided_at, sqlite_where=PUBLISHING)

# What takes an answer to somebody who had asked in vain, until it is known how that ended.
answer_on_its_way = Table(
    "answer_on_its_way",
    metadata,
    Column("delivery", ForeignKey("delivery.id"), primary_key=True),
    Column("staff", ForeignKey("staff.id"), nullable=False),  # who answered
)
