"""Adds to episodes the user attributes by which the agency divides its figures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0041_episode_segments"
down_revision = "0040_notice_measures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("episodes", sa.Column("segments", JSONB(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("episodes", "segments")
