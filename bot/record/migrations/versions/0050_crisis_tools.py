"""Adds the reminders of drills, the approvals of packs, and the codes with which staff test a broadcast."""

import sqlalchemy as sa
from alembic import op

revision = "0050_crisis_tools"
down_revision = "0049_figure_evidence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    now = sa.text("now()")
    op.create_table(
        "drill_reminders",
        sa.Column("month", sa.Date(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=now),
    )
    op.create_table(
        "pack_approvals",
        sa.Column("pack", sa.Text(), primary_key=True),
        sa.Column("hash", sa.Text(), primary_key=True),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=now),
    )
    op.add_column("subscriptions", sa.Column("code", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("subscriptions", "code")
    op.drop_table("pack_approvals")
    op.drop_table("drill_reminders")
