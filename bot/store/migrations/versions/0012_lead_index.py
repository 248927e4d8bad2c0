"""What is looked for of an enterprise, folded once; and which two were said to be two.

The rows of `lead_index` are made when the store opens (`bot.store.lead_index.fill`).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "lead_index",
        sa.Column("enterprise", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.Column("reached", sa.Text(), nullable=False),
        sa.Column("communes", sa.Text(), nullable=False),
        sa.Column("programmes", sa.Text(), nullable=False),
        sa.Column("core", sa.Text(), nullable=False),
        _refers("lead_index", "enterprise", "enterprise"),
        sa.PrimaryKeyConstraint("enterprise", name=op.f("pk_lead_index")),
    )
    op.create_table(
        "told_apart",
        sa.Column("one", sa.Integer(), nullable=False),
        sa.Column("other", sa.Integer(), nullable=False),
        sa.Column("by", sa.Integer()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _refers("told_apart", "one", "enterprise"),
        _refers("told_apart", "other", "enterprise"),
        _refers("told_apart", "by", "staff"),
        sa.PrimaryKeyConstraint("one", "other", name=op.f("pk_told_apart")),
    )


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name)
