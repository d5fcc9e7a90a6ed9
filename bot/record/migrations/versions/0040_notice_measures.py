"""Adds the measures of a public notice, and which of them were lifted before it ended."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0040_notice_measures"
down_revision = "0039_stopped_editions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notices", sa.Column("measures", JSONB(), nullable=False, server_default="[]"))
    op.add_column("notices", sa.Column("lifted", JSONB(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("notices", "lifted")
    op.drop_column("notices", "measures")
