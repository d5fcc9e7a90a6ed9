"""Adds the table of messages that staff removed."""

import sqlalchemy as sa
from alembic import op

revision = "0037_removed_messages"
down_revision = "0036_broadcasts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "removed_messages",
        sa.Column("conversation_id", sa.Text(), primary_key=True),
        sa.Column("event_id", sa.Text(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index("removed_messages_open", "removed_messages", ["at"], postgresql_where=sa.text("NOT done"))


def downgrade() -> None:
    op.drop_table("removed_messages")
