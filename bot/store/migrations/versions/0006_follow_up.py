"""How far the department has come with an enterprise, and what it noted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

STATUSES = (
    "status IN ('new', 'contacted', 'guided', 'registered', 'complete', 'submitted', 'result')"
)


def upgrade() -> None:
    _follow_up()
    _written()
    _checks_and_merges()
    _views()


def _follow_up() -> None:
    op.create_table(
        "follow_up",
        sa.Column("enterprise", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), server_default="new", nullable=False),
        sa.Column("owner", sa.Integer()),
        sa.Column("due_on", sa.Text(), server_default="", nullable=False),
        sa.Column("told_for", sa.Text(), server_default="", nullable=False),
        sa.Column("province", sa.Text(), server_default="", nullable=False),
        sa.Column("commune", sa.Text(), server_default="", nullable=False),
        sa.Column("listed_at", sa.BigInteger()),
        sa.Column("merged_into", sa.Integer()),
        sa.CheckConstraint(STATUSES, name=op.f("ck_follow_up_status")),
        _refers("follow_up", "enterprise", "enterprise"),
        _refers("follow_up", "owner", "staff"),
        _refers("follow_up", "merged_into", "enterprise"),
        sa.PrimaryKeyConstraint("enterprise", name=op.f("pk_follow_up")),
    )
    op.create_index(
        "ix_follow_up_due", "follow_up", ["due_on"], sqlite_where=sa.text("due_on != ''")
    )
    op.create_index(
        "ix_follow_up_merged",
        "follow_up",
        ["merged_into"],
        sqlite_where=sa.text("merged_into IS NOT NULL"),
    )


def _written() -> None:
    op.create_table(
        "follow_up_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise", sa.Integer(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _refers("follow_up_change", "enterprise", "enterprise"),
        _refers("follow_up_change", "by", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_change")),
    )
    op.create_index(op.f("ix_follow_up_change_enterprise"), "follow_up_change", ["enterprise"])
    op.create_table(
        "follow_up_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _refers("follow_up_note", "enterprise", "enterprise"),
        _refers("follow_up_note", "by", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_note")),
    )
    op.create_index(op.f("ix_follow_up_note_enterprise"), "follow_up_note", ["enterprise"])


def _checks_and_merges() -> None:
    op.create_table(
        "contact_check",
        sa.Column("contact", sa.Integer(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact"],
            ["enterprise_contact.id"],
            name=op.f("fk_contact_check_contact_enterprise_contact"),
            ondelete="CASCADE",
        ),
        _refers("contact_check", "by", "staff"),
        sa.PrimaryKeyConstraint("contact", name=op.f("pk_contact_check")),
    )
    op.create_table(
        "merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("by", sa.Integer()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.BigInteger()),
        _refers("merge", "kept", "enterprise"),
        _refers("merge", "gone", "enterprise"),
        _refers("merge", "by", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index(op.f("ix_merge_kept"), "merge", ["kept"])


def _views() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Integer()),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        _refers("saved_view", "owner", "staff"),
        _refers("saved_view", "made_by", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    op.create_index(op.f("ix_saved_view_owner"), "saved_view", ["owner"])


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name)
