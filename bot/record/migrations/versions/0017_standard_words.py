"""Tables and columns get the names that the code uses for them."""

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


def upgrade() -> None:
    for old, new in TABLES.items():
        op.rename_table(old, new)
    for table, old, new in COLUMNS:
        op.alter_column(table, old, new_column_name=new)


def downgrade() -> None:
    for table, old, new in reversed(COLUMNS):
        op.alter_column(table, new, new_column_name=old)
    for old, new in TABLES.items():
        op.rename_table(new, old)
