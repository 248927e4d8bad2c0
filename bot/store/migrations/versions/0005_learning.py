"""Questions that were grouped, answered by staff and made entries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "entry_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("written_by", sa.JSON(), nullable=False),
        sa.Column("decided_by", sa.Integer()),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("self_approved", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("kind IN ('entry', 'variants')", name=op.f("ck_entry_draft_kind")),
        sa.CheckConstraint(
            "state IN ('draft', 'publishing', 'published', 'rejected')",
            name=op.f("ck_entry_draft_state"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["staff.id"], name=op.f("fk_entry_draft_made_by_staff")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff.id"], name=op.f("fk_entry_draft_decided_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_draft")),
    )
    op.create_index(
        "ix_entry_draft_publishing",
        "entry_draft",
        ["decided_at"],
        sqlite_where=sa.text("state = 'publishing'"),
    )
    op.add_column("unanswered", sa.Column("draft", sa.Integer()))
    op.create_index(
        "ix_unanswered_draft",
        "unanswered",
        ["draft"],
        sqlite_where=sa.text("draft IS NOT NULL"),
    )
