"""Adds two times to conversations: up to which messages were processed, and when ``known`` last changed."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("known_at", "answered_to"):
        op.add_column("conversations", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE conversations SET answered_to = last_at")  # older messages count as processed


def downgrade() -> None:
    for name in ("answered_to", "known_at"):
        op.drop_column("conversations", name)
