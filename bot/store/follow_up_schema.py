"""The tables of leads: how far the department has come with an enterprise, and what it noted.

An enterprise without a row of `follow_up` is new: nobody has taken it up. One that was merged into
another keeps its row and its tax code, so that the merge can be undone and the old number is found.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)

from bot.store.columns import UtcTime, literal, metadata

BAR: Final = "|"  # before and behind each name of a list in `lead_index`
LIST: Final = "list"  # the channel of a contact from the department's own list: no chat is there

# In the order in which an enterprise usually goes; any may follow any.
STATUSES: Final = (
    "new",
    "contacted",
    "guided",
    "registered",
    "complete",
    "submitted",
    "result",
)

follow_up = Table(
    "follow_up",
    metadata,
    Column("enterprise", ForeignKey("enterprise.id"), primary_key=True),
    Column("status", Text, nullable=False, server_default="new"),
    Column("owner", ForeignKey("staff.id")),
    Column("due_on", Text, nullable=False, server_default=""),  # a day in Viet Nam, ISO
    Column("told_for", Text, nullable=False, server_default=""),  # the due day the owner was told
    Column("province", Text, nullable=False, server_default=""),  # as in the department's own list
    Column("commune", Text, nullable=False, server_default=""),  # the same
    Column("listed_at", UtcTime),  # when it came from the department's own list
    Column("merged_into", ForeignKey("enterprise.id")),
    CheckConstraint(f"status IN {STATUSES}", name="status"),
)
Index("ix_follow_up_due", follow_up.c.due_on, sqlite_where=follow_up.c.due_on != literal(""))
Index(
    "ix_follow_up_merged",
    follow_up.c.merged_into,
    sqlite_where=follow_up.c.merged_into.is_not(None),
)

# Append-only: each change of the status, by whom (nobody: the command line) and why.
follow_up_change = Table(
    "follow_up_change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("enterprise", ForeignKey("enterprise.id"), nullable=False, index=True),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("remark", Text, nullable=False),
    Column("by", ForeignKey("staff.id")),
    Column("at", UtcTime, nullable=False),
)

follow_up_note = Table(
    "follow_up_note",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("enterprise", ForeignKey("enterprise.id"), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("by", ForeignKey("staff.id")),
    Column("at", UtcTime, nullable=False),
)

# Somebody of the staff called this number and reached this person; it goes with the contact.
contact_check = Table(
    "contact_check",
    metadata,
    Column("contact", ForeignKey("enterprise_contact.id", ondelete="CASCADE"), primary_key=True),
    Column("phone", Text, nullable=False),  # another number is unchecked again
    Column("by", ForeignKey("staff.id")),
    Column("at", UtcTime, nullable=False),
)

# `moved` names by table the rows that went from `gone` to `kept`, so that they can go back.
merge = Table(
    "merge",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kept", ForeignKey("enterprise.id"), nullable=False, index=True),
    Column("gone", ForeignKey("enterprise.id"), nullable=False),
    Column("moved", JSON, nullable=False),
    Column("by", ForeignKey("staff.id")),
    Column("at", UtcTime, nullable=False),
    Column("undone_at", UtcTime),
)

# What is looked for, made of the rows above and of what the enterprise sent by `lead_index.py`:
# words and numbers behind a space each, what is chosen from a list between bars. Only enterprises
# that stand for themselves have a row.
lead_index = Table(
    "lead_index",
    metadata,
    Column("enterprise", ForeignKey("enterprise.id"), primary_key=True),
    Column("words", Text, nullable=False),
    Column("codes", Text, nullable=False),
    Column("reached", Text, nullable=False),  # phones and mail addresses of its people
    Column("communes", Text, nullable=False),
    Column("programmes", Text, nullable=False),
    Column("core", Text, nullable=False),  # its name without the kind of enterprise
)

# Somebody looked at both and said that they are two; the smaller number is `one`.
told_apart = Table(
    "told_apart",
    metadata,
    Column("one", ForeignKey("enterprise.id"), primary_key=True),
    Column("other", ForeignKey("enterprise.id"), primary_key=True),
    Column("by", ForeignKey("staff.id")),
    Column("at", UtcTime, nullable=False),
)

# A named filter: one member's, or everybody's where it is shared (no `owner`).
saved_view = Table(
    "saved_view",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner", ForeignKey("staff.id"), index=True),
    Column("made_by", ForeignKey("staff.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("filter", JSON, nullable=False),
    Column("made_at", UtcTime, nullable=False),
)
