"""Staff, their audit and their announcements; announcements get a queue of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ROLES = "role IN ('viewer', 'officer', 'approver', 'admin')"
OLD = (
    "id, channel, conversation, kind, lane, state, payload, attempts, due_at, ready_at, reason, "
    "external_id, created_at, settled_at, turn, erase_as"
)
PENDING = "state = 'pending'"
QUEUED = "state = 'pending' AND broadcast IS NULL"
ANNOUNCED = "broadcast IS NOT NULL"


def upgrade() -> None:
    _staff()
    _audit()
    _broadcasts()
    _deliveries()
    _delivery_indexes()


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Integer()),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.CheckConstraint(ROLES, name=op.f("ck_staff_role")),
        sa.ForeignKeyConstraint(["added_by"], ["staff.id"], name=op.f("fk_staff_added_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("channel", "conversation", name=op.f("uq_staff_channel_conversation")),
    )
    op.create_table(
        "invitation",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer()),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.Column("used_by", sa.Integer()),
        sa.CheckConstraint(ROLES, name=op.f("ck_invitation_role")),
        sa.ForeignKeyConstraint(
            ["made_by"], ["staff.id"], name=op.f("fk_invitation_made_by_staff")
        ),
        sa.ForeignKeyConstraint(
            ["used_by"], ["staff.id"], name=op.f("fk_invitation_used_by_staff")
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_invitation")),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Integer()),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
    )
    op.create_index("ix_audit_object", "audit", ["object"])
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        )


def _broadcasts() -> None:
    op.create_table(
        "broadcast",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("attachment", sa.Text(), server_default="", nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("correction_of", sa.Integer()),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("written_by", sa.JSON(), nullable=False),
        sa.Column("submitted_at", sa.BigInteger()),
        sa.Column("approved_by", sa.Integer()),
        sa.Column("approved_at", sa.BigInteger()),
        sa.Column("self_approved", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("send_at", sa.BigInteger()),
        sa.Column("latest_at", sa.BigInteger()),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("watched_from", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("payloads", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'awaiting', 'scheduled', 'running', 'paused', 'held', 'done', "
            "'cancelled')",
            name=op.f("ck_broadcast_state"),
        ),
        sa.ForeignKeyConstraint(
            ["correction_of"], ["broadcast.id"], name=op.f("fk_broadcast_correction_of_broadcast")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_broadcast_made_by_staff")),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["staff.id"], name=op.f("fk_broadcast_approved_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast")),
    )
    op.create_index(
        "ix_broadcast_running",
        "broadcast",
        ["started_at", "id"],
        sqlite_where=sa.text("state = 'running'"),
    )


def _deliveries() -> None:
    """Make the table anew: SQLite adds a column only behind the constraints, without a name."""
    for index in ("address", "conversation", "queue", "ready", "sending", "state", "unblanked"):
        op.drop_index(f"ix_delivery_{index}", "delivery")
    op.rename_table("delivery", "delivery_before")
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
        sa.Column("broadcast", sa.Integer()),
        sa.Column("erase_as", sa.Text()),
        sa.CheckConstraint(
            "kind IN ('reply', 'broadcast', 'reminder', 'staff')", name=op.f("ck_delivery_kind")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'failed', 'unsure', 'cancelled', 'held')",
            name=op.f("ck_delivery_state"),
        ),
        sa.ForeignKeyConstraint(
            ["broadcast"], ["broadcast.id"], name=op.f("fk_delivery_broadcast_broadcast")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.execute(f"INSERT INTO delivery ({OLD}) SELECT {OLD} FROM delivery_before")  # noqa: S608 - constants
    op.drop_table("delivery_before")


def _delivery_indexes() -> None:
    indexes: dict[str, tuple[list[str], str]] = {
        "address": (["channel", "conversation", "kind", "due_at", "id"], QUEUED),
        "announcing": (
            ["broadcast", "channel", "ready_at", "id"],
            f"{PENDING} AND {ANNOUNCED}",
        ),
        "conversation": (["channel", "conversation"], ""),
        "outcome": (["broadcast", "state", "settled_at"], ANNOUNCED),
        "queue": (["channel", "lane", "due_at", "id"], QUEUED),
        "ready": (["channel", "ready_at"], QUEUED),
        "sending": (["channel", "conversation"], "state = 'sending'"),
        "state": (["kind", "state"], ""),
        "unblanked": (["settled_at"], "settled_at IS NOT NULL AND payload != '{}'"),
    }
    for name, (columns, where) in indexes.items():
        op.create_index(
            f"ix_delivery_{name}",
            "delivery",
            columns,
            sqlite_where=sa.text(where) if where else None,
        )
    op.create_index(
        "ix_delivery_recipient",
        "delivery",
        ["broadcast", "channel", "conversation"],
        unique=True,
        sqlite_where=sa.text(ANNOUNCED),
    )
