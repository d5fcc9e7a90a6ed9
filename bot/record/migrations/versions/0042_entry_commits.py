"""Adds the queue of publications that are to be committed to the Git repository of the FAQ folder."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0042_entry_commits"
down_revision = "0041_episode_segments"
branch_labels = None
depends_on = None


def _text(name: str, default: str | None = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def upgrade() -> None:
    op.create_table(
        "entry_commits",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("document_id", UUID(as_uuid=True), sa.ForeignKey("entry_documents.id"), nullable=False),
        sa.Column("revision_id", sa.BigInteger(), sa.ForeignKey("entry_revisions.id"), nullable=False),
        _text("path", None),
        _text("removed"),
        _text("what", None),
        sa.Column("staff_id", UUID(as_uuid=True)),
        _text("name", None),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        _text("failure"),
    )
    op.create_index("entry_commits_of", "entry_commits", ["document_id", "id"])


def downgrade() -> None:
    op.drop_table("entry_commits")
