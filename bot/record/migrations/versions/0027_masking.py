"""Adds the masked text of messages, and searches it instead of the original text.

Older messages have no masked text; their original text is searched until retention deletes them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027_masking"
down_revision = "0026"
branch_labels = None
depends_on = None

PEOPLE = "WHERE author IN ('citizen', 'staff')"


def upgrade() -> None:
    op.add_column("messages", sa.Column("masked", sa.Text()))
    op.execute("DROP INDEX messages_words")
    op.execute(f"CREATE INDEX messages_words ON messages USING gin (search_words(coalesce(masked, text))) {PEOPLE}")


def downgrade() -> None:
    op.execute("DROP INDEX messages_words")
    op.execute(f"CREATE INDEX messages_words ON messages USING gin (search_words(text)) {PEOPLE}")
    op.drop_column("messages", "masked")
