"""Renames tables, columns and indexes to the names that the code uses."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = {"proposals": "approvals", "opinions": "ratings"}
COLUMNS = (
    ("conversations", "answered_to", "processed_up_to"),
    ("messages", "feed_id", "event_id"),
    ("notes", "feed_id", "event_id"),
    ("approvals", "feed_id", "event_id"),
    ("callbacks", "feed_id", "event_id"),
    ("callbacks", "sealed", "encrypted"),
)
INDEXES = {
    "ix_proposals_conversation_id": "ix_approvals_conversation_id",
    "ix_opinions_conversation_id": "ix_ratings_conversation_id",
    "ix_opinions_at": "ix_ratings_at",
}


def upgrade() -> None:
    for old, new in TABLES.items():
        op.rename_table(old, new)
    for table, old, new in COLUMNS:
        op.alter_column(table, old, new_column_name=new)
    for old, new in INDEXES.items():
        op.execute(f"ALTER INDEX {old} RENAME TO {new}")


def downgrade() -> None:
    for old, new in INDEXES.items():
        op.execute(f"ALTER INDEX {new} RENAME TO {old}")
    for table, old, new in reversed(COLUMNS):
        op.alter_column(table, new, new_column_name=old)
    for old, new in TABLES.items():
        op.rename_table(new, old)
