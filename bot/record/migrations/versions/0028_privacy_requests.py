"""Adds the register of requests about personal data, and the blocking of a conversation's data."""

import sqlalchemy as sa
from alembic import op

revision = "0028_privacy_requests"
down_revision = "0027_masking"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("blocked_at", sa.DateTime(timezone=True)))
    op.create_table(
        "privacy_requests",
        sa.Column("receipt", sa.Text(), primary_key=True),
        sa.Column("conversation_id", sa.Text()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extension", sa.Text(), nullable=False, server_default=""),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False, server_default=""),
        sa.Column("answer", sa.Text(), nullable=False, server_default=""),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("answered_by", sa.Uuid()),
    )
    op.create_index("ix_privacy_requests_conversation_id", "privacy_requests", ["conversation_id"])
    op.create_index("ix_privacy_requests_at", "privacy_requests", ["at"])


def downgrade() -> None:
    op.drop_table("privacy_requests")
    op.drop_column("conversations", "blocked_at")
