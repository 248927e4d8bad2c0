"""The table of the dates that staff ordered into the knowledge: by whom, and what came of it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from bot.store.columns import UtcTime, literal, metadata

ORDER_STATES: Final = ("waiting", "done", "refused")

date_order = Table(
    "date_order",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("wanted", JSON, nullable=False),  # see bot.store.dating.Order
    Column("state", Text, nullable=False),
    Column("made_by", ForeignKey("staff.id"), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("settled_at", UtcTime),
    Column("problem", Text, nullable=False, server_default=""),
    CheckConstraint(f"state IN {ORDER_STATES}", name="state"),
)
Index(
    "ix_date_order_waiting", date_order.c.id, sqlite_where=date_order.c.state == literal("waiting")
)
