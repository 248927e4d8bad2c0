"""Which message takes whose answer to somebody who had asked in vain, until it is known how."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "answer_on_its_way",
        sa.Column("delivery", sa.Integer(), nullable=False),
        sa.Column("staff", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery"], ["delivery.id"], name=op.f("fk_answer_on_its_way_delivery_delivery")
        ),
        sa.ForeignKeyConstraint(
            ["staff"], ["staff.id"], name=op.f("fk_answer_on_its_way_staff_staff")
        ),
        sa.PrimaryKeyConstraint("delivery", name=op.f("pk_answer_on_its_way")),
    )
