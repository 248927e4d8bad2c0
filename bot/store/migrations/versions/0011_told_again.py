"""Tickets that open again, who took them, which answers did not arrive; questions put together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("ticket", sa.Column("reopened_at", sa.BigInteger()))
    op.add_column("ticket", sa.Column("taken_told", sa.Integer()))
    # What was taken before is nobody's news.
    op.execute("UPDATE ticket SET taken_told = taken_by")
    op.add_column("ticket_message", sa.Column("delivery", sa.Integer()))
    op.create_index(
        "ix_ticket_message_on_its_way",
        "ticket_message",
        ["ticket"],
        sqlite_where=sa.text("delivery IS NOT NULL"),
    )
    op.add_column("unanswered", sa.Column("same_as", sa.Integer()))
