"""Adds notifications about entries, and the state «approved», in which an edition waits to be published."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0051_entry_news"
down_revision = "0050_crisis_tools"
branch_labels = None
depends_on = None

UNTOLD = "told_at IS NULL OR mailed_at IS NULL"
OPEN = "entry_editions_open"
BEFORE = "state IN ('draft', 'review', 'scheduled')"
NOW = "state IN ('draft', 'review', 'approved', 'scheduled')"


def upgrade() -> None:
    op.create_table(
        "entry_news",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("document_id", UUID(as_uuid=True), sa.ForeignKey("entry_documents.id"), nullable=False),
        sa.Column("staff_id", UUID(as_uuid=True)),
        sa.Column("name", sa.Text(), nullable=False, server_default=""),
        sa.Column("text", sa.Text(), nullable=False, server_default=""),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("mailed_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("kind", "subject"),
    )
    op.create_index("entry_news_untold", "entry_news", ["id"], postgresql_where=sa.text(UNTOLD))
    _open(NOW)


def downgrade() -> None:
    op.execute("UPDATE entry_editions SET state = 'review' WHERE state = 'approved'")
    _open(BEFORE)
    op.drop_table("entry_news")


def _open(condition: str) -> None:
    op.drop_index(OPEN, "entry_editions")
    op.create_index(OPEN, "entry_editions", ["document_id"], unique=True, postgresql_where=sa.text(condition))
