"""Adds the reason why a scheduled edition was not published, and the test messages that an edition may lose."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0039_stopped_editions"
down_revision = "0038_sender_bans"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entry_editions", sa.Column("stopped", sa.Text(), nullable=False, server_default=""))
    op.add_column("entry_editions", sa.Column("accepted", ARRAY(sa.Text()), nullable=False, server_default="{}"))


def downgrade() -> None:
    for name in ("accepted", "stopped"):
        op.drop_column("entry_editions", name)
