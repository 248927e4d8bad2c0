"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _conversations()
    _deliveries()
    _delivery_indexes()
    _enterprises()
    _submissions()
    _ledger()
    _the_rest()


def _conversations() -> None:
    op.create_table(
        "conversation",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("reachable", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.Column("subscribed", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("subscribed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("channel", "conversation", name=op.f("pk_conversation")),
    )
    op.create_table(
        "session",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "conversation", name=op.f("pk_session")),
    )
    op.create_table(
        "message",
        sa.Column("turn", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("confidence", sa.Float()),
        sa.Column("took_ms", sa.Float(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("turn", name=op.f("pk_message")),
        sa.UniqueConstraint("channel", "external_id", name=op.f("uq_message_channel_external_id")),
    )
    op.create_index("ix_message_at", "message", ["at"])
    op.create_index("ix_message_conversation", "message", ["channel", "conversation"])
    op.create_index("ix_message_kept", "message", ["at"], sqlite_where=sa.text("text != ''"))


def _deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("external_id", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger()),
        sa.Column("turn", sa.Text()),
        sa.Column("erase_as", sa.Text()),
        sa.CheckConstraint(
            "kind IN ('reply', 'broadcast', 'reminder', 'staff')", name=op.f("ck_delivery_kind")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'failed', 'unsure', 'cancelled', 'held')",
            name=op.f("ck_delivery_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )


def _delivery_indexes() -> None:
    op.create_index(
        "ix_delivery_address",
        "delivery",
        ["channel", "conversation", "kind", "due_at", "id"],
        sqlite_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_delivery_conversation", "delivery", ["channel", "conversation"])
    op.create_index(
        "ix_delivery_queue",
        "delivery",
        ["channel", "lane", "due_at", "id"],
        sqlite_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_delivery_ready",
        "delivery",
        ["channel", "ready_at"],
        sqlite_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_delivery_sending",
        "delivery",
        ["channel", "conversation"],
        sqlite_where=sa.text("state = 'sending'"),
    )
    op.create_index("ix_delivery_state", "delivery", ["kind", "state"])
    op.create_index(
        "ix_delivery_unblanked",
        "delivery",
        ["settled_at"],
        sqlite_where=sa.text("settled_at IS NOT NULL AND payload != '{}'"),
    )


def _enterprises() -> None:
    op.create_table(
        "enterprise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tax_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise")),
        sa.UniqueConstraint("tax_code", name=op.f("uq_enterprise_tax_code")),
    )
    op.create_table(
        "enterprise_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("phone_verified", sa.Boolean(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise"],
            ["enterprise.id"],
            name=op.f("fk_enterprise_contact_enterprise_enterprise"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_contact")),
        sa.UniqueConstraint(
            "enterprise",
            "channel",
            "conversation",
            name=op.f("uq_enterprise_contact_enterprise_channel_conversation"),
        ),
    )
    op.create_index(
        "ix_enterprise_contact_conversation", "enterprise_contact", ["channel", "conversation"]
    )


def _submissions() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Integer()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["enterprise"], ["enterprise.id"], name=op.f("fk_submission_enterprise_enterprise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
    )
    op.create_index(op.f("ix_submission_changed_at"), "submission", ["changed_at"])
    op.create_index("ix_submission_conversation", "submission", ["channel", "conversation"])
    op.create_index(op.f("ix_submission_enterprise"), "submission", ["enterprise"])


def _ledger() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("wording_sha256", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text()),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint(
            "channel",
            "conversation",
            "external_id",
            "purpose",
            name=op.f("uq_consent_channel_conversation_external_id_purpose"),
        ),
    )


def _the_rest() -> None:
    op.create_table(
        "instance",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_instance")),
    )
    op.create_table(
        "unanswered",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("turn", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unanswered")),
    )
    op.create_index("ix_unanswered_conversation", "unanswered", ["channel", "conversation"])
    op.create_index(
        "ix_unanswered_open", "unanswered", ["at"], sqlite_where=sa.text("settled_at IS NULL")
    )
    op.create_table(
        "choice_made",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_choice_made")),
    )
    op.create_index(op.f("ix_choice_made_entry"), "choice_made", ["entry"])
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_index(op.f("ix_quarantine_at"), "quarantine", ["at"])
