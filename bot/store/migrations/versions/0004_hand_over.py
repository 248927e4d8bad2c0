"""What passes between an enterprise and the staff, and who is on duty."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _tickets()
    _messages()
    _desk()


def _tickets() -> None:
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("called_at", sa.BigInteger(), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=False),
        sa.Column("waiting_since", sa.BigInteger()),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("spoken_at", sa.BigInteger()),
        sa.Column("taken_by", sa.Integer()),
        sa.Column("deputy_at", sa.BigInteger()),
        sa.Column("head_at", sa.BigInteger()),
        sa.Column("released_at", sa.BigInteger()),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("closed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("rated", sa.Text(), server_default="", nullable=False),
        sa.Column("rated_at", sa.BigInteger()),
        sa.CheckConstraint(
            "closed_by IN ('', 'staff', 'enterprise', 'silence', 'erased')",
            name=op.f("ck_ticket_closed_by"),
        ),
        sa.CheckConstraint("rated IN ('', 'good', 'fair', 'poor')", name=op.f("ck_ticket_rated")),
        sa.ForeignKeyConstraint(["taken_by"], ["staff.id"], name=op.f("fk_ticket_taken_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
    )
    op.create_index("ix_ticket_conversation", "ticket", ["channel", "conversation"])
    op.create_index(
        "ix_ticket_open", "ticket", ["opened_at"], sqlite_where=sa.text("closed_at IS NULL")
    )


def _messages() -> None:
    op.create_table(
        "ticket_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("staff", sa.Integer()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text()),
        sa.Column("relayed_at", sa.BigInteger()),
        sa.CheckConstraint(
            "kind IN ('told', 'answer', 'ended', 'erased')", name=op.f("ck_ticket_message_kind")
        ),
        sa.ForeignKeyConstraint(
            ["ticket"], ["ticket.id"], name=op.f("fk_ticket_message_ticket_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["staff"], ["staff.id"], name=op.f("fk_ticket_message_staff_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_message")),
        sa.UniqueConstraint("source", name=op.f("uq_ticket_message_source")),
    )
    op.create_index("ix_ticket_message_ticket", "ticket_message", ["ticket"])
    op.create_index(
        "ix_ticket_message_relay",
        "ticket_message",
        ["id"],
        sqlite_where=sa.text("relayed_at IS NULL AND kind != 'answer'"),
    )
    op.create_index(
        "ix_ticket_message_kept", "ticket_message", ["at"], sqlite_where=sa.text("text != ''")
    )
    op.create_table(
        "ticket_post",
        sa.Column("delivery", sa.Integer(), nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("card", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery"], ["delivery.id"], name=op.f("fk_ticket_post_delivery_delivery")
        ),
        sa.ForeignKeyConstraint(
            ["ticket"], ["ticket.id"], name=op.f("fk_ticket_post_ticket_ticket")
        ),
        sa.PrimaryKeyConstraint("delivery", name=op.f("pk_ticket_post")),
    )
    op.create_index("ix_ticket_post_ticket", "ticket_post", ["ticket"])


def _desk() -> None:
    op.create_table(
        "staff_room",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Integer()),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["set_by"], ["staff.id"], name=op.f("fk_staff_room_set_by_staff")),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_staff_room")),
    )
    op.create_table(
        "duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("staff", sa.Integer(), nullable=False),
        sa.CheckConstraint("part IN ('duty', 'deputy', 'head')", name=op.f("ck_duty_part")),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_duty_staff_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
        sa.UniqueConstraint("part", "weekday", "staff", name=op.f("uq_duty_part_weekday_staff")),
    )
