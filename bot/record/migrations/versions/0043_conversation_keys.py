"""Adds the keys of conversations and the search terms of encrypted messages.

The worker encrypts the rows of older releases afterwards (bot/record/transcripts/older_rows.py). A downgrade is refused
once a row is encrypted, since the older release could not read it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0043_conversation_keys"
down_revision = "0042_entry_commits"
branch_labels = None
depends_on = None

PEOPLE = "author IN ('citizen', 'staff')"
WORDS = "CREATE INDEX messages_words ON messages USING gin (search_words(coalesce(masked, text)))"


def upgrade() -> None:
    op.create_table(
        "conversation_keys",
        sa.Column(
            "conversation_id", sa.Text(), sa.ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("master", sa.Text(), nullable=False, index=True),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
    )
    op.add_column("messages", sa.Column("terms", TSVECTOR()))
    op.execute(f"CREATE INDEX messages_terms ON messages USING gin (terms) WHERE {PEOPLE}")
    op.execute("CREATE INDEX messages_in_clear ON messages (id) WHERE terms IS NULL")
    op.execute("DROP INDEX messages_words")
    op.execute(f"{WORDS} WHERE terms IS NULL AND {PEOPLE}")


def downgrade() -> None:
    if op.get_bind().scalar(sa.text("SELECT EXISTS (SELECT FROM conversation_keys)")):
        raise RuntimeError("texts are encrypted: restore a backup made before this release instead")
    op.execute("DROP INDEX messages_words")
    op.execute(f"{WORDS} WHERE {PEOPLE}")
    op.drop_column("messages", "terms")
    op.drop_table("conversation_keys")
