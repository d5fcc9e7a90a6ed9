"""Restricts the search index to messages of citizens and staff, since only these are searched."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

PEOPLE = "WHERE author IN ('citizen', 'staff')"


def upgrade() -> None:
    op.execute("DROP INDEX messages_words")
    op.execute(f"CREATE INDEX messages_words ON messages USING gin (search_words(text)) {PEOPLE}")


def downgrade() -> None:
    op.execute("DROP INDEX messages_words")
    op.execute("CREATE INDEX messages_words ON messages USING gin (search_words(text))")
