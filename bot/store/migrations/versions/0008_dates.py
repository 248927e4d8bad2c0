"""Orders of staff to write a date into the knowledge."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "date_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger()),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'done', 'refused')", name=op.f("ck_date_order_state")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["staff.id"], name=op.f("fk_date_order_made_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_date_order")),
    )
    op.create_index(
        "ix_date_order_waiting", "date_order", ["id"], sqlite_where=sa.text("state = 'waiting'")
    )
