"""Who watches an announcement, and which message is edited for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "broadcast_watch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("broadcast", sa.Integer(), nullable=False),
        sa.Column("post", sa.Integer(), nullable=False),
        sa.Column("edit", sa.Integer()),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_broadcast_watch_{column}_{table}")
            )
            for column, table in (
                ("broadcast", "broadcast"),
                ("post", "delivery"),
                ("edit", "delivery"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast_watch")),
    )
    op.create_index(
        "ix_broadcast_watch_open",
        "broadcast_watch",
        ["id"],
        sqlite_where=sa.text("ended_at IS NULL"),
    )
