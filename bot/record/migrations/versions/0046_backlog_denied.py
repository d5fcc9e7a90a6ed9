"""Adds to messages of the backlog the entries that were sent but judged not to answer the message."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0046_backlog_denied"
down_revision = "0045_episode_values"
branch_labels = None
depends_on = None

RATED = "UPDATE backlog_items SET denied = entries WHERE source = 'rated' AND reason IN ('', 'other', 'missing')"


def upgrade() -> None:
    op.add_column("backlog_items", sa.Column("denied", ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.execute(RATED)


def downgrade() -> None:
    op.drop_column("backlog_items", "denied")
