"""Adds the time at which a month's report was sent by e-mail."""

import sqlalchemy as sa
from alembic import op

revision = "0034_report_mailed"
down_revision = "0033_samples"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("figure_months", sa.Column("mailed_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("figure_months", "mailed_at")
