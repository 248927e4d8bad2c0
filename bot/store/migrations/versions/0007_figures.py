"""Where in which form a conversation stood after each message: the funnel is counted from it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    for name in ("form", "step"):
        op.add_column("message", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.create_index(
        "ix_message_form", "message", ["form", "at"], sqlite_where=sa.text("form != ''")
    )
