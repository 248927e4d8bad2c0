"""What an announcement does to the messages of the one that it corrects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("broadcast", sa.Column("changes", sa.Text(), server_default="", nullable=False))
