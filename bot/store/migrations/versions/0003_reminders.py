"""Who wants to be reminded of what, and the message of each day for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("day", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("stopped_at", sa.BigInteger()),
        sa.Column("submitted_at", sa.BigInteger()),
        sa.Column("planned_with", sa.Text(), server_default="", nullable=False),
        sa.Column("planned_for", sa.Text(), server_default="", nullable=False),
        sa.Column("planned_from", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "channel",
            "conversation",
            "subject",
            name=op.f("uq_reminder_channel_conversation_subject"),
        ),
    )
    op.create_index(
        "ix_reminder_planned",
        "reminder",
        ["channel", "planned_with"],
        sqlite_where=sa.text("stopped_at IS NULL AND submitted_at IS NULL"),
    )
    op.create_table(
        "reminder_day",
        sa.Column("reminder", sa.Integer(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("moment", sa.BigInteger(), nullable=False),
        sa.Column("delivery", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reminder"], ["reminder.id"], name=op.f("fk_reminder_day_reminder_reminder")
        ),
        sa.ForeignKeyConstraint(
            ["delivery"], ["delivery.id"], name=op.f("fk_reminder_day_delivery_delivery")
        ),
        sa.PrimaryKeyConstraint("reminder", "day", name=op.f("pk_reminder_day")),
        sa.UniqueConstraint("delivery", name=op.f("uq_reminder_day_delivery")),
    )
